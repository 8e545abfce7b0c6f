// Parallel execution against execution in order: random blocks whose transactions meddle with each other.
import Crypto
import Dispatch
import Engine
import Executor
import Primitives
import Testing

/// Parts on as many threads as they want.
private final class ThreadRunner: BatchRunner {
    private let threads: Int

    init(threads: Int) { self.threads = threads }

    override var width: Int { threads }

    override func run(parts: Int, _ body: (Int) -> Void) {
        withoutActuallyEscaping(body) { body in
            nonisolated(unsafe) let body = body
            DispatchQueue.concurrentPerform(iterations: parts) { body($0) }
        }
    }
}

/// Contracts that see or change what other transactions see or change.
private enum Contracts {
    /// Adds one to the slot that the first word names, and logs the sum.
    static let counter: [UInt8] = Hex.decode("5f35 80 54 6001 01 80 91 55 5f52 60205fa0".filter { $0 != " " })!
    /// Stores the fee recipient's balance in slot 0.
    static let peeker: [UInt8] = Hex.decode("41 31 5f 55".filter { $0 != " " })!
    /// Sends its value on to the address in the first word; reverts when that fails.
    static let forwarder: [UInt8] = Hex.decode("5f5f5f5f 34 5f35 61ffff f1 6011 57 5f5ffd 5b".filter { $0 != " " })!
    /// Stores code size and balance of the address in the first word.
    static let inspector: [UInt8] = Hex.decode("5f35 3b 5f 55 5f35 31 6001 55".filter { $0 != " " })!
    /// Creates a contract, with the first word as its salt, whose init code destroys it in favour of the caller.
    static let creator: [UInt8] = Hex.decode("6132ff 5f 52 5f35 6002 601e 34 f5 5f 55".filter { $0 != " " })!
    /// The same with code 0x00 that stays; a second time with one salt fails.
    static let builder: [UInt8] = Hex.decode("63 60015ff3 5f52 5f35 6004 601c 5f f5 5f 55".filter { $0 != " " })!
    /// Destroys itself in favour of the address in the first word; before its own transaction it existed.
    static let destroyer: [UInt8] = Hex.decode("5f35 ff".filter { $0 != " " })!
    /// Runs out of gas.
    static let looper: [UInt8] = Hex.decode("5b 5f 56".filter { $0 != " " })!

    static let all = [counter, peeker, forwarder, inspector, creator, builder, destroyer, looper]

    static func address(_ index: Int) -> Address { Address(small: UInt32(0xc000 + index)) }
}

private struct RandomBlock {
    static let coinbase = Address(small: 0xfee)
    static let gwei = UInt256(1_000_000_000)
    static let keys = (1...12).map { SecretKey([UInt8](repeating: UInt8($0), count: 32))! }

