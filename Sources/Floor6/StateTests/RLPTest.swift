// Floor 6, StateTests: one upstream RLP test: a value and its encoding, or bytes that are or are not an encoding.
import Engine
import Primitives

struct RLPTest {
    private let input: JSONValue
    private let bytes: [UInt8]

    init(_ json: JSONValue) throws(StateTestFormatError) {
        guard let input = json["in"], var text = json["out"]?.string else { throw StateTestFormatError(field: "in or out") }
        self.input = input
        if text.hasPrefix("0x") { text.removeFirst(2) }
        guard let bytes = Hex.decode("0x" + text) else { throw StateTestFormatError(field: "out") }
        self.bytes = bytes
    }

    func run(_ recorder: inout TestRecorder) {
        recorder.record { () throws(StateTestFormatError) in
            let decoded: RLPItem?
            do {
                decoded = try RLPItem.decode(bytes)
            } catch {
                decoded = nil
            }
            if input.string == "INVALID" { return decoded == nil ? nil : "decoded, but is invalid" }
            guard let decoded else { return "not decoded" }
            guard RLPTest.encode(decoded) == bytes else { return "does not encode as it was" }
            if input.string == "VALID" { return nil }
            let item = try RLPTest.item(input)
            if decoded != item { return "decoded to another value" }
            return RLPTest.encode(item) == bytes ? nil : "encoded differently"
        }
    }

    private static func encode(_ item: RLPItem) -> [UInt8] {
        var writer = RLPWriter()
        write(item, &writer)
        return writer.bytes
    }

    private static func write(_ item: RLPItem, _ writer: inout RLPWriter) {
        switch item {
        case .string(let bytes): writer.write(bytes)
        case .list(let items): writer.writeList { list in for inner in items { write(inner, &list) } }
        }
    }

    private static func item(_ json: JSONValue) throws(StateTestFormatError) -> RLPItem {
        switch json {
        case .array(let elements):
            var items: [RLPItem] = []
            for element in elements { items.append(try item(element)) }
            return .list(items)
        case .number(let text): return .string(try number(text))
        case .string(let text): return .string(text.hasPrefix("#") ? try number(String(text.dropFirst())) : Array(text.utf8))
        default: throw StateTestFormatError(field: "in")
        }
    }

    /// A decimal number of any size, big-endian without leading zeros.
    private static func number(_ text: String) throws(StateTestFormatError) -> [UInt8] {
        var bytes: [UInt8] = []
        for character in text {
            guard var carry = character.wholeNumberValue else { throw StateTestFormatError(field: "in") }
            for index in bytes.indices.reversed() {
                carry += Int(bytes[index]) * 10
                bytes[index] = UInt8(truncatingIfNeeded: carry)
                carry >>= 8
            }
            if carry > 0 { bytes.insert(UInt8(carry), at: 0) }
        }
        return bytes
    }
}
