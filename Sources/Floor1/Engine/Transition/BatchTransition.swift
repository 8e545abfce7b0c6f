// Floor 1, Engine: the state transition of a batch: the program whose execution is proven, and what the native prover runs to
// gather its witness. The same function over different databases.
import Primitives

/// A batch, executed.
public struct BatchResult: Sendable {
    public var statement: BatchStatement
    public var blocks: [ExecutedBlock]
}

public enum BatchTransition {
    /// Executes a batch over the state after `batch.before`. `tree` is the tree of the same state; its root is not checked here.
    public static func execute(
        _ batch: Batch, database: StateDatabase, tree: TreeStore
    ) throws(TransitionError) -> BatchResult {
        guard !batch.blocks.isEmpty else { throw .emptyBatch }
        var tip = batch.before
        var executed: [ExecutedBlock] = []
        var payloads = CanonicalWriter(capacity: batch.blocks.count * Hash256.byteCount)
        var outcomes = CanonicalWriter(capacity: batch.blocks.count * 104)
        for block in batch.blocks {
            let transactions = try check(block, follows: tip, rules: batch.rules)
            let result: ExecutedBlock
            do throws(StateError) {
                result = try BlockExecution.execute(
                    header: block.header, hash: block.header.hash, transactions: transactions, parent: tip.facts, rules: batch.rules,
                    database: LayeredState(base: database, layers: executed),
                    tree: LayeredTreeStore(base: tree, layers: executed.map { $0.tree }))
            } catch {
                throw .state(error)
            }
            payloads.write(block.header.payloadRoot)
            outcomes.write(result.record.gasUsed)
            outcomes.write(result.record.transactionsRoot)
            outcomes.write(result.record.receiptsRoot)
            outcomes.write(result.record.stateRoot)
            tip = ChainTip(after: result)
            executed.append(result)
        }
        let statement = BatchStatement(
            chainIdentity: batch.chainIdentity, rules: batch.rules, before: batch.before, after: tip,
            payloadsHash: Keccak256.hash(payloads.bytes), outcomesHash: Keccak256.hash(outcomes.bytes))
        return BatchResult(statement: statement, blocks: executed)
    }

    /// The transactions of a block that stands on `tip`.
    private static func check(
        _ block: BatchBlock, follows tip: ChainTip, rules: ChainRules
    ) throws(TransitionError) -> [PreparedTransaction] {
        let header = block.header
        guard header.parentHash == tip.blockHash, tip.height < UInt64.max, header.height == tip.height + 1 else {
            throw .brokenChain(height: header.height)
        }
        guard Int(truncatingIfNeeded: header.payloadByteCount) == block.payload.count,
            Keccak256.hash(block.payload) == header.payloadRoot
        else { throw .badPayload(height: header.height) }
        do {
            return try Payload.prepare(block.payload, chainID: rules.chainID, blockGasLimit: rules.gasLimit) { _ in nil }
        } catch {
            throw .badPayload(height: header.height)
        }
    }

    /// What the guest does: executes the batch on a tape over the witness on the tape.
    public static func run(tape: [UInt8]) throws(TransitionError) -> BatchStatement {
        let (batch, witness) = try BatchTape.decode(tape)
        let tree = try WitnessTree(witness, root: batch.before.stateRoot, leafCount: batch.before.leafCount)
        let database = WitnessState(witness, tree: tree, before: batch.before)
        return try execute(batch, database: database, tree: tree).statement
    }
}

/// The guest's private input: the batch, then the witness, each behind its length.
public enum BatchTape {
    /// Most bytes of either.
    public static let byteLimit = 1 << 30

    public static func encode(_ batch: Batch, _ witness: Witness) -> [UInt8] {
        var writer = CanonicalWriter()
        writer.write(batch.encode())
        writer.write(witness.encode())
        return writer.bytes
    }

    public static func decode(_ tape: [UInt8]) throws(TransitionError) -> (batch: Batch, witness: Witness) {
        let parts: (batch: [UInt8], witness: [UInt8])
        do throws(CanonicalError) {
            var reader = CanonicalReader(tape)
            parts = (try reader.readBytes(limit: byteLimit), try reader.readBytes(limit: byteLimit))
            try reader.finish()
        } catch {
            throw .malformedTape(error)
        }
        let batch: Batch
        do throws(CanonicalError) { batch = try Batch.decode(parts.batch) } catch { throw .malformedBatch(error) }
        let witness: Witness
        do throws(CanonicalError) { witness = try Witness.decode(parts.witness) } catch { throw .malformedWitness(error) }
        return (batch, witness)
    }
}
