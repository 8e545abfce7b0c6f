// Any bytes as a block: header and payload. What passes is executed, with a state in which every sender is rich, and its state
// root computed. So a damaged signature, which recovers to just another sender, does not end the search.
import Consensus
import Engine
import Executor
import Primitives

private let genesis = Genesis(
    chainID: 1, timestampMilliseconds: 1_000, gasLimit: 30_000_000, baseFeePerGas: 1, accounts: [], validators: [])
private let parent = try? genesis.execute()

private final class RichState: StateDatabase {
    override func account(_ address: Address) throws(StateError) -> AccountRecord? { AccountRecord(balance: FuzzState.richBalance) }
}

func fuzzBlock(_ bytes: [UInt8]) {
    var reader = CanonicalReader(bytes)
    guard let parent, let header = try? BlockHeader.decode(from: &reader) else { return }
    let payload = Array(bytes.dropFirst(BlockHeader.byteCount))
    guard let prepared = try? Payload.prepare(payload, chainID: genesis.chainID, blockGasLimit: genesis.gasLimit, known: { _ in nil }) else {
        return
    }
    let store = LayeredTreeStore(base: TreeStore(), layers: [parent.tree])
    _ = try? BlockExecution.execute(
        header: header, hash: header.hash, transactions: prepared, parent: parent.record, rules: ChainRules(genesis: genesis),
        database: RichState(), tree: store)
}
