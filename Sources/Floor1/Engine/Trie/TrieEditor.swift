// Floor 1, Engine: changes to a stored Merkle-Patricia trie.
//
// Nodes are loaded into an arena when a change first reaches them; `finish` hashes those that changed, each once, and leaves all others
// as they are stored. The trie is always in its one canonical shape: no branch with fewer than two entries, no extension above anything but a branch.
import Primitives

/// A trie being changed.
struct TrieEditor {
    private enum Content {
        /// Stored, not read yet.
        case stored(Hash256)
        case leaf(path: [UInt8], value: [UInt8])
        case extended(path: [UInt8], child: Int)
        case branch(children: [Int], value: [UInt8])
    }

    private struct Entry {
        var content: Content
        /// The hash under which the store has the node as it is; `nil` when it was changed or is embedded in its parent.
        var origin: Hash256?
    }

    private static let none = -1

    private let store: TrieNodeStore
    private var entries: [Entry] = []
    private var root = none
    private var made: [TrieStoredNode] = []

    init(root: Hash256, in store: TrieNodeStore) {
        self.store = store
        if root != MerklePatriciaTrie.emptyRoot { self.root = add(.stored(root), origin: root) }
    }

    /// Sets a key's value; an empty value removes the key.
    mutating func set(_ key: [UInt8], _ value: [UInt8]) throws(StateError) {
        let path = TriePath.nibbles(key)
        root = value.isEmpty ? try remove(root, path, 0) : try insert(root, path, 0, value)
    }

    /// The root, with all nodes made since `init`.
    mutating func finish() -> TrieUpdate {
        guard root != TrieEditor.none else { return TrieUpdate(root: MerklePatriciaTrie.emptyRoot, nodes: []) }
        let hash: Hash256
        switch reference(root) {
        case .hash(let known): hash = known
        case .embedded(let bytes):
            // The root has a hash even when it is short.
            hash = Keccak256.hash(bytes)
            made.append(TrieStoredNode(hash: hash, bytes: bytes))
        case .none: hash = MerklePatriciaTrie.emptyRoot
        }
        return TrieUpdate(root: hash, nodes: made)
    }

    // MARK: - Arena

    private mutating func add(_ content: Content, origin: Hash256? = nil) -> Int {
        entries.append(Entry(content: content, origin: origin))
        return entries.count - 1
    }

    private mutating func put(_ index: Int, _ content: Content) -> Int {
        entries[index] = Entry(content: content, origin: nil)
        return index
    }

    /// The node's content, read from the store on first use.
    private mutating func content(_ index: Int) throws(StateError) -> Content {
        guard case .stored(let hash) = entries[index].content else { return entries[index].content }
        guard let bytes = try store.node(hash) else { throw .unavailable }
        let loaded = try load(bytes)
        entries[index].content = loaded
        return loaded
    }

    private mutating func load(_ bytes: [UInt8]) throws(StateError) -> Content {
        let node: TrieNode
        do throws(RLPError) { node = try TrieNode(decoding: bytes) } catch { throw .unavailable }
        switch node {
        case .leaf(let path, let value): return .leaf(path: path, value: value)
        case .extended(let path, let child): return .extended(path: path, child: try load(child))
        case .branch(let children, let value):
            var indices: [Int] = []
            indices.reserveCapacity(TrieNode.width)
            for child in children { indices.append(try load(child)) }
            return .branch(children: indices, value: value)
        }
    }

    private mutating func load(_ child: TrieChild) throws(StateError) -> Int {
        switch child {
        case .none: return TrieEditor.none
        case .hash(let hash): return add(.stored(hash), origin: hash)
        case .embedded(let bytes): return add(try load(bytes))
        }
    }

    // MARK: - Insertion

    private mutating func insert(_ index: Int, _ key: [UInt8], _ depth: Int, _ value: [UInt8]) throws(StateError) -> Int {
        guard index != TrieEditor.none else { return add(.leaf(path: Array(key[depth...]), value: value)) }
        switch try content(index) {
        case .stored: throw .unavailable
        case .leaf(let path, let old):
            let shared = TriePath.shared(path, key, from: depth)
            if shared == path.count, depth + shared == key.count { return put(index, .leaf(path: path, value: value)) }
            var (children, branchValue) = TrieEditor.emptyBranch
            if shared == path.count {
                branchValue = old
            } else {
                children[Int(path[shared])] = add(.leaf(path: Array(path[(shared + 1)...]), value: old))
            }
            return split(index, Array(path[..<shared]), &children, &branchValue, key, depth + shared, value)
        case .extended(let path, let child):
            let shared = TriePath.shared(path, key, from: depth)
            if shared == path.count {
                return put(index, .extended(path: path, child: try insert(child, key, depth + shared, value)))
            }
            var (children, branchValue) = TrieEditor.emptyBranch
            let rest = Array(path[(shared + 1)...])
            children[Int(path[shared])] = rest.isEmpty ? child : add(.extended(path: rest, child: child))
            return split(index, Array(path[..<shared]), &children, &branchValue, key, depth + shared, value)
        case .branch(var children, let old):
            if depth == key.count { return put(index, .branch(children: children, value: value)) }
            let digit = Int(key[depth])
            children[digit] = try insert(children[digit], key, depth + 1, value)
            return put(index, .branch(children: children, value: old))
        }
    }

