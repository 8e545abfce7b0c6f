// The state that the targets run on: a few contracts, a rich sender, storage that is not empty.
import Engine
import Primitives

final class FuzzState: StateDatabase {
    static let sender = Address(small: 0xaaaa)
    static let contract = Address(small: 0xc001)
    static let other = Address(small: 0xc002)
    static let coinbase = Address(small: 0xc0b0)
    static let richBalance = UInt256(l0: 0, l1: 0, l2: 1, l3: 0)
    static let contractBalance: UInt256 = 1000

    private var accounts: [Address: AccountRecord] = [:]
    private var codes: [Hash256: [UInt8]] = [:]

    /// - Parameter senderNonce: the nonce that the transaction will have.
    init(senderNonce: UInt64 = 0, contract: [UInt8] = [], other: [UInt8] = []) {
        super.init()
        accounts[FuzzState.sender] = AccountRecord(nonce: senderNonce, balance: FuzzState.richBalance)
        put(FuzzState.contract, contract)
        put(FuzzState.other, other)
    }

    private func put(_ address: Address, _ code: [UInt8]) {
        let hash = Keccak256.hash(code)
        codes[hash] = code
        accounts[address] = AccountRecord(nonce: 1, balance: FuzzState.contractBalance, codeHash: hash)
    }

    override func account(_ address: Address) throws(StateError) -> AccountRecord? { accounts[address] }

    /// Every fourth slot of a contract holds its own number.
    override func storage(_ address: Address, _ slot: UInt256) throws(StateError) -> UInt256 {
        guard address == FuzzState.contract || address == FuzzState.other, slot.l0 & 3 == 1 else { return .zero }
        return slot
    }

    override func code(_ hash: Hash256) throws(StateError) -> [UInt8] {
        guard let code = codes[hash] else { throw .unavailable }
        return code
    }

    override func blockHash(_ number: UInt64) throws(StateError) -> Hash256? { Hash256(UInt256(number)) }

    override func hasStorage(_ address: Address) throws(StateError) -> Bool { address == FuzzState.contract || address == FuzzState.other }

    static func environment(_ fork: Fork) -> BlockEnvironment {
        BlockEnvironment(
            fork: fork, chainID: 1, number: 1000, timestampSeconds: 1_700_000_000, gasLimit: 30_000_000, baseFeePerGas: 1,
            coinbase: coinbase, prevRandao: Hash256(UInt256(7)))
    }

    /// Executes, and asserts what holds for every transaction: gas stays below the limit and no ether appears.
    func execute(_ transaction: Transaction, _ fork: Fork, sender: Address = FuzzState.sender) {
        let executor = TransactionExecutor(database: self, environment: FuzzState.environment(fork))
        guard let outcome = try? executor.execute(transaction, sender: sender) else { return }
        precondition(outcome.gasUsed <= transaction.gasLimit)
        let changes = executor.changes()
        var sum = UInt256.zero
        var before = UInt256.zero
        for change in changes.accounts {
            sum = sum &+ (change.record?.balance ?? .zero)
            before = before &+ (accounts[change.address]?.balance ?? .zero)
        }
        precondition(sum <= before, "ether was made")
    }
}

/// A state in which everybody is rich and nobody has code.
final class RichState: StateDatabase {
    override func account(_ address: Address) throws(StateError) -> AccountRecord? { AccountRecord(balance: FuzzState.richBalance) }
}

/// Reads the choices of a target from the front of its input; what is left is the rest.
struct FuzzInput {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func uint16() -> Int { Int(byte()) << 8 | Int(byte()) }

    mutating func fork() -> Fork { Fork.allCases[Int(byte()) % Fork.allCases.count] }

    mutating func take(_ count: Int) -> [UInt8] {
        let part = Array(rest.prefix(count))
        rest = rest.dropFirst(count)
        return part
    }
}
