// Any bytes as a block: header and payload. What passes is executed, with a state in which every sender is rich, and its state
// root computed. So a damaged signature, which recovers to just another sender, does not end the search.
import Engine
import Primitives

private let rules = ChainRules(chainID: 1, gasLimit: 30_000_000, minimumBaseFeePerGas: 1)
private let parent = ParentFacts(baseFeePerGas: 1, gasUsed: 0, gasLimit: rules.gasLimit)
private let genesisTree = try? StateTree.update(TreeStore(), with: StateChanges())

func fuzzBlock(_ bytes: [UInt8]) {
    var reader = CanonicalReader(bytes)
    guard let genesisTree, let header = try? BlockHeader.decode(from: &reader) else { return }
    let payload = Array(bytes.dropFirst(BlockHeader.byteCount))
    guard let prepared = try? Payload.prepare(payload, chainID: rules.chainID, blockGasLimit: rules.gasLimit, known: { _ in nil }) else {
        return
    }
    _ = try? BlockExecution.execute(
        header: header, hash: header.hash, transactions: prepared, parent: parent, rules: rules, database: RichState(),
        tree: LayeredTreeStore(base: TreeStore(), layers: [genesisTree]))
}
