// Floor 1, Engine: gathers the witness of a batch while the batch is executed natively.
//
// What was read of the state before the batch is noted by the database; what the tree had to look at follows from the reads and
// from the updates of the blocks. The guest repeats the execution, so it asks for the same.
public import Primitives

/// A state database that notes what is read through it.
public final class RecordingState: StateDatabase {
    private let base: StateDatabase
    private let height: UInt64
    /// The keys whose presence or absence mattered, each once, in order of first touch.
    private var keys: [PoseidonDigest] = []
    private var seen: Set<PoseidonDigest> = []
    private var recordsByKey: [PoseidonDigest: AccountRecord] = [:]
    private var codes: [CodeChange] = []

    /// - Parameter before: the tip whose state `base` holds.
    public init(base: StateDatabase, before: ChainTip) {
        self.base = base
        height = before.height
        super.init()
    }

    private func note(_ key: PoseidonDigest) {
        if seen.insert(key).inserted { keys.append(key) }
    }

    public override func account(_ address: Address) throws(StateError) -> AccountRecord? {
        let record = try base.account(address)
        let key = StateTree.accountKey(address)
        note(key)
        if let record { recordsByKey[key] = record }
        return record
    }

    public override func storage(_ address: Address, _ slot: UInt256) throws(StateError) -> UInt256 {
        note(StateTree.slotKey(address, slot))
        return try base.storage(address, slot)
    }

    public override func code(_ hash: Hash256) throws(StateError) -> [UInt8] {
        let code = try base.code(hash)
        if !codes.contains(where: { $0.hash == hash }) { codes.append(CodeChange(hash: hash, code: code)) }
        return code
    }

    public override func blockHash(_ number: UInt64) throws(StateError) -> Hash256? {
        if number != height { note(StateTree.slotKey(SystemContract.history, BlockHistory.slot(of: number))) }
        return try base.blockHash(number)
    }

    public override func hasStorage(_ address: Address) throws(StateError) -> Bool { try base.hasStorage(address) }

    /// The witness for the blocks that were executed through this database.
    ///
    /// - Parameter tree: the tree of the state before them.
    public func witness(for blocks: [ExecutedBlock], tree: TreeStore) throws(StateError) -> Witness {
        let count = try tree.leafCount()
        var positions: [UInt64] = []
        for key in keys {
            if let index = try tree.find(key) { positions.append(index) } else { positions.append(try tree.predecessor(of: key)) }
        }
        for block in blocks {
            for entry in block.tree.leaves where entry.index < count { positions.append(entry.index) }
            for entry in block.tree.newKeys { positions.append(try tree.predecessor(of: entry.key)) }
        }
        positions.sort()
        var witness = Witness()
        var indices: [UInt64] = []
        for index in positions where indices.last != index {
            indices.append(index)
            guard let leaf = try tree.leaf(index) else { throw .unavailable }
            let record = leaf.value == .zero ? nil : recordsByKey[leaf.key]
            witness.leaves.append(
                WitnessLeaf(
                    index: UInt32(truncatingIfNeeded: index), key: leaf.key, nextKey: leaf.nextKey,
                    content: record.map { .account($0) } ?? .value(leaf.value)))
        }
        witness.siblings = try RecordingState.siblings(of: indices, count: count, tree: tree)
        witness.codes = codes.sorted { $0.hash < $1.hash }.map { $0.code }
        return witness
    }

    /// The digests that `WitnessTree` cannot compute from leaves at these positions, in its order.
    private static func siblings(of leaves: [UInt64], count: UInt64, tree: TreeStore) throws(StateError) -> [PoseidonDigest] {
        var siblings: [PoseidonDigest] = []
        var path = leaves
        if count < StateTree.maxLeafCount { path.append(count) }
        for level in 0..<StateTree.depth {
            var parents: [UInt64] = []
            var position = 0
            while position < path.count {
                let own = path[position]
                position += 1
                if own & 1 == 0, position < path.count, path[position] == own + 1 {
                    position += 1
                } else if (own ^ 1) << UInt64(level) < count {
                    guard let digest = try tree.node(level: level, index: own ^ 1) else { throw .unavailable }
                    siblings.append(digest)
                }
                parents.append(own >> 1)
            }
            path = parents
        }
        return siblings
    }
}