    let base = MemoryState()
    var transactions: [PreparedTransaction] = []
    var environment: BlockEnvironment
    private var random: SplitMix64
    private var nonces: [Address: UInt64] = [:]
    private let senders: [Address]

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        // Few senders make chains of nonces; one in four blocks is proposed by somebody who also sends.
        senders = RandomBlock.keys.prefix(Int(random.next() % 12) + 1).map(\.address)
        environment = BlockEnvironment(
            fork: [.cancun, .prague, .osaka][Int(random.next() % 3)], chainID: 7, number: 10, timestampSeconds: 1_000, gasLimit: 30_000_000,
            baseFeePerGas: RandomBlock.gwei, coinbase: random.next() % 4 == 0 ? senders[0] : RandomBlock.coinbase,
            prevRandao: Hash256(UInt256(seed)))
        for sender in senders {
            base.accounts[sender] = AccountRecord(nonce: 0, balance: RandomBlock.gwei &* RandomBlock.gwei)
        }
        for (index, code) in Contracts.all.enumerated() {
            let hash = Keccak256.hash(code)
            base.accounts[Contracts.address(index)] = AccountRecord(nonce: 1, balance: 1_000, codeHash: hash)
            base.codes[hash] = code
        }
        for _ in 0..<(1 + random.next() % 200) { add() }
    }

    private mutating func add() {
        let index = Int(random.next() % UInt64(senders.count))
        let sender = senders[index]
        let right = nonces[sender, default: 0]
        var transaction = Transaction(
            type: .dynamicFee, chainID: 7, nonce: right, gasLimit: 200_000, maxFeePerGas: RandomBlock.gwei &* 3,
            maxPriorityFeePerGas: RandomBlock.gwei &* UInt256(random.next() % 3), to: nil, value: UInt256(random.next() % 3))
        nonces[sender] = right + 1
        fill(&transaction)
        // Some can't be included, and those behind them of the same sender neither; some fail.
        switch random.next() % 40 {
        case 0: transaction.nonce += 1
        case 1: transaction.value = .max
        case 2: transaction.gasLimit = 20_000
        case 3: transaction.gasLimit = 22_000
        case 4: if right > 0 { transaction.nonce = right - 1 }
        default: break
        }
        transactions.append(
            PreparedTransaction(
                raw: [], hash: Keccak256.hash(UInt256(UInt64(transactions.count)).bigEndianBytes), sender: sender, transaction: transaction))
    }

    private mutating func fill(_ transaction: inout Transaction) {
        switch random.next() % 10 {
        case 0, 1, 2:
            transaction.to = anyAddress()
        case 3:
            transaction.data = (0..<(random.next() % 40)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        case 4:
            // Deploys one of the contracts.
            let code = Contracts.all[Int(random.next() % UInt64(Contracts.all.count))]
            let count = UInt8(code.count)
            transaction.data = [0x60, count, 0x60, 0x0b, 0x5f, 0x39, 0x60, count, 0x5f, 0xf3, 0x00] + code
        case 5 where environment.fork >= .prague:
            let authority = RandomBlock.keys[Int(random.next() % 12)]
            transaction.type = .setCode
            transaction.to = authority.address
            transaction.authorizations = [
                Authorization(
                    chainID: 7, address: random.next() % 4 == 0 ? .zero : Contracts.address(Int(random.next() % 4)),
                    nonce: nonces[authority.address, default: 0], yParity: 0, r: 0, s: 0
                ).signed(with: authority)
            ]
            if random.next() % 2 == 0 { nonces[authority.address, default: 0] += 1 }
            transaction.data = word()
        default:
            transaction.to = Contracts.address(Int(random.next() % UInt64(Contracts.all.count)))
            transaction.data = word()
        }
    }

    private mutating func word() -> [UInt8] {
        random.next() % 2 == 0 ? UInt256(random.next() % 4).bigEndianBytes : [UInt8](repeating: 0, count: 12) + anyAddress().bytes
    }

    private mutating func anyAddress() -> Address {
        switch random.next() % 5 {
        case 0: Address(small: UInt32(random.next() % 20))
        case 1: environment.coinbase
        case 2: Contracts.address(Int(random.next() % UInt64(Contracts.all.count)))
        case 3: Address(small: UInt32(0x7_0000 + random.next() % 8))
        default: RandomBlock.keys[Int(random.next() % 12)].address
        }
    }

    /// The reference.
    func inOrder() throws -> BlockOutcome {
        try BlockExecution.run(transactions, parentHash: .zero, environment: environment, database: base)
    }
}

@Suite struct ParallelExecutionTests {
    @Test func equalsExecutionInOrder() throws {
        var included = 0
        var succeeded = 0
        var skipped = 0
        var repeated = 0
        for seed: UInt64 in 0..<60 {
            let block = RandomBlock(seed: seed)
            let reference = try block.inOrder()
            for result in reference.results {
                switch result {
                case .included(let outcome):
                    included += 1
                    if outcome.succeeded { succeeded += 1 }
                case .skipped: skipped += 1
                }
            }
            for width in 1...4 {
                let outcome = try ParallelExecution.run(
                    block.transactions, parentHash: .zero, environment: block.environment, runner: ThreadRunner(threads: width)
                ) { block.base }
                #expect(outcome.run == reference, "seed \(seed), \(width) threads")
                repeated += outcome.repetitions
            }
        }
        // The blocks are worth comparing: everything happens, and not all is executed again.
        #expect(succeeded > 1_000 && included - succeeded > 200 && skipped > 200)
        #expect(repeated > 200 && repeated < 4 * (included + skipped) * 9 / 10)
    }

