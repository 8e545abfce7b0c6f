// What a replica tells its node is consistent: blocks are stored before they are certified, certified once and before they are final.

public struct StorageCheck: Checker {
    public private(set) var problems: [String] = []

    public init() {}

    public mutating func note(_ problem: String, node: Int) { problems.note("node \(node): \(problem)") }
}
