// Hex, the canonical encoding and RLP: known values, round trips, and hostile input, which must give an error and never a trap.

import Primitives
import Testing

@Suite struct HexTests {
    @Test func roundTripsAndRefusals() {
        #expect(Hex.encode([]) == "0x" && Hex.encode([0, 0xab, 0x0f]) == "0x00ab0f")
        #expect(Hex.decode("") == [] && Hex.decode("0x") == [] && Hex.decode("0xAbcD") == [0xab, 0xcd] && Hex.decode("12") == [0x12])
        for bad in ["0", "0x1", "0xg0", "0x 1", "0X12", "zz", "0x12\n", "é0", "0x0x"] { #expect(Hex.decode(bad) == nil) }
        var random = SplitMix64(seed: 1)
        for count in 0..<70 {
            let bytes = random.bytes(count)
            #expect(Hex.decode(Hex.encode(bytes)) == bytes)
            #expect((Hash256(bytes) == nil) == (count != 32) && (Address(bytes) == nil) == (count != 20))
            #expect(Hash256(bytes)?.bytes ?? bytes == bytes)
            #expect(Hash256(hex: Hex.encode(bytes)) == Hash256(bytes))
            #expect(Hash256(bytes[...]) == Hash256(bytes) && Address(bytes[...]) == Address(bytes))
        }
    }

    @Test func mutatedInput() {
        var random = SplitMix64(seed: 2)
        for _ in 0..<mutationsPerDecoder {
            let bad = mutated(Array(Hex.encode(random.bytes(Int(random.next() % 24))).utf8), &random)
            guard let decoded = Hex.decode(ascii: bad) else { continue }
            let text = String(decoding: bad, as: UTF8.self).lowercased()
            if Hex.encode(decoded) != (text.hasPrefix("0x") ? text : "0x" + text) { Issue.record("\(text)") }
        }
    }
}

@Suite struct CanonicalTests {
    @Test(arguments: 0..<20 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let (a, b, c, d) = (UInt8(truncatingIfNeeded: random.next()), UInt16(truncatingIfNeeded: random.next()), random.next(), random.hash())
        let data = random.bytes(Int(seed))
        let address = Address(lowBytesOf: d)
        var writer = CanonicalWriter()
        writer.write(a)
        writer.write(b)
        writer.write(c)
        writer.write(d)
        writer.write(UInt256(d))
        writer.write(address)
        writer.write(seed % 2 == 0)
        writer.write(data)
        writer.writeRaw(data)
        writer.write(Int64(-5))
        let encoded = writer.bytes
        #expect(encoded.count == 1 + 2 + 8 + 32 + 32 + 20 + 1 + 4 + 2 * data.count + 8)

        func read(_ bytes: [UInt8]) throws(CanonicalError) -> Bool {
            var reader = CanonicalReader(bytes)
            var same = try reader.read(UInt8.self) == a
            same = try reader.read(UInt16.self) == b && same
            same = try reader.read(UInt64.self) == c && same
            same = try reader.readHash() == d && same
            same = try reader.readUInt256() == UInt256(d) && same
            same = try reader.readAddress() == address && same
            same = try reader.readBool() == (seed % 2 == 0) && same
            same = try reader.readBytes(limit: data.count) == data && same
            same = try reader.readRaw(data.count) == data && same
            same = try reader.read(Int64.self) == -5 && same
            try reader.finish()
            return same
        }
        #expect(try read(encoded))
        #expect(throws: CanonicalError.trailingBytes) { try read(encoded + [0]) }
        for count in 0..<encoded.count {
            #expect(throws: CanonicalError.self) { try read(Array(encoded.prefix(count))) }
        }
    }

    /// One of each kind of field.
    private struct Fields {
        var number: UInt16
        var signed: Int64
        var flag: Bool
        var hash: Hash256
        var word: UInt256
        var address: Address
        var data: [UInt8]
        var list: [UInt32]

        static let limit = 40

        init(_ bytes: [UInt8]) throws(CanonicalError) {
            var reader = CanonicalReader(bytes)
            number = try reader.read()
            signed = try reader.read()
            flag = try reader.readBool()
            data = try reader.readBytes(limit: Fields.limit)
            list = []
            for _ in 0..<(try reader.readCount(limit: Fields.limit)) { list.append(try reader.read()) }
            hash = try reader.readHash()
            word = try reader.readUInt256()
            address = try reader.readAddress()
            try reader.finish()
        }

        init(_ random: inout SplitMix64) {
            number = UInt16(truncatingIfNeeded: random.next())
            signed = Int64(truncatingIfNeeded: random.next())
            flag = random.next() % 2 == 0
            data = random.bytes(Int(random.next() % 9))
            list = (0..<random.next() % 5).map { UInt32($0) }
            hash = random.hash()
            word = UInt256(random.hash())
            address = Address(lowBytesOf: random.hash())
        }

