// Every transaction that some node accepted, and whose client goes on asking, is in a final block in the end, and in one only.
public import Primitives

public struct InclusionCheck: Checker {
    public private(set) var problems: [String] = []
    private var accepted: [Hash256: Bool] = [:]
    private var heights: [Hash256: UInt64] = [:]

    public init() {}

    public mutating func accepted(_ hash: Hash256) { if accepted[hash] == nil { accepted[hash] = false } }

    /// A final block of this height holds the transaction as executed.
    public mutating func included(_ hash: Hash256, height: UInt64) {
        if let known = heights[hash], known != height { problems.note("a transaction is in blocks \(known) and \(height)") }
        heights[hash] = height
        if accepted[hash] != nil { accepted[hash] = true }
    }

    public func isIncluded(_ hash: Hash256) -> Bool { heights[hash] != nil }
    public var acceptedCount: Int { accepted.count }
    public var missingCount: Int { accepted.values.count { !$0 } }

    public mutating func ended() {
        let (missing, count) = (missingCount, acceptedCount)
        if missing > 0 { problems.note("\(missing) of \(count) accepted transactions are in no final block") }
    }
}
