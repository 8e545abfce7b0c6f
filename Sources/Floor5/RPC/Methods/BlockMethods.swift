// Floor 5, RPC: blocks and their transactions by place.
import Engine
import Consensus
import Primitives

/// Methods about blocks.
enum BlockMethods {
    static let table: [Method] = [
        Method("eth_blockNumber", .instant, parameters: 0) { call, writer in writer.quantity(call.backend.heads().latest) },
        Method("eth_getBlockByNumber", .light, parameters: 2) { call, writer throws(RPCError) in
            _ = try call.required(0)
            try block(call, try call.block(0), &writer)
        },
        Method("eth_getBlockByHash", .light, parameters: 2) { call, writer throws(RPCError) in
            try block(call, .hash(try call.hash(0)), &writer)
        },
        Method("eth_getBlockTransactionCountByNumber", .light, parameters: 1) { call, writer throws(RPCError) in
            try transactionCount(call, try call.block(0), &writer)
        },
        Method("eth_getBlockTransactionCountByHash", .light, parameters: 1) { call, writer throws(RPCError) in
            try transactionCount(call, .hash(try call.hash(0)), &writer)
        },
        Method("eth_getTransactionByBlockNumberAndIndex", .light, parameters: 2) { call, writer throws(RPCError) in
            try transaction(call, try call.block(0), &writer)
        },
        Method("eth_getTransactionByBlockHashAndIndex", .light, parameters: 2) { call, writer throws(RPCError) in
            try transaction(call, .hash(try call.hash(0)), &writer)
        },
        Method("eth_getBlockReceipts", .heavy, parameters: 1) { call, writer throws(RPCError) in
            guard let record = try call.record(try call.block(0)) else { return writer.null() }
            writer.beginArray()
            for transaction in try call.transactions(record.header.height) {
                writer.element()
                writer.receipt(transaction)
                if writer.count > call.limits.responseByteCount { throw .responseTooLarge }
            }
            writer.endArray()
        },
        Method("eth_getUncleCountByBlockNumber", .light, parameters: 1) { call, writer throws(RPCError) in
            if try call.record(try call.block(0)) == nil { writer.null() } else { writer.text("0x0") }
        },
        Method("eth_getUncleCountByBlockHash", .light, parameters: 1) { call, writer throws(RPCError) in
            if try call.record(.hash(try call.hash(0))) == nil { writer.null() } else { writer.text("0x0") }
        },
        Method("eth_getUncleByBlockNumberAndIndex", .light, parameters: 2) { _, writer in writer.null() },
        Method("eth_getUncleByBlockHashAndIndex", .light, parameters: 2) { _, writer in writer.null() },
    ]

    private static func block(_ call: RPCCall, _ selector: BlockSelector, _ writer: inout JSONWriter) throws(RPCError) {
        let full = try call.bool(1, default: false)
        if selector == .pending { return try pendingBlock(call, &writer) }
        guard let record = try call.record(selector) else { return writer.null() }
        writer.block(record, transactions: full ? try call.transactions(record.header.height) : nil)
    }

    private static func pendingBlock(_ call: RPCCall, _ writer: inout JSONWriter) throws(RPCError) {
        let environment = call.backend.pendingEnvironment()
        let head = try call.existingRecord(.latest)
        writer.pendingBlock(
            PendingBlock(
                number: environment.number, parentHash: head.hash, stateRoot: head.stateRoot, gasLimit: environment.gasLimit,
                timestampSeconds: environment.timestampSeconds, prevRandao: environment.prevRandao,
                baseFeePerGas: environment.baseFeePerGas))
    }

    private static func transactionCount(_ call: RPCCall, _ selector: BlockSelector, _ writer: inout JSONWriter) throws(RPCError) {
        guard let record = try call.record(selector) else { return writer.null() }
        writer.quantity(UInt64(record.transactionHashes.count))
    }

    private static func transaction(_ call: RPCCall, _ selector: BlockSelector, _ writer: inout JSONWriter) throws(RPCError) {
        let index = try call.quantity64(1)
        guard let record = try call.record(selector), index < UInt64(record.transactionHashes.count) else { return writer.null() }
        let transactions = try call.transactions(record.header.height)
        guard let place = Int(exactly: index), place < transactions.count else { return writer.null() }
        writer.transaction(transactions[place])
    }
}