    private static var emptyBranch: (children: [Int], value: [UInt8]) { ([Int](repeating: none, count: TrieNode.width), []) }

    /// Ends a split: adds the new value to the branch and puts the shared path above it.
    private mutating func split(
        _ index: Int, _ prefix: [UInt8], _ children: inout [Int], _ branchValue: inout [UInt8], _ key: [UInt8], _ depth: Int,
        _ value: [UInt8]
    ) -> Int {
        if depth == key.count {
            branchValue = value
        } else {
            children[Int(key[depth])] = add(.leaf(path: Array(key[(depth + 1)...]), value: value))
        }
        if prefix.isEmpty { return put(index, .branch(children: children, value: branchValue)) }
        return put(index, .extended(path: prefix, child: add(.branch(children: children, value: branchValue))))
    }

    // MARK: - Removal

    private mutating func remove(_ index: Int, _ key: [UInt8], _ depth: Int) throws(StateError) -> Int {
        guard index != TrieEditor.none else { return index }
        switch try content(index) {
        case .stored: throw .unavailable
        case .leaf(let path, _):
            let isThis = depth + path.count == key.count && TriePath.shared(path, key, from: depth) == path.count
            return isThis ? TrieEditor.none : index
        case .extended(let path, let child):
            guard TriePath.shared(path, key, from: depth) == path.count else { return index }
            let left = try remove(child, key, depth + path.count)
            if left == child, entries[child].origin != nil { return index }
            return try join(index, path, left)
        case .branch(var children, var value):
            if depth == key.count {
                guard !value.isEmpty else { return index }
                value = []
            } else {
                let digit = Int(key[depth])
                let child = children[digit]
                let left = try remove(child, key, depth + 1)
                if left == child, left == TrieEditor.none || entries[left].origin != nil { return index }
                children[digit] = left
            }
            return try shrink(index, children, value)
        }
    }

    /// A path above what a removal has left: paths that follow each other become one.
    private mutating func join(_ index: Int, _ path: [UInt8], _ child: Int) throws(StateError) -> Int {
        guard child != TrieEditor.none else { return child }
        switch try content(child) {
        case .leaf(let rest, let value): return put(index, .leaf(path: path + rest, value: value))
        case .extended(let rest, let below): return put(index, .extended(path: path + rest, child: below))
        case .branch, .stored: return put(index, .extended(path: path, child: child))
        }
    }

    /// A branch after a removal: with one entry left it is none.
    private mutating func shrink(_ index: Int, _ children: [Int], _ value: [UInt8]) throws(StateError) -> Int {
        var only = TrieEditor.none
        var count = value.isEmpty ? 0 : 1
        for (digit, child) in children.enumerated() where child != TrieEditor.none {
            only = digit
            count += 1
        }
        if count == 0 { return TrieEditor.none }
        if count > 1 { return put(index, .branch(children: children, value: value)) }
        if only == TrieEditor.none { return put(index, .leaf(path: [], value: value)) }
        return try join(index, [UInt8(truncatingIfNeeded: only)], children[only])
    }

    // MARK: - Hashing

    /// How a parent names the node; notes it, and what changed below it, as made.
    private mutating func reference(_ index: Int) -> TrieChild {
        guard index != TrieEditor.none else { return .none }
        if let origin = entries[index].origin { return .hash(origin) }
        let node: TrieNode
        switch entries[index].content {
        case .stored(let hash): return .hash(hash)
        case .leaf(let path, let value): node = .leaf(path: path, value: value)
        case .extended(let path, let child): node = .extended(path: path, child: reference(child))
        case .branch(let children, let value):
            var names: [TrieChild] = []
            names.reserveCapacity(TrieNode.width)
            for child in children { names.append(reference(child)) }
            node = .branch(children: names, value: value)
        }
        let encoded = node.encode()
        let child = TrieNode.child(encoded)
        if case .hash(let hash) = child { made.append(TrieStoredNode(hash: hash, bytes: encoded)) }
        return child
    }
}
