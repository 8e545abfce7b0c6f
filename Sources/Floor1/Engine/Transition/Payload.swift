// Floor 1, Engine: the payload of a block is a list of raw transactions; here it is encoded, decoded and checked
// without any state, which is all that a validator needs to vote.
public import Primitives

/// Why a payload can't be ordered.
public enum PayloadError: Error, Equatable, Sendable {
    case encoding(CanonicalError)
    case transaction(TransactionRefusal)
    /// The gas limits of the transactions sum to more than the block's.
    case gasLimitExceeded
    /// The same transaction stands twice in one payload.
    case duplicateTransaction
}

/// The transactions of one block in their order.
public enum Payload {
    /// Most transactions of one block: more than fit any gas limit in use (30,000,000 gas hold 1,428 transfers).
    public static let transactionCountLimit = 16_384

    /// Bytes that a list of transactions adds around each of them.
    public static let perTransactionOverheadBytes = 4

    /// Bytes of the empty payload.
    public static let emptyByteCount = 4

    public static func encode(_ transactions: [[UInt8]]) -> [UInt8] {
        var writer = CanonicalWriter(capacity: emptyByteCount + transactions.reduce(0) { $0 + $1.count + perTransactionOverheadBytes })
        writer.write(UInt32(transactions.count))
        for transaction in transactions { writer.write(transaction) }
        return writer.bytes
    }

    public static func decode(_ bytes: [UInt8]) throws(PayloadError) -> [[UInt8]] {
        do throws(CanonicalError) {
            var reader = CanonicalReader(bytes)
            let count = try reader.readCount(limit: transactionCountLimit)
            var transactions: [[UInt8]] = []
            for _ in 0..<count {
                transactions.append(try reader.readBytes(limit: Transaction.maxEncodedByteCount))
            }
            try reader.finish()
            return transactions
        } catch {
            throw .encoding(error)
        }
    }

    /// Fewer signatures than this are recovered before another thread has woken up.
    private static let leastRecoveries = 8

    /// Checks a payload without state: encoding, repetitions and gas first, then the signatures, which cost most.
    /// `known` gives transactions whose signatures were checked before, by hash. The result does not depend on `runner`.
    public static func prepare(
        _ bytes: [UInt8], chainID: UInt64, blockGasLimit: UInt64, runner: BatchRunner = BatchRunner(),
        known: (Hash256) -> PreparedTransaction?
    ) throws(PayloadError) -> [PreparedTransaction] {
        var prepared: [PreparedTransaction] = []
        var unknown: [Int] = []
        var gasLeft = blockGasLimit
        var seen: Set<Hash256> = []
        for raw in try decode(bytes) {
            let hash = Keccak256.hash(raw)
            guard seen.insert(hash).inserted else { throw .duplicateTransaction }
            if let found = known(hash) {
                prepared.append(found)
            } else {
                unknown.append(prepared.count)
                let transaction: Transaction
                do throws(TransactionRefusal) {
                    transaction = try PreparedTransaction.decode(raw, chainID: chainID)
                } catch {
                    throw .transaction(error)
                }
                prepared.append(PreparedTransaction(raw: raw, hash: hash, sender: .zero, transaction: transaction))
            }
            let gasLimit = prepared[prepared.count - 1].transaction.gasLimit
            guard gasLimit <= gasLeft else { throw .gasLimitExceeded }
            gasLeft -= gasLimit
        }
        let senders = runner.map(unknown.count, least: leastRecoveries) { prepared[unknown[$0]].transaction.recoverSender() }
        for (place, sender) in zip(unknown, senders) {
            guard let sender else { throw .transaction(.invalidSender) }
            prepared[place].sender = sender
        }
        return prepared
    }
}
