// Floor 1, Engine: bytes from outside to a `Transaction` (EIP-2718 envelopes and legacy lists).
//
// Invariant: what decodes has exactly one encoding, so `decode(raw).encode() == raw`.
// What the signature recovers to, intrinsic gas and fees are not judged here.
internal import Primitives

extension Transaction {
    /// The largest encoding that is decoded: what public mempools take (geth's txMaxSize), a bound on work per message.
    public static let maxEncodedByteCount = 128 * 1024

    /// The transaction whose canonical encoding is `raw`.
    ///
    /// Takes legacy lists and EIP-2718 types 1, 2 and 4; a blob transaction is `.unsupportedType(3)`.
    public static func decode(_ raw: [UInt8]) throws(TransactionDecodingError) -> Transaction {
        guard raw.count <= maxEncodedByteCount else { throw .tooLarge }
        if raw.first == TransactionType.blob.rawValue { throw .unsupportedType(TransactionType.blob.rawValue) }
        return try decodeEthereum(raw)
    }

    /// The same for a block in Ethereum mode: blob transactions too, and of any size, for the block is bounded instead.
    public static func decodeEthereum(_ raw: [UInt8]) throws(TransactionDecodingError) -> Transaction {
        guard let first = raw.first else { throw .notATransaction }
        if first >= 0xc0 {
            var reader = try TransactionReader(raw, from: 0)
            return try reader.legacy()
        }
        guard first < 0x80 else { throw .notATransaction }
        switch first {
        case 1:
            var reader = try TransactionReader(raw, from: 1)
            return try reader.accessListType()
        case 2:
            var reader = try TransactionReader(raw, from: 1)
            return try reader.dynamicFeeType()
        case 3:
            var reader = try TransactionReader(raw, from: 1)
            return try reader.blobType()
        case 4:
            var reader = try TransactionReader(raw, from: 1)
            return try reader.setCodeType()
        default:
            throw .unsupportedType(first)
        }
    }
}

/// Reads the fields of one transaction in order and names the one that fails.
private struct TransactionReader {
    var cursor: RLPCursor

    init(_ raw: [UInt8], from offset: Int) throws(TransactionDecodingError) {
        var outer = RLPCursor(raw, from: offset)
        do throws(RLPError) {
            cursor = try outer.list()
        } catch {
            throw .malformed(error)
        }
        guard outer.isAtEnd else { throw .malformed(.trailingBytes) }
    }

    // MARK: - Types

    mutating func legacy() throws(TransactionDecodingError) -> Transaction {
        let nonce = try nonce()
        let gasPrice = try uint256(.gasPrice)
        let gasLimit = try uint64(.gasLimit)
        let to = try recipient()
        let value = try uint256(.value)
        let data = try data()
        let v = try uint256(.v)
        let r = try uint256(.r)
        let s = try uint256(.s)
        try finish()
        let (chainID, yParity) = try TransactionReader.replayProtection(v: v)
        return Transaction(
            type: .legacy, chainID: chainID, nonce: nonce, gasLimit: gasLimit, maxFeePerGas: gasPrice,
            maxPriorityFeePerGas: gasPrice, to: to, value: value, data: data, yParity: yParity, r: r, s: s)
    }

    /// EIP-155: 27 or 28 without a chain ID, 35 + 2 * chain ID + y parity with it.
    private static func replayProtection(v: UInt256) throws(TransactionDecodingError) -> (UInt64?, UInt8) {
        if v == 27 { return (nil, 0) }
        if v == 28 { return (nil, 1) }
        guard let rest = v.subtracting(35), let chainID = (rest &>> 1).asUInt64 else { throw .invalidV }
        return (chainID, UInt8(truncatingIfNeeded: rest.l0 & 1))
    }

    mutating func accessListType() throws(TransactionDecodingError) -> Transaction {
        let chainID = try uint64(.chainID)
        let nonce = try nonce()
        let gasPrice = try uint256(.gasPrice)
        var transaction = Transaction(
            type: .accessList, chainID: chainID, nonce: nonce, gasLimit: try uint64(.gasLimit), maxFeePerGas: gasPrice,
            maxPriorityFeePerGas: gasPrice, to: try recipient(), value: try uint256(.value), data: try data(),
            accessList: try accessList())
        try signature(into: &transaction)
        return transaction
    }

    mutating func dynamicFeeType() throws(TransactionDecodingError) -> Transaction {
        var transaction = try feeMarketFields(.dynamicFee)
        try signature(into: &transaction)
        return transaction
    }

    /// EIP-4844, as it stands in a block: without the blobs themselves.
    mutating func blobType() throws(TransactionDecodingError) -> Transaction {
        var transaction = try feeMarketFields(.blob)
        guard transaction.to != nil else { throw .missingRecipient }
        transaction.maxFeePerBlobGas = try uint256(.maxFeePerBlobGas)
        transaction.blobHashes = try blobHashes()
        try signature(into: &transaction)
        return transaction
    }

