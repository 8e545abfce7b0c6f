// Floor 5, RPC: what a transaction should pay. EIP-1559's base fee comes from the chain, the tip from the pool's floor and,
// when blocks are nearly full, from what the last block's transactions paid.
import Engine
import Consensus
import Primitives

/// Methods about fees.
enum FeeMethods {
    static let table: [Method] = [
        Method("eth_gasPrice", .light, parameters: 0) { call, writer throws(RPCError) in
            let price = call.backend.pendingEnvironment().baseFeePerGas.adding(try suggestedTip(call)) ?? .max
            writer.quantity(price)
        },
        Method("eth_maxPriorityFeePerGas", .light, parameters: 0) { call, writer throws(RPCError) in
            writer.quantity(try suggestedTip(call))
        },
        Method("eth_blobBaseFee", .instant, parameters: 0) { _, writer in writer.text("0x1") },
        Method("eth_feeHistory", .heavy, parameters: 3) { call, writer throws(RPCError) in try feeHistory(call, &writer) },
    ]

    /// Fullness of the last block, in percent, from which tips compete.
    private static let crowdedPercent: UInt64 = 80

    private static func tip(_ transaction: TransactionRecord, _ baseFee: UInt256) -> UInt256 {
        transaction.receipt.effectiveGasPrice.subtracting(baseFee) ?? .zero
    }

    private static func suggestedTip(_ call: RPCCall) throws(RPCError) -> UInt256 {
        let floor = call.backend.minimumPriorityFeePerGas
        guard let head = try call.record(.latest), head.gasUsed / 100 >= head.gasLimit / 10_000 * crowdedPercent, head.gasUsed > 0
        else { return floor }
        let tips = try call.transactions(head.header.height).map { tip($0, head.baseFeePerGas) }.sorted()
        guard !tips.isEmpty else { return floor }
        return max(floor, tips[tips.count / 2])
    }

    // MARK: - eth_feeHistory

    private static func feeHistory(_ call: RPCCall, _ writer: inout JSONWriter) throws(RPCError) {
        let percentiles = try percentiles(call)
        let limit = percentiles == nil ? call.limits.feeHistoryBlockCount : call.limits.feeHistoryRewardBlockCount
        let newest = try newestHeight(call)
        let count = min(try call.count(0), limit, newest + 1)
        guard count > 0 else {
            return writer.raw("{\"oldestBlock\":\"0x0\",\"gasUsedRatio\":[],\"baseFeePerGas\":[],\"reward\":[]}")
        }
        let oldest = newest + 1 - count
        var blocks: [BlockRecord] = []
        for height in oldest...newest {
            try call.checkTime()
            blocks.append(try call.existingRecord(.number(height)))
        }
        writer.beginObject()
        writer.field("oldestBlock", oldest)
        try writeBaseFees(call, blocks, newest: newest, &writer)
        writeRatios(blocks, &writer)
        if let percentiles {
            writer.key("reward")
            writer.beginArray()
            for block in blocks {
                try call.checkTime()
                writer.element()
                try writeRewards(call, block, percentiles, &writer)
            }
            writer.endArray()
        }
        writer.endObject()
    }

    private static func newestHeight(_ call: RPCCall) throws(RPCError) -> UInt64 {
        let latest = call.backend.heads().latest
        let selector = try call.block(1)
        if case .hash = selector { throw .invalidArgument(1, "a block number or tag is expected") }
        let height = call.height(selector) ?? latest
        guard height <= latest else { throw .server("request beyond head block: requested \(height), head \(latest)") }
        return height
    }

    /// Percentiles in millionths of a percent.
    private static func percentiles(_ call: RPCCall) throws(RPCError) -> [UInt64]? {
        guard let value = call.optional(2) else { return nil }
        guard case .array(let list) = value else { throw .invalidArgument(2, "an array of percentiles is expected") }
        guard list.count <= call.limits.feeHistoryPercentileCount else {
            throw .invalidArgument(2, "over the query limit \(call.limits.feeHistoryPercentileCount) of percentiles")
        }
        if list.isEmpty { return nil }
        var result: [UInt64] = []
        for item in list {
            guard case .number(let digits) = item, let value = Double(String(decoding: digits, as: UTF8.self)), value >= 0, value <= 100
            else { throw .server("invalid reward percentile") }
            let scaled = UInt64(value * 1_000_000)
            if let last = result.last, last > scaled { throw .server("invalid reward percentile: percentiles must ascend") }
            result.append(scaled)
        }
        return result
    }

    private static func writeBaseFees(
        _ call: RPCCall, _ blocks: [BlockRecord], newest: UInt64, _ writer: inout JSONWriter
    ) throws(RPCError) {
        writer.key("baseFeePerGas")
        writer.beginArray()
        for block in blocks {
            writer.element()
            writer.quantity(block.baseFeePerGas)
        }
        writer.element()
        if newest < call.backend.heads().latest, let next = try call.record(.number(newest + 1)) {
            writer.quantity(next.baseFeePerGas)
        } else {
            writer.quantity(call.backend.pendingEnvironment().baseFeePerGas)
        }
        writer.endArray()
    }

    private static func writeRatios(_ blocks: [BlockRecord], _ writer: inout JSONWriter) {
        writer.key("gasUsedRatio")
        writer.beginArray()
        for block in blocks {
            writer.element()
            writer.raw(ratio(block.gasUsed, of: block.gasLimit))
        }
        writer.endArray()
        writer.key("baseFeePerBlobGas")
        writer.beginArray()
        for _ in 0...blocks.count {
            writer.element()
            writer.text("0x1")
        }
        writer.endArray()
        writer.key("blobGasUsedRatio")
        writer.beginArray()
        for _ in blocks {
            writer.element()
            writer.raw("0")
        }
        writer.endArray()
    }

    /// A part of a whole as a decimal fraction of six places.
    private static func ratio(_ part: UInt64, of whole: UInt64) -> [UInt8] {
        guard whole > 0 else { return [UInt8(ascii: "0")] }
        let (high, low) = min(part, whole).multipliedFullWidth(by: 1_000_000)
        let millionths = whole.dividingFullWidth((high, low)).quotient
        if millionths >= 1_000_000 { return [UInt8(ascii: "1")] }
        let digits = String(millionths)
        return Array(("0." + String(repeating: "0", count: 6 - digits.count) + digits).utf8)
    }

    /// The tips at the percentiles of the block's gas, from low to high (as go-ethereum weighs them).
    private static func writeRewards(
        _ call: RPCCall, _ block: BlockRecord, _ percentiles: [UInt64], _ writer: inout JSONWriter
    ) throws(RPCError) {
        writer.beginArray()
        let transactions = block.transactionHashes.isEmpty ? [] : try call.transactions(block.header.height)
        let tips = transactions.map { (tip($0, block.baseFeePerGas), $0.receipt.gasUsed) }.sorted { $0.0 < $1.0 }
        var place = 0
        var gas = tips.first?.1 ?? 0
        for percentile in percentiles {
            writer.element()
            guard !tips.isEmpty else {
                writer.quantity(UInt64(0))
                continue
            }
            let (high, low) = block.gasUsed.multipliedFullWidth(by: min(percentile, 100_000_000))
            let threshold = UInt64(100_000_000).dividingFullWidth((high, low)).quotient
            while gas < threshold, place < tips.count - 1 {
                place += 1
                gas &+= tips[place].1
            }
            writer.quantity(tips[place].0)
        }
        writer.endArray()
    }
}
