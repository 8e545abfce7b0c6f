// Floor 1, Engine: what must hold before a transaction runs, in go-ethereum's order where more than one rule is broken.
import Primitives

/// A transaction or call that may run: the form both take from here on.
struct Message {
    var sender: Address
    var senderIndex: Int
    /// The sender's nonce before execution.
    var nonce: UInt64
    var to: Address?
    var gasLimit: Int64
    var intrinsicGas: Int64
    var floorGas: Int64
    var gasPrice: UInt256
    var value: UInt256
    var data: [UInt8]
    var accessList: [AccessListEntry]
    var authorizations: [Authorization]
    var blobHashes: [Hash256]
    /// Burnt on top of the gas (EIP-4844).
    var blobFee: UInt256
}

extension TransactionExecutor {
    func validate(_ transaction: Transaction, sender: Address) throws(TransactionInvalidity) -> Message {
        try checkType(transaction)
        let index = unsafe machine.pointee.journal.account(sender)
        let record = unsafe machine.pointee.journal.record(index)
        if transaction.nonce < record.nonce { throw .nonceTooLow(expected: record.nonce, got: transaction.nonce) }
        if transaction.nonce > record.nonce { throw .nonceTooHigh(expected: record.nonce, got: transaction.nonce) }
        if record.nonce == UInt64.max { throw .nonceOverflow }
        if environment.fork >= .osaka, transaction.gasLimit > GasRules.transactionLimit {
            throw .gasLimitAboveTransactionLimit(limit: GasRules.transactionLimit, got: transaction.gasLimit)
        }
        if record.codeHash != Keccak256.empty, !isDelegated(index) { throw .senderHasCode(sender: sender) }

        let gasPrice = try effectivePrice(transaction.maxFeePerGas, transaction.maxPriorityFeePerGas)
        let blobFee = try checkBlobs(transaction)
        let available = UInt64(Int64.max) < environment.gasLimit ? UInt64(Int64.max) : environment.gasLimit
        guard transaction.gasLimit <= available else { throw .gasLimitAboveBlock(available: available, got: transaction.gasLimit) }
        let most = cost(
            gas: transaction.gasLimit, price: transaction.maxFeePerGas, value: transaction.value,
            blobGas: GasRules.perBlob * UInt64(transaction.blobHashes.count), blobPrice: transaction.maxFeePerBlobGas)
        guard let most, most <= record.balance else {
            throw .insufficientFunds(sender: sender, have: record.balance, want: most ?? .max)
        }
        let gas = GasRules.intrinsicGas(of: transaction, fork: environment.fork)
        try checkGas(transaction.gasLimit, gas)
        try checkInitCode(transaction.to, transaction.data)
        return Message(
            sender: sender, senderIndex: index, nonce: record.nonce, to: transaction.to, gasLimit: Int64(transaction.gasLimit),
            intrinsicGas: Int64(gas.intrinsic), floorGas: Int64(gas.floor), gasPrice: gasPrice, value: transaction.value,
            data: transaction.data, accessList: transaction.accessList, authorizations: transaction.authorizations,
            blobHashes: transaction.blobHashes, blobFee: blobFee)
    }

    func validate(_ request: CallRequest) throws(TransactionInvalidity) -> Message {
        let index = unsafe machine.pointee.journal.account(request.from)
        let record = unsafe machine.pointee.journal.record(index)
        let gasPrice = request.maxFeePerGas.isZero ? .zero : try effectivePrice(request.maxFeePerGas, request.maxPriorityFeePerGas)
        if !request.authorizations.isEmpty, request.to == nil { throw .setCodeCreation }
        let gasLimit = min(request.gasLimit, UInt64(Int64.max))
        let most = cost(gas: gasLimit, price: request.maxFeePerGas, value: request.value, blobGas: 0, blobPrice: .zero)
        guard let most, most <= record.balance else {
            throw .insufficientFunds(sender: request.from, have: record.balance, want: most ?? .max)
        }
        let gas = GasRules.intrinsicGas(
            isCreation: request.to == nil, data: request.data, accessList: request.accessList,
            authorizationCount: request.authorizations.count, fork: environment.fork)
        try checkGas(gasLimit, gas)
        try checkInitCode(request.to, request.data)
        return Message(
            sender: request.from, senderIndex: index, nonce: record.nonce, to: request.to, gasLimit: Int64(gasLimit),
            intrinsicGas: Int64(gas.intrinsic), floorGas: Int64(gas.floor), gasPrice: gasPrice, value: request.value,
            data: request.data, accessList: request.accessList, authorizations: request.authorizations, blobHashes: [],
            blobFee: .zero)
    }

