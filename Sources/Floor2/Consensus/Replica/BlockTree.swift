// The blocks above the final head. Small: blocks below the head leave at once, and only blocks that a leader signed or that a certificate
// asks for come in. Kept in an array, because a deterministic core iterates no hash table.
import Primitives

struct BlockTree: Sendable {
    enum Validity { case unchecked, pending, valid, invalid }

    struct Entry: Sendable {
        let block: Block
        let hash: Hash256
        var validity: Validity
        var isStored: Bool
        var isCertified: Bool
        var header: BlockHeader { block.header }
    }

    /// How a block relates to the final head.
    enum Connection: Equatable {
        case connected
        /// This ancestor (or the block itself) is unknown; its height when a child tells it.
        case missing(Hash256, height: UInt64?)
        /// The block lies on another branch, or its ancestors' heights do not fit.
        case conflicting
    }

    private(set) var head: BlockHeader
    private(set) var headHash: Hash256
    private(set) var entries: [Entry] = []

    /// Above this many blocks those nobody needs are dropped; they can be fetched again.
    static let softLimit = 64

    init(head: BlockHeader) {
        self.head = head
        self.headHash = head.hash
    }

    func index(of hash: Hash256) -> Int? { entries.firstIndex { $0.hash == hash } }

    func entry(_ hash: Hash256) -> Entry? { index(of: hash).map { entries[$0] } }

    func header(_ hash: Hash256) -> BlockHeader? {
        hash == headHash ? head : entry(hash)?.header
    }

    mutating func update(_ index: Int, _ change: (inout Entry) -> Void) { change(&entries[index]) }

    /// Adds a block above the head; a block already known stays as it is.
    mutating func insert(_ block: Block, hash: Hash256, validity: Validity, isStored: Bool) {
        guard block.header.height > head.height, index(of: hash) == nil else { return }
        entries.append(Entry(block: block, hash: hash, validity: validity, isStored: isStored, isCertified: false))
    }

    func connection(of hash: Hash256) -> Connection {
        var cursor = hash
        var height: UInt64?
        while cursor != headHash {
            if let height, height <= head.height { return .conflicting }
            guard let entry = entry(cursor) else { return .missing(cursor, height: height) }
            if let height, entry.header.height != height { return .conflicting }
            cursor = entry.header.parentHash
            height = entry.header.height - 1
        }
        if let height, height != head.height { return .conflicting }
        return .connected
    }

    /// Indices from the child of the head up to `hash`; `nil` when it is not connected.
    func path(to hash: Hash256) -> [Int]? {
        guard connection(of: hash) == .connected else { return nil }
        var path: [Int] = []
        var cursor = hash
        while cursor != headHash {
            guard let index = index(of: cursor) else { return nil }
            path.append(index)
            cursor = entries[index].header.parentHash
        }
        return path.reversed()
    }

    /// Makes a block the final head and drops everything that cannot extend it.
    mutating func setHead(_ header: BlockHeader, hash: Hash256) {
        head = header
        headHash = hash
        var removed: [Hash256] = []
        for entry in entries.sorted(by: { $0.header.height < $1.header.height }) where entry.hash != hash {
            let isBelow = entry.header.height <= header.height
            let isBeside = entry.header.height == header.height + 1 && entry.header.parentHash != hash
            if isBelow || isBeside || removed.contains(entry.header.parentHash) { removed.append(entry.hash) }
        }
        entries.removeAll { $0.hash == hash || removed.contains($0.hash) }
    }

    /// Drops the oldest blocks that lie on no path to one of `needed` when there are too many. Certified blocks stay, also below a gap: each is
    /// told once, and only a quorum makes them, so they cannot be had for nothing.
    mutating func prune(keeping needed: [Hash256]) {
        guard entries.count > BlockTree.softLimit else { return }
        var kept: [Hash256] = []
        for hash in needed {
            var cursor = hash
            while let entry = entry(cursor), !kept.contains(cursor) {
                kept.append(cursor)
                cursor = entry.header.parentHash
            }
        }
        var excess = entries.count - BlockTree.softLimit / 2
        entries.removeAll { entry in
            guard excess > 0, !entry.isCertified, !kept.contains(entry.hash) else { return false }
            excess -= 1
            return true
        }
    }
}
