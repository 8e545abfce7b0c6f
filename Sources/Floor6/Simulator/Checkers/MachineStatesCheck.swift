// Two honest nodes that executed the same final block hold the same state, byte for byte: what the block changed, its roots and receipts
// are compared as values, and in the end all accounts.
public import Engine
public import Primitives

public struct MachineStatesCheck: Checker {
    public private(set) var problems: [String] = []
    /// What the first node made of each height.
    private var blocks: [ExecutedBlock?] = []

    public init() {}

    public mutating func executed(_ block: ExecutedBlock, node: Int) {
        let height = block.record.header.height
        let index = Int(height)
        while blocks.count <= index { blocks.append(nil) }
        guard let known = blocks[index] else {
            blocks[index] = block
            return
        }
        if known != block { problems.note("node \(node) has another state at height \(height)") }
    }

    /// At the end: the accounts of a node against those of the first one at the same height.
    public mutating func ended(
        node: Int, height: UInt64, accounts: [Address: AccountRecord], reference: (height: UInt64, accounts: [Address: AccountRecord])
    ) {
        guard height == reference.height else { return }
        if accounts != reference.accounts { problems.note("node \(node) holds other accounts at height \(height)") }
    }
}
