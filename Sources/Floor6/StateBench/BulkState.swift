// Floor 6, StateBench: a state of many accounts, loaded in bulk. Account i stands at position i + 1 of the tree, as if accounts had
// come in any order of their keys.
internal import Engine
internal import Node
internal import Primitives
internal import Storage

struct BulkState {
    private static let batchCount = 4_096

    let accounts: Int
    let runner: ParallelRunner

    /// The address of account `index`, spread evenly.
    static func address(_ index: Int) -> Address {
        var random = BenchRandom(seed: UInt64(index))
        return Address(w0: random.next(), w1: random.next(), w2: UInt32(truncatingIfNeeded: index))
    }

    static func block(height: UInt64, parent: Hash256, stateRoot: Hash256) -> BlockRecord {
        let header = BlockHeader(
            epoch: 0, view: height, height: height, parentHash: parent, parentView: height == 0 ? 0 : height - 1, payloadRoot: .zero,
            payloadByteCount: 0, timestampMilliseconds: height, proposer: .zero)
        return BlockRecord(
            hash: header.hash, header: header, gasLimit: 0, gasUsed: 0, baseFeePerGas: .zero, prevRandao: .zero, stateRoot: stateRoot,
            transactionsRoot: .zero, receiptsRoot: .zero, logsBloom: [UInt8](repeating: 0, count: 256), transactionHashes: [])
    }

    func load(into path: String, progress: (String, Double) -> Void) throws {
        let links = nextLeaves(progress)
        let loader = try StateLoader(path: path, height: 0)
        var first = 0
        var number: UInt32 = 0
        while first <= accounts {
            let end = min(first + UnverifiedStateChunk.leafCount, accounts + 1)
            let leaves = (first..<end).map { position in
                StateLeaf(
                    entry: position == 0 ? .empty(key: .zero) : .account(Self.address(position - 1), Self.record(position - 1)),
                    nextKey: links.keys[Int(links.next[position])])
            }
            try loader.add(HashedStateChunk(number: number, leaves: leaves, runner: runner))
            first = end
            number += 1
            progress("bulk load", Double(first) / Double(accounts + 1))
        }
        let block = Self.block(height: 0, parent: .zero, stateRoot: loader.root)
        try loader.finish(genesisHash: block.hash, block: block, transactions: [], ancestors: []) { done in
            progress("bulk load, sorted tables", Double(done) / 256)
        }
    }

    private static func record(_ index: Int) -> AccountRecord { AccountRecord(nonce: 1, balance: UInt256(UInt64(index) + 1)) }

    /// The key of each position, and the position of the leaf with the next key; position 0, whose key is zero, for the last.
    private func nextLeaves(_ progress: (String, Double) -> Void) -> (keys: [PoseidonDigest], next: [UInt32]) {
        var keys: [PoseidonDigest] = [.zero]
        keys.reserveCapacity(accounts + 1)
        while keys.count <= accounts {
            let end = min(keys.count + BulkState.batchCount, accounts + 1)
            let rows = (keys.count..<end).map { position in
                StateLeaf(entry: .account(Self.address(position - 1), AccountRecord()), nextKey: .zero)
            }
            keys += StateLeaf.treeLeaves(rows, runner: runner).map(\.key)
            progress("keys", Double(keys.count) / Double(accounts + 1))
        }
        // Of a key's 248 bits the first 62 nearly always decide.
        var order = keys.indices.map { (prefix: keys[$0].hash256.w0, position: UInt32($0)) }
        order.sort { a, b in a.prefix == b.prefix ? keys[Int(a.position)] < keys[Int(b.position)] : a.prefix < b.prefix }
        var next = [UInt32](repeating: 0, count: keys.count)
        for (entry, follower) in zip(order, order.dropFirst()) { next[Int(entry.position)] = follower.position }
        return (keys, next)
    }
}
