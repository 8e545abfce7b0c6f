// Floor 6, StateTests: executes one case of `hyperseq evm run` and writes everything that it leaves behind.
//
// The answer is one JSON object: `results`, one per transaction, and `post`, the accounts that differ from the state before,
// sorted by address, with only the slots that differ; `removed` stands for an account
// that ceased to exist.
import Engine
import Primitives

public enum EVMCaseRunner {
    /// The answer to one case given as JSON: one line without a line break. A case that cannot be read gives `{"error":"…"}`.
    public static func run(line: [UInt8]) -> [UInt8] {
        var writer = CaseWriter()
        do {
            let json = try JSONReader.parse(line)
            let test = try EVMCase(json)
            write(test, &writer)
        } catch let error as StateTestFormatError {
            return CaseWriter.error("cannot read \(error.field)")
        } catch {
            return CaseWriter.error("not JSON")
        }
        return writer.bytes
    }

    private static func write(_ test: EVMCase, _ writer: inout CaseWriter) {
        let executor = TransactionExecutor(database: TestDatabase(test.pre), environment: test.environment)
        writer.raw("{\"results\":[")
        for (index, transaction) in test.transactions.enumerated() {
            if index > 0 { writer.raw(",") }
            switch transaction {
            case .fields(let transaction, let sender): write(transaction, sender, executor, &writer)
            case .encoded(let bytes): write(encoded: bytes, executor, &writer)
            }
        }
        writer.raw("],\"post\":{")
        write(executor.changes(), &writer)
        writer.raw("}}")
    }

    private static func write(encoded bytes: [UInt8], _ executor: TransactionExecutor, _ writer: inout CaseWriter) {
        let transaction: Transaction
        do throws(TransactionDecodingError) {
            transaction = try Transaction.decode(bytes)
        } catch {
            return writer.invalid("undecodable")
        }
        guard let sender = transaction.recoverSender() else { return writer.invalid("bad signature") }
        write(transaction, sender, executor, &writer)
    }

    private static func write(_ transaction: Transaction, _ sender: Address, _ executor: TransactionExecutor, _ writer: inout CaseWriter) {
        do throws(ExecutionError) {
            writer.outcome(try executor.execute(transaction, sender: sender))
        } catch {
            switch error {
            case .invalid(let invalidity): writer.invalid(invalidity.message)
            case .state, .interrupted: writer.invalid("not executed")
            }
        }
    }

    /// Merges two lists that ascend by address.
    private static func write(_ changes: StateChanges, _ writer: inout CaseWriter) {
        var account = 0
        var slot = 0
        var isFirst = true
        while account < changes.accounts.count || slot < changes.storage.count {
            var address = account < changes.accounts.count ? changes.accounts[account].address : changes.storage[slot].address
            if slot < changes.storage.count, changes.storage[slot].address < address { address = changes.storage[slot].address }
            if !isFirst { writer.raw(",") }
            isFirst = false
            writer.text(address.hex)
            writer.raw(":")
            var isRemoved = false
            writer.raw("{")
            if account < changes.accounts.count, changes.accounts[account].address == address {
                if let record = changes.accounts[account].record {
                    writer.account(record)
                } else {
                    isRemoved = true
                    writer.raw("\"removed\":true")
                }
                account += 1
            }
            let end = changes.storage[slot...].firstIndex { $0.address != address } ?? changes.storage.count
            if !isRemoved { writer.storage(changes.storage[slot..<end]) }
            writer.raw("}")
            slot = end
        }
    }
}
