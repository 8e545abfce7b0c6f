// Ethereum mode: blocks made, taken, and refused field by field; fee rules; system contracts; hostile bytes.
import Crypto
import Engine
import Primitives
import Testing

/// A chain of one genesis block with a rich sender.
private struct Chain {
    static let key = SecretKey([UInt8](repeating: 0x11, count: 32))!
    static let chainID: UInt64 = 1
    let nodes = MemoryTrieNodeStore()
    let genesis: EthereumHeader
    let fork: Fork

    init(_ fork: Fork, contracts: [(Address, [UInt8])] = []) throws {
        self.fork = fork
        var changes = StateChanges(accounts: [AccountChange(address: Chain.key.address, record: AccountRecord(balance: Fixed.richBalance))])
        for (address, code) in contracts {
            let hash = Keccak256.hash(code)
            changes.accounts.append(AccountChange(address: address, record: AccountRecord(nonce: 1, codeHash: hash)))
            changes.code.append(CodeChange(hash: hash, code: code))
        }
        changes.accounts.sort { $0.address < $1.address }
        changes.code.sort { $0.hash < $1.hash }
        let update = try EthereumStateTrie.update(changes, root: MerklePatriciaTrie.emptyRoot, in: nodes)
        nodes.apply(update)
        genesis = EthereumHeader(
            parentHash: .zero, coinbase: .zero, stateRoot: update.root, transactionsRoot: MerklePatriciaTrie.emptyRoot,
            receiptsRoot: MerklePatriciaTrie.emptyRoot, logsBloom: LogsBloom(), number: 0, gasLimit: 30_000_000, gasUsed: 0,
            timestampSeconds: 100, mixHash: .zero, baseFeePerGas: 1000,
            withdrawalsRoot: fork >= .shanghai ? MerklePatriciaTrie.emptyRoot : nil, blobGasUsed: fork >= .cancun ? 0 : nil,
            excessBlobGas: fork >= .cancun ? 0 : nil, parentBeaconRoot: fork >= .cancun ? .zero : nil,
            requestsHash: fork >= .prague ? SHA256.hash([]) : nil)
    }

    var database: EthereumStateDatabase { EthereumStateDatabase(root: genesis.stateRoot, nodes: nodes) }

    /// A valid block with one transfer and one withdrawal.
    func block() throws -> EthereumBlock {
        let transaction = Transaction(
            type: .dynamicFee, chainID: Chain.chainID, nonce: 0, gasLimit: 21000, maxFeePerGas: 2000, maxPriorityFeePerGas: 5,
            to: Fixed.other, value: 9
        ).signed(with: Chain.key)
        let withdrawals = [Withdrawal(index: 0, validatorIndex: 1, address: Address(small: 0x77), amountGwei: 3)]
        var header = genesis
        header.parentHash = genesis.hash
        header.number = 1
        header.timestampSeconds = 112
        header.coinbase = Fixed.coinbase
        header.baseFeePerGas = genesis.childBaseFee
        header.parentBeaconRoot = fork >= .cancun ? Keccak256.hash([1]) : nil
        header.transactionsRoot = MerklePatriciaTrie.root(ofList: [transaction.encode()])
        if fork >= .shanghai { header.withdrawalsRoot = MerklePatriciaTrie.root(ofList: withdrawals.map { $0.encode() }) }
        var block = EthereumBlock(
            header: header, transactions: [transaction], ommers: [], withdrawals: fork >= .shanghai ? withdrawals : nil, encodedByteCount: 0)
        let outcome = try EthereumTransition.execute(block, fork: fork, chainID: Chain.chainID, database: database)
        block.header.gasUsed = outcome.gasUsed
        block.header.receiptsRoot = outcome.receiptsRoot
        block.header.logsBloom = outcome.logsBloom
        block.header.requestsHash = outcome.requestsHash
        block.header.stateRoot = try EthereumStateTrie.update(outcome.changes, root: genesis.stateRoot, in: nodes).root
        return block
    }

    func apply(_ block: EthereumBlock) throws -> EthereumBlockOutcome {
        try EthereumTransition.apply(block, parent: genesis, fork: fork, chainID: Chain.chainID, database: database, nodes: nodes).outcome
    }

    /// The error of a block with a change.
    func refusal(_ change: (inout EthereumBlock) -> Void) throws -> EthereumBlockError? {
        var block = try block()
        change(&block)
        do {
            _ = try apply(block)
            return nil
        } catch let error as EthereumBlockError { return error }
    }
}

@Suite("Ethereum blocks")
struct EthereumBlockTests {
    /// Returns 76 bytes of calldata-independent output: a request.
    static let requester: [UInt8] = [0x60, 76, 0x60, 0, 0xf3]
    static let requesters = [(SystemContract.withdrawalRequests, requester), (SystemContract.consolidationRequests, [UInt8]([0x00]))]

