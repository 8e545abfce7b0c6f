// Floor 5, RPC: what waits in the pool, in go-ethereum's forms.
import Engine
import Primitives

/// Methods `txpool_…`.
enum PoolMethods {
    static let table: [Method] = [
        Method("txpool_status", .light, parameters: 0) { call, writer in
            let content = call.backend.poolContent()
            writer.beginObject()
            writer.field("pending", UInt64(content.pending.count))
            writer.field("queued", UInt64(content.queued.count))
            writer.endObject()
        },
        Method("txpool_content", .heavy, parameters: 0) { call, writer throws(RPCError) in
            try write(call, &writer) { transaction, writer in writer.transaction(transaction) }
        },
        Method("txpool_inspect", .heavy, parameters: 0) { call, writer throws(RPCError) in
            try write(call, &writer) { transaction, writer in writer.string(summary(transaction.transaction)) }
        },
        Method("txpool_contentFrom", .heavy, parameters: 1) { call, writer throws(RPCError) in
            let address = try call.address(0)
            let content = call.backend.poolContent()
            writer.beginObject()
            writer.key("pending")
            try writeByNonce(call, content.pending.filter { $0.sender == address }, &writer) { $1.transaction($0) }
            writer.key("queued")
            try writeByNonce(call, content.queued.filter { $0.sender == address }, &writer) { $1.transaction($0) }
            writer.endObject()
        },
    ]

    private typealias Body = (PendingTransaction, inout JSONWriter) -> Void

    private static func write(_ call: RPCCall, _ writer: inout JSONWriter, _ body: Body) throws(RPCError) {
        let content = call.backend.poolContent()
        writer.beginObject()
        writer.key("pending")
        try writeBySender(call, content.pending, &writer, body)
        writer.key("queued")
        try writeBySender(call, content.queued, &writer, body)
        writer.endObject()
    }

    /// The transactions of one sender stand together and ascend by nonce.
    private static func writeBySender(
        _ call: RPCCall, _ transactions: [PendingTransaction], _ writer: inout JSONWriter, _ body: Body
    ) throws(RPCError) {
        writer.beginObject()
        var rest = transactions[...]
        while let sender = rest.first?.sender {
            let own = rest.prefix { $0.sender == sender }
            writer.key(Array(sender.hex.utf8))
            try writeByNonce(call, Array(own), &writer, body)
            rest = rest.dropFirst(own.count)
        }
        writer.endObject()
    }

    private static func writeByNonce(
        _ call: RPCCall, _ transactions: [PendingTransaction], _ writer: inout JSONWriter, _ body: Body
    ) throws(RPCError) {
        writer.beginObject()
        for transaction in transactions {
            writer.key(Array(String(transaction.transaction.nonce).utf8))
            body(transaction, &writer)
            if writer.count > call.limits.responseByteCount { throw .responseTooLarge }
        }
        writer.endObject()
    }

    private static func summary(_ transaction: Transaction) -> String {
        let target = transaction.to?.hex ?? "contract creation"
        return "\(target): \(transaction.value.decimal) wei + \(transaction.gasLimit) gas × \(transaction.maxFeePerGas.decimal) wei"
    }
}
