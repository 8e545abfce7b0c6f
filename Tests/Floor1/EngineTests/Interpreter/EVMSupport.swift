// What the tests of interpreter and execution share: a state in memory, tiny programs, and transactions around them.
import Engine
import Primitives

/// A state in dictionaries.
final class MemoryState: StateDatabase {
    var accounts: [Address: AccountRecord] = [:]
    var slots: [Address: [UInt256: UInt256]] = [:]
    var codes: [Hash256: [UInt8]] = [:]
    /// When set, every read fails.
    var isBroken = false

    func put(_ address: Address, balance: UInt256 = .zero, nonce: UInt64 = 0, code: [UInt8] = [], storage: [UInt256: UInt256] = [:]) {
        let hash = Keccak256.hash(code)
        accounts[address] = AccountRecord(nonce: nonce, balance: balance, codeHash: hash)
        codes[hash] = code
        slots[address] = storage
    }

    override func account(_ address: Address) throws(StateError) -> AccountRecord? {
        if isBroken { throw .unavailable }
        return accounts[address]
    }
    override func storage(_ address: Address, _ slot: UInt256) throws(StateError) -> UInt256 {
        if isBroken { throw .unavailable }
        return slots[address]?[slot] ?? .zero
    }
    override func code(_ hash: Hash256) throws(StateError) -> [UInt8] {
        guard !isBroken, let code = codes[hash] else { throw .unavailable }
        return code
    }
    override func blockHash(_ number: UInt64) throws(StateError) -> Hash256? { Keccak256.hash(UInt256(number).bigEndianBytes) }
    override func hasStorage(_ address: Address) throws(StateError) -> Bool { slots[address]?.contains { !$0.value.isZero } ?? false }

    func apply(_ changes: StateChanges) {
        for change in changes.accounts { accounts[change.address] = change.record }
        for change in changes.code { codes[change.hash] = change.code }
        for change in changes.storage { slots[change.address, default: [:]][change.slot] = change.value }
    }
}

/// Addresses and amounts of the tests.
enum Fixed {
    static let sender = Address(small: 0xcafe)
    static let contract = Address(small: 0xbeef)
    static let other = Address(small: 0x7070)
    static let coinbase = Address(small: 0xc01b)
    static let richBalance: UInt256 = 1_000_000_000_000_000_000
    static let gasLimit: UInt64 = 5_000_000
}

func environment(_ fork: Fork = .prague, baseFee: UInt256 = .zero) -> BlockEnvironment {
    BlockEnvironment(
        fork: fork, chainID: 7, number: 1000, timestampSeconds: 123_456, gasLimit: 30_000_000, baseFeePerGas: baseFee,
        coinbase: Fixed.coinbase, prevRandao: Hash256(UInt256(99)), blobBaseFee: 3)
}

func callTransaction(
    to: Address? = Fixed.contract, value: UInt256 = .zero, data: [UInt8] = [], gasLimit: UInt64 = Fixed.gasLimit, nonce: UInt64 = 0,
    maxFee: UInt256 = .zero, tip: UInt256 = .zero, authorizations: [Authorization] = []
) -> Transaction {
    Transaction(
        type: authorizations.isEmpty ? .dynamicFee : .setCode, chainID: 7, nonce: nonce, gasLimit: gasLimit, maxFeePerGas: maxFee,
        maxPriorityFeePerGas: tip, to: to, value: value, data: data, authorizations: authorizations)
}

/// Bytecode written by hand.
enum Program {
    /// The shortest PUSH of a value.
    static func push(_ value: UInt256) -> [UInt8] {
        let bytes = value.minimalBytes
        return [0x5f + UInt8(bytes.count)] + bytes
    }

    static func push(_ address: Address) -> [UInt8] { [0x73] + address.bytes }

    /// Pushes in reverse, so that the first operand is on top, then the opcode.
    static func op(_ opcode: UInt8, _ operands: UInt256...) -> [UInt8] { operands.reversed().flatMap(push) + [opcode] }

    /// Returns the top word.
    static let returnTop: [UInt8] = [0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3]
    /// Stores the top word in a slot.
    static func store(_ slot: UInt256) -> [UInt8] { push(slot) + [0x55] }

    /// CALL without input and output; leaves the success flag.
    static func call(_ address: Address, value: UInt256 = .zero, gas: UInt256 = 1_000_000) -> [UInt8] {
        op(0xf1, gas, address.word, value, 0, 0, 0, 0)
    }

    /// Init code that deploys `code`.
    static func deploy(_ code: [UInt8]) -> [UInt8] {
        let head = 11
        return [0x61] + UInt16(code.count).bytes + [0x80, 0x60, UInt8(head), 0x5f, 0x39, 0x5f, 0xf3, 0x00] + code
    }
}

extension UInt16 {
    var bytes: [UInt8] { [UInt8(self >> 8), UInt8(truncatingIfNeeded: self)] }
}

/// A contract in an otherwise empty state, and its executor.
struct World {
    let state: MemoryState
    let executor: TransactionExecutor

    init(_ fork: Fork = .prague, baseFee: UInt256 = .zero, _ fill: (MemoryState) -> Void) {
        state = MemoryState()
        state.put(Fixed.sender, balance: Fixed.richBalance)
        fill(state)
        executor = TransactionExecutor(database: state, environment: environment(fork, baseFee: baseFee))
    }

    init(_ fork: Fork = .prague, code: [UInt8], storage: [UInt256: UInt256] = [:]) {
        self.init(fork) { $0.put(Fixed.contract, code: code, storage: storage) }
    }

    func execute(_ transaction: Transaction = callTransaction()) throws -> TransactionOutcome {
        try executor.execute(transaction, sender: Fixed.sender)
    }

    func slot(_ key: UInt256, _ address: Address = Fixed.contract) -> UInt256? {
        executor.changes().storage.first { $0.address == address && $0.slot == key }?.value
    }
}

/// What a program returns as one word, or `nil` when it fails.
func result(of code: [UInt8], _ fork: Fork = .prague, data: [UInt8] = []) throws -> UInt256? {
    let outcome = try World(fork, code: code).execute(callTransaction(data: data))
    return outcome.succeeded ? UInt256(bigEndianBytes: outcome.output) : nil
}

/// Gas of a program without the transaction's own.
func gas(of code: [UInt8], _ fork: Fork = .prague) throws -> UInt64 {
    try World(fork, code: code).execute().gasUsed - 21000
}
