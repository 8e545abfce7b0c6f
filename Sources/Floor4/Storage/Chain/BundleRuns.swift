// Floor 4, Storage: goes through nodes bundle by bundle. Nodes come level by level, each level ascending; those of one group of
// levels are up to four such runs, which are merged so that every bundle is read or written once.
internal import Engine

/// Visits a list of nodes that ascends by level and index.
struct BundleRuns {
    private let count: Int
    private var next = 0
    /// Where each row's run goes on and where it ends, in the group that is being visited.
    private var places = [Int](repeating: 0, count: TreeBundle.levels)
    private var ends = [Int](repeating: 0, count: TreeBundle.levels)

    init(count: Int) { self.count = count }

    /// Whether every node was visited: else they were not in order.
    var isComplete: Bool { next == count }

    /// Takes up the runs of the next group; `nil` at the end.
    mutating func nextGroup(_ level: (Int) -> Int) -> Int? {
        guard next < count else { return nil }
        let group = level(next) / TreeBundle.levels
        for row in 0..<TreeBundle.levels {
            places[row] = next
            while next < count, level(next) == group * TreeBundle.levels + row { next += 1 }
            ends[row] = next
        }
        return ends[TreeBundle.levels - 1] > places[0] ? group : nil
    }

    /// The next bundle of the group; `nil` at the group's end.
    func nextBundle(_ bundle: (Int) -> TreeBundle) -> TreeBundle? {
        var lowest: TreeBundle?
        for row in 0..<TreeBundle.levels where places[row] < ends[row] {
            let candidate = bundle(places[row])
            if let known = lowest, known.index <= candidate.index { continue }
            lowest = candidate
        }
        return lowest
    }

    /// The nodes of a bundle that `nextBundle` gave, row by row.
    mutating func take(_ bundle: TreeBundle, _ of: (Int) -> TreeBundle) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        for row in 0..<TreeBundle.levels {
            let start = places[row]
            while places[row] < ends[row], of(places[row]) == bundle { places[row] += 1 }
            if places[row] > start { ranges.append(start..<places[row]) }
        }
        return ranges
    }
}
