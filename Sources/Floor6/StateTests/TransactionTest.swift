// Floor 6, StateTests: one upstream transaction test: bytes that are, or are not, a valid transaction in each fork.
//
// The verdict is the engine's own: the bytes are decoded and executed by a sender who has all the money and the right nonce. Validity here
// is of the transaction alone, so what only a balance or a block's size could refuse is taken out before: the value, and gas above 2^63 - 1.
import Engine
import Primitives

struct TransactionTest {
    /// Transaction tests are of chain 1.
    private static let chainID: UInt64 = 1

    private let bytes: [UInt8]
    private let results: [(key: String, value: JSONValue)]

    init(_ json: JSONValue) throws(StateTestFormatError) {
        bytes = try Field.bytes(json["txbytes"], "txbytes")
        guard let results = json["result"]?.members else { throw StateTestFormatError(field: "result") }
        self.results = results
    }

    func run(_ recorder: inout TestRecorder) {
        for (name, expected) in results {
            guard let fork = recorder.select(name, cases: 1) else { continue }
            recorder.record(fork: name) { () throws(StateTestFormatError) in try check(expected, fork) }
        }
    }

    private func check(_ expected: JSONValue, _ fork: Fork) throws(StateTestFormatError) -> String? {
        let exception = expected["exception"]?.string
        let verdict = judge(fork)
        guard let transaction = verdict.transaction, let sender = verdict.sender, verdict.rejection == nil else {
            return exception == nil ? "rejected: \(verdict.rejection ?? "")" : nil
        }
        if let exception { return "accepted, but \(exception) is expected" }
        let hash = try Field.hash(expected["hash"], "hash")
        if transaction.hash != hash || Keccak256.hash(bytes) != hash { return "hash \(transaction.hash.hex), expected \(hash.hex)" }
        let expectedSender = try Field.address(expected["sender"], "sender")
        if sender != expectedSender { return "sender \(sender.hex), expected \(expectedSender.hex)" }
        let gas = try Field.uint64(expected["intrinsicGas"], "intrinsicGas")
        let intrinsic = GasRules.intrinsicGas(of: transaction, fork: fork).intrinsic
        return intrinsic == gas ? nil : "intrinsic gas \(intrinsic), expected \(gas)"
    }

    private struct Verdict {
        var transaction: Transaction?
        var sender: Address?
        var rejection: String?
    }

    private func judge(_ fork: Fork) -> Verdict {
        var verdict = Verdict()
        let transaction: Transaction
        do {
            transaction = try Transaction.decodeEthereum(bytes)
        } catch {
            verdict.rejection = error.message
            return verdict
        }
        verdict.transaction = transaction
        verdict.sender = transaction.recoverSender(fork: fork)
        guard let sender = verdict.sender else {
            verdict.rejection = "invalid signature"
            return verdict
        }
        // Upstream has the fee fit 256 bits, whatever the balance.
        if transaction.maxFeePerGas.multiplied(by: UInt256(transaction.gasLimit)) == nil {
            verdict.rejection = "fee of more than 256 bits"
            return verdict
        }
        var affordable = transaction
        affordable.value = .zero
        affordable.gasLimit = min(transaction.gasLimit, UInt64(Int64.max))
        let environment = BlockEnvironment(
            fork: fork, chainID: TransactionTest.chainID, number: 1, timestampSeconds: 1, gasLimit: UInt64(Int64.max), baseFeePerGas: .zero,
            coinbase: .zero, prevRandao: .zero)
        let executor = TransactionExecutor(database: RichSender(sender, nonce: transaction.nonce), environment: environment)
        do {
            _ = try executor.execute(affordable, sender: sender)
        } catch ExecutionError.invalid(let invalidity) {
            verdict.rejection = invalidity.message
        } catch {
            verdict.rejection = "not executed"
        }
        return verdict
    }
}

/// A state with one account.
private final class RichSender: StateDatabase {
    private let sender: Address
    private let record: AccountRecord

    init(_ sender: Address, nonce: UInt64) {
        self.sender = sender
        record = AccountRecord(nonce: nonce, balance: .max)
        super.init()
    }

    override func account(_ address: Address) throws(StateError) -> AccountRecord? { address == sender ? record : nil }
}