        var bytes: [UInt8] {
            var writer = CanonicalWriter()
            writer.write(number)
            writer.write(signed)
            writer.write(flag)
            writer.write(data)
            writer.write(UInt32(list.count))
            for element in list { writer.write(element) }
            writer.write(hash)
            writer.write(word)
            writer.write(address)
            return writer.bytes
        }
    }

    /// What decodes encodes to the same bytes.
    @Test func mutatedInput() throws {
        var random = SplitMix64(seed: 3)
        var decoded = 0
        for _ in 0..<mutationsPerDecoder / 20 {
            let bytes = Fields(&random).bytes
            #expect(try Fields(bytes).bytes == bytes)
            for _ in 0..<20 {
                let bad = mutated(bytes, &random)
                guard let fields = try? Fields(bad) else { continue }
                if fields.bytes != bad { Issue.record("\(bad)") }
                decoded += 1
            }
        }
        // Changed bytes within a field decode, so the mutations reach all of the reader.
        #expect(decoded > mutationsPerDecoder / 10)
    }

    @Test func limitsAndValues() throws {
        var reader = CanonicalReader([0xff, 0xff, 0xff, 0xff, 1])
        #expect(throws: CanonicalError.tooLong) { try reader.readBytes(limit: 100) }
        reader = CanonicalReader([0xff, 0xff, 0xff, 0xff, 1])
        #expect(throws: CanonicalError.truncated) { try reader.readBytes(limit: .max) }
        reader = CanonicalReader([0, 0, 0, 3])
        #expect(throws: CanonicalError.tooLong) { try reader.readCount(limit: 2) }
        reader = CanonicalReader([0, 0, 0, 3])
        #expect(try reader.readCount(limit: 3) == 3)
        reader = CanonicalReader([2])
        #expect(throws: CanonicalError.invalidValue) { try reader.readBool() }
        reader = CanonicalReader([1, 2])
        #expect(throws: CanonicalError.truncated) { try reader.readRaw(-1) }
        #expect(throws: CanonicalError.truncated) { try reader.readRaw(.max) }
        #expect(throws: CanonicalError.truncated) { try reader.readHash() }
        #expect(reader.remaining == 2)
    }
}

@Suite struct RLPTests {
    private func encode(_ item: RLPItem) -> [UInt8] {
        var writer = RLPWriter()
        write(item, &writer)
        return writer.bytes
    }

    private func write(_ item: RLPItem, _ writer: inout RLPWriter) {
        switch item {
        case .string(let value): writer.write(value)
        case .list(let items): writer.writeList { inner in for item in items { write(item, &inner) } }
        }
    }

    /// The examples of the Ethereum documentation, and the edges of the length forms.
    @Test func knownEncodings() throws {
        let text = Array("Lorem ipsum dolor sit amet, consectetur adipisicing elit".utf8)
        let cases: [(RLPItem, [UInt8])] = [
            (.string(Array("dog".utf8)), [0x83, 0x64, 0x6f, 0x67]),
            (.list([.string(Array("cat".utf8)), .string(Array("dog".utf8))]), [0xc8, 0x83, 0x63, 0x61, 0x74, 0x83, 0x64, 0x6f, 0x67]),
            (.string([]), [0x80]), (.list([]), [0xc0]), (.string([0]), [0]), (.string([0x7f]), [0x7f]), (.string([0x80]), [0x81, 0x80]),
            (.string([4, 0]), [0x82, 4, 0]),
            (.list([.list([]), .list([.list([])]), .list([.list([]), .list([.list([])])])]), [0xc7, 0xc0, 0xc1, 0xc0, 0xc3, 0xc0, 0xc1, 0xc0]),
            (.string(text), [0xb8, 0x38] + text),
            (.string(Array(text.prefix(55))), [0xb7] + text.prefix(55)),
            (.string([UInt8](repeating: 9, count: 256)), [0xb9, 1, 0] + [UInt8](repeating: 9, count: 256)),
            (.list([RLPItem](repeating: .string([]), count: 55)), [0xf7] + [UInt8](repeating: 0x80, count: 55)),
            (.list([RLPItem](repeating: .string([]), count: 56)), [0xf8, 56] + [UInt8](repeating: 0x80, count: 56)),
        ]
        for (item, bytes) in cases {
            #expect(encode(item) == bytes)
            #expect(try RLPItem.decode(bytes) == item)
        }
    }

