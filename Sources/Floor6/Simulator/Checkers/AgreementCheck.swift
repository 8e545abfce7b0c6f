// Agreement: no two honest nodes finalise different blocks at one height.
public import Primitives

public struct AgreementCheck: Checker {
    public private(set) var problems: [String] = []
    /// The final hash of each height, from 1 on.
    public private(set) var final: [Hash256?] = []

    public init() {}

    public mutating func finalised(height: UInt64, hash: Hash256, node: Int) {
        let index = Int(height)
        while final.count <= index { final.append(nil) }
        if let known = final[index] {
            if known != hash { problems.note("fork at height \(height), seen by node \(node)") }
        } else {
            final[index] = hash
        }
    }

    /// The highest final height at any honest node.
    public var height: UInt64 { UInt64(max(0, final.count - 1)) }
}
