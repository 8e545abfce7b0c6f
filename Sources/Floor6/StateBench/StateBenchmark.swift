// Floor 6, StateBench: `hyperseq bench state`: the state tree and the flat table of a real chain store, at growing sizes.
//
// For each size a store is filled in bulk (`StateLoader`, the path by which snapshots come in), then blocks of changes are appended one
// by one as a node does: the tree's update is computed from the stored tree, then the block is stored durably.
internal import Engine
internal import Foundation
internal import Node
internal import Primitives
internal import Storage

/// What to measure.
public struct StateBenchmark {
    /// The size of the largest state.
    public var accounts: Int
    /// Blocks per size, and what each changes.
    public var blocks: Int
    public var changesPerBlock: Int
    /// One in so many changes is a new account.
    public var newShare = 10
    /// Random accounts read per size.
    public var reads: Int
    /// Where the stores are made; they are removed afterwards.
    public var folder: String

    public init(accounts: Int, blocks: Int, changesPerBlock: Int, reads: Int, folder: String) {
        self.accounts = accounts
        self.blocks = blocks
        self.changesPerBlock = changesPerBlock
        self.reads = reads
        self.folder = folder
    }

    /// Powers of ten from 100,000 on, and the size asked for.
    var sizes: [Int] {
        var sizes: [Int] = []
        var size = 100_000
        while size < accounts {
            sizes.append(size)
            size *= 10
        }
        return sizes + [accounts]
    }

    /// Runs the benchmark. `progress` is told what is being done and how far, from 0 to 1.
    public func run(progress: (_ what: String, _ done: Double) -> Void) throws -> StateBenchmarkResult {
        var result = StateBenchmarkResult(changesPerBlock: changesPerBlock, blocks: blocks, rows: [])
        for size in sizes {
            let path = folder + "/\(size)"
            defer { try? FileManager.default.removeItem(atPath: path) }
            result.rows.append(try measure(size, path) { what, done in progress("\(size) accounts: \(what)", done) })
        }
        return result
    }

    private func measure(_ size: Int, _ path: String, _ progress: (String, Double) -> Void) throws -> StateBenchmarkRow {
        var row = StateBenchmarkRow(accounts: size)
        let runner = ParallelRunner()
        var start = ContinuousClock.now
        try BulkState(accounts: size, runner: runner).load(into: path, progress: progress)
        row.loadSeconds = seconds(since: start)
        start = ContinuousClock.now
        let store = try ChainStore(path: path, historyBlocks: StorageConfiguration.leastHistoryBlocks)
        row.openSeconds = seconds(since: start)
        row.bytesPerAccountLoaded = Double(try store.usedBytes()) / Double(size)
        try measureReads(store, size, &row, progress)
        try measureBlocks(store, size, runner, &row, progress)
        row.bytesPerAccount = Double(try store.usedBytes()) / Double(row.accountsAfter)
        row.peakResidentMebibytes = Double(peakResidentBytes()) / 1_048_576
        return row
    }

    private func measureReads(
        _ store: ChainStore, _ size: Int, _ row: inout StateBenchmarkRow, _ progress: (String, Double) -> Void
    ) throws {
        progress("reads", 0)
        guard let height = try store.head()?.header.height else { throw StateBenchmarkError.wrongState }
        let state = try store.state(height: height)
        var random = BenchRandom(seed: 7)
        let addresses = (0..<reads).map { _ in BulkState.address(random.below(size)) }
        let start = ContinuousClock.now
        for address in addresses {
            guard try state.account(address) != nil else { throw StateBenchmarkError.wrongState }
        }
        row.readsPerSecond = Double(reads) / seconds(since: start)
    }

    private func measureBlocks(
        _ store: ChainStore, _ size: Int, _ runner: ParallelRunner, _ row: inout StateBenchmarkRow, _ progress: (String, Double) -> Void
    ) throws {
        let chain = StoredFinalizedChain(store)
        var random = BenchRandom(seed: 8)
        var updates: [Double] = []
        var appends: [Double] = []
        var updateTimes: [Double] = []
        var appendTimes: [Double] = []
        var count = size
        for number in 0..<blocks {
            progress("blocks", Double(number) / Double(blocks))
            let changes = changes(&random, number, size, &count)
            guard let parent = try store.head() else { throw StateBenchmarkError.wrongState }
            var processor = processorSeconds()
            let start = ContinuousClock.now
            let update = try StateTree.update(try chain.tree(), with: changes, runner: runner)
            updates.append(seconds(since: start))
            updateTimes.append(processorSeconds() - processor)
            let block = ExecutedBlock(
                record: BulkState.block(height: parent.header.height + 1, parent: parent.hash, stateRoot: update.root), transactions: [],
                skipped: [], changes: changes, tree: update)
            processor = processorSeconds()
            let appending = ContinuousClock.now
            try store.append([block])
            appends.append(seconds(since: appending))
            appendTimes.append(processorSeconds() - processor)
        }
        row.accountsAfter = count
        row.updateMilliseconds = median(updates) * 1_000
        row.appendMilliseconds = median(appends) * 1_000
        row.updateProcessorMilliseconds = median(updateTimes) * 1_000
        row.appendProcessorMilliseconds = median(appendTimes) * 1_000
        row.treeUpdatesPerSecond = Double(changesPerBlock) / median(updates)
        row.durableUpdatesPerSecond = Double(changesPerBlock) / (median(updates) + median(appends))
    }

    /// A block that changes random accounts, no account twice, and makes some new ones.
    private func changes(_ random: inout BenchRandom, _ number: Int, _ size: Int, _ count: inout Int) -> StateChanges {
        var chosen: Set<Int> = []
        for _ in 0..<changesPerBlock / newShare {
            chosen.insert(count)
            count += 1
        }
        while chosen.count < changesPerBlock { chosen.insert(random.below(size)) }
        var changes = StateChanges()
        for account in chosen.sorted() {
            let record = AccountRecord(nonce: UInt64(number) + 2, balance: UInt256(random.next()))
            changes.accounts.append(AccountChange(address: BulkState.address(account), record: record))
        }
        changes.accounts.sort { $0.address < $1.address }
        return changes
    }

    private func seconds(since start: ContinuousClock.Instant) -> Double { (ContinuousClock.now - start) / .seconds(1) }

    private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    /// Processor time of all threads of the process.
    private func processorSeconds() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private func peakResidentBytes() -> Int {
        var usage = rusage()
        unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss << 10
    }
}

public enum StateBenchmarkError: Error {
    /// The store does not hold what was written.
    case wrongState
}

/// SplitMix64: equal seeds give equal benchmarks.
struct BenchRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
