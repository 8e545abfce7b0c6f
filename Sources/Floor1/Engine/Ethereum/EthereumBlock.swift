// Floor 1, Engine: a block in Ethereum mode as it is sent, and how its bytes become one.
//
// Decoding judges form only: every field is canonical and fits its type. Whether the block is valid is `EthereumTransition`'s to say.
public import Primitives

/// A payment from the beacon chain (EIP-4895).
public struct Withdrawal: Equatable, Sendable {
    public var index: UInt64
    public var validatorIndex: UInt64
    public var address: Address
    public var amountGwei: UInt64

    public init(index: UInt64, validatorIndex: UInt64, address: Address, amountGwei: UInt64) {
        self.index = index
        self.validatorIndex = validatorIndex
        self.address = address
        self.amountGwei = amountGwei
    }

    /// The canonical encoding.
    public func encode() -> [UInt8] {
        var writer = RLPWriter(capacity: 48)
        writer.writeList { list in
            list.write(index)
            list.write(validatorIndex)
            list.write(address)
            list.write(amountGwei)
        }
        return writer.bytes
    }
}

/// A block of Ethereum.
public struct EthereumBlock: Equatable, Sendable {
    public var header: EthereumHeader
    public var transactions: [Transaction]
    /// Headers of ommers; none from Paris on.
    public var ommers: [EthereumHeader]
    /// `nil` before Shanghai.
    public var withdrawals: [Withdrawal]?
    /// Bytes of the encoding (EIP-7934 bounds them).
    public var encodedByteCount: Int

    public init(
        header: EthereumHeader, transactions: [Transaction], ommers: [EthereumHeader], withdrawals: [Withdrawal]?, encodedByteCount: Int
    ) {
        self.header = header
        self.transactions = transactions
        self.ommers = ommers
        self.withdrawals = withdrawals
        self.encodedByteCount = encodedByteCount
    }

    /// The block whose canonical encoding is `raw`.
    public static func decode(_ raw: [UInt8]) throws(EthereumBlockError) -> EthereumBlock {
        let parts: BlockParts
        do throws(RLPError) {
            parts = try BlockParts(raw)
        } catch {
            throw .malformed(error)
        }
        var transactions: [Transaction] = []
        transactions.reserveCapacity(parts.transactions.count)
        for (index, bytes) in parts.transactions.enumerated() {
            do throws(TransactionDecodingError) {
                transactions.append(try Transaction.decodeEthereum(bytes))
            } catch {
                throw .malformedTransaction(index: index, error)
            }
        }
        return EthereumBlock(
            header: parts.header, transactions: transactions, ommers: parts.ommers, withdrawals: parts.withdrawals,
            encodedByteCount: raw.count)
    }
}

/// A block whose transactions are still bytes.
private struct BlockParts {
    let header: EthereumHeader
    private(set) var transactions: [[UInt8]] = []
    private(set) var ommers: [EthereumHeader] = []
    private(set) var withdrawals: [Withdrawal]?

    init(_ raw: [UInt8]) throws(RLPError) {
        var outer = RLPCursor(raw, from: 0)
        var list = try outer.list()
        guard outer.isAtEnd else { throw .trailingBytes }
        header = try EthereumHeader(reading: &list)
        var transactionList = try list.list()
        while !transactionList.isAtEnd {
            // A legacy transaction is a list, all others are in a byte string.
            let start = transactionList.offset
            if raw[start] >= 0xc0 {
                _ = try transactionList.list()
                transactions.append(Array(raw[start..<transactionList.offset]))
            } else {
                let bytes = try transactionList.byteString()
                guard let first = bytes.first, first < 0x80 else { throw .unexpectedKind }
                transactions.append(bytes)
            }
        }
        var ommerList = try list.list()
        while !ommerList.isAtEnd { ommers.append(try EthereumHeader(reading: &ommerList)) }
        if !list.isAtEnd {
            var withdrawalList = try list.list()
            var found: [Withdrawal] = []
            while !withdrawalList.isAtEnd {
                var entry = try withdrawalList.list()
                found.append(
                    Withdrawal(
                        index: try entry.uint64(), validatorIndex: try entry.uint64(), address: try entry.address(),
                        amountGwei: try entry.uint64()))
                guard entry.isAtEnd else { throw .trailingBytes }
            }
            withdrawals = found
        }
        guard list.isAtEnd else { throw .trailingBytes }
    }
}

extension EthereumHeader {
    /// The header whose canonical encoding is `raw`.
    public static func decode(_ raw: [UInt8]) throws(RLPError) -> EthereumHeader {
        var cursor = RLPCursor(raw, from: 0)
        let header = try EthereumHeader(reading: &cursor)
        guard cursor.isAtEnd else { throw .trailingBytes }
        return header
    }

    /// Reads one header; a field that no fork knows is an error.
    init(reading cursor: inout RLPCursor) throws(RLPError) {
        var list = try cursor.list()
        parentHash = Hash256(try list.word256())
        ommersHash = Hash256(try list.word256())
        coinbase = try list.address()
        stateRoot = Hash256(try list.word256())
        transactionsRoot = Hash256(try list.word256())
        receiptsRoot = Hash256(try list.word256())
        guard let bloom = LogsBloom(bytes: try list.byteString()) else { throw .invalidLength }
        logsBloom = bloom
        difficulty = try list.uint256()
        number = try list.uint64()
        gasLimit = try list.uint64()
        gasUsed = try list.uint64()
        timestampSeconds = try list.uint64()
        extraData = try list.byteString()
        mixHash = Hash256(try list.word256())
        let nonceBytes = try list.byteString()
        guard nonceBytes.count == 8 else { throw .invalidLength }
        nonce = UInt256(bigEndianBytes: nonceBytes).l0
        baseFeePerGas = list.isAtEnd ? nil : try list.uint256()
        withdrawalsRoot = list.isAtEnd ? nil : Hash256(try list.word256())
        blobGasUsed = list.isAtEnd ? nil : try list.uint64()
        excessBlobGas = list.isAtEnd ? nil : try list.uint64()
        parentBeaconRoot = list.isAtEnd ? nil : Hash256(try list.word256())
        requestsHash = list.isAtEnd ? nil : Hash256(try list.word256())
        guard list.isAtEnd else { throw .trailingBytes }
    }
}
