// A chain made up from a seed, with the state of every height kept in memory beside it.
import Consensus
import Engine
import Primitives
import Storage

struct SlotName: Hashable {
    var address: Address
    var slot: UInt256
}

/// Every version of a small state.
final class ModelState {
    var accounts: [Address: AccountRecord] = [:]
    var slots: [SlotName: UInt256] = [:]
    var codes: [Hash256: [UInt8]] = [:]

    init() {}

    init(_ other: ModelState) {
        accounts = other.accounts
        slots = other.slots
        codes = other.codes
    }
}

final class ChainModel {
    var random: Random
    let tree = MemoryTreeStore()
    private(set) var blocks: [ExecutedBlock] = []
    /// The state after each block.
    private(set) var states: [ModelState] = []
    let addresses: [Address]
    let slotNumbers: [UInt256]

    init(seed: UInt64, addresses count: Int = 30, slots: Int = 5) {
        random = Random(seed: seed)
        // Some neighbours, so that a scan which misses the end of a row is noticed.
        addresses = (0..<count).map { Address(small: UInt32($0 / 2 * 1_000 + $0 % 2)) }
        slotNumbers = (0..<slots).map { $0 == 0 ? .max : UInt256(UInt64($0 - 1)) }
    }

    /// Makes the next block with `transactions` included transactions; the first call makes genesis.
    @discardableResult
    func addBlock(transactions: Int = 2, changes: StateChanges? = nil) throws -> ExecutedBlock {
        let state = states.last.map(ModelState.init) ?? ModelState()
        let changes = changes ?? randomChanges(state)
        let update = try StateTree.update(tree, with: changes)
        try tree.apply(update)
        let parent = blocks.last?.record.header
        let header = BlockHeader(
            epoch: 0, view: (parent?.view ?? 0) + 1, height: parent.map { $0.height + 1 } ?? 0, parentHash: parent?.hash ?? .zero,
            parentView: parent?.view ?? 0, payloadRoot: Hash256(random.bytes(32)) ?? .zero, payloadByteCount: 5,
            timestampMilliseconds: 1_000, proposer: addresses[0])
        let hash = header.hash
        let records = (0..<transactions).map { transaction(header.height, UInt32($0), hash) }
        let record = BlockRecord(
            hash: hash, header: header, gasLimit: 30_000_000, gasUsed: 21_000, baseFeePerGas: 7, prevRandao: hash,
            stateRoot: update.root, transactionsRoot: .zero, receiptsRoot: hash, logsBloom: random.bytes(256),
            transactionHashes: records.map(\.hash))
        let skipped = SkippedTransaction(hash: Hash256(random.bytes(32)) ?? .zero, invalidity: .nonceTooLow(expected: header.height, got: 0))
        let block = ExecutedBlock(record: record, transactions: records, skipped: [skipped], changes: changes, tree: update)
        blocks.append(block)
        states.append(state)
        return block
    }

    private func randomChanges(_ state: ModelState) -> StateChanges {
        var changes = StateChanges()
        for address in addresses.sorted() where Int.random(in: 0..<3, using: &random) == 0 {
            let exists = state.accounts[address] != nil
            if exists, Int.random(in: 0..<4, using: &random) == 0 {
                changes.accounts.append(AccountChange(address: address, record: nil))
                state.accounts[address] = nil
            } else {
                let code = random.bytes(Int.random(in: 0...3, using: &random))
                let hash = Keccak256.hash(code)
                if state.codes[hash] == nil { changes.code.append(CodeChange(hash: hash, code: code)) }
                state.codes[hash] = code
                let record = AccountRecord(nonce: random.next(), balance: UInt256(random.next()), codeHash: hash)
                changes.accounts.append(AccountChange(address: address, record: record))
                state.accounts[address] = record
            }
            for slot in slotNumbers.sorted() where Int.random(in: 0..<3, using: &random) == 0 {
                let name = SlotName(address: address, slot: slot)
                let value = Bool.random(using: &random) ? .zero : UInt256(random.next())
                if (state.slots[name] ?? .zero) == value { continue }
                changes.storage.append(StorageChange(address: address, slot: slot, value: value))
                state.slots[name] = value
            }
        }
        changes.code.sort { $0.hash < $1.hash }
        return changes
    }

    private func transaction(_ height: UInt64, _ index: UInt32, _ blockHash: Hash256) -> TransactionRecord {
        let creates = index % 3 == 1
        let transaction = Transaction(
            type: index % 2 == 0 ? .dynamicFee : .legacy, chainID: 270, nonce: height * 1_000 + UInt64(index), gasLimit: 21_000,
            maxFeePerGas: 9, maxPriorityFeePerGas: index % 2 == 0 ? 1 : 9, to: creates ? nil : addresses[0],
            value: UInt256(random.next()), data: random.bytes(creates ? 40 : 0), yParity: 1, r: UInt256(random.next() | 1), s: 5)
        let logs = creates
            ? (0..<3).map { count in
                Log(address: addresses[count], topics: (0..<count).map { _ in blockHash }, data: random.bytes(count * 33))
            } : []
        let receipt = Receipt(
            type: transaction.type, succeeded: index % 5 != 4, cumulativeGasUsed: 21_000 * UInt64(index + 1), gasUsed: 21_000,
            effectiveGasPrice: 8, contractAddress: creates ? addresses[1] : nil, logs: logs)
        return TransactionRecord(
            hash: transaction.hash, sender: addresses[Int(index) % addresses.count], transaction: transaction, blockHash: blockHash,
            blockHeight: height, index: index, firstLogIndex: index, receipt: receipt)
    }
}
