// Floor 1, Engine: keys of Merkle-Patricia tries as nibbles, and their hex-prefix encoding (yellow paper, appendix C).
//
// A path is an array with one nibble, 0 to 15, per element.
import Primitives

/// Paths of Merkle-Patricia tries.
public enum TriePath {
    /// The nibbles of a key, the high one of each byte first.
    public static func nibbles(_ key: [UInt8]) -> [UInt8] {
        var path: [UInt8] = []
        path.reserveCapacity(key.count * 2)
        for byte in key {
            path.append(byte >> 4)
            path.append(byte & 15)
        }
        return path
    }

    /// Flags for leaf and odd length, then the nibbles. Higher bits of an element are ignored.
    public static func encode(_ path: some RandomAccessCollection<UInt8>, isLeaf: Bool) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(path.count / 2 + 1)
        let isOdd = path.count & 1 == 1
        output.append((isLeaf ? 0x20 : 0) | (isOdd ? 0x10 : 0))
        var fillsHigh = !isOdd
        for nibble in path {
            if fillsHigh { output.append(nibble << 4) } else { output[output.count - 1] |= nibble & 15 }
            fillsHigh.toggle()
        }
        return output
    }

    /// The path that `bytes` encode, or `nil` when they are not the encoding of any.
    static func decode(_ bytes: [UInt8]) -> (path: [UInt8], isLeaf: Bool)? {
        guard let first = bytes.first, first < 0x40 else { return nil }
        let isOdd = first & 0x10 != 0
        guard isOdd || first & 15 == 0 else { return nil }
        var path = nibbles(bytes)
        path.removeFirst(isOdd ? 1 : 2)
        return (path, first & 0x20 != 0)
    }

    /// The number of nibbles in which `path` and `key` from `depth` on agree.
    static func shared(_ path: [UInt8], _ key: [UInt8], from depth: Int) -> Int {
        let limit = min(path.count, key.count - depth)
        var count = 0
        while count < limit, path[count] == key[depth + count] { count += 1 }
        return count
    }
}
