// Floor 4, Storage: writes the update of a block to the state tree. Only the newest tree is kept.
internal import Engine
internal import Primitives

/// Writes tree updates into an open transaction.
struct TreeWriter {
    let store: ChainStore

    func write(_ update: TreeUpdate, _ transaction: borrowing WriteTransaction) throws(StorageError) {
        let old = try store.leafCount(transaction)
        guard update.leafCount >= old, update.newKeys.count == Int(exactly: update.leafCount - old) else {
            throw store.invalid("a tree update does not follow the stored tree")
        }
        for entry in update.leaves {
            guard entry.index < update.leafCount else { throw store.invalid("a tree update has a leaf beyond its end") }
            try unsafe transaction.putRecord(store.treeLeaves, Key(entry.index), count: TreeRecords.leafByteCount) { target in
                guard let base = target.baseAddress else { return }
                unsafe entry.leaf.key.hash256.store(to: base)
                unsafe entry.leaf.nextKey.hash256.store(to: base + 32)
                unsafe entry.leaf.value.store(to: base + 64)
            }
        }
        for entry in update.newKeys { try transaction.putRecord(store.treeKeys, Key(entry.key.hash256), entry.index) }
        try writeNodes(update.nodes, transaction)
        try transaction.putRecord(store.meta, ChainStore.leafCountKey, update.leafCount)
    }

    /// Nodes ascend by level and index, so each row of a group is a run of them; the runs are merged bundle by bundle.
    private func writeNodes(_ nodes: [TreeNode], _ transaction: borrowing WriteTransaction) throws(StorageError) {
        guard nodes.allSatisfy({ $0.level >= 0 && $0.level <= StateTree.depth && $0.index <= UInt64(UInt32.max) }) else {
            throw store.invalid("a tree update has a node outside the tree")
        }
        var scratch = [UInt8](repeating: 0, count: TreeBundle.byteCount)
        var next = 0
        for group in 0..<TreeBundle.groups {
            // Where each row's run goes on and where it ends.
            var places: [Int] = []
            var ends: [Int] = []
            for row in 0..<TreeBundle.levels {
                places.append(next)
                while next < nodes.count, nodes[next].level == group * TreeBundle.levels + row { next += 1 }
                ends.append(next)
            }
            while true {
                var lowest: TreeBundle?
                for row in 0..<TreeBundle.levels where places[row] < ends[row] {
                    let bundle = TreeBundle(level: nodes[places[row]].level, index: nodes[places[row]].index)
                    if let known = lowest, known.index <= bundle.index { continue }
                    lowest = bundle
                }
                guard let bundle = lowest else { break }
                try load(bundle, into: &scratch, transaction)
                for row in 0..<TreeBundle.levels {
                    while places[row] < ends[row] {
                        let node = nodes[places[row]]
                        if TreeBundle(level: node.level, index: node.index) != bundle { break }
                        TreeRecords.set(&scratch, slot: TreeBundle.slot(level: node.level, index: node.index), node.digest)
                        places[row] += 1
                    }
                }
                try transaction.putRecord(store.treeNodes, bundle.key, scratch)
            }
        }
        guard next == nodes.count else { throw store.invalid("the nodes of a tree update are not in order") }
    }

    private func load(
        _ bundle: TreeBundle, into scratch: inout [UInt8], _ transaction: borrowing WriteTransaction
    ) throws(StorageError) {
        let found = try transaction.record(store.treeNodes, bundle.key)
        if let found, found.count != TreeBundle.byteCount { throw store.environment.context.damaged(store.treeNodes, bundle.key) }
        scratch = found ?? [UInt8](repeating: 0, count: TreeBundle.byteCount)
    }
}

extension ChainStore {
    func leafCount(_ transaction: borrowing some (StoreTransaction & ~Copyable)) throws(StorageError) -> UInt64 {
        try transaction.record(meta, ChainStore.leafCountKey) { (reader) throws(CanonicalError) in try reader.read() } ?? 0
    }
}
