// Floor 1, Engine: proofs that a Merkle-Patricia trie has a value for a key, or none.
//
// A proof is the list of the encoded nodes from the root towards the key, those that lie embedded in their parent left out, as
// `eth_getProof` gives them. Verification is pure, takes hostile bytes, and accepts exactly the nodes on the key's path and no others.
public import Primitives

/// Why a proof shows nothing.
public enum TrieProofError: Error, Equatable, Sendable {
    /// A node is missing: the proof ends above the key.
    case incomplete
    /// A node's bytes do not have the hash that its parent names.
    case wrongHash
    /// A node's bytes are not the encoding of a node.
    case malformed(RLPError)
    /// Nodes follow that the key's path does not reach.
    case surplusNodes
}

extension MerklePatriciaTrie {
    /// The value that the proof shows for the key, or `nil` when it shows that the trie has none.
    public static func verify(_ proof: [[UInt8]], key: [UInt8], root: Hash256) throws(TrieProofError) -> [UInt8]? {
        if root == emptyRoot {
            guard proof.isEmpty else { throw .surplusNodes }
            return nil
        }
        let path = TriePath.nibbles(key)
        var depth = 0
        var used = 0
        var next = TrieChild.hash(root)
        while true {
            let bytes: [UInt8]
            switch next {
            case .none:
                guard used == proof.count else { throw .surplusNodes }
                return nil
            case .embedded(let inner): bytes = inner
            case .hash(let hash):
                guard used < proof.count else { throw .incomplete }
                bytes = proof[used]
                used += 1
                guard Keccak256.hash(bytes) == hash else { throw .wrongHash }
            }
            let node: TrieNode
            do throws(RLPError) { node = try TrieNode(decoding: bytes) } catch { throw .malformed(error) }
            switch step(node, path, &depth) {
            case .below(let child): next = child
            case .end(let value):
                guard used == proof.count else { throw .surplusNodes }
                return value
            }
        }
    }

    /// The proof for a key: also for one that the trie lacks.
    public static func prove(_ key: [UInt8], root: Hash256, in store: TrieNodeStore) throws(StateError) -> [[UInt8]] {
        try walk(key, root, store).proof
    }

    /// The value of a key in a stored trie, or `nil`.
    public static func value(of key: [UInt8], root: Hash256, in store: TrieNodeStore) throws(StateError) -> [UInt8]? {
        try walk(key, root, store).value
    }

    /// The trie with these values set; an empty value removes its key.
    public static func update(
        _ changes: [(key: [UInt8], value: [UInt8])], root: Hash256, in store: TrieNodeStore
    ) throws(StateError) -> TrieUpdate {
        var editor = TrieEditor(root: root, in: store)
        for change in changes { try editor.set(change.key, change.value) }
        return editor.finish()
    }

    // MARK: - Walking

    private enum Step {
        case below(TrieChild)
        case end([UInt8]?)
    }

    /// From a node towards the key.
    private static func step(_ node: TrieNode, _ path: [UInt8], _ depth: inout Int) -> Step {
        switch node {
        case .leaf(let rest, let value):
            let isThis = depth + rest.count == path.count && TriePath.shared(rest, path, from: depth) == rest.count
            return .end(isThis ? value : nil)
        case .extended(let rest, let child):
            guard TriePath.shared(rest, path, from: depth) == rest.count else { return .end(nil) }
            depth += rest.count
            return .below(child)
        case .branch(let children, let value):
            guard depth < path.count else { return .end(value.isEmpty ? nil : value) }
            depth += 1
            return .below(children[Int(path[depth - 1])])
        }
    }

    private static func walk(
        _ key: [UInt8], _ root: Hash256, _ store: TrieNodeStore
    ) throws(StateError) -> (value: [UInt8]?, proof: [[UInt8]]) {
        let path = TriePath.nibbles(key)
        var proof: [[UInt8]] = []
        var depth = 0
        var next = root == emptyRoot ? TrieChild.none : .hash(root)
        while true {
            let bytes: [UInt8]
            switch next {
            case .none: return (nil, proof)
            case .embedded(let inner): bytes = inner
            case .hash(let hash):
                guard let stored = try store.node(hash) else { throw .unavailable }
                bytes = stored
                proof.append(stored)
            }
            let node: TrieNode
            do throws(RLPError) { node = try TrieNode(decoding: bytes) } catch { throw .unavailable }
            switch step(node, path, &depth) {
            case .below(let child): next = child
            case .end(let value): return (value, proof)
            }
        }
    }
}
