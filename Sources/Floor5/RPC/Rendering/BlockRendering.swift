// Floor 5, RPC: blocks as Ethereum's clients expect them. Fields that this chain has no use for carry the value that an
// Ethereum block without ommers, withdrawals, blobs and requests has.
import Consensus
package import Engine
package import Primitives

/// Constants of Ethereum's block header.
enum EmptyRoots {
    /// Keccak-256 of the RLP of an empty list.
    static let ommers: StaticString = "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347"
    /// Root of the empty Merkle-Patricia trie.
    static let trie: StaticString = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"
    /// SHA-256 of nothing: EIP-7685's hash of no requests.
    static let requests: StaticString = "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    static let zero: StaticString = "0x0000000000000000000000000000000000000000000000000000000000000000"
    static let nonce: StaticString = "0x0000000000000000"
}

/// What a block's size counts beside its payload.
private let blockOverheadByteCount = UInt64(BlockHeader.byteCount)

extension JSONWriter {
    /// The members of a header, without the braces: what `newHeads` carries.
    package mutating func headerMembers(_ block: BlockRecord) {
        field("number", block.header.height)
        field("hash", block.hash)
        field("parentHash", block.header.parentHash)
        field("nonce", text: EmptyRoots.nonce)
        field("sha3Uncles", text: EmptyRoots.ommers)
        field("logsBloom", data: block.logsBloom)
        field("transactionsRoot", block.transactionsRoot)
        field("stateRoot", block.stateRoot)
        field("receiptsRoot", block.receiptsRoot)
        field("miner", block.header.proposer)
        field("difficulty", text: "0x0")
        field("extraData", text: "0x")
        field("gasLimit", block.gasLimit)
        field("gasUsed", block.gasUsed)
        field("timestamp", block.header.timestampMilliseconds / 1_000)
        field("mixHash", block.prevRandao)
        field("baseFeePerGas", block.baseFeePerGas)
        constantMembers()
        field("timestampMilliseconds", block.header.timestampMilliseconds)
        field("view", block.header.view)
    }

    private mutating func constantMembers() {
        field("withdrawalsRoot", text: EmptyRoots.trie)
        field("blobGasUsed", text: "0x0")
        field("excessBlobGas", text: "0x0")
        field("parentBeaconBlockRoot", text: EmptyRoots.zero)
        field("requestsHash", text: EmptyRoots.requests)
    }

    /// A whole block; `transactions` are given for the full form, else their hashes are written. `more` may add members.
    package mutating func block(
        _ block: BlockRecord, transactions: [TransactionRecord]?, more: (inout JSONWriter) -> Void = { _ in }
    ) {
        beginObject()
        headerMembers(block)
        field("totalDifficulty", text: "0x0")
        field("size", UInt64(block.header.payloadByteCount) + blockOverheadByteCount)
        key("transactions")
        beginArray()
        if let transactions {
            for transaction in transactions {
                element()
                self.transaction(transaction)
            }
        } else {
            for hash in block.transactionHashes {
                element()
                self.hash(hash)
            }
        }
        endArray()
        raw(",\"uncles\":[],\"withdrawals\":[]")
        more(&self)
        endObject()
    }

    /// The block that would come next: it has no hash, no proposer's signature and no transactions yet.
    package mutating func pendingBlock(_ pending: PendingBlock) {
        beginObject()
        field("number", pending.number)
        raw(",\"hash\":null,\"nonce\":null,\"miner\":null,\"totalDifficulty\":null")
        field("parentHash", pending.parentHash)
        field("sha3Uncles", text: EmptyRoots.ommers)
        field("logsBloom", data: [UInt8](repeating: 0, count: 256))
        field("transactionsRoot", text: EmptyRoots.trie)
        field("stateRoot", pending.stateRoot)
        field("receiptsRoot", text: EmptyRoots.trie)
        field("difficulty", text: "0x0")
        field("extraData", text: "0x")
        field("gasLimit", pending.gasLimit)
        field("gasUsed", text: "0x0")
        field("timestamp", pending.timestampSeconds)
        field("mixHash", pending.prevRandao)
        field("baseFeePerGas", pending.baseFeePerGas)
        constantMembers()
        field("size", blockOverheadByteCount)
        raw(",\"transactions\":[],\"uncles\":[],\"withdrawals\":[]")
        endObject()
    }
}

/// What is known of the next block.
package struct PendingBlock: Sendable {
    package var number: UInt64
    package var parentHash: Hash256
    package var stateRoot: Hash256
    package var gasLimit: UInt64
    package var timestampSeconds: UInt64
    package var prevRandao: Hash256
    package var baseFeePerGas: UInt256
}
