// Floor 5, RPC: traces and raw data.
import Consensus
import Engine
import Executor
import Primitives

/// Methods `debug_…`.
enum DebugMethods {
    static let table: [Method] = [
        Method("debug_traceTransaction", .heavy, parameters: 2) { call, writer throws(RPCError) in
            let hash = try call.hash(0)
            let options = try TraceOptions(call, 1)
            guard let record = try find(call, hash) else { throw .server("transaction not found") }
            let replay = try BlockReplay(call, try call.existingRecord(.hash(record.blockHash)))
            for other in replay.transactions.prefix(Int(record.index)) { try replay.skip(other) }
            try replay.trace(record, options, &writer)
        },
        Method("debug_traceBlockByNumber", .heavy, parameters: 2) { call, writer throws(RPCError) in
            _ = try call.required(0)
            try traceBlock(call, try call.block(0), &writer)
        },
        Method("debug_traceBlockByHash", .heavy, parameters: 2) { call, writer throws(RPCError) in
            try traceBlock(call, .hash(try call.hash(0)), &writer)
        },
        Method("debug_traceCall", .heavy, parameters: 3) { call, writer throws(RPCError) in try CallTrace.write(call, &writer) },
        Method("debug_getRawTransaction", .light, parameters: 1) { call, writer throws(RPCError) in
            try rawTransaction(call, try call.hash(0), &writer)
        },
        Method("eth_getRawTransactionByHash", .light, parameters: 1) { call, writer throws(RPCError) in
            try rawTransaction(call, try call.hash(0), &writer)
        },
        Method("debug_getRawReceipts", .heavy, parameters: 1) { call, writer throws(RPCError) in
            _ = try call.required(0)
            let record = try call.existingRecord(try call.block(0))
            writer.beginArray()
            for transaction in try call.transactions(record.header.height) {
                writer.element()
                writer.data(transaction.receipt.encode())
                if writer.count > call.limits.responseByteCount { throw .responseTooLarge }
            }
            writer.endArray()
        },
        Method("debug_getRawHeader", .light, parameters: 1) { call, writer throws(RPCError) in
            _ = try call.required(0)
            let record = try call.existingRecord(try call.block(0))
            var header = CanonicalWriter()
            record.header.encode(into: &header)
            writer.data(header.bytes)
        },
        Method("debug_codeByHash", .light, parameters: 1) { call, writer throws(RPCError) in
            let hash = try call.hash(0)
            let state = try call.overlay(height: call.backend.heads().latest, deadline: call.deadline)
            // A hash that is unknown and one that cannot be read look the same.
            guard let code = try? state.code(hash) else { return writer.null() }
            writer.data(code)
        },
    ]

    private static func find(_ call: RPCCall, _ hash: Hash256) throws(RPCError) -> TransactionRecord? {
        do throws(BackendError) { return try call.backend.transaction(hash: hash) } catch { throw RPCError(error) }
    }

    private static func traceBlock(_ call: RPCCall, _ selector: BlockSelector, _ writer: inout JSONWriter) throws(RPCError) {
        let options = try TraceOptions(call, 1)
        let replay = try BlockReplay(call, try call.existingRecord(selector))
        writer.beginArray()
        for record in replay.transactions {
            writer.element()
            writer.beginObject()
            writer.field("txHash", record.hash)
            writer.key("result")
            try replay.trace(record, options, &writer)
            writer.endObject()
        }
        writer.endArray()
    }

    private static func rawTransaction(_ call: RPCCall, _ hash: Hash256, _ writer: inout JSONWriter) throws(RPCError) {
        if let record = try find(call, hash) { return writer.data(record.transaction.encode()) }
        if let pending = call.backend.pendingTransaction(hash: hash) { return writer.data(pending.transaction.encode()) }
        writer.null()
    }
}
