// Floor 6, EngineBench: runs a benchmark's transaction and measures the processor time of its execution alone.
import Engine
import Glibc
import Primitives

/// Why a case does not count: the engine gave something else than `expected.json`.
public struct BenchMismatch: Error, CustomStringConvertible, Equatable {
    public let description: String
}

/// Times of one case.
public struct BenchResult: Sendable {
    public let name: String
    public let loops: UInt64
    /// Before the refund.
    public let gas: UInt64
    /// Processor time of the process for each repetition, in the order they ran.
    public let cpuNanoseconds: [UInt64]
    /// Instructions of one loop, where they are constant.
    public let instructionsPerLoop: UInt64?

    public var bestNanoseconds: UInt64 { cpuNanoseconds.min() ?? 0 }
    public var nanosecondsPerLoop: Double { Double(bestNanoseconds) / Double(max(loops, 1)) }
    public var megagasPerSecond: Double { Double(gas) * 1e3 / Double(max(bestNanoseconds, 1)) }
}

/// Runs cases on Cancun, each repetition on a state of its own.
public enum BenchRunner {
    /// More than any case needs, and below the limit of EIP-4803.
    private static let gasLimit: UInt64 = 1 << 50
    /// `mint(address,uint256)`.
    private static let mintSelector: [UInt8] = [0x40, 0xc1, 0x0f, 0x19]

    /// Checks the case at its small size, then measures it `repetitions` times at its full size, checking each.
    public static func run(_ bench: BenchCase, repetitions: Int) throws -> BenchResult {
        if let small = bench.expectedSmall { _ = try measure(bench, small) }
        let times = try (0..<repetitions).map { _ in try measure(bench, bench.expected) }
        return BenchResult(
            name: bench.name, loops: bench.expected.loops, gas: bench.expected.gas, cpuNanoseconds: times,
            instructionsPerLoop: bench.instructionsPerLoop)
    }

    private static func measure(_ bench: BenchCase, _ expected: BenchExpectation) throws -> UInt64 {
        let database = BenchDatabase()
        database.add(bench.target, bench.code)
        for other in bench.others { database.add(other.address, other.code) }
        for other in bench.others {
            guard let mint = other.mint else { continue }
            let executor = TransactionExecutor(database: database, environment: environment)
            let data = mintSelector + mint.holder.word.bigEndianBytes + mint.amount.bigEndianBytes
            let outcome = try executor.execute(transaction(0, other.address, data), sender: bench.caller)
            guard outcome.succeeded else { throw BenchMismatch(description: "\(bench.name): the mint of \(other.address.hex) failed") }
            database.apply(executor.changes())
        }

        let executor = TransactionExecutor(database: database, environment: environment)
        let nonce = try executor.account(bench.caller)?.nonce ?? 0
        let call = transaction(nonce, bench.target, bench.calldata(expected.loops))
        let start = cpuNanoseconds()
        let outcome = try executor.execute(call, sender: bench.caller)
        let time = cpuNanoseconds() - start
        try check(bench.name, outcome, expected)
        return time
    }

    private static func check(_ name: String, _ outcome: TransactionOutcome, _ expected: BenchExpectation) throws {
        let at = "\(name) at n = \(expected.loops)"
        guard outcome.succeeded else { throw BenchMismatch(description: "\(at): the transaction failed: \(outcome.status)") }
        let gas = outcome.gasUsed + outcome.gasRefunded
        guard gas == expected.gas else { throw BenchMismatch(description: "\(at): gas \(gas), expected \(expected.gas)") }
        let word = UInt256(bigEndianBytes: Array(outcome.output.prefix(32)))
        guard outcome.output.count >= 32 || expected.word.isZero, word == expected.word else {
            throw BenchMismatch(description: "\(at): returned \(word.quantityHex), expected \(expected.word.quantityHex)")
        }
    }

    private static func transaction(_ nonce: UInt64, _ to: Address, _ data: [UInt8]) -> Transaction {
        Transaction(
            type: .legacy, chainID: nil, nonce: nonce, gasLimit: gasLimit, maxFeePerGas: .zero, maxPriorityFeePerGas: .zero, to: to,
            value: .zero, data: data)
    }

    private static let environment = BlockEnvironment(
        fork: .cancun, chainID: 1, number: 1, timestampSeconds: 1, gasLimit: gasLimit, baseFeePerGas: .zero, coinbase: .zero,
        prevRandao: .zero)

    private static func cpuNanoseconds() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// The state before a benchmark's transaction.
private final class BenchDatabase: StateDatabase {
    private var accounts: [Address: AccountRecord] = [:]
    private var slots: [Address: [UInt256: UInt256]] = [:]
    private var codes: [Hash256: [UInt8]] = [:]

    func add(_ address: Address, _ code: [UInt8]) {
        let hash = Keccak256.hash(code)
        codes[hash] = code
        accounts[address] = AccountRecord(nonce: 1, codeHash: hash)
    }

    func apply(_ changes: StateChanges) {
        for change in changes.accounts { accounts[change.address] = change.record }
        for change in changes.storage { slots[change.address, default: [:]][change.slot] = change.value }
    }

    override func account(_ address: Address) throws(StateError) -> AccountRecord? { accounts[address] }

    override func storage(_ address: Address, _ slot: UInt256) throws(StateError) -> UInt256 { slots[address]?[slot] ?? .zero }

    override func code(_ hash: Hash256) throws(StateError) -> [UInt8] {
        guard let code = codes[hash] else { throw .unavailable }
        return code
    }
}