    @Test func transfersBetweenStrangersAreNotRepeated() throws {
        let base = MemoryState()
        var transactions: [PreparedTransaction] = []
        for number: UInt32 in 0..<500 {
            let sender = Address(small: 0x1_0000 + number)
            base.accounts[sender] = AccountRecord(nonce: 0, balance: RandomBlock.gwei &* RandomBlock.gwei)
            for nonce: UInt64 in 0..<2 {
                transactions.append(
                    PreparedTransaction(
                        raw: [], hash: .zero, sender: sender,
                        transaction: Transaction(
                            type: .dynamicFee, chainID: 7, nonce: nonce, gasLimit: 21_000, maxFeePerGas: RandomBlock.gwei &* 3,
                            maxPriorityFeePerGas: RandomBlock.gwei, to: Address(small: 0x2_0000 + number), value: 5)))
            }
        }
        let environment = BlockEnvironment(
            fork: .prague, chainID: 7, number: 10, timestampSeconds: 1_000, gasLimit: 30_000_000, baseFeePerGas: RandomBlock.gwei,
            coinbase: RandomBlock.coinbase, prevRandao: .zero)
        let outcome = try ParallelExecution.run(
            transactions, parentHash: .zero, environment: environment, runner: ThreadRunner(threads: 2)
        ) { base }
        #expect(outcome.repetitions == 0)
        let tips = RandomBlock.gwei &* UInt256(21_000 * 1_000)
        #expect(outcome.run.changes.accounts.first { $0.address == RandomBlock.coinbase }?.record?.balance == tips)
    }

    /// Where it pays, blocks are executed so, with the same result.
    @Test func theChainExecutorGivesTheSameBlocks() throws {
        let world = try World()
        let parallel = try ChainExecutor(rules: world.executor.rules, chain: world.chain, runner: ThreadRunner(threads: 2))
        let code: [UInt8] = [0x60, UInt8(Contracts.counter.count), 0x60, 0x0b, 0x5f, 0x39, 0x60, UInt8(Contracts.counter.count), 0x5f, 0xf3, 0x00]
        let creation = world.block(
            on: world.executor.head, view: 1, [try world.create(from: 0, nonce: 0, code: code + Contracts.counter)])
        let created = try world.executor.execute(creation).block
        #expect(try parallel.execute(creation).block == created)
        let counter = try #require(created.transactions[0].receipt.contractAddress)
        var calls: [PreparedTransaction] = []
        for number in 0..<40 {
            let nonce = UInt64(number / 5 + (number % 5 == 0 ? 1 : 0))
            calls.append(
                try world.transfer(
                    from: number % 5, to: counter, nonce: nonce, value: 0, data: UInt256(UInt64(number % 7)).bigEndianBytes,
                    gasLimit: 200_000))
        }
        let block = world.block(on: created.record, view: 2, calls)
        let executed = try world.executor.execute(block).block
        #expect(executed.transactions.count == 40 && executed.transactions.allSatisfy { $0.receipt.succeeded })
        #expect(try parallel.execute(block).block == executed)
    }

    @Test func aFailingStateIsAnError() throws {
        let block = RandomBlock(seed: 3)
        #expect(throws: StateError.unavailable) {
            _ = try ParallelExecution.run(
                block.transactions, parentHash: .zero, environment: block.environment, runner: ThreadRunner(threads: 2)
            ) { BrokenState() }
        }
    }
}

private final class BrokenState: StateDatabase {
    override func account(_ address: Address) throws(StateError) -> AccountRecord? { throw .unavailable }
}
