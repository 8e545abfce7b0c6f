// Floor 6, StateTests: one case of `hyperseq evm run`: a fork, a block, a state before it, and transactions.
//
// The names are those of upstream's state tests, without the variants: every field of a transaction has one value. A transaction
// may also be given as the hexadecimal text of its signed encoding; then it is decoded and its sender recovered.
import Engine
import Primitives

/// A transaction of a case, as it reaches the engine.
enum EVMCaseTransaction {
    case fields(Transaction, sender: Address)
    case encoded([UInt8])
}

struct EVMCase {
    let environment: BlockEnvironment
    let pre: TestState
    let transactions: [EVMCaseTransaction]

    init(_ json: JSONValue) throws(StateTestFormatError) {
        guard let name = json["fork"]?.string, let fork = StateTestRunner.fork(named: name) else { throw StateTestFormatError(field: "fork") }
        guard let block = json["env"] else { throw StateTestFormatError(field: "env") }
        guard let accounts = json["pre"]?.members else { throw StateTestFormatError(field: "pre") }
        guard let list = json["transactions"]?.elements else { throw StateTestFormatError(field: "transactions") }
        environment = try EVMCase.blockEnvironment(block, fork)
        pre = try TestState(accounts)
        var transactions: [EVMCaseTransaction] = []
        for transaction in list {
            if transaction.string != nil {
                transactions.append(.encoded(try Field.bytes(transaction, "transactions")))
            } else {
                transactions.append(
                    .fields(try EVMCase.transaction(transaction), sender: try Field.address(transaction["sender"], "sender")))
            }
        }
        self.transactions = transactions
    }

    private static func blockEnvironment(_ block: JSONValue, _ fork: Fork) throws(StateTestFormatError) -> BlockEnvironment {
        BlockEnvironment(
            fork: fork, chainID: StateTest.chainID, number: try Field.uint64(block["currentNumber"], "currentNumber"),
            timestampSeconds: try Field.uint64(block["currentTimestamp"], "currentTimestamp"),
            gasLimit: try Field.uint64(block["currentGasLimit"], "currentGasLimit"),
            baseFeePerGas: try Field.uint256(block["currentBaseFee"], "currentBaseFee"),
            coinbase: try Field.address(block["currentCoinbase"], "currentCoinbase"),
            prevRandao: Hash256(try Field.uint256(block["currentRandom"], "currentRandom")),
            blobBaseFee: block["blobBaseFee"] == nil ? 1 : try Field.uint256(block["blobBaseFee"], "blobBaseFee"))
    }

    private static func transaction(_ json: JSONValue) throws(StateTestFormatError) -> Transaction {
        let accessList = try accessList(json)
        let authorizations = try authorizations(json)
        let type: TransactionType
        if authorizations != nil {
            type = .setCode
        } else if json["blobVersionedHashes"] != nil {
            type = .blob
        } else if json["maxFeePerGas"] != nil {
            type = .dynamicFee
        } else {
            type = accessList != nil ? .accessList : .legacy
        }
        let isPriced = type == .legacy || type == .accessList
        let feeCap = try Field.uint256(json[isPriced ? "gasPrice" : "maxFeePerGas"], "gas price")
        var blobHashes: [Hash256] = []
        for hash in json["blobVersionedHashes"]?.elements ?? [] { blobHashes.append(try Field.hash(hash, "blobVersionedHashes")) }
        let to = json["to"]?.string ?? ""
        return Transaction(
            type: type, chainID: type == .legacy ? nil : StateTest.chainID, nonce: try Field.uint64(json["nonce"], "nonce"),
            gasLimit: try Field.uint64(json["gasLimit"], "gasLimit"), maxFeePerGas: feeCap,
            maxPriorityFeePerGas: isPriced ? feeCap : try Field.uint256(json["maxPriorityFeePerGas"], "maxPriorityFeePerGas"),
            to: to.isEmpty ? nil : try Field.address(json["to"], "to"), value: try Field.uint256(json["value"], "value"),
            data: try Field.bytes(json["data"], "data"), accessList: accessList ?? [], authorizations: authorizations ?? [],
            maxFeePerBlobGas: type == .blob ? try Field.uint256(json["maxFeePerBlobGas"], "maxFeePerBlobGas") : .zero,
            blobHashes: blobHashes)
    }

    private static func accessList(_ json: JSONValue) throws(StateTestFormatError) -> [AccessListEntry]? {
        guard let entries = json["accessList"]?.elements else { return nil }
        var result: [AccessListEntry] = []
        for entry in entries {
            var keys: [UInt256] = []
            for key in entry["storageKeys"]?.elements ?? [] { keys.append(try Field.uint256(key, "storageKeys")) }
            result.append(AccessListEntry(address: try Field.address(entry["address"], "accessList"), storageKeys: keys))
        }
        return result
    }

    private static func authorizations(_ json: JSONValue) throws(StateTestFormatError) -> [Authorization]? {
        guard let entries = json["authorizationList"]?.elements else { return nil }
        var result: [Authorization] = []
        for entry in entries {
            result.append(
                Authorization(
                    chainID: try Field.uint256(entry["chainId"], "chainId"), address: try Field.address(entry["address"], "address"),
                    nonce: try Field.uint64(entry["nonce"], "nonce"),
                    yParity: UInt8(clamping: try Field.uint64(entry["yParity"], "yParity")), r: try Field.uint256(entry["r"], "r"),
                    s: try Field.uint256(entry["s"], "s")))
        }
        return result
    }
}
