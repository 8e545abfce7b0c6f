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
        guard update.leaves.allSatisfy({ $0.index < update.leafCount }) else {
            throw store.invalid("a tree update has a leaf beyond its end")
        }
        for entry in update.newKeys { try transaction.putRecord(store.treeKeys, Key(entry.key.hash256), entry.index) }
        try writeBundles(update, old, transaction)
        try transaction.putRecord(store.meta, ChainStore.leafCountKey, update.leafCount)
    }

    /// Writes nodes and leaves; `oldCount` leaves are stored.
    func writeBundles(
        _ update: TreeUpdate, _ oldCount: UInt64, _ transaction: borrowing WriteTransaction
    ) throws(StorageError) {
        let nodes = update.nodes
        guard nodes.allSatisfy({ $0.level >= 0 && $0.level <= StateTree.depth && $0.index <= UInt64(UInt32.max) }) else {
            throw store.invalid("a tree update has a node outside the tree")
        }
        for (node, next) in zip(nodes, nodes.dropFirst()) where (node.level, node.index) >= (next.level, next.index) {
            throw store.invalid("the nodes of a tree update are not in order")
        }
        let bundle = { (node: Int) in TreeBundle(level: nodes[node].level, index: nodes[node].index) }
        var scratch = BundleBuffer()
        var runs = BundleRuns(count: nodes.count)
        var nextLeaf = 0
        // A bundle behind the last old leaf is new and stands at the end of its table.
        let newBundles = (oldCount + UInt64(TreeBundle.leafCount) - 1) / UInt64(TreeBundle.leafCount)
        while let group = runs.nextGroup({ nodes[$0].level }) {
            while let next = runs.nextBundle(bundle) {
                let isNew = group == 0 && next.index >= newBundles
                if isNew { scratch.clear() } else { try load(next, into: &scratch, transaction) }
                for range in runs.take(next, bundle) {
                    for node in range {
                        scratch.set(slot: TreeBundle.slot(level: nodes[node].level, index: nodes[node].index), nodes[node].digest)
                    }
                }
                if group == 0 { try setLeaves(update.leaves, &nextLeaf, of: next, in: &scratch) }
                try transaction.putRecord(store.table(of: next), next.key, scratch.bytes, appending: isNew)
            }
        }
        guard runs.isComplete, nextLeaf == update.leaves.count else {
            throw store.invalid("a tree update has leaves without nodes")
        }
    }

    private func setLeaves(
        _ leaves: [IndexedLeaf], _ next: inout Int, of bundle: TreeBundle, in scratch: inout BundleBuffer
    ) throws(StorageError) {
        while next < leaves.count, TreeBundle(leaf: leaves[next].index) == bundle {
            let place = Int(leaves[next].index % UInt64(TreeBundle.leafCount))
            guard scratch.set(place: place, leaves[next].leaf) else { throw store.invalid("the leaves of a tree update have a gap") }
            next += 1
        }
    }

    private func load(
        _ bundle: TreeBundle, into scratch: inout BundleBuffer, _ transaction: borrowing WriteTransaction
    ) throws(StorageError) {
        let table = store.table(of: bundle)
        let isKnown = try unsafe transaction.withRecord(table, bundle.key) { (content) throws(StorageError) in
            guard TreeRecords.isBundle(content.count) else { throw store.environment.context.damaged(table, bundle.key) }
            unsafe scratch.load(content)
            return true
        }
        if isKnown == nil { scratch.clear() }
    }
}

extension ChainStore {
    func leafCount(_ transaction: borrowing some (StoreTransaction & ~Copyable)) throws(StorageError) -> UInt64 {
        try transaction.record(meta, ChainStore.leafCountKey) { (reader) throws(CanonicalError) in try reader.read() } ?? 0
    }
}
