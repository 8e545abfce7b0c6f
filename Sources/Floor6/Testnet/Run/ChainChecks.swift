// Floor 6, Testnet: what is checked on the blocks that the nodes hold at the end of a run.
internal import Foundation
internal import Primitives

/// The final blocks of one node, from height 1.
struct NodeBlocks {
    struct Block: Decodable, Equatable {
        var hash: String
        var stateRoot: String
        var transactions: [String]
    }

    var name: String
    var blocks: [Block]
}

/// No two nodes have different blocks at one height.
struct ForkCheck {
    static func check(_ chains: [NodeBlocks]) -> RunReport.Check {
        compare("no fork", chains) { $0.hash }
    }

    static func compare(_ name: String, _ chains: [NodeBlocks], _ value: (NodeBlocks.Block) -> String) -> RunReport.Check {
        guard let longest = chains.max(by: { $0.blocks.count < $1.blocks.count }) else {
            return .init(name: name, passed: false, detail: "no node could be asked")
        }
        for chain in chains {
            for (index, (block, other)) in zip(chain.blocks, longest.blocks).enumerated() where value(block) != value(other) {
                let detail = "\(chain.name) has \(value(block)) at height \(index + 1), \(longest.name) has \(value(other))"
                return .init(name: name, passed: false, detail: detail)
            }
        }
        let counts = chains.map { "\($0.name) \($0.blocks.count)" }.joined(separator: ", ")
        return .init(name: name, passed: true, detail: "heights compared: \(counts)")
    }
}

/// No two nodes have different states at one height.
struct StateRootCheck {
    static func check(_ chains: [NodeBlocks]) -> RunReport.Check { ForkCheck.compare("state roots equal", chains) { $0.stateRoot } }
}

/// Every transaction that was sent is in exactly one final block, at every node that has the chain to its end.
struct InclusionCheck {
    static func check(sent: [Hash256], _ chain: NodeBlocks) -> RunReport.Check {
        var counts: [Hash256: Int] = [:]
        for text in chain.blocks.lazy.flatMap({ $0.transactions }) { if let hash = Hash256(hex: text) { counts[hash, default: 0] += 1 } }
        let missing = sent.filter { counts[$0] == nil }
        let twice = sent.filter { (counts[$0] ?? 0) > 1 }
        let name = "all transactions included"
        if let first = missing.first { return .init(name: name, passed: false, detail: "\(missing.count) of \(sent.count) missing, first \(first.hex)") }
        if let first = twice.first { return .init(name: name, passed: false, detail: "\(twice.count) included twice, first \(first.hex)") }
        return .init(name: name, passed: true, detail: "\(sent.count) sent, each in one final block")
    }
}

extension BlockReader {
    /// Whole blocks in order; fails as a whole.
    func blocks(_ heights: Range<UInt64>) -> [NodeBlocks.Block]? {
        collect(heights, "eth_getBlockByNumber", { "[\"\($0)\",false]" }, NodeBlocks.Block.self) { $0 }
    }
}
