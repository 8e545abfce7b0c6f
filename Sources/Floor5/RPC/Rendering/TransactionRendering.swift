// Floor 5, RPC: transactions and receipts with the fields of their EIP-2718 type.
package import Engine
import Primitives

extension JSONWriter {
    /// An included transaction.
    package mutating func transaction(_ record: TransactionRecord) {
        beginObject()
        field("blockHash", record.blockHash)
        field("blockNumber", record.blockHeight)
        field("transactionIndex", UInt64(record.index))
        transactionMembers(
            record.transaction, hash: record.hash, sender: record.sender, gasPrice: record.receipt.effectiveGasPrice)
        endObject()
    }

    /// A transaction that waits in the pool.
    package mutating func transaction(_ pending: PendingTransaction) {
        beginObject()
        raw("\"blockHash\":null,\"blockNumber\":null,\"transactionIndex\":null")
        transactionMembers(
            pending.transaction, hash: pending.hash, sender: pending.sender, gasPrice: pending.transaction.maxFeePerGas)
        endObject()
    }

    private mutating func transactionMembers(_ transaction: Transaction, hash: Hash256, sender: Address, gasPrice: UInt256) {
        field("hash", hash)
        field("type", UInt64(transaction.type.rawValue))
        field("from", sender)
        field("to", transaction.to)
        field("nonce", transaction.nonce)
        field("gas", transaction.gasLimit)
        field("value", transaction.value)
        field("input", data: transaction.data)
        switch transaction.type {
        case .legacy, .accessList:
            field("gasPrice", transaction.maxFeePerGas)
        case .dynamicFee, .blob, .setCode:
            field("gasPrice", gasPrice)
            field("maxFeePerGas", transaction.maxFeePerGas)
            field("maxPriorityFeePerGas", transaction.maxPriorityFeePerGas)
        }
        if let chainID = transaction.chainID { field("chainId", chainID) }
        if transaction.type != .legacy { accessList(transaction.accessList) }
        if transaction.type == .setCode { authorizations(transaction.authorizations) }
        signature(transaction)
    }

    mutating func accessList(_ entries: [AccessListEntry]) {
        key("accessList")
        beginArray()
        for entry in entries {
            element()
            beginObject()
            field("address", entry.address)
            key("storageKeys")
            beginArray()
            for slot in entry.storageKeys {
                element()
                hash(Hash256(slot))
            }
            endArray()
            endObject()
        }
        endArray()
    }

    private mutating func authorizations(_ list: [Authorization]) {
        key("authorizationList")
        beginArray()
        for authorization in list {
            element()
            beginObject()
            field("chainId", authorization.chainID)
            field("address", authorization.address)
            field("nonce", authorization.nonce)
            // An invalid tuple may hold any byte, which makes client libraries refuse the whole block.
            field("yParity", UInt64(authorization.yParity == 0 ? 0 : 1))
            field("r", authorization.r)
            field("s", authorization.s)
            endObject()
        }
        endArray()
    }

    private mutating func signature(_ transaction: Transaction) {
        let yParity = UInt64(transaction.yParity & 1)
        if transaction.type == .legacy {
            if let chainID = transaction.chainID {
                // EIP-155; 2·2^64 + 36 does not fit 64 bits.
                field("v", (UInt256(chainID) &<< 1) &+ UInt256(35 + yParity))
            } else {
                field("v", 27 + yParity)
            }
        } else {
            field("v", yParity)
            field("yParity", yParity)
        }
        field("r", transaction.r)
        field("s", transaction.s)
    }

    /// The receipt of an included transaction.
    package mutating func receipt(_ record: TransactionRecord) {
        beginObject()
        field("transactionHash", record.hash)
        field("transactionIndex", UInt64(record.index))
        field("blockHash", record.blockHash)
        field("blockNumber", record.blockHeight)
        field("from", record.sender)
        field("to", record.transaction.to)
        field("type", UInt64(record.receipt.type.rawValue))
        field("status", UInt64(record.receipt.succeeded ? 1 : 0))
        field("cumulativeGasUsed", record.receipt.cumulativeGasUsed)
        field("gasUsed", record.receipt.gasUsed)
        field("effectiveGasPrice", record.receipt.effectiveGasPrice)
        field("contractAddress", record.receipt.contractAddress)
        field("logsBloom", data: record.receipt.logsBloom.bytes)
        key("logs")
        beginArray()
        for entry in LogEntry.all(of: record) {
            element()
            log(entry, removed: false)
        }
        endArray()
        endObject()
    }
}