    @Test func typedValues() throws {
        for value in [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff_ffff, UInt64.max] {
            var writer = RLPWriter()
            writer.write(value)
            #expect(try RLPItem.decode(writer.bytes).uint64() == value)
            #expect(try RLPItem.decode(writer.bytes).uint256() == UInt256(value))
            var wide = RLPWriter()
            wide.write(UInt256(value))
            #expect(wide.bytes == writer.bytes)
        }
        let hash = Hash256(UInt256.max)
        var writer = RLPWriter()
        writer.writeList { list in
            list.write(hash)
            list.write(UInt256.max)
            list.write(Address(small: 7))
            list.write(nil as Address?)
        }
        let items = try RLPItem.decode(writer.bytes).items()
        #expect(try items[0].hash() == hash)
        #expect(try items[1].uint256() == .max)
        #expect(try items[2].address() == Address(small: 7))
        #expect(try items[3].optionalAddress() == nil)
        #expect(throws: RLPError.unexpectedKind) { try items[0].items() }
        #expect(throws: RLPError.unexpectedKind) { try RLPItem.list([]).bytes() }
        #expect(throws: RLPError.invalidInteger) { try items[1].uint64() }
        #expect(throws: RLPError.invalidInteger) { try RLPItem.string([0]).uint64() }
        #expect(throws: RLPError.invalidInteger) { try RLPItem.string([0, 1]).uint256() }
        #expect(throws: RLPError.invalidInteger) { try RLPItem.string([UInt8](repeating: 1, count: 33)).uint256() }
        #expect(throws: RLPError.invalidLength) { try items[0].address() }
        #expect(throws: RLPError.invalidLength) { try items[2].hash() }
        #expect(throws: RLPError.invalidLength) { try RLPItem.string([1]).optionalAddress() }
    }

    @Test func refusals() {
        let cases: [([UInt8], RLPError)] = [
            ([], .truncated), ([0x81], .truncated), ([0x83, 1, 2], .truncated), ([0xc2, 1], .truncated), ([0xb8], .truncated),
            ([0xb8, 56, 1], .truncated), ([0xf8], .truncated), ([0xc1, 0x81], .truncated), ([0xc2, 0xc2, 1], .truncated),
            ([0x81, 0x7f], .nonCanonical), ([0x81, 0], .nonCanonical), ([0xb8, 55] + [UInt8](repeating: 1, count: 55), .nonCanonical),
            ([0xb9, 0, 56] + [UInt8](repeating: 1, count: 56), .nonCanonical), ([0xf8, 1, 1], .nonCanonical), ([0xf9, 0, 1, 1], .nonCanonical),
            ([0, 0], .trailingBytes), ([0xc0, 0xc0], .trailingBytes), ([0x80, 0], .trailingBytes),
            ([0xbf] + [UInt8](repeating: 0xff, count: 8), .truncated), ([0xff] + [UInt8](repeating: 0xff, count: 8), .truncated),
            ([0xbb, 0xff, 0xff, 0xff, 0xff], .truncated), ([0xfb, 0x7f, 0xff, 0xff, 0xff, 0xc0], .truncated),
        ]
        for (bytes, error) in cases {
            #expect(throws: error, "\(bytes)") { try RLPItem.decode(bytes) }
        }
    }

    @Test func deepNestingIsRefused() throws {
        func nested(_ depth: Int) -> [UInt8] {
            var item = RLPItem.list([])
            for _ in 1..<depth { item = .list([item]) }
            return encode(item)
        }
        #expect(throws: Never.self) { try RLPItem.decode(nested(RLPItem.depthLimit)) }
        #expect(throws: RLPError.tooDeep) { try RLPItem.decode(nested(RLPItem.depthLimit + 1)) }
        // Every byte a list header that claims nearly all that is left.
        #expect(throws: RLPError.self) { try RLPItem.decode([UInt8](repeating: 0xc1, count: 100_000)) }
        #expect(throws: RLPError.self) { try RLPItem.decode([UInt8](repeating: 0xf7, count: 100_000)) }
    }

    private func randomItem(_ random: inout SplitMix64, _ depth: Int) -> RLPItem {
        if depth > 0 && random.next() % 3 != 0 {
            return .list((0..<Int(random.next() % 6)).map { _ in randomItem(&random, depth - 1) })
        }
        let count = [0, 1, 1, 2, 20, 32, 55, 56, 57, 300][Int(random.next() % 10)]
        return .string(random.bytes(count))
    }

    /// What decodes encodes to the same bytes: there is one form per value, also among damaged encodings.
    @Test(arguments: 0..<64 as Range<UInt64>)
    func mutatedInput(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let item = randomItem(&random, 4)
        let bytes = encode(item)
        #expect(try RLPItem.decode(bytes) == item)
        for _ in 0..<mutationsPerDecoder / 64 {
            let bad = mutated(bytes, &random)
            guard let decoded = try? RLPItem.decode(bad) else { continue }
            if encode(decoded) != bad { Issue.record("\(bad)") }
        }
    }
}
