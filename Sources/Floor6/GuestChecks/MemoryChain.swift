// Floor 6, GuestChecks: a chain in memory that batches are drawn on.
import Engine
import Primitives

final class MemoryState: StateDatabase {
    private var accounts: [Address: AccountRecord] = [:]
    private var slots: [Address: [UInt256: UInt256]] = [:]
    private var codes: [Hash256: [UInt8]] = [:]
    var hashes: [UInt64: Hash256] = [:]

    override func account(_ address: Address) throws(StateError) -> AccountRecord? { accounts[address] }
    override func storage(_ address: Address, _ slot: UInt256) throws(StateError) -> UInt256 { slots[address]?[slot] ?? .zero }
    override func code(_ hash: Hash256) throws(StateError) -> [UInt8] {
        guard let code = codes[hash] else { throw .unavailable }
        return code
    }
    override func blockHash(_ number: UInt64) throws(StateError) -> Hash256? { hashes[number] }
    override func hasStorage(_ address: Address) throws(StateError) -> Bool { slots[address]?.isEmpty == false }

    func apply(_ changes: StateChanges) {
        for change in changes.accounts {
            accounts[change.address] = change.record
            if change.record == nil { slots[change.address] = nil }
        }
        for change in changes.storage {
            slots[change.address, default: [:]][change.slot] = change.value.isZero ? nil : change.value
        }
        for change in changes.code { codes[change.hash] = change.code }
    }
}

/// A chain whose blocks are final at once.
final class MemoryChain {
    let state = MemoryState()
    let tree = MemoryTreeStore()
    let rules: ChainRules
    private(set) var tip: ChainTip
    /// The header at height 0, whose hash names the chain.
    let identity: Hash256

    static let proposer = Address(small: 0xfee)
    static let genesisMilliseconds: UInt64 = 1_750_000_000_000

    /// `accounts` ascend by address.
    init(rules: ChainRules, genesis: StateChanges) throws(StateError) {
        self.rules = rules
        let header = BlockHeader(
            epoch: 0, view: 0, height: 0, parentHash: .zero, parentView: 0, payloadRoot: Keccak256.empty, payloadByteCount: 0,
            timestampMilliseconds: MemoryChain.genesisMilliseconds, proposer: .zero)
        identity = header.hash
        state.apply(genesis)
        state.hashes[0] = header.hash
        let update = try StateTree.update(TreeStore(), with: genesis)
        try tree.apply(update)
        tip = ChainTip(
            blockHash: header.hash, height: 0, stateRoot: update.root, leafCount: update.leafCount,
            facts: ParentFacts(baseFeePerGas: rules.minimumBaseFeePerGas, gasUsed: 0, gasLimit: rules.gasLimit))
    }

    /// Blocks with these raw transactions on top of the tip; nothing is executed.
    func batch(_ payloads: [[[UInt8]]]) -> Batch {
        var blocks: [BatchBlock] = []
        var parent = tip.blockHash
        for (offset, transactions) in payloads.enumerated() {
            let payload = Payload.encode(transactions)
            let height = tip.height + 1 + UInt64(offset)
            let header = BlockHeader(
                epoch: 0, view: height, height: height, parentHash: parent, parentView: height - 1,
                payloadRoot: Keccak256.hash(payload), payloadByteCount: UInt32(payload.count),
                timestampMilliseconds: MemoryChain.genesisMilliseconds + height * 250, proposer: MemoryChain.proposer)
            blocks.append(BatchBlock(header: header, payload: payload))
            parent = header.hash
        }
        return Batch(chainIdentity: identity, rules: rules, before: tip, blocks: blocks)
    }

    /// Executes a batch on the tip and gathers its witness.
    func execute(_ batch: Batch) throws -> (result: BatchResult, witness: Witness) {
        let recorder = RecordingState(base: state, before: batch.before)
        let result = try BatchTransition.execute(batch, database: recorder, tree: tree)
        return (result, try recorder.witness(for: result.blocks, tree: tree))
    }

    /// Makes an executed batch part of the chain.
    func append(_ result: BatchResult) throws {
        for block in result.blocks {
            state.apply(block.changes)
            try tree.apply(block.tree)
            state.hashes[block.record.header.height] = block.record.hash
        }
        tip = result.statement.after
    }
}
