// Floor 1, Engine: where the state tree's leaves and nodes are read from.
//
// A class and not a protocol for the same reason as `StateDatabase`. Implementations are confined to one thread.
public import Primitives

/// A stored state tree. The base class is the tree before genesis: without even the sentinel.
open class TreeStore {
    public init() {}

    /// The digest of a node, level 0 being the leaves and `StateTree.depth` the root; `nil` for an empty subtree.
    open func node(level: Int, index: UInt64) throws(StateError) -> PoseidonDigest? { nil }

    /// The digests of many nodes, in order. `places` ascends by level and index. A store that can read neighbours together
    /// overrides it.
    open func nodes(_ places: [TreePlace]) throws(StateError) -> [PoseidonDigest?] {
        var digests: [PoseidonDigest?] = []
        digests.reserveCapacity(places.count)
        for place in places { digests.append(try node(level: place.level, index: place.index)) }
        return digests
    }

    /// The leaf at a position; `nil` at and above `leafCount()`.
    open func leaf(_ index: UInt64) throws(StateError) -> TreeLeaf? { nil }

    /// The position of the leaf with this key; `nil` when the key is absent.
    open func find(_ key: PoseidonDigest) throws(StateError) -> UInt64? { nil }

    /// The position of the leaf with the greatest key below `key`. Only asked for keys above zero of a tree with leaves.
    open func predecessor(of key: PoseidonDigest) throws(StateError) -> UInt64 { throw .unavailable }

    /// Number of leaves, the sentinel included; 0 only before genesis.
    open func leafCount() throws(StateError) -> UInt64 { 0 }
}
