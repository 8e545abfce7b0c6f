// Floor 1, Engine: EIP-7702, accounts that let a contract's code act for them.
public import Primitives

extension TransactionExecutor {
    /// Applies a transaction's authorizations; invalid ones are skipped. The effects stay even when the transaction fails.
    /// - Returns: the refund for accounts that existed already.
    func delegate(_ authorizations: [Authorization]) -> Int64 {
        var refund: Int64 = 0
        for authorization in authorizations {
            guard authorization.chainID.isZero || authorization.chainID == UInt256(environment.chainID) else { continue }
            guard authorization.nonce < UInt64.max, let authority = authorization.recoverAuthority() else { continue }
            let index = unsafe machine.pointee.journal.account(authority)
            _ = unsafe machine.pointee.journal.warmAccount(index)
            let record = unsafe machine.pointee.journal.record(index)
            if record.codeHash != Keccak256.empty, !isDelegated(index) { continue }
            guard record.nonce == authorization.nonce else { continue }
            if !record.isEmpty { refund &+= GasRules.authorizationRefund }
            let code: [UInt8] = authorization.address == .zero ? [] : [0xef, 0x01, 0x00] + authorization.address.bytes
            unsafe code.withUnsafeBufferPointer { bytes in
                unsafe machine.pointee.journal.setCode(index, bytes.baseAddress, count: bytes.count)
            }
            unsafe machine.pointee.journal.touch(index)
            unsafe machine.pointee.journal.setNonce(index, record.nonce &+ 1)
        }
        return refund
    }
}

/// EIP-7702's delegation designators.
public enum Delegation {
    /// The account whose code runs in the place of `code`; `nil` when it is ordinary code.
    public static func target(_ code: [UInt8]) -> Address? {
        guard code.count == CodeBlock.delegationLength, code[0] == 0xef, code[1] == 0x01, code[2] == 0x00 else { return nil }
        return Address(code[3...])
    }
}