    @Test("a block that was made is taken, in every fork from Paris on", arguments: [Fork.paris, .shanghai, .cancun, .prague, .osaka])
    func madeAndTaken(fork: Fork) throws {
        let chain = try Chain(fork, contracts: fork >= .prague ? EthereumBlockTests.requesters : [])
        let block = try chain.block()
        let outcome = try chain.apply(block)
        #expect(outcome.gasUsed == 21000 && outcome.receipts.count == 1 && outcome.receipts[0].succeeded)
        let withdrawn = outcome.changes.accounts.first { $0.address == Address(small: 0x77) }?.record?.balance
        #expect(withdrawn == (fork >= .shanghai ? 3_000_000_000 : nil))
        if fork >= .prague {
            // One kind of request, of type 1, is not empty.
            let request = SHA256.hash([1] + [UInt8](repeating: 0, count: 76))
            #expect(outcome.requestsHash == SHA256.hash(request.bytes))
        }
    }

    @Test("every field that is wrong is refused under its name")
    func refusals() throws {
        let chain = try Chain(.cancun)
        #expect(try chain.refusal { _ in } == nil)
        #expect(try chain.refusal { $0.header.parentHash = .zero } == .wrongParent)
        #expect(try chain.refusal { $0.header.number = 2 } == .wrongNumber)
        #expect(try chain.refusal { $0.header.timestampSeconds = 100 } == .timestampNotAboveParent)
        #expect(try chain.refusal { $0.header.extraData = [UInt8](repeating: 0, count: 33) } == .extraDataTooLong)
        #expect(try chain.refusal { $0.header.gasLimit = 30_000_000 + 30_000_000 / 1024 } == .gasLimitOutOfBounds)
        #expect(try chain.refusal { $0.header.gasLimit = 30_000_000 - 30_000_000 / 1024 } == .gasLimitOutOfBounds)
        #expect(try chain.refusal { $0.header.gasUsed = 30_000_001 } == .gasUsedAboveLimit)
        #expect(try chain.refusal { $0.header.baseFeePerGas = 1000 } == .wrongBaseFee)
        #expect(try chain.refusal { $0.header.baseFeePerGas = nil } == .wrongFields)
        #expect(try chain.refusal { $0.header.difficulty = 1 } == .proofOfWorkFields)
        #expect(try chain.refusal { $0.header.nonce = 1 } == .proofOfWorkFields)
        #expect(try chain.refusal { $0.header.ommersHash = .zero } == .hasOmmers)
        #expect(try chain.refusal { $0.ommers = [chain.genesis] } == .hasOmmers)
        #expect(try chain.refusal { $0.header.requestsHash = .zero } == .wrongFields)
        #expect(try chain.refusal { $0.withdrawals = nil } == .wrongFields)
        #expect(try chain.refusal { $0.header.excessBlobGas = 1 } == .wrongExcessBlobGas)
        #expect(try chain.refusal { $0.header.blobGasUsed = 131_072 } == .wrongBlobGasUsed)
        #expect(try chain.refusal { $0.header.blobGasUsed = 131_072 * 7 } == .tooManyBlobs)
        #expect(try chain.refusal { $0.transactions = [] } == .wrongTransactionsRoot)
        #expect(try chain.refusal { $0.withdrawals = [] } == .wrongWithdrawalsRoot)
        #expect(try chain.refusal { $0.header.gasUsed = 21001 } == .wrongGasUsed)
        #expect(try chain.refusal { $0.header.receiptsRoot = .zero } == .wrongReceiptsRoot)
        #expect(try chain.refusal { $0.header.logsBloom.insert(Log(address: .zero, topics: [], data: [])) } == .wrongLogsBloom)
        #expect(try chain.refusal { $0.header.stateRoot = .zero } == .wrongStateRoot)
        #expect(
            try chain.refusal { block in
                block.transactions[0].s = .zero
                block.header.transactionsRoot = MerklePatriciaTrie.root(ofList: block.transactions.map { $0.encode() })
            } == .invalidSignature(index: 0))
        #expect(
            try chain.refusal { block in
                block.transactions.append(block.transactions[0])
                block.header.transactionsRoot = MerklePatriciaTrie.root(ofList: block.transactions.map { $0.encode() })
            } == .invalidTransaction(index: 1, .nonceTooLow(expected: 1, got: 0)))
        #expect(throws: EthereumBlockError.proofOfWorkFork) {
            try EthereumTransition.check(
                try chain.block(), parent: chain.genesis, fork: .london, chainID: Chain.chainID, database: chain.database)
        }
        let prague = try Chain(.prague, contracts: EthereumBlockTests.requesters)
        #expect(try prague.refusal { $0.header.requestsHash = .zero } == .wrongRequestsHash)
    }

    @Test("system contracts: the beacon root is written, a missing or failing request contract makes the block invalid")
    func systemContracts() throws {
        // Stores its input in slot 5.
        let keeper: [UInt8] = [0x60, 0, 0x35, 0x60, 5, 0x55, 0x00]
        let cancun = try Chain(.cancun, contracts: [(SystemContract.beaconRoots, keeper)])
        let outcome = try cancun.apply(try cancun.block())
        #expect(outcome.changes.storage == [StorageChange(address: SystemContract.beaconRoots, slot: 5, value: UInt256(Keccak256.hash([1])))])
        #expect(throws: EthereumBlockError.systemCallFailed(SystemContract.withdrawalRequests)) { try Chain(.prague).block() }
        let failing = [(SystemContract.withdrawalRequests, EthereumBlockTests.requester), (SystemContract.consolidationRequests, [UInt8]([0xfe]))]
        #expect(throws: EthereumBlockError.systemCallFailed(SystemContract.consolidationRequests)) { try Chain(.prague, contracts: failing).block() }
    }

    @Test("base fee and blob gas follow the parent")
    func fees() throws {
        var parent = try Chain(.cancun).genesis
        parent.baseFeePerGas = 1_000_000
        for (used, fee) in [(0, 875_000), (15_000_000, 1_000_000), (30_000_000, 1_125_000), (15_000_001, 1_000_001)] as [(UInt64, UInt256)] {
            parent.gasUsed = used
            #expect(parent.childBaseFee == fee)
        }
        let cancun = try #require(BlobGas(.cancun))
        #expect(BlobGas(.shanghai) == nil)
        for (excess, price) in [(0, 1), (2_314_057, 1), (2_314_058, 2), (10 << 20, 23)] as [(UInt64, UInt256)] {
            #expect(cancun.baseFee(excess: excess) == price)
        }
        #expect(cancun.baseFee(excess: .max) == .max)
        parent.excessBlobGas = 131_072
        parent.blobGasUsed = 131_072 * 6
        #expect(cancun.excess(after: parent) == 131_072 * 4)
        #expect(BlobGas(.prague)?.excess(after: parent) == 131_072)
        parent.blobGasUsed = 131_072
        #expect(cancun.excess(after: parent) == 0)
        // EIP-7918: with a high base fee the excess does not fall.
        let osaka = try #require(BlobGas(.osaka))
        parent.excessBlobGas = 131_072 * 10
        parent.blobGasUsed = 131_072 * 3
        #expect(osaka.excess(after: parent) == 131_072 * 11)
        parent.baseFeePerGas = 10
        #expect(osaka.excess(after: parent) == 131_072 * 7)
    }

    @Test("a header keeps its bytes; changed bytes never trap: 30,000 changed blocks")
    func hostileBytes() throws {
        let chain = try Chain(.prague, contracts: EthereumBlockTests.requesters)
        let block = try chain.block()
        #expect(try EthereumHeader.decode(block.header.encode()) == block.header)
        var writer = RLPWriter()
        writer.writeList { list in
            list.writeRaw(block.header.encode())
            list.writeList { transactions in for transaction in block.transactions { transactions.write(transaction.encode()) } }
            list.writeList { _ in }
            list.writeList { withdrawals in for withdrawal in block.withdrawals ?? [] { withdrawals.writeRaw(withdrawal.encode()) } }
        }
        let bytes = writer.bytes
        let decoded = try EthereumBlock.decode(bytes)
        #expect(decoded.header == block.header && decoded.transactions == block.transactions && decoded.withdrawals == block.withdrawals)
        #expect(try chain.apply(decoded).gasUsed == 21000)
        var random = FuzzTests.Random(state: 1)
        var taken = 0
        for _ in 0..<30_000 {
            var changed = bytes
            for _ in 0..<1 + random.below(3) { changed[random.below(changed.count)] = UInt8(truncatingIfNeeded: random.next()) }
            if random.below(10) == 0 { changed.removeLast(random.below(changed.count)) }
            if (try? EthereumBlock.decode(changed)) != nil { taken += 1 }
        }
        #expect(taken > 0)
    }

    @Test("a blob transaction decodes for blocks and not for our pool")
    func blobTransaction() throws {
        var blob = Transaction(
            type: .blob, chainID: 1, nonce: 3, gasLimit: 21000, maxFeePerGas: 7, maxPriorityFeePerGas: 1, to: Fixed.other, value: 1)
        blob.maxFeePerBlobGas = 9
        blob.blobHashes = [Hash256(w0: 1 << 56, w1: 2, w2: 3, w3: 4)]
        let signed = blob.signed(with: Chain.key)
        #expect(try Transaction.decodeEthereum(signed.encode()) == signed)
        #expect(signed.recoverSender() == Chain.key.address)
        #expect(throws: TransactionDecodingError.unsupportedType(3)) { try Transaction.decode(signed.encode()) }
        blob.to = nil
        #expect(throws: TransactionDecodingError.missingRecipient) { try Transaction.decodeEthereum(blob.signed(with: Chain.key).encode()) }
    }
}
