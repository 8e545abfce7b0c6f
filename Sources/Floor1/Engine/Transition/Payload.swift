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

    /// Checks a payload without state. `known` gives transactions whose signatures were checked before, by hash.
    public static func prepare(
        _ bytes: [UInt8], chainID: UInt64, blockGasLimit: UInt64, known: (Hash256) -> PreparedTransaction?
    ) throws(PayloadError) -> [PreparedTransaction] {
        var prepared: [PreparedTransaction] = []
        var gasLeft = blockGasLimit
        var seen: Set<Hash256> = []
        for raw in try decode(bytes) {
            let hash = Keccak256.hash(raw)
            guard seen.insert(hash).inserted else { throw .duplicateTransaction }
            let next: PreparedTransaction
            if let found = known(hash) {
                next = found
            } else {
                do throws(TransactionRefusal) {
                    next = try PreparedTransaction.prepare(raw, chainID: chainID)
                } catch {
                    throw .transaction(error)
                }
            }
            guard next.transaction.gasLimit <= gasLeft else { throw .gasLimitExceeded }
            gasLeft -= next.transaction.gasLimit
            prepared.append(next)
        }
        return prepared
    }
}
