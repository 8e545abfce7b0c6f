// Floor 1, Engine: the Merkle-Patricia root of a list, whose keys are the RLP of the positions: a block's transactions and
// receipts. The keys' order is known, none is a beginning of another, and all nodes are written into one buffer, one behind the
// other: a block has some thousand of them.
import Primitives

struct ListTrie {
    /// A header of RLP for less than 2^32 bytes takes at most this.
    private static let headerRoom = 5

    private let items: [[UInt8]]
    private var buffer: [UInt8] = []

    init(_ items: [[UInt8]]) {
        self.items = items
        buffer.reserveCapacity(4096)
    }

    /// The root; `items` is not empty and its items are neither.
    mutating func root() -> Hash256 {
        let node = beginNode()
        writeNode(0..<items.count, depth: 0)
        let written = endNode(node)
        return hash(written)
    }

    // MARK: - Keys

    /// RLP in ascending order: 01 to 7f, 80 for position 0, 81 80 to 81 ff, 82 01 00 and so on.
    private func position(_ rank: Int) -> Int {
        let zero = min(0x7f, items.count - 1)
        return rank < zero ? rank + 1 : rank == zero ? 0 : rank
    }

    /// The nibbles of a key, the first one highest, and their number.
    private func key(_ rank: Int) -> (nibbles: UInt64, count: Int) {
        let position = UInt64(self.position(rank))
        if position == 0 { return (0x80, 2) }
        if position < 0x80 { return (position, 2) }
        let bytes = (64 - position.leadingZeroBitCount + 7) / 8
        return ((0x80 + UInt64(bytes)) << UInt64(8 * bytes) | position, 2 * bytes + 2)
    }

    private func nibble(_ rank: Int, _ index: Int) -> UInt8 {
        let key = key(rank)
        return UInt8(truncatingIfNeeded: key.nibbles >> UInt64(4 * (key.count - 1 - index))) & 15
    }

    // MARK: - Nodes

    /// Writes the items of the node over the keys of `ranks`, which agree in their first `depth` nibbles.
    private mutating func writeNode(_ ranks: Range<Int>, depth: Int) {
        let first = ranks.lowerBound
        if ranks.count == 1 {
            writePath(first, from: depth, to: key(first).count, isLeaf: true)
            writeString(items[position(first)])
            return
        }
        var shared = depth
        while nibble(first, shared) == nibble(ranks.upperBound - 1, shared) { shared += 1 }
        if shared > depth {
            writePath(first, from: depth, to: shared, isLeaf: false)
            writeReference(ranks, depth: shared)
            return
        }
        var start = first
        for digit in UInt8(0)..<16 {
            var end = start
            while end < ranks.upperBound, nibble(end, depth) == digit { end += 1 }
            if end > start { writeReference(start..<end, depth: depth + 1) } else { buffer.append(0x80) }
            start = end
        }
        // No key ends at a branch.
        buffer.append(0x80)
    }

    /// How a parent names a node: its RLP when shorter than a hash, else its hash.
    private mutating func writeReference(_ ranks: Range<Int>, depth: Int) {
        let node = beginNode()
        writeNode(ranks, depth: depth)
        let written = endNode(node)
        if written.count < 32 {
            buffer.replaceSubrange(node..<buffer.count, with: Array(buffer[written]))
            return
        }
        let hash = hash(written)
        buffer.removeLast(buffer.count - node)
        buffer.append(0xa0)
        buffer.append(contentsOf: hash.bytes)
    }

    private func hash(_ range: Range<Int>) -> Hash256 {
        unsafe buffer.withUnsafeBytes { unsafe Keccak256.hash(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    /// Returns where the node begins; its header is written when its length is known.
    private mutating func beginNode() -> Int {
        for _ in 0..<ListTrie.headerRoom { buffer.append(0) }
        return buffer.count - ListTrie.headerRoom
    }

    /// Writes the header before what was written since; returns where the node lies.
    private mutating func endNode(_ node: Int) -> Range<Int> {
        let content = node + ListTrie.headerRoom
        let count = buffer.count - content
        if count < 56 {
            buffer[content - 1] = 0xc0 + UInt8(truncatingIfNeeded: count)
            return content - 1..<buffer.count
        }
        var start = content
        var rest = count
        while rest > 0 {
            start -= 1
            buffer[start] = UInt8(truncatingIfNeeded: rest)
            rest >>= 8
        }
        buffer[start - 1] = 0xf7 + UInt8(truncatingIfNeeded: content - start)
        return start - 1..<buffer.count
    }

    // MARK: - Strings

    /// Hex-prefix encoding: flags for odd length and leaf, then the nibbles.
    private mutating func writePath(_ rank: Int, from start: Int, to end: Int, isLeaf: Bool) {
        let bytes = (end - start) / 2 + 1
        if bytes > 1 { buffer.append(0x80 + UInt8(truncatingIfNeeded: bytes)) }
        let flag: UInt8 = isLeaf ? 0x20 : 0
        var index = start
        if (end - start) & 1 == 1 {
            buffer.append(flag | 0x10 | nibble(rank, start))
            index += 1
        } else {
            buffer.append(flag)
        }
        while index < end {
            buffer.append(nibble(rank, index) << 4 | nibble(rank, index + 1))
            index += 2
        }
    }

    private mutating func writeString(_ bytes: [UInt8]) {
        if bytes.count == 1, bytes[0] < 0x80 {
            buffer.append(bytes[0])
            return
        }
        if bytes.count < 56 {
            buffer.append(0x80 + UInt8(truncatingIfNeeded: bytes.count))
        } else {
            let size = (Int.bitWidth - bytes.count.leadingZeroBitCount + 7) / 8
            buffer.append(0xb7 + UInt8(truncatingIfNeeded: size))
            for index in (0..<size).reversed() { buffer.append(UInt8(truncatingIfNeeded: bytes.count >> (8 * index))) }
        }
        buffer.append(contentsOf: bytes)
    }
}
