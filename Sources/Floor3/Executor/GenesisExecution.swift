// Floor 3, Executor: the block at height 0, made from the genesis.
public import Engine
import Primitives

extension Genesis {
    /// Code of the EIP-2935 history contract, which the chain has from the start (EIP-2935, "Block hash history contract").
    static let historyCode: [UInt8] = [
        0x33, 0x73, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xfe, 0x14, 0x60, 0x46, 0x57, 0x60, 0x20, 0x36, 0x03, 0x60, 0x42, 0x57, 0x5f, 0x35, 0x60, 0x01, 0x43, 0x03, 0x81,
        0x11, 0x60, 0x42, 0x57, 0x61, 0x1f, 0xff, 0x81, 0x43, 0x03, 0x11, 0x60, 0x42, 0x57, 0x61, 0x1f, 0xff, 0x90, 0x06, 0x54,
        0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3, 0x5b, 0x5f, 0x5f, 0xfd, 0x5b, 0x5f, 0x35, 0x61, 0x1f, 0xff, 0x60, 0x01, 0x43, 0x03,
        0x06, 0x55, 0x00,
    ]

    /// Address of the EIP-2935 history contract.
    static let historyAddress = Address(w0: 0x0000_f908_27f1_c53a, w1: 0x10cb_7a02_335b_1753, w2: 0x2000_2935)

    /// The accounts of the state at height 0: the genesis' own and the history contract.
    private var initialChanges: StateChanges {
        var all = accounts
        if !all.contains(where: { $0.address == Genesis.historyAddress }) {
            all.append(GenesisAccount(address: Genesis.historyAddress, balance: .zero, nonce: 1, code: Genesis.historyCode))
        }
        all.sort { $0.address < $1.address }
        var changes = StateChanges()
        for account in all {
            let codeHash = Keccak256.hash(account.code)
            let record = AccountRecord(nonce: account.nonce, balance: account.balance, codeHash: codeHash)
            guard !record.isEmpty else { continue }
            changes.accounts.append(AccountChange(address: account.address, record: record))
            for slot in account.storage where !slot.value.isZero {
                changes.storage.append(StorageChange(address: account.address, slot: slot.slot, value: slot.value))
            }
            if !account.code.isEmpty, !changes.code.contains(where: { $0.hash == codeHash }) {
                changes.code.append(CodeChange(hash: codeHash, code: account.code))
            }
        }
        changes.code.sort { $0.hash < $1.hash }
        return changes
    }

    /// The block at height 0 with the state that the genesis describes.
    public func execute() throws(StateError) -> ExecutedBlock {
        let header = self.header
        let hash = header.hash
        let changes = initialChanges
        let update = try StateTree.update(TreeStore(), with: changes)
        let record = BlockRecord(
            hash: hash, header: header, gasLimit: gasLimit, gasUsed: 0, baseFeePerGas: baseFeePerGas, prevRandao: .zero,
            stateRoot: update.root, transactionsRoot: MerklePatriciaTrie.root(ofList: []),
            receiptsRoot: MerklePatriciaTrie.root(ofList: []), logsBloom: LogsBloom().bytes, transactionHashes: [])
        return ExecutedBlock(record: record, transactions: [], skipped: [], changes: changes, tree: update)
    }
}
