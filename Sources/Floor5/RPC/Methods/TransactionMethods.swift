// Floor 5, RPC: sending transactions and finding them again.
import Primitives

/// Methods about single transactions.
enum TransactionMethods {
    static let table: [Method] = [
        Method(submit: "eth_sendRawTransaction"),
        Method("eth_getTransactionByHash", .light, parameters: 1) { call, writer throws(RPCError) in
            try transaction(call, try call.hash(0), &writer)
        },
        Method("eth_getTransactionReceipt", .light, parameters: 1) { call, writer throws(RPCError) in
            let hash = try call.hash(0)
            do throws(BackendError) {
                if let record = try call.backend.transaction(hash: hash) { writer.receipt(record) } else { writer.null() }
            } catch {
                throw RPCError(error)
            }
        },
        Method("hyperseq_getSkippedTransaction", .light, parameters: 1) { call, writer throws(RPCError) in
            let hash = try call.hash(0)
            do throws(BackendError) {
                guard let reason = try call.backend.skippedReason(hash: hash) else { return writer.null() }
                writer.beginObject()
                writer.field("hash", hash)
                writer.field("reason", reason)
                writer.endObject()
            } catch {
                throw RPCError(error)
            }
        },
        Method("eth_pendingTransactions", .instant, parameters: 0) { _, writer in writer.raw("[]") },
        keyless("eth_sendTransaction"), keyless("eth_sign"), keyless("eth_signTransaction"), keyless("eth_signTypedData"),
        keyless("eth_signTypedData_v4"), keyless("personal_sign"),
    ]

    /// The node holds no users' keys.
    private static func keyless(_ name: StaticString) -> Method {
        Method(name, .instant, parameters: 3) { _, _ throws(RPCError) in throw .server("unknown account") }
    }

    private static func transaction(_ call: RPCCall, _ hash: Hash256, _ writer: inout JSONWriter) throws(RPCError) {
        do throws(BackendError) {
            if let record = try call.backend.transaction(hash: hash) { return writer.transaction(record) }
            if let pending = call.backend.pendingTransaction(hash: hash) { return writer.transaction(pending) }
            // It may have left the pool for a block between the two reads.
            if let record = try call.backend.transaction(hash: hash) { writer.transaction(record) } else { writer.null() }
        } catch {
            throw RPCError(error)
        }
    }
}