    mutating func setCodeType() throws(TransactionDecodingError) -> Transaction {
        var transaction = try feeMarketFields(.setCode)
        guard transaction.to != nil else { throw .missingRecipient }
        transaction.authorizations = try authorizations()
        guard !transaction.authorizations.isEmpty else { throw .noAuthorizations }
        try signature(into: &transaction)
        return transaction
    }

    /// What types 2, 3 and 4 share: EIP-1559's fields up to the access list.
    private mutating func feeMarketFields(_ type: TransactionType) throws(TransactionDecodingError) -> Transaction {
        let chainID = try uint64(.chainID)
        let nonce = try nonce()
        let priorityFee = try uint256(.maxPriorityFeePerGas)
        let maxFee = try uint256(.maxFeePerGas)
        return Transaction(
            type: type, chainID: chainID, nonce: nonce, gasLimit: try uint64(.gasLimit), maxFeePerGas: maxFee,
            maxPriorityFeePerGas: priorityFee, to: try recipient(), value: try uint256(.value), data: try data(),
            accessList: try accessList())
    }

    private mutating func signature(into transaction: inout Transaction) throws(TransactionDecodingError) {
        let yParity = try uint64(.yParity)
        guard yParity <= 1 else { throw .invalidYParity }
        transaction.yParity = UInt8(truncatingIfNeeded: yParity)
        transaction.r = try uint256(.r)
        transaction.s = try uint256(.s)
        try finish()
    }

    // MARK: - Fields

    private func present(_ field: TransactionField) throws(TransactionDecodingError) {
        if cursor.isAtEnd { throw .missingField(field) }
    }

    private func finish() throws(TransactionDecodingError) {
        guard cursor.isAtEnd else { throw .extraFields }
    }

    private mutating func uint64(_ field: TransactionField) throws(TransactionDecodingError) -> UInt64 {
        try present(field)
        do throws(RLPError) { return try cursor.uint64() } catch { throw .invalidField(field, error) }
    }

    private mutating func uint256(_ field: TransactionField) throws(TransactionDecodingError) -> UInt256 {
        try present(field)
        do throws(RLPError) { return try cursor.uint256() } catch { throw .invalidField(field, error) }
    }

    private mutating func nonce() throws(TransactionDecodingError) -> UInt64 {
        let nonce = try uint64(.nonce)
        guard nonce != .max else { throw .nonceTooHigh }
        return nonce
    }

    private mutating func recipient() throws(TransactionDecodingError) -> Address? {
        try present(.to)
        do throws(RLPError) { return try cursor.optionalAddress() } catch { throw .invalidField(.to, error) }
    }

    private mutating func data() throws(TransactionDecodingError) -> [UInt8] {
        try present(.data)
        do throws(RLPError) { return try cursor.byteString() } catch { throw .invalidField(.data, error) }
    }

    private mutating func accessList() throws(TransactionDecodingError) -> [AccessListEntry] {
        try present(.accessList)
        do throws(RLPError) {
            var entries: [AccessListEntry] = []
            var list = try cursor.list()
            while !list.isAtEnd {
                var entry = try list.list()
                let address = try entry.address()
                var keys = try entry.list()
                guard entry.isAtEnd else { throw .trailingBytes }
                var storageKeys: [UInt256] = []
                while !keys.isAtEnd { storageKeys.append(try keys.word256()) }
                entries.append(AccessListEntry(address: address, storageKeys: storageKeys))
            }
            return entries
        } catch {
            throw .invalidField(.accessList, error)
        }
    }

    private mutating func blobHashes() throws(TransactionDecodingError) -> [Hash256] {
        try present(.blobVersionedHashes)
        do throws(RLPError) {
            var hashes: [Hash256] = []
            var list = try cursor.list()
            while !list.isAtEnd { hashes.append(Hash256(try list.word256())) }
            return hashes
        } catch {
            throw .invalidField(.blobVersionedHashes, error)
        }
    }

    /// EIP-7702 bounds only: a y parity above 1 fits its 8 bits, such a tuple is skipped at execution.
    private mutating func authorizations() throws(TransactionDecodingError) -> [Authorization] {
        try present(.authorizationList)
        do throws(RLPError) {
            var tuples: [Authorization] = []
            var list = try cursor.list()
            while !list.isAtEnd {
                var tuple = try list.list()
                tuples.append(
                    Authorization(
                        chainID: try tuple.uint256(), address: try tuple.address(), nonce: try tuple.uint64(),
                        yParity: try tuple.uint8(), r: try tuple.uint256(), s: try tuple.uint256()))
                guard tuple.isAtEnd else { throw .trailingBytes }
            }
            return tuples
        } catch {
            throw .invalidField(.authorizationList, error)
        }
    }
}
