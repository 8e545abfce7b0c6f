// Floor 1, Engine: the root of Ethereum's Merkle-Patricia trie over pairs that are all at hand (yellow paper, appendix D).
//
// It keeps no nodes: the root is computed bottom-up over the sorted keys. `TrieEditor` changes tries that are stored, `TrieProof` proves them.
// Used for transaction and receipt roots and for Ethereum's state root, whose keys are few or hashed, so recursion stays shallow.
public import Primitives

/// Roots of Merkle-Patricia tries.
public enum MerklePatriciaTrie {
    /// The root of the trie without entries: Keccak-256 of the empty string's RLP.
    public static var emptyRoot: Hash256 {
        Hash256(w0: 0x56e8_1f17_1bcc_55a6, w1: 0xff83_45e6_92c0_f86e, w2: 0x5b48_e01b_996c_adc0, w3: 0x0162_2fb5_e363_b421)
    }

    /// The root of the trie with these pairs, given in any order.
    ///
    /// Keys are distinct; of equal keys one counts. A pair with an empty value is absent, as in Ethereum.
    public static func root(of pairs: [(key: [UInt8], value: [UInt8])]) -> Hash256 {
        var sorted = pairs.filter { !$0.value.isEmpty }
        sorted.sort { precedes($0.key, $1.key) }
        return root(ofSorted: sorted)
    }

    /// The same with each key replaced by its Keccak-256 ("secure trie").
    public static func secureRoot(of pairs: [(key: [UInt8], value: [UInt8])]) -> Hash256 {
        root(of: pairs.map { (key: Keccak256.hash($0.key).bytes, value: $0.value) })
    }

    /// The root over a list of items that are not empty, whose keys are the RLP of the positions: a block's transactions or receipts.
    public static func root(ofList items: [[UInt8]]) -> Hash256 {
        guard !items.isEmpty else { return emptyRoot }
        var trie = ListTrie(items)
        return trie.root()
    }

    /// The root of pairs that ascend by key, without empty values.
    static func root(ofSorted pairs: [(key: [UInt8], value: [UInt8])]) -> Hash256 {
        guard !pairs.isEmpty else { return emptyRoot }
        return Keccak256.hash(node(pairs, 0..<pairs.count, depth: 0))
    }

    // MARK: - Nodes

    /// The RLP of the node over `range`, whose keys agree in their first `depth` nibbles.
    private static func node(_ pairs: [(key: [UInt8], value: [UInt8])], _ range: Range<Int>, depth: Int) -> [UInt8] {
        let first = pairs[range.lowerBound]
        // Of equal keys the last one counts; distinct ones have a nibble in which they differ.
        if first.key == pairs[range.upperBound - 1].key {
            let entry = pairs[range.upperBound - 1]
            return list { writer in
                writer.write(path(entry.key, from: depth, to: entry.key.count * 2, isLeaf: true))
                writer.write(entry.value)
            }
        }
        let shared = sharedNibbles(first.key, pairs[range.upperBound - 1].key, from: depth)
        if shared > depth {
            let child = reference(node(pairs, range, depth: shared))
            return list { writer in
                writer.write(path(first.key, from: depth, to: shared, isLeaf: false))
                writer.writeRaw(child)
            }
        }
        return branch(pairs, range, depth: depth)
    }

    private static func branch(_ pairs: [(key: [UInt8], value: [UInt8])], _ range: Range<Int>, depth: Int) -> [UInt8] {
        var items = RLPWriter(capacity: 17 * 33)
        var start = range.lowerBound
        var value: [UInt8] = []
        // A key that ends here sorts before all that go on.
        while start < range.upperBound, pairs[start].key.count * 2 == depth {
            value = pairs[start].value
            start += 1
        }
        for digit in UInt8(0)..<16 {
            var end = start
            while end < range.upperBound, nibble(pairs[end].key, depth) == digit { end += 1 }
            if end > start {
                items.writeRaw(reference(node(pairs, start..<end, depth: depth + 1)))
            } else {
                items.write([UInt8]())
            }
            start = end
        }
        items.write(value)
        return list { $0.writeRaw(items.bytes) }
    }

    /// How a parent names a node: its RLP when shorter than a hash, else its hash.
    private static func reference(_ encoded: [UInt8]) -> [UInt8] {
        if encoded.count < 32 { return encoded }
        var writer = RLPWriter(capacity: 33)
        writer.write(Keccak256.hash(encoded))
        return writer.bytes
    }

    private static func list(_ body: (inout RLPWriter) -> Void) -> [UInt8] {
        var writer = RLPWriter(capacity: 64)
        writer.writeList(body)
        return writer.bytes
    }

    // MARK: - Nibbles

    private static func nibble(_ key: [UInt8], _ index: Int) -> UInt8 {
        index & 1 == 0 ? key[index / 2] >> 4 : key[index / 2] & 15
    }

    /// The position of the first nibble at or after `depth` in which the keys differ or one of them ends.
    private static func sharedNibbles(_ a: [UInt8], _ b: [UInt8], from depth: Int) -> Int {
        let limit = min(a.count, b.count) * 2
        var index = depth
        while index < limit, nibble(a, index) == nibble(b, index) { index += 1 }
        return index
    }

    /// The hex-prefix encoding of a part of a key.
    private static func path(_ key: [UInt8], from start: Int, to end: Int, isLeaf: Bool) -> [UInt8] {
        TriePath.encode((start..<end).map { nibble(key, $0) }, isLeaf: isLeaf)
    }

    private static func precedes(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        for index in 0..<min(a.count, b.count) where a[index] != b[index] { return a[index] < b[index] }
        return a.count < b.count
    }
}
