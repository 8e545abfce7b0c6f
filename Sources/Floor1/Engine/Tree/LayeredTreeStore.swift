// Floor 1, Engine: a stored tree with the updates of executed but not yet final blocks on top.
//
// The tree only grows, so the newest layer that knows a place has its present content, and a key never goes away.
public import Primitives

/// A tree read through layers.
public final class LayeredTreeStore: TreeStore {
    private let base: TreeStore
    private let layers: [TreeUpdate]

    /// `layers` in chain order, oldest first: each was made from the tree of `base` and the layers before it.
    public init(base: TreeStore, layers: [TreeUpdate]) {
        self.base = base
        self.layers = layers
    }

    public override func node(level: Int, index: UInt64) throws(StateError) -> PoseidonDigest? {
        for layer in layers.reversed() {
            if let digest = layer.node(level: level, index: index) { return digest }
        }
        return try base.node(level: level, index: index)
    }

    /// What no layer knows is read from the base at once.
    public override func nodes(_ places: [TreePlace]) throws(StateError) -> [PoseidonDigest?] {
        var digests = [PoseidonDigest?](repeating: nil, count: places.count)
        var unknown: [Int] = []
        for (position, place) in places.enumerated() {
            for layer in layers.reversed() where digests[position] == nil {
                digests[position] = layer.node(level: place.level, index: place.index)
            }
            if digests[position] == nil { unknown.append(position) }
        }
        let stored = try base.nodes(unknown.map { places[$0] })
        guard stored.count == unknown.count else { throw .unavailable }
        for (position, digest) in zip(unknown, stored) { digests[position] = digest }
        return digests
    }

    public override func leaf(_ index: UInt64) throws(StateError) -> TreeLeaf? {
        for layer in layers.reversed() {
            if let leaf = layer.leaf(index) { return leaf }
        }
        return try base.leaf(index)
    }

    public override func find(_ key: PoseidonDigest) throws(StateError) -> UInt64? {
        for layer in layers.reversed() {
            if let index = layer.find(key) { return index }
        }
        return try base.find(key)
    }

    /// The greatest of the base's and every layer's predecessor.
    public override func predecessor(of key: PoseidonDigest) throws(StateError) -> UInt64 {
        var best: TreeKeyIndex?
        if try base.leafCount() > 0 {
            let index = try base.predecessor(of: key)
            guard let leaf = try base.leaf(index) else { throw .unavailable }
            best = TreeKeyIndex(key: leaf.key, index: index)
        }
        for layer in layers {
            guard let candidate = layer.predecessor(of: key) else { continue }
            if let known = best, candidate.key < known.key { continue }
            best = candidate
        }
        guard let best else { throw .unavailable }
        return best.index
    }

    public override func leafCount() throws(StateError) -> UInt64 {
        if let newest = layers.last { return newest.leafCount }
        return try base.leafCount()
    }
}
