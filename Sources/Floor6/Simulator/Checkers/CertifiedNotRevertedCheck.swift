// A block with a quorum certificate is never replaced by another one of its height. The protocol promises it only with the tip rule and
// while no leader equivocates; a plan says whether to watch it.
public import Primitives

public struct CertifiedNotRevertedCheck: Checker {
    public private(set) var problems: [String] = []
    private var certified: [[Hash256]] = []
    private var final: [Hash256?] = []

    public init() {}

    public mutating func certified(height: UInt64, hash: Hash256) {
        let index = Int(height)
        grow(index)
        guard !certified[index].contains(hash) else { return }
        certified[index].append(hash)
        check(index)
    }

    public mutating func finalised(height: UInt64, hash: Hash256) {
        let index = Int(height)
        grow(index)
        guard final[index] == nil else { return }
        final[index] = hash
        check(index)
    }

    /// Certified blocks that gave way; counted whether or not that is promised.
    public private(set) var revertedCount = 0

    private mutating func grow(_ index: Int) {
        while certified.count <= index {
            certified.append([])
            final.append(nil)
        }
    }

    private mutating func check(_ index: Int) {
        guard let final = final[index] else { return }
        let lost = certified[index].filter { $0 != final }
        guard !lost.isEmpty else { return }
        revertedCount += lost.count
        problems.note("a certified block of height \(index) was reverted")
        certified[index].removeAll { $0 != final }
    }
}
