// What a checker found.

/// A rule that did not hold.
public struct Violation: Equatable, Sendable, Encodable {
    /// The type of the checker.
    public var check: String
    public var what: String
    public var atMilliseconds: UInt64

    public init(check: String, what: String, atMilliseconds: UInt64) {
        self.check = check
        self.what = what
        self.atMilliseconds = atMilliseconds
    }
}

/// A rule that is watched while the network runs.
public protocol Checker: Sendable {
    /// What is wrong, each thing once; bounded.
    var problems: [String] { get }
}

/// Problems that a checker keeps; one run needs no more to be judged.
let problemLimit = 8

extension [String] {
    /// Adds a problem unless there are many already.
    mutating func note(_ problem: @autoclosure () -> String) { if count < problemLimit { append(problem()) } }
}
