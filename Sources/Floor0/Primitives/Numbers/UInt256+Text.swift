// Decimal and hexadecimal text of 256-bit integers.

extension UInt256 {
    /// Minimal hexadecimal as JSON-RPC writes quantities: `0x0`, `0x1f`.
    public var quantityHex: String {
        if isZero { return "0x0" }
        var text: [UInt8] = [48, 120]
        var nibble = (bitWidthUsed + 3) / 4
        while nibble > 0 {
            nibble -= 1
            text.append(Hex.digit(UInt8(truncatingIfNeeded: (self &>> (nibble * 4)).l0 & 15)))
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Parses `0x` and 1 to 64 digits; `nil` for anything else. Leading zeros are accepted.
    public init?(quantityHex text: String) {
        let digits = Array(text.utf8)
        guard digits.count > 2, digits.count <= 66, digits[0] == 48, digits[1] == 120 else { return nil }
        var value = UInt256.zero
        for digit in digits[2...] {
            guard let nibble = Hex.value(digit) else { return nil }
            value = (value &<< 4) | UInt256(UInt64(nibble))
        }
        self = value
    }

    /// Parses decimal digits; `nil` for anything else or a value of 2^256 and more.
    public init?(decimal text: String) {
        let digits = Array(text.utf8)
        guard !digits.isEmpty else { return nil }
        var value = UInt256.zero
        for digit in digits {
            guard (48...57).contains(digit) else { return nil }
            guard let scaled = value.multiplied(by: 10), let next = scaled.adding(UInt256(UInt64(digit - 48))) else { return nil }
            value = next
        }
        self = value
    }

    /// Decimal digits.
    public var decimal: String {
        if isZero { return "0" }
        var digits: [UInt8] = []
        var value = self
        while !value.isZero {
            let (quotient, remainder) = value.dividedOrZero(by: 10)
            digits.append(48 + UInt8(remainder.l0))
            value = quotient
        }
        return String(decoding: digits.reversed(), as: UTF8.self)
    }
}
