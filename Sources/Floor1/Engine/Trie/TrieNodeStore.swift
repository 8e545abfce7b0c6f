// Floor 1, Engine: where the nodes of Merkle-Patricia tries are read from.
//
// A class and not a protocol for the same reason as `StateDatabase`. Nodes are named by their hash, so tries of several accounts and
// of several blocks lie in one store side by side.
public import Primitives

/// Stored trie nodes, and contract code beside them. The base class holds none: only empty tries can be read from it. Implementations are confined to one thread.
open class TrieNodeStore {
    public init() {}

    /// The encoding of the node, or the code, with this Keccak-256 hash; `nil` when it is not here.
    open func node(_ hash: Hash256) throws(StateError) -> [UInt8]? { nil }
}

/// One node that an update has made.
public struct TrieStoredNode: Equatable, Sendable {
    public var hash: Hash256
    public var bytes: [UInt8]
}

/// What an update of tries leaves to be stored: a root and the nodes that the store may lack.
///
/// Nodes that are no longer reachable from the new root are not named: other roots may need them.
public struct TrieUpdate: Equatable, Sendable {
    public var root: Hash256
    public var nodes: [TrieStoredNode]

    public init(root: Hash256, nodes: [TrieStoredNode]) {
        self.root = root
        self.nodes = nodes
    }
}

/// Trie nodes in memory, for genesis, tools and tests.
public final class MemoryTrieNodeStore: TrieNodeStore {
    private var nodes: [Hash256: [UInt8]] = [:]

    /// Number of nodes.
    public var count: Int { nodes.count }

    public func apply(_ update: TrieUpdate) {
        for node in update.nodes { nodes[node.hash] = node.bytes }
    }

    public override func node(_ hash: Hash256) throws(StateError) -> [UInt8]? { nodes[hash] }
}
