// Floor 5, RPC: Ethereum's hexadecimal parameters (execution-apis: `QUANTITY` and `DATA`) from the bytes of a JSON string.
package import Primitives

/// Decoding of hexadecimal parameters. Errors are go-ethereum's words, which clients show to their users.
package enum HexText {
    /// Why text is not the hexadecimal form that is asked for.
    package struct Failure: Error, Equatable, Sendable {
        package var message: String

        static let missingPrefix = Failure(message: "hex string without 0x prefix")
        static let empty = Failure(message: "empty hex string")
        static let odd = Failure(message: "hex string of odd length")
        static let syntax = Failure(message: "invalid hex string")
        static let leadingZero = Failure(message: "hex number with leading zero digits")
        static let tooLong64 = Failure(message: "hex number > 64 bits")
        static let tooLong256 = Failure(message: "hex number > 256 bits")
    }

    package static func value(_ ascii: UInt8) -> UInt8? { Hex.value(ascii) }

    private static func hasPrefix(_ text: [UInt8]) -> Bool {
        text.count >= 2 && text[0] == 0x30 && text[1] | 0x20 == 0x78
    }

    /// `DATA`: an even number of digits behind `0x`, possibly none.
    package static func data(_ text: [UInt8]) throws(Failure) -> [UInt8] {
        if text.isEmpty { throw .empty }
        guard hasPrefix(text) else { throw .missingPrefix }
        guard text.count % 2 == 0 else { throw .odd }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2 - 1)
        var index = 2
        while index < text.count {
            guard let high = Hex.value(text[index]), let low = Hex.value(text[index + 1]) else { throw .syntax }
            bytes.append(high << 4 | low)
            index += 2
        }
        return bytes
    }

    /// `DATA` of exactly `count` bytes.
    package static func fixed(_ text: [UInt8], count: Int) throws(Failure) -> [UInt8] {
        let bytes = try data(text)
        guard bytes.count == count else {
            throw Failure(message: "hex string has length \(bytes.count * 2), want \(count * 2)")
        }
        return bytes
    }

    package static func hash(_ text: [UInt8]) throws(Failure) -> Hash256 {
        guard let hash = Hash256(try fixed(text, count: Hash256.byteCount)) else { throw .syntax }
        return hash
    }

    package static func address(_ text: [UInt8]) throws(Failure) -> Address {
        guard let address = Address(try fixed(text, count: Address.byteCount)) else { throw .syntax }
        return address
    }

    /// `QUANTITY` of up to 256 bits, without leading zeros.
    package static func quantity(_ text: [UInt8]) throws(Failure) -> UInt256 {
        if text.isEmpty { throw .empty }
        guard hasPrefix(text) else { throw .missingPrefix }
        guard text.count > 2 else { throw .empty }
        if text.count > 3, text[2] == 0x30 { throw .leadingZero }
        return try word(text)
    }

    /// `QUANTITY` of up to 64 bits.
    package static func quantity64(_ text: [UInt8]) throws(Failure) -> UInt64 {
        guard let value = try quantity(text).asUInt64 else { throw .tooLong64 }
        return value
    }

    /// 1 to 64 digits with leading zeros allowed: storage slots and keys come in both forms.
    package static func word(_ text: [UInt8]) throws(Failure) -> UInt256 {
        if text.isEmpty { throw .empty }
        guard hasPrefix(text) else { throw .missingPrefix }
        guard text.count > 2 else { throw .empty }
        guard text.count <= 66 else { throw .tooLong256 }
        var value = UInt256.zero
        for index in 2..<text.count {
            guard let nibble = Hex.value(text[index]) else { throw .syntax }
            value = (value &<< 4) | UInt256(UInt64(nibble))
        }
        return value
    }
}
