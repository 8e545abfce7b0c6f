// Floor 6, GuestChecks: random batches for the comparison of guest and native execution. A seed gives one chain and one batch
// on it: all transaction types, creations, self-destructs, precompiles, failures, and transactions that are skipped.
import Crypto
public import Engine
import Primitives

/// A batch with what native execution says of it.
public struct BatchCase: Sendable {
    public var tape: [UInt8]
    public var statement: BatchStatement
    public var transactionCount: Int
    public var skippedCount: Int
}

public struct RandomBatches {
    private var random: SeededRandom
    private var programs: RandomPrograms
    private let keys: [SecretKey]
    private let contracts: [Address]
    private let chain: MemoryChain
    /// As the sender believes; skipped transactions make it wrong, which gives more of them.
    private var nonces: [UInt64]

    private static let gwei = UInt256(1_000_000_000)
    static let chainID: UInt64 = 7_777

    /// The chain of this seed.
    public init(seed: UInt64) throws {
        random = SeededRandom(seed: seed)
        keys = (1...6).map { TestAccounts.key($0) }
        contracts = (0..<5).map { Address(small: UInt32(0xc000 + $0)) }
        programs = RandomPrograms(random: SeededRandom(seed: ~seed), targets: contracts + keys.map(\.address) + [Address(small: 0xdead)])
        nonces = [UInt64](repeating: 0, count: keys.count)
        var genesis = TestAccounts.Genesis()
        // The last one is poor.
        for (index, key) in keys.enumerated() {
            genesis.add(key.address, balance: index == keys.count - 1 ? 30_000 &* Self.gwei : Self.gwei &* Self.gwei)
        }
        for address in contracts {
            var slots: [(slot: UInt256, value: UInt256)] = []
            for slot in 0..<6 where random.oneIn(2) { slots.append((UInt256(UInt64(slot)), UInt256(1 + random.next() % 5))) }
            genesis.add(address, balance: 1_000, code: programs.program(length: 20 + random.below(60)), storage: slots)
        }
        let rules = ChainRules(
            chainID: Self.chainID, fork: random.oneIn(3) ? .osaka : .prague, gasLimit: 30_000_000, minimumBaseFeePerGas: Self.gwei)
        chain = try MemoryChain(rules: rules, genesis: genesis.changes)
    }

    /// One batch, after a few blocks that give the chain a past.
    public mutating func draw() throws -> BatchCase {
        for _ in 0..<random.below(3) {
            try readNonces()
            let past = chain.batch([transactions(upTo: 3)])
            try chain.append(try chain.execute(past).result)
        }
        try readNonces()
        var payloads: [[[UInt8]]] = []
        var left = 6
        for _ in 0...random.below(3) {
            let next = transactions(upTo: min(left, 3))
            left -= next.count
            payloads.append(next)
        }
        let batch = chain.batch(payloads)
        let (result, witness) = try chain.execute(batch)
        try chain.append(result)
        return BatchCase(
            tape: BatchTape.encode(batch, witness), statement: result.statement,
            transactionCount: result.blocks.reduce(0) { $0 + $1.transactions.count },
            skippedCount: result.blocks.reduce(0) { $0 + $1.skipped.count })
    }

    private mutating func readNonces() throws {
        for (index, key) in keys.enumerated() { nonces[index] = try chain.state.account(key.address)?.nonce ?? 0 }
    }

    private mutating func transactions(upTo limit: Int) -> [[UInt8]] {
        var list: [[UInt8]] = []
        for _ in 0..<random.below(limit + 1) {
            let raw = transaction().encode()
            if !list.contains(raw) { list.append(raw) }
        }
        return list
    }

    private mutating func transaction() -> Transaction {
        let sender = random.oneIn(12) ? keys.count - 1 : random.below(keys.count - 1)
        var draft = Transaction(
            type: random.pick([.legacy, .accessList, .dynamicFee, .dynamicFee]), chainID: Self.chainID, nonce: nonces[sender],
            gasLimit: 21_000, maxFeePerGas: Self.gwei &* 10, maxPriorityFeePerGas: Self.gwei, to: random.pick(contracts),
            value: random.oneIn(3) ? UInt256(random.next() % 2_000) : .zero)
        nonces[sender] += 1
        switch random.below(8) {
        case 0: draft.to = random.oneIn(2) ? random.pick(keys).address : Address(small: UInt32(0xa000 + random.below(1_000)))
        case 1, 2: create(&draft)
        case 3: precompile(&draft)
        case 4: authorize(&draft)
        default:
            draft.data = random.bytes(random.below(100))
            draft.gasLimit = UInt64(40_000 + random.below(200_000))
        }
        if draft.type == .accessList || (draft.type == .dynamicFee && random.oneIn(4)) {
            for _ in 0..<random.below(3) {
                draft.accessList.append(
                    AccessListEntry(address: random.pick(contracts), storageKeys: (0..<random.below(3)).map { _ in UInt256(UInt64(random.below(8))) }))
            }
            draft.gasLimit += 14_000
        }
        if draft.type == .legacy || draft.type == .accessList { draft.maxPriorityFeePerGas = draft.maxFeePerGas }
        spoil(&draft, sender)
        return draft.signed(with: keys[sender])
    }

    /// A creation, half the time of code that stays.
    private mutating func create(_ draft: inout Transaction) {
        draft.to = nil
        let program = programs.program(length: 10 + random.below(50))
        draft.data = random.oneIn(2) ? program : programs.deploying(program)
        draft.gasLimit = UInt64(120_000 + random.below(300_000))
    }

    private mutating func precompile(_ draft: inout Transaction) {
        // A pairing costs the guest as much as some hundred transfers.
        let rare = random.oneIn(60)
        let address = rare ? 8 : UInt32(random.pick([1, 1, 2, 3, 4, 5, 6, 7, 9, 0x100]))
        draft.to = Address(small: address)
        draft.data = PrecompileInputs.input(address, &random)
        draft.gasLimit = rare ? 300_000 : 120_000
    }

    /// EIP-7702, with tuples of which some are void.
    private mutating func authorize(_ draft: inout Transaction) {
        draft.type = .setCode
        draft.gasLimit = UInt64(150_000 + random.below(150_000))
        for _ in 0...random.below(2) {
            let authority = random.below(keys.count)
            let tuple = Authorization(
                chainID: random.oneIn(5) ? 5 : random.oneIn(2) ? .zero : UInt256(Self.chainID),
                address: random.oneIn(5) ? .zero : random.pick(contracts), nonce: nonces[authority], yParity: 0, r: .zero, s: .zero)
            draft.authorizations.append(tuple.signed(with: keys[authority]))
            if random.oneIn(2) { nonces[authority] += 1 }
        }
        if random.oneIn(2) { draft.to = random.pick(keys).address }
    }

    /// Makes one in six wrong in some way: most of these are skipped.
    private mutating func spoil(_ draft: inout Transaction, _ sender: Int) {
        switch random.below(36) {
        case 0: draft.nonce += 1
        case 1: draft.nonce = draft.nonce > 0 ? draft.nonce - 1 : 7
        case 2: draft.value = .max
        case 3: draft.gasLimit = 20_000
        case 4: if draft.type == .dynamicFee { draft.maxPriorityFeePerGas = draft.maxFeePerGas &+ 1 }
        case 5: draft.maxFeePerGas = .one
        default: return
        }
        nonces[sender] -= 1
    }
}
