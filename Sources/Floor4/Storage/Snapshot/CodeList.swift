// Floor 4, Storage: a file of a snapshot with codes of contracts. Their hashes say where they belong.
public import Primitives

public enum CodeList {
    public static func encode(_ codes: [[UInt8]]) -> [UInt8] {
        var writer = CanonicalWriter()
        writer.write(UInt32(codes.count))
        for code in codes { writer.write(code) }
        return writer.bytes
    }

    public static func decode(_ bytes: [UInt8]) throws(CanonicalError) -> [[UInt8]] {
        var reader = CanonicalReader(bytes)
        let count = try reader.readCount(limit: reader.remaining / 4)
        var codes: [[UInt8]] = []
        for _ in 0..<count { codes.append(try reader.readBytes(limit: reader.remaining)) }
        try reader.finish()
        return codes
    }
}
