// Floor 1, Engine: one node of a Merkle-Patricia trie and its canonical encoding (yellow paper, appendix D).
//
// Decoding takes exactly what encoding makes, so a node's bytes, and with them its hash, follow from its content.
import Primitives

/// How a node names a node below it.
enum TrieChild: Equatable {
    case none
    case hash(Hash256)
    /// The encoding itself, shorter than a hash.
    case embedded([UInt8])
}

enum TrieNode: Equatable {
    case leaf(path: [UInt8], value: [UInt8])
    case extended(path: [UInt8], child: TrieChild)
    /// Sixteen children, and the value of the key that ends here (empty for none).
    case branch(children: [TrieChild], value: [UInt8])

    static let width = 16
    private static let hashLength = 32

    /// The name of a node with this encoding.
    static func child(_ encoded: [UInt8]) -> TrieChild {
        encoded.count < hashLength ? .embedded(encoded) : .hash(Keccak256.hash(encoded))
    }

    func encode() -> [UInt8] {
        var writer = RLPWriter(capacity: 64)
        writer.writeList { list in
            switch self {
            case .leaf(let path, let value):
                list.write(TriePath.encode(path, isLeaf: true))
                list.write(value)
            case .extended(let path, let child):
                list.write(TriePath.encode(path, isLeaf: false))
                list.write(child)
            case .branch(let children, let value):
                for child in children { list.write(child) }
                list.write(value)
            }
        }
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(RLPError) {
        var outer = RLPCursor(bytes, from: 0)
        var list = try outer.list()
        guard outer.isAtEnd else { throw .trailingBytes }
        var items: [TrieChild] = []
        var strings: [[UInt8]] = []
        while !list.isAtEnd {
            guard items.count <= TrieNode.width else { throw .trailingBytes }
            let start = list.offset
            if bytes[start] >= 0xc0 {
                _ = try list.list()
                guard list.offset - start < TrieNode.hashLength else { throw .invalidLength }
                items.append(.embedded(Array(bytes[start..<list.offset])))
                strings.append([])
            } else {
                let string = try list.byteString()
                items.append(Hash256(string).map { .hash($0) } ?? .none)
                strings.append(string)
            }
        }
        self = try TrieNode.node(items, strings)
    }

    private static func node(_ items: [TrieChild], _ strings: [[UInt8]]) throws(RLPError) -> TrieNode {
        if items.count == width + 1 {
            for index in 0..<width where items[index] == .none && !strings[index].isEmpty { throw .invalidLength }
            if case .embedded = items[width] { throw .unexpectedKind }
            return .branch(children: Array(items[..<width]), value: strings[width])
        }
        guard items.count == 2 else { throw .truncated }
        if case .embedded = items[0] { throw .unexpectedKind }
        guard let (path, isLeaf) = TriePath.decode(strings[0]) else { throw .nonCanonical }
        if isLeaf {
            if case .embedded = items[1] { throw .unexpectedKind }
            guard !strings[1].isEmpty else { throw .invalidLength }
            return .leaf(path: path, value: strings[1])
        }
        guard !path.isEmpty, items[1] != .none else { throw .invalidLength }
        return .extended(path: path, child: items[1])
    }
}

extension RLPWriter {
    fileprivate mutating func write(_ child: TrieChild) {
        switch child {
        case .none: write([UInt8]())
        case .hash(let hash): write(hash)
        case .embedded(let bytes): writeRaw(bytes)
        }
    }
}
