/// Hexadecimal text, as Ethereum writes bytes: lower case behind `0x`.
public enum Hex {
    @usableFromInline
    static func digit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 48 + nibble : 87 + nibble }

    /// `0x` and two lower-case digits per byte.
    public static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = [48, 120]
        text.reserveCapacity(2 + 2 * bytes.count)
        for byte in bytes {
            text.append(digit(byte >> 4))
            text.append(digit(byte & 15))
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The value of one ASCII hexadecimal digit, or `nil`.
    @inlinable
    public static func value(_ ascii: UInt8) -> UInt8? {
        switch ascii {
        case 48...57: return ascii - 48
        case 97...102: return ascii - 87
        case 65...70: return ascii - 55
        default: return nil
        }
    }

    /// Parses an even number of digits, with or without `0x`; `nil` for anything else.
    public static func decode(_ text: String) -> [UInt8]? {
        decode(ascii: Array(text.utf8))
    }

    /// The same for text given as ASCII bytes.
    public static func decode(ascii digits: [UInt8]) -> [UInt8]? {
        var index = 0
        if digits.count >= 2, digits[0] == 48, digits[1] == 120 { index = 2 }
        guard (digits.count - index) % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity((digits.count - index) / 2)
        while index < digits.count {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
            index += 2
        }
        return bytes
    }
}
