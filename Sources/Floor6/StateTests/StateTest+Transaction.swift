// Floor 6, StateTests: a fixture's block and transaction fields as the engine's types.
import Engine
import Primitives

extension StateTest {
    /// State tests run on chain 1.
    static let chainID: UInt64 = 1

    func blockEnvironment(_ fork: Fork) throws(StateTestFormatError) -> BlockEnvironment {
        let random = fork >= .paris ? environment["currentRandom"] : nil
        return BlockEnvironment(
            fork: fork, chainID: StateTest.chainID, number: try Field.uint64(environment["currentNumber"], "currentNumber"),
            timestampSeconds: try Field.uint64(environment["currentTimestamp"], "currentTimestamp"),
            gasLimit: try Field.uint256(environment["currentGasLimit"], "currentGasLimit").saturatedUInt64,
            baseFeePerGas: environment["currentBaseFee"] == nil || fork < .london
                ? .zero : try Field.uint256(environment["currentBaseFee"], "currentBaseFee"),
            coinbase: try Field.address(environment["currentCoinbase"], "currentCoinbase"),
            prevRandao: Hash256(try Field.uint256(random ?? environment["currentDifficulty"], "currentRandom")), blobBaseFee: try blobBaseFee(fork))
    }

    private func blobBaseFee(_ fork: Fork) throws(StateTestFormatError) -> UInt256 {
        guard let json = environment["currentExcessBlobGas"], let blobGas = BlobGas(fork) else { return 1 }
        return blobGas.baseFee(excess: try Field.uint64(json, "currentExcessBlobGas"))
    }

    func sender() throws(StateTestFormatError) -> Address { try Field.address(transaction["sender"], "sender") }

    /// The variant that a case selects.
    func transaction(_ selected: StateTestCase) throws(StateTestFormatError) -> Transaction {
        let accessList = try accessList(selected.dataIndex)
        let authorizations = try authorizations()
        let type: TransactionType
        if authorizations != nil {
            type = .setCode
        } else if transaction["maxFeePerBlobGas"] != nil {
            type = .blob
        } else if transaction["maxFeePerGas"] != nil {
            type = .dynamicFee
        } else {
            type = accessList != nil ? .accessList : .legacy
        }
        let isPriced = type == .legacy || type == .accessList
        let feeCap = try Field.uint256(transaction[isPriced ? "gasPrice" : "maxFeePerGas"], "gas price")
        var blobHashes: [Hash256] = []
        for json in transaction["blobVersionedHashes"]?.elements ?? [] { blobHashes.append(try Field.hash(json, "blobVersionedHashes")) }
        let to = transaction["to"]?.string ?? ""
        return Transaction(
            type: type, chainID: type == .legacy ? nil : StateTest.chainID, nonce: try Field.uint64(transaction["nonce"], "nonce"),
            gasLimit: try Field.uint64(try element("gasLimit", selected.gasIndex), "gasLimit"), maxFeePerGas: feeCap,
            maxPriorityFeePerGas: isPriced ? feeCap : try Field.uint256(transaction["maxPriorityFeePerGas"], "maxPriorityFeePerGas"),
            to: to.isEmpty ? nil : try Field.address(transaction["to"], "to"),
            value: try Field.uint256(try element("value", selected.valueIndex), "value"),
            data: try Field.bytes(try element("data", selected.dataIndex), "data"), accessList: accessList ?? [],
            authorizations: authorizations ?? [],
            maxFeePerBlobGas: type == .blob ? try Field.uint256(transaction["maxFeePerBlobGas"], "maxFeePerBlobGas") : .zero,
            blobHashes: blobHashes)
    }

    private func element(_ name: String, _ index: Int) throws(StateTestFormatError) -> JSONValue {
        guard let list = transaction[name]?.elements, index < list.count else { throw StateTestFormatError(field: name) }
        return list[index]
    }

    private func accessList(_ index: Int) throws(StateTestFormatError) -> [AccessListEntry]? {
        guard let lists = transaction["accessLists"]?.elements, index < lists.count, let entries = lists[index].elements else { return nil }
        var result: [AccessListEntry] = []
        for entry in entries {
            var keys: [UInt256] = []
            for key in entry["storageKeys"]?.elements ?? [] { keys.append(try Field.uint256(key, "storageKeys")) }
            result.append(AccessListEntry(address: try Field.address(entry["address"], "accessLists"), storageKeys: keys))
        }
        return result
    }

    private func authorizations() throws(StateTestFormatError) -> [Authorization]? {
        guard let entries = transaction["authorizationList"]?.elements else { return nil }
        var result: [Authorization] = []
        for entry in entries {
            let parity = try Field.uint256(entry["yParity"] ?? entry["v"], "yParity").saturatedUInt64
            result.append(
                Authorization(
                    chainID: try Field.uint256(entry["chainId"], "chainId"), address: try Field.address(entry["address"], "address"),
                    nonce: try Field.uint64(entry["nonce"], "nonce"), yParity: UInt8(clamping: parity),
                    r: try Field.uint256(entry["r"], "r"), s: try Field.uint256(entry["s"], "s")))
        }
        return result
    }
}
