// Floor 6, StateTests: executes one case and compares state root and logs.
import Engine
import Primitives

extension StateTest {
    /// Why the case fails, or `nil` when it passes.
    func check(_ expected: StateTestCase, _ fork: Fork) throws(StateTestFormatError) -> String? {
        let environment = try blockEnvironment(fork)
        let transaction: Transaction
        do {
            transaction = try self.transaction(expected)
        } catch {
            // A field that no transaction can carry, such as a value of more than 256 bits.
            guard expected.expectedException != nil else { throw error }
            return compare(pre, nil, expected)
        }
        let executor = TransactionExecutor(database: TestDatabase(pre), environment: environment)
        let outcome: TransactionOutcome
        do {
            outcome = try executor.execute(transaction, sender: try sender())
        } catch let error as ExecutionError {
            guard case .invalid(let invalidity) = error else { return "the state was not available" }
            if expected.expectedException == nil { return "rejected: \(invalidity.message)" }
            return compare(pre, nil, expected)
        } catch {
            throw StateTestFormatError(field: "sender")
        }
        if let exception = expected.expectedException { return "accepted, but \(exception) is expected" }
        var post = pre
        post.apply(executor.changes())
        return compare(post, outcome, expected)
    }

    private func compare(_ state: TestState, _ outcome: TransactionOutcome?, _ expected: StateTestCase) -> String? {
        let logs = StateTest.logsHash(outcome?.logs ?? [])
        if outcome != nil, logs != expected.logsHash { return "logs hash \(logs.hex), expected \(expected.logsHash.hex)" }
        let root = state.root
        guard root != expected.stateRoot else { return nil }
        let how = outcome.map { "\($0.status), gas \($0.gasUsed)" } ?? "rejected"
        return "state root \(root.hex), expected \(expected.stateRoot.hex) (\(how))"
    }

    /// Keccak of the RLP list of logs.
    private static func logsHash(_ logs: [Log]) -> Hash256 {
        var writer = RLPWriter()
        writer.writeList { list in
            for log in logs {
                list.writeList { fields in
                    fields.write(log.address)
                    fields.writeList { topics in
                        for topic in log.topics { topics.write(topic) }
                    }
                    fields.write(log.data)
                }
            }
        }
        return Keccak256.hash(writer.bytes)
    }
}