    private func checkType(_ transaction: Transaction) throws(TransactionInvalidity) {
        if let chainID = transaction.chainID, chainID != environment.chainID || environment.fork < .spuriousDragon {
            throw .wrongChainID(expected: environment.chainID, got: chainID)
        }
        switch transaction.type {
        case .legacy: return
        case .accessList: guard environment.fork >= .berlin else { throw .unsupportedType(.accessList) }
        case .dynamicFee: guard environment.fork >= .london else { throw .unsupportedType(.dynamicFee) }
        case .blob: guard environment.fork >= .cancun else { throw .unsupportedType(.blob) }
        case .setCode:
            guard environment.fork >= .prague else { throw .unsupportedType(.setCode) }
            if transaction.to == nil { throw .setCodeCreation }
            if transaction.authorizations.isEmpty { throw .emptyAuthorizationList }
        }
    }

    /// EIP-1559. For types 0 and 1 both fees are the gas price.
    private func effectivePrice(_ feeCap: UInt256, _ tip: UInt256) throws(TransactionInvalidity) -> UInt256 {
        let baseFee = unsafe machine.pointee.environment.baseFeePerGas
        if tip > feeCap { throw .tipAboveFeeCap(tip: tip, feeCap: feeCap) }
        guard let room = feeCap.subtracting(baseFee) else { throw .feeCapBelowBaseFee(feeCap: feeCap, baseFee: baseFee) }
        return baseFee &+ min(tip, room)
    }

    /// EIP-4844: returns the fee that is burnt for the blobs.
    private func checkBlobs(_ transaction: Transaction) throws(TransactionInvalidity) -> UInt256 {
        guard transaction.type == .blob else { return .zero }
        if transaction.to == nil { throw .blobCreation }
        if transaction.blobHashes.isEmpty { throw .missingBlobs }
        let limit = GasRules.maximumBlobs(environment.fork)
        guard transaction.blobHashes.count <= limit else { throw .tooManyBlobs(count: transaction.blobHashes.count, limit: limit) }
        for hash in transaction.blobHashes where hash.w0 >> 56 != 1 { throw .invalidBlobVersion }
        guard transaction.maxFeePerBlobGas >= environment.blobBaseFee else {
            throw .blobFeeCapBelowBaseFee(feeCap: transaction.maxFeePerBlobGas, baseFee: environment.blobBaseFee)
        }
        return environment.blobBaseFee &* UInt256(GasRules.perBlob * UInt64(transaction.blobHashes.count))
    }

    private func checkGas(_ limit: UInt64, _ gas: (intrinsic: UInt64, floor: UInt64)) throws(TransactionInvalidity) {
        guard limit >= gas.intrinsic else { throw .intrinsicGasTooLow(have: limit, want: gas.intrinsic) }
        guard limit >= gas.floor else { throw .floorGasTooLow(have: limit, want: gas.floor) }
    }

    private func checkInitCode(_ to: Address?, _ data: [UInt8]) throws(TransactionInvalidity) {
        if to == nil, environment.fork >= .shanghai, data.count > CodeLimit.initCodeBytes { throw .initCodeTooLarge(count: data.count) }
    }

    /// The most that can leave the sender's account, or `nil` when it exceeds 256 bits.
    private func cost(gas: UInt64, price: UInt256, value: UInt256, blobGas: UInt64, blobPrice: UInt256) -> UInt256? {
        guard let fee = price.multiplied(by: UInt256(gas)), let blobFee = blobPrice.multiplied(by: UInt256(blobGas)) else { return nil }
        return fee.adding(value)?.adding(blobFee)
    }

    /// EIP-7702: whether the account's code is a delegation designator.
    func isDelegated(_ index: Int) -> Bool {
        guard environment.fork >= .prague else { return false }
        return unsafe machine.pointee.journal.code(index).delegate != nil
    }
}
