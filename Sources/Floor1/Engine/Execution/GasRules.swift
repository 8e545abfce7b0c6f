// Floor 1, Engine: the gas that a transaction costs before it runs.
import Primitives

public enum GasRules {
    public static let transaction: UInt64 = 21000
    static let creation: UInt64 = 32000
    static let zeroByte: UInt64 = 4
    static let accessListAddress: UInt64 = 2400
    static let accessListKey: UInt64 = 1900
    /// EIP-7702: per authorization, most of it refunded when the account exists.
    static let authorization: UInt64 = 25000
    static let authorizationRefund: Int64 = 12500
    /// EIP-7623: a token is a zero byte; other bytes are four.
    static let floorToken: UInt64 = 10
    /// At most this fraction of the consumed gas is given back (EIP-3529).
    static func refundQuotient(_ fork: Fork) -> UInt64 { fork >= .london ? 5 : 2 }
    /// Of a byte of data that is not zero (EIP-2028).
    static func otherByte(_ fork: Fork) -> UInt64 { fork >= .istanbul ? 16 : 68 }
    /// EIP-4844.
    static let perBlob: UInt64 = 1 << 17
    /// EIP-7825: the highest gas limit of a transaction, from Osaka.
    static let transactionLimit: UInt64 = 1 << 24

    /// Gas charged before execution, and the least that the transaction must pay (EIP-7623; zero before Prague).
    public static func intrinsicGas(of transaction: Transaction, fork: Fork) -> (intrinsic: UInt64, floor: UInt64) {
        intrinsicGas(
            isCreation: transaction.to == nil, data: transaction.data, accessList: transaction.accessList,
            authorizationCount: transaction.authorizations.count, fork: fork)
    }

    static func intrinsicGas(
        isCreation: Bool, data: [UInt8], accessList: [AccessListEntry], authorizationCount: Int, fork: Fork
    ) -> (intrinsic: UInt64, floor: UInt64) {
        var zeros: UInt64 = 0
        for byte in data where byte == 0 { zeros &+= 1 }
        let count = UInt64(data.count)
        let others = count - zeros
        var intrinsic = transaction + zeros * zeroByte + others * otherByte(fork)
        if isCreation, fork >= .homestead { intrinsic += creation }
        if isCreation, fork >= .shanghai { intrinsic += 2 * ((count + 31) / 32) }
        for entry in accessList { intrinsic += accessListAddress + accessListKey * UInt64(entry.storageKeys.count) }
        intrinsic += authorization * UInt64(authorizationCount)
        let floor = fork >= .prague ? transaction + floorToken * (zeros + 4 * others) : 0
        return (intrinsic, floor)
    }

    /// Blobs in one transaction: from Osaka by its own rule (EIP-7594), before that as many as in one block (EIP-4844, EIP-7691).
    static func maximumBlobs(_ fork: Fork) -> Int { fork == .prague ? 9 : 6 }
}
