// What was asked of peers and not answered yet: single blocks by hash, and ranges of final blocks for catching up.
// Bounded: a few hashes, and a window of a few ranges.
import Primitives

struct Fetcher: Sendable {
    /// A single block asked for.
    struct Wanted: Sendable {
        let hash: Hash256
        var deadline: UInt64
        /// Peers that answered that they do not have it.
        var refusals = 0
    }

    /// Final blocks asked for from `from` on, or here and waiting for those below.
    struct Range: Sendable {
        var from: UInt64
        var count: UInt16
        var deadline: UInt64
        var response: BlockResponse?

        var request: BlockRequest { .range(fromHeight: from, count: count) }
        /// The last height covered.
        var last: UInt64 { from.saturatingAdd(UInt64(max(1, response?.blocks.count ?? Int(count))) - 1) }
    }

    var wanted: [Wanted] = []
    var ranges: [Range] = []
    /// Catch up to this height; 0 when there is nothing to catch up with.
    var target: UInt64 = 0
    /// A peer had no final blocks above this height: go on by hash from here.
    var exhaustedAt: UInt64?
    /// Whom to ask first: the last peer that told us of something we lack.
    var informant: PeerToken?

    /// Ranges under way or waiting.
    static let window = 4
    /// A gap above this is closed by ranges instead of block by block.
    static let maximumHashGap: UInt64 = 16
    /// The same when a commit certificate proves that the gap is final.
    static let maximumFinalHashGap: UInt64 = 3
    /// So many peers are asked at once again when one does not have a block; then the timer decides.
    static let maximumRefusals = 3
    /// No honest chain has more certified blocks above its final head.
    static let maximumOpenGap: UInt64 = 256

    func wants(_ hash: Hash256) -> Bool { wanted.contains { $0.hash == hash } }

    var nextDeadline: UInt64 {
        var next = UInt64.max
        for entry in wanted { next = min(next, entry.deadline) }
        for range in ranges where range.response == nil { next = min(next, range.deadline) }
        return next
    }
}
