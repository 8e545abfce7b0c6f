// Floor 5, Node: the chain and the signed blocks of the execution benchmark. All of it is made before the clock starts.
import Consensus
import Crypto
import Engine
import Executor
import Primitives

/// What the transactions of a run do.
package enum BenchmarkKind: String, Sendable, CaseIterable {
    case eth
    case erc20
    /// A long loop of hashes, whose result goes into a slot of the sender's own.
    case compute

    /// Gas limit of one transaction; an ERC-20 transfer between holders uses about 35,000.
    var gasLimit: UInt64 {
        switch self {
        case .eth: 21_000
        case .erc20: 60_000
        case .compute: 1_000_000
        }
    }
}

/// A block with the proof that it is final.
struct BenchmarkBlock: Sendable {
    var block: Block
    var hash: Hash256
    var certificate: CommitCertificate
}

/// The accounts of a run, with their nonces.
struct BenchmarkWork {
    static let chainID: UInt64 = 7_777
    private static let gwei = UInt256(1_000_000_000)
    /// Far above any base fee that the run can bring about.
    private static let maximumFee = gwei &* 1_000
    /// What every holder has of the token.
    private static let tokens = UInt256(1_000_000_000)

    private static let loopAddress = Address(w0: 0, w1: 0, w2: 0x100b)
    /// for i in 1...10_000 { memory[0..<32] = keccak256(memory[0..<64]) }; storage[caller] = memory[0..<32]
    private static let loopCode: [UInt8] = [
        0x5f, 0x5b, 0x60, 0x40, 0x5f, 0x20, 0x5f, 0x52, 0x60, 0x01, 0x01, 0x80, 0x61, 0x27, 0x10, 0x11, 0x60, 0x01, 0x57,
        0x5f, 0x51, 0x33, 0x55, 0x00,
    ]

    let kind: BenchmarkKind
    let keys: [SecretKey]
    let genesis: Genesis
    private var nonces: [UInt64]
    private var random: UInt64 = 0x9e37_79b9_7f4a_7c15

    init(kind: BenchmarkKind, accounts: Int, transactionsPerBlock: Int, runner: BatchRunner) {
        self.kind = kind
        keys = runner.map(accounts) { index in
            // Every Keccak-256 digest is a scalar, but for one in 2^128.
            SecretKey(Keccak256.hash(Array("hyperseq benchmark account \(index)".utf8)).bytes)
        }.compactMap { $0 }
        nonces = [UInt64](repeating: 0, count: keys.count)
        var funded = keys.map { GenesisAccount(address: $0.address, balance: BenchmarkWork.gwei &* BenchmarkWork.gwei &* 1_000) }
        if kind == .erc20 {
            let storage = keys.map {
                GenesisAccount.StorageSlot(slot: BenchmarkToken.balanceSlot(of: $0.address), value: BenchmarkWork.tokens)
            }.sorted { $0.slot < $1.slot }
            funded.append(
                GenesisAccount(address: BenchmarkToken.address, balance: .zero, nonce: 1, code: BenchmarkToken.code, storage: storage))
        }
        if kind == .compute {
            funded.append(GenesisAccount(address: BenchmarkWork.loopAddress, balance: .zero, nonce: 1, code: BenchmarkWork.loopCode))
        }
        funded.sort { $0.address < $1.address }
        genesis = Genesis(
            chainID: BenchmarkWork.chainID, timestampMilliseconds: 1_000,
            gasLimit: max(30_000_000, UInt64(transactionsPerBlock) * kind.gasLimit), baseFeePerGas: BenchmarkWork.gwei,
            accounts: funded,
            validators: [GenesisValidator(publicKey: keys[0].publicKey.compressed, stake: 1, nodeID: .zero)])
    }

    /// xorshift64* (Vigna 2016): who pays whom.
    private mutating func pick() -> Int {
        random ^= random >> 12
        random ^= random << 25
        random ^= random >> 27
        return Int((random &* 0x2545_f491_4f6c_dd1d) >> 33) % keys.count
    }

    /// The next block: `count` transfers between random accounts.
    mutating func block(on parent: BlockHeader, parentHash: Hash256, count: Int, runner: BatchRunner) -> BenchmarkBlock {
        var unsigned: [(sender: Int, transaction: Transaction)] = []
        unsigned.reserveCapacity(count)
        for _ in 0..<count {
            let (sender, receiver) = (pick(), keys[pick()].address)
            unsigned.append((sender, transfer(nonce: nonces[sender], to: receiver)))
            nonces[sender] += 1
        }
        let keys = keys
        let signed = unsigned
        let payload = Payload.encode(
            runner.map(count) { signed[$0].transaction.signed(with: keys[signed[$0].sender]).encode() })
        let header = BlockHeader(
            epoch: 0, view: parent.view + 1, height: parent.height + 1, parentHash: parentHash, parentView: parent.view,
            payloadRoot: Keccak256.hash(payload), payloadByteCount: UInt32(payload.count),
            timestampMilliseconds: parent.timestampMilliseconds + 100, proposer: keys[0].address)
        let hash = header.hash
        let statement = CommitStatement(epoch: 0, view: header.view, height: header.height, blockHash: hash)
        var signers = SignerBitmap()
        signers.insert(0)
        // The store keeps certificates and does not judge them: any signature has the right size.
        let certificate = CommitCertificate(statement: statement, signers: signers, signatures: [keys[0].sign(hash)])
        return BenchmarkBlock(block: Block(header: header, payload: payload), hash: hash, certificate: certificate)
    }

    private func transfer(nonce: UInt64, to receiver: Address) -> Transaction {
        switch kind {
        case .eth:
            Transaction(
                type: .dynamicFee, chainID: BenchmarkWork.chainID, nonce: nonce, gasLimit: kind.gasLimit,
                maxFeePerGas: BenchmarkWork.maximumFee, maxPriorityFeePerGas: BenchmarkWork.gwei, to: receiver, value: 1)
        case .erc20:
            Transaction(
                type: .dynamicFee, chainID: BenchmarkWork.chainID, nonce: nonce, gasLimit: kind.gasLimit,
                maxFeePerGas: BenchmarkWork.maximumFee, maxPriorityFeePerGas: BenchmarkWork.gwei, to: BenchmarkToken.address,
                value: 0, data: BenchmarkToken.transfer(to: receiver, amount: 1))
        case .compute:
            Transaction(
                type: .dynamicFee, chainID: BenchmarkWork.chainID, nonce: nonce, gasLimit: kind.gasLimit,
                maxFeePerGas: BenchmarkWork.maximumFee, maxPriorityFeePerGas: BenchmarkWork.gwei, to: BenchmarkWork.loopAddress, value: 0)
        }
    }
}
