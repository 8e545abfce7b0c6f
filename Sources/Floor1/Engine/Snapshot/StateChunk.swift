// Floor 1, Engine: a piece of a snapshot that can be checked against the state root by itself: all leaves under one node of the
// tree, and the path from that node to the root. Specs/state.md has the format. Decoding takes hostile bytes.
public import Primitives

/// A chunk as it came from a file or a peer: nothing is known of it but that it has the right form.
public struct UnverifiedStateChunk: Equatable, Sendable {
    /// Levels of a chunk's subtree: 4,096 leaves, half a megabyte, are a good message and a good file.
    public static let levels = 12
    /// Leaves of every chunk but the last.
    public static let leafCount = 1 << levels
    /// Bytes of the largest chunk.
    public static let byteLimit = 16 + (StateTree.depth - levels) * 32 + leafCount * StateLeafCoding.byteLimit

    /// Which chunk: it starts at the leaf `number * leafCount`.
    public var number: UInt32
    public var leaves: [StateLeaf]
    /// The siblings from the chunk's own node up to the root.
    public var siblings: [PoseidonDigest]

    public init(number: UInt32, leaves: [StateLeaf], siblings: [PoseidonDigest]) {
        self.number = number
        self.leaves = leaves
        self.siblings = siblings
    }

    /// Chunks that a tree with so many leaves has.
    public static func count(leaves: UInt64) -> UInt64 { (leaves + UInt64(leafCount) - 1) / UInt64(leafCount) }

    // MARK: - Encoding

    public func encode() -> [UInt8] {
        var writer = CanonicalWriter(capacity: leaves.count * StateLeafCoding.byteLimit + 1_024)
        writer.write(number)
        writer.write(UInt32(leaves.count))
        for leaf in leaves { StateLeafCoding.write(leaf, to: &writer) }
        writer.write(UInt32(siblings.count))
        for sibling in siblings { writer.write(sibling.hash256) }
        return writer.bytes
    }

    public static func decode(_ bytes: [UInt8]) throws(CanonicalError) -> UnverifiedStateChunk {
        guard bytes.count <= byteLimit else { throw .tooLong }
        var reader = CanonicalReader(bytes)
        let number: UInt32 = try reader.read()
        guard UInt64(number) < StateTree.maxLeafCount >> UInt64(levels) else { throw .invalidValue }
        let count = try reader.readCount(limit: min(leafCount, reader.remaining / StateLeafCoding.leastByteCount))
        guard count > 0 else { throw .invalidValue }
        var leaves: [StateLeaf] = []
        leaves.reserveCapacity(count)
        for _ in 0..<count { leaves.append(try StateLeafCoding.read(&reader)) }
        guard try reader.readCount(limit: StateTree.depth) == StateTree.depth - levels else { throw .invalidValue }
        var siblings: [PoseidonDigest] = []
        for _ in 0..<StateTree.depth - levels { siblings.append(try StateLeafCoding.readDigest(&reader)) }
        try reader.finish()
        return UnverifiedStateChunk(number: number, leaves: leaves, siblings: siblings)
    }

    // MARK: - Checking

    /// The chunk with everything hashed, when it belongs to the tree with this root; else `nil`. `isLast` says that no leaf
    /// follows, which the root shows too: everything to the right of the chunk is empty.
    public func verified(root: Hash256, runner: BatchRunner = BatchRunner()) -> VerifiedStateChunk? {
        guard siblings.count == StateTree.depth - UnverifiedStateChunk.levels, (1...UnverifiedStateChunk.leafCount).contains(leaves.count)
        else { return nil }
        let hashed = HashedStateChunk(number: number, leaves: leaves, runner: runner)
        var digest = hashed.top
        var position = number
        var isLast = true
        for (step, sibling) in siblings.enumerated() {
            if position & 1 == 1 {
                digest = Poseidon2.compress(sibling, digest)
            } else {
                if sibling != StateTree.emptySubtrees[UnverifiedStateChunk.levels + step] { isLast = false }
                digest = Poseidon2.compress(digest, sibling)
            }
            position >>= 1
        }
        guard position == 0, digest.hash256 == root else { return nil }
        guard isLast || leaves.count == UnverifiedStateChunk.leafCount else { return nil }
        return VerifiedStateChunk(hashed: hashed, isLast: isLast)
    }
}

/// A chunk that is part of the tree with a known root.
public struct VerifiedStateChunk: Sendable {
    public let hashed: HashedStateChunk
    /// Whether the tree has no leaves behind this chunk.
    public let isLast: Bool
}

/// The subtree over a chunk's leaves.
public struct HashedStateChunk: Sendable {
    public let number: UInt32
    public let leaves: [StateLeaf]
    public let treeLeaves: [TreeLeaf]
    /// The digests of each level from the leaves to the chunk's own node, empty subtrees at the right end left out.
    public let digests: [[PoseidonDigest]]

    /// The digest of the chunk's own node.
    public var top: PoseidonDigest { digests[UnverifiedStateChunk.levels][0] }

    /// `leaves` are 1 to `UnverifiedStateChunk.leafCount`.
    public init(number: UInt32, leaves: [StateLeaf], runner: BatchRunner = BatchRunner()) {
        precondition((1...UnverifiedStateChunk.leafCount).contains(leaves.count), "a chunk is neither empty nor too long")
        self.number = number
        self.leaves = leaves
        treeLeaves = StateLeaf.treeLeaves(leaves, runner: runner)
        var limbs = TreeLimbs(.leaf, capacity: leaves.count)
        for leaf in treeLeaves { limbs.append(leaf) }
        var levels = [limbs.hashed(runner)]
        for level in 0..<UnverifiedStateChunk.levels {
            levels.append(StateTree.parents(of: levels[level], level: level))
        }
        digests = levels
    }
}

extension StateTree {
    /// The level above a whole level, empty subtrees at the right end left out.
    public static func parents(of nodes: [PoseidonDigest], level: Int) -> [PoseidonDigest] {
        var children = nodes
        if children.count % 2 == 1 { children.append(emptySubtrees[level]) }
        let count = children.count / 2
        return unsafe [PoseidonDigest](unsafeUninitializedCapacity: count) { parents, initialized in
            if let target = parents.baseAddress {
                unsafe children.withUnsafeBufferPointer { pairs in
                    guard let pairs = pairs.baseAddress else { return }
                    unsafe Poseidon2.compress(pairs: pairs, count: count, into: target)
                }
            }
            initialized = count
        }
    }
}
