// Transactions that cannot be included: each rule, its words, and that nothing changes.
import Engine
import Primitives
import Testing

@Suite("Transaction validation")
struct ValidationTests {
    func rejection(
        _ fork: Fork = .prague, baseFee: UInt256 = .zero, nonce: UInt64 = 0, balance: UInt256 = Fixed.richBalance, senderCode: [UInt8] = [],
        _ change: (inout Transaction) -> Void
    ) -> TransactionInvalidity? {
        let world = World(fork, baseFee: baseFee) { $0.put(Fixed.sender, balance: balance, nonce: nonce, code: senderCode) }
        var transaction = callTransaction(nonce: nonce, maxFee: baseFee)
        change(&transaction)
        do {
            _ = try world.execute(transaction)
            return nil
        } catch let error as ExecutionError {
            #expect(world.executor.changes() == StateChanges())
            guard case .invalid(let reason) = error else { return nil }
            return reason
        } catch {
            return nil
        }
    }

    @Test("nonces")
    func nonces() {
        #expect(rejection(nonce: 5) { $0.nonce = 3 } == .nonceTooLow(expected: 5, got: 3))
        #expect(rejection(nonce: 5) { $0.nonce = 6 } == .nonceTooHigh(expected: 5, got: 6))
        #expect(rejection(nonce: .max) { _ in } == .nonceOverflow)
        #expect(TransactionInvalidity.nonceTooLow(expected: 5, got: 3).message == "nonce too low: next nonce 5, tx nonce 3")
    }

    @Test("fees")
    func fees() {
        #expect(rejection(baseFee: 10) { $0.maxFeePerGas = 9 } == .feeCapBelowBaseFee(feeCap: 9, baseFee: 10))
        #expect(rejection { $0.maxPriorityFeePerGas = 1 } == .tipAboveFeeCap(tip: 1, feeCap: 0))
        #expect(TransactionInvalidity.feeCapBelowBaseFee(feeCap: 9, baseFee: 10).message.hasPrefix("max fee per gas less than block base fee"))
    }

    @Test("funds")
    func funds() {
        let short = rejection(balance: 1_000_000) { transaction in
            transaction.maxFeePerGas = 1
            transaction.gasLimit = 900_000
            transaction.value = 100_001
        }
        #expect(short == .insufficientFunds(sender: Fixed.sender, have: 1_000_000, want: 1_000_001))
        #expect(short?.message.hasPrefix("insufficient funds for gas * price + value: address 0x") == true)
        #expect(rejection { $0.maxFeePerGas = .max } == .insufficientFunds(sender: Fixed.sender, have: Fixed.richBalance, want: .max))
    }

    @Test("gas")
    func gas() {
        #expect(rejection { $0.gasLimit = 20999 } == .intrinsicGasTooLow(have: 20999, want: 21000))
        #expect(rejection { $0.gasLimit = 30_000_001 } == .gasLimitAboveBlock(available: 30_000_000, got: 30_000_001))
        // 100 non-zero bytes: 22,600 intrinsic, 25,000 floor from Prague (EIP-7623).
        let data = [UInt8](repeating: 1, count: 100)
        #expect(rejection { $0.data = data; $0.gasLimit = 24999 } == .floorGasTooLow(have: 24999, want: 25000))
        #expect(rejection(.cancun) { $0.data = data; $0.gasLimit = 22600 } == nil)
        #expect(rejection { $0.to = nil; $0.data = [UInt8](repeating: 0, count: 49153) } == .initCodeTooLarge(count: 49153))
    }

    @Test("from Osaka a transaction has at most 2^24 gas (EIP-7825)")
    func gasLimitOfOsaka() throws {
        let tooMuch = rejection(.osaka) { $0.gasLimit = 16_777_217 }
        #expect(tooMuch == .gasLimitAboveTransactionLimit(limit: 16_777_216, got: 16_777_217))
        #expect(tooMuch?.message == "transaction gas limit too high (cap: 16777216, tx: 16777217)")
        #expect(rejection(.osaka) { $0.gasLimit = 16_777_216 } == nil)
        #expect(rejection(.prague) { $0.gasLimit = 16_777_217 } == nil)
    }

    @Test("senders and types")
    func types() {
        #expect(rejection(senderCode: [1]) { _ in } == .senderHasCode(sender: Fixed.sender))
        #expect(rejection(senderCode: [0xef, 1, 0] + Fixed.other.bytes) { _ in } == nil)
        #expect(rejection(.cancun, senderCode: [0xef, 1, 0] + Fixed.other.bytes) { _ in } == .senderHasCode(sender: Fixed.sender))
        #expect(rejection { $0.chainID = 8 } == .wrongChainID(expected: 7, got: 8))
        #expect(rejection { $0.type = .legacy; $0.chainID = nil } == nil)
        #expect(rejection(.cancun) { $0.type = .setCode } == .unsupportedType(.setCode))
        #expect(rejection(.shanghai) { $0.type = .blob } == .unsupportedType(.blob))
        #expect(rejection { $0.type = .setCode } == .emptyAuthorizationList)
        #expect(rejection { $0.type = .setCode; $0.to = nil } == .setCodeCreation)
    }

    @Test("blobs (EIP-4844)")
    func blobs() {
        let hash = Hash256(w0: 1 << 56, w1: 0, w2: 0, w3: 1)
        func blob(_ fork: Fork = .prague, _ change: @escaping (inout Transaction) -> Void) -> TransactionInvalidity? {
            rejection(fork) { transaction in
                transaction.type = .blob
                transaction.blobHashes = [hash]
                transaction.maxFeePerBlobGas = 3
                change(&transaction)
            }
        }
        #expect(blob { _ in } == nil)
        #expect(blob { $0.blobHashes = [] } == .missingBlobs)
        #expect(blob { $0.to = nil } == .blobCreation)
        #expect(blob { $0.blobHashes = [.zero] } == .invalidBlobVersion)
        #expect(blob { $0.maxFeePerBlobGas = 2 } == .blobFeeCapBelowBaseFee(feeCap: 2, baseFee: 3))
        #expect(blob { $0.blobHashes = .init(repeating: hash, count: 10) } == .tooManyBlobs(count: 10, limit: 9))
        #expect(blob(.osaka) { $0.blobHashes = .init(repeating: hash, count: 7) } == .tooManyBlobs(count: 7, limit: 6))
        #expect(blob(.osaka) { $0.blobHashes = .init(repeating: hash, count: 6) } == nil)
        #expect(blob(.cancun) { $0.blobHashes = .init(repeating: hash, count: 7) } == .tooManyBlobs(count: 7, limit: 6))
    }

    @Test("intrinsic gas counts bytes, words of init code, lists and authorizations")
    func intrinsicGas() {
        var transaction = callTransaction(data: [0, 1, 2])
        transaction.accessList = [AccessListEntry(address: Fixed.other, storageKeys: [1, 2])]
        #expect(GasRules.intrinsicGas(of: transaction, fork: .prague) == (21000 + 4 + 32 + 2400 + 3800, 21000 + 90))
        #expect(GasRules.intrinsicGas(of: transaction, fork: .cancun).floor == 0)
        let creation = callTransaction(to: nil, data: [UInt8](repeating: 0, count: 33))
        #expect(GasRules.intrinsicGas(of: creation, fork: .shanghai).intrinsic == 53000 + 132 + 4)
        let authorization = Authorization(chainID: 0, address: .zero, nonce: 0, yParity: 0, r: 1, s: 1)
        #expect(GasRules.intrinsicGas(of: callTransaction(authorizations: [authorization]), fork: .prague).intrinsic == 46000)
    }
}
