import Primitives
import RPC
import Testing

@Suite struct JSONTests {
    private func parse(_ text: String) throws(JSONError) -> JSONValue { try JSONParser.parse(Array(text.utf8)) }

    @Test func values() throws {
        #expect(try parse(" null ") == .null)
        #expect(try parse("true") == .bool(true))
        #expect(try parse("[]") == .array([]))
        #expect(try parse("{\"a\":[1,-2.5e+3,\"x\"]}")["a"] == .array([.number(Array("1".utf8)), .number(Array("-2.5e+3".utf8)), .string([0x78])]))
        #expect(try parse("{\"a\":1,\"a\":2}")["a"] == .number([0x32]))
    }

    @Test(arguments: [
        ("\"\\u00e9\\n\\\\\\\"\\/\"", "é\n\\\"/"), ("\"\\ud83d\\ude00\"", "😀"), ("\"😀é\"", "😀é"), ("\"\"", ""), ("\"a\\u0000b\"", "a\u{0}b"),
    ])
    func strings(_ text: String, _ expected: String) throws {
        #expect(try parse(text).string == expected)
    }

    @Test(arguments: [
        "", " ", "tru", "nul", "01", "-", "1.", "1e", "+1", ".5", "1 2", "[1,]", "[1", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}", "\"", "\"\\x\"",
        "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\n\"", "]", "}", "NaN", "[1}", "\u{feff}1",
    ])
    func malformed(_ text: String) {
        #expect(throws: JSONError.self) { try parse(text) }
    }

    @Test(arguments: [
        [0xc0, 0x80], [0xff], [0x80], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x98],
        [0xf8, 0x80, 0x80, 0x80],
    ] as [[UInt8]])
    func invalidUTF8(_ bytes: [UInt8]) {
        #expect(throws: JSONError.self) { try JSONParser.parse([0x22] + bytes + [0x22]) }
        #expect(throws: JSONError.self) { try JSONParser.parse([0x22] + bytes) }
    }

    @Test func bounds() throws {
        let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        _ = try parse(deep)
        #expect(throws: JSONError.self) { try parse("[" + deep + "]") }
        #expect(throws: JSONError.self) { try parse(String(repeating: "[", count: 1_000_000)) }
        #expect(throws: JSONError.self) { try parse("[" + String(repeating: "1,", count: 200_000) + "1]") }
        #expect(throws: JSONError.self) { try parse(String(repeating: "1", count: 129)) }
    }

    @Test func writing() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("a", UInt64(0))
        writer.field("b", UInt64.max)
        writer.field("c", UInt256(l0: 5, l1: 0, l2: 0x1f, l3: 0))
        writer.field("d", "\"\\\n\u{1}é")
        writer.field("e", Address(small: 0xab))
        writer.field("f", data: [0, 0xff])
        writer.field("g", UInt64(16))
        writer.field("h", nil as Address?)
        writer.key("i")
        writer.beginArray()
        writer.element()
        writer.bool(true)
        writer.element()
        writer.integer(-32_000)
        writer.endArray()
        writer.endObject()
        let expected =
            "{\"a\":\"0x0\",\"b\":\"0xffffffffffffffff\",\"c\":\"0x1f00000000000000000000000000000005\",\"d\":\"\\\"\\\\\\n\\u0001é\","
            + "\"e\":\"0x00000000000000000000000000000000000000ab\",\"f\":\"0x00ff\",\"g\":\"0x10\",\"h\":null,\"i\":[true,-32000]}"
        #expect(String(decoding: writer.bytes, as: UTF8.self) == expected)
    }

    @Test func quantitiesRoundTrip() throws {
        for shift in 0..<256 {
            for value in [UInt256.one &<< shift, (UInt256.one &<< shift) &- 1] {
                var writer = JSONWriter()
                writer.quantity(value)
                #expect(String(decoding: writer.bytes, as: UTF8.self) == "\"\(value.quantityHex)\"")
                #expect(try HexText.quantity(Array(value.quantityHex.utf8)) == value)
            }
        }
    }

    @Test(arguments: ["", "0x", "1", "0x01", "0xg", "0x1ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"])
    func badQuantities(_ text: String) {
        #expect(throws: HexText.Failure.self) { try HexText.quantity(Array(text.utf8)) }
    }

    @Test(arguments: ["", "1", "0x1", "0xzz", "00"])
    func badData(_ text: String) {
        #expect(throws: HexText.Failure.self) { try HexText.data(Array(text.utf8)) }
    }
}
