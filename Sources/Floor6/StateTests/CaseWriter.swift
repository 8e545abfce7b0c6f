// Floor 6, StateTests: the JSON of an answer of `hyperseq evm run`, written straight into bytes: a campaign reads millions.
import Engine
import Primitives

struct CaseWriter {
    private(set) var bytes: [UInt8] = []

    static func error(_ text: String) -> [UInt8] {
        var writer = CaseWriter()
        writer.raw("{\"error\":")
        writer.text(text)
        writer.raw("}")
        return writer.bytes
    }

    mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { buffer in unsafe bytes.append(contentsOf: buffer) }
    }

    /// A string whose characters need no escape; the texts of this module have none that do.
    mutating func text(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: text.utf8)
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func number(_ value: UInt64) { bytes.append(contentsOf: String(value).utf8) }

    // MARK: - Results

    /// A transaction that cannot be included.
    mutating func invalid(_ reason: String) {
        raw("{\"status\":\"invalid\",\"reason\":")
        text(reason)
        raw("}")
    }

    mutating func outcome(_ outcome: TransactionOutcome) {
        raw("{\"status\":")
        switch outcome.status {
        case .success: raw("\"success\"")
        case .reverted: raw("\"reverted\"")
        case .halted(let reason):
            raw("\"halted\",\"reason\":")
            text(reason.message)
        }
        raw(",\"gasUsed\":")
        number(outcome.gasUsed)
        raw(",\"gasRefunded\":")
        number(outcome.gasRefunded)
        raw(",\"output\":")
        text(Hex.encode(outcome.output))
        if let address = outcome.createdAddress {
            raw(",\"created\":")
            text(address.hex)
        }
        raw(",\"logs\":[")
        for (index, log) in outcome.logs.enumerated() {
            if index > 0 { raw(",") }
            raw("[")
            text(log.address.hex)
            raw(",[")
            for (number, topic) in log.topics.enumerated() {
                if number > 0 { raw(",") }
                text(topic.hex)
            }
            raw("],")
            text(Hex.encode(log.data))
            raw("]")
        }
        raw("]}")
    }

    // MARK: - State

    mutating func account(_ record: AccountRecord) {
        raw("\"nonce\":")
        number(record.nonce)
        raw(",\"balance\":")
        text(record.balance.quantityHex)
        raw(",\"codeHash\":")
        text(record.codeHash.hex)
    }

    mutating func storage(_ changes: ArraySlice<StorageChange>) {
        guard !changes.isEmpty else { return }
        if bytes.last != UInt8(ascii: "{") { raw(",") }
        raw("\"storage\":{")
        var isFirst = true
        for change in changes {
            if !isFirst { raw(",") }
            isFirst = false
            text(change.slot.quantityHex)
            raw(":")
            text(change.value.quantityHex)
        }
        raw("}")
    }
}
