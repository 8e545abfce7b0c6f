// Floor 1, Engine: the header of a block in Ethereum mode, with its encoding and hash.
//
// Fields that later forks added are optional. They are present from the front: a header that has one has all before it.
public import Primitives

/// A block header of Ethereum.
public struct EthereumHeader: Equatable, Sendable {
    public var parentHash: Hash256
    public var ommersHash: Hash256
    public var coinbase: Address
    public var stateRoot: Hash256
    public var transactionsRoot: Hash256
    public var receiptsRoot: Hash256
    public var logsBloom: LogsBloom
    public var difficulty: UInt256
    public var number: UInt64
    public var gasLimit: UInt64
    public var gasUsed: UInt64
    public var timestampSeconds: UInt64
    public var extraData: [UInt8]
    /// From Paris on the randomness of the beacon chain (EIP-4399).
    public var mixHash: Hash256
    public var nonce: UInt64
    /// London (EIP-1559).
    public var baseFeePerGas: UInt256?
    /// Shanghai (EIP-4895).
    public var withdrawalsRoot: Hash256?
    /// Cancun (EIP-4844).
    public var blobGasUsed: UInt64?
    public var excessBlobGas: UInt64?
    /// Cancun (EIP-4788).
    public var parentBeaconRoot: Hash256?
    /// Prague (EIP-7685).
    public var requestsHash: Hash256?

    public init(
        parentHash: Hash256, ommersHash: Hash256 = EthereumHeader.noOmmers, coinbase: Address, stateRoot: Hash256,
        transactionsRoot: Hash256, receiptsRoot: Hash256, logsBloom: LogsBloom, difficulty: UInt256 = .zero, number: UInt64,
        gasLimit: UInt64, gasUsed: UInt64, timestampSeconds: UInt64, extraData: [UInt8] = [], mixHash: Hash256, nonce: UInt64 = 0,
        baseFeePerGas: UInt256? = nil, withdrawalsRoot: Hash256? = nil, blobGasUsed: UInt64? = nil, excessBlobGas: UInt64? = nil,
        parentBeaconRoot: Hash256? = nil, requestsHash: Hash256? = nil
    ) {
        self.parentHash = parentHash
        self.ommersHash = ommersHash
        self.coinbase = coinbase
        self.stateRoot = stateRoot
        self.transactionsRoot = transactionsRoot
        self.receiptsRoot = receiptsRoot
        self.logsBloom = logsBloom
        self.difficulty = difficulty
        self.number = number
        self.gasLimit = gasLimit
        self.gasUsed = gasUsed
        self.timestampSeconds = timestampSeconds
        self.extraData = extraData
        self.mixHash = mixHash
        self.nonce = nonce
        self.baseFeePerGas = baseFeePerGas
        self.withdrawalsRoot = withdrawalsRoot
        self.blobGasUsed = blobGasUsed
        self.excessBlobGas = excessBlobGas
        self.parentBeaconRoot = parentBeaconRoot
        self.requestsHash = requestsHash
    }

    /// Keccak-256 of the empty list: a block without ommers.
    public static let noOmmers = Hash256(
        w0: 0x1dcc_4de8_dec7_5d7a, w1: 0xab85_b567_b6cc_d41a, w2: 0xd312_451b_948a_7413, w3: 0xf0a1_42fd_40d4_9347)

    /// The canonical encoding.
    public func encode() -> [UInt8] {
        var writer = RLPWriter(capacity: 640)
        writer.writeList { list in
            list.write(parentHash)
            list.write(ommersHash)
            list.write(coinbase)
            list.write(stateRoot)
            list.write(transactionsRoot)
            list.write(receiptsRoot)
            list.write(logsBloom.bytes)
            list.write(difficulty)
            list.write(number)
            list.write(gasLimit)
            list.write(gasUsed)
            list.write(timestampSeconds)
            list.write(extraData)
            list.write(mixHash)
            list.write(Array(UInt256(nonce).bigEndianBytes.suffix(8)))
            if let baseFeePerGas { list.write(baseFeePerGas) }
            if let withdrawalsRoot { list.write(withdrawalsRoot) }
            if let blobGasUsed { list.write(blobGasUsed) }
            if let excessBlobGas { list.write(excessBlobGas) }
            if let parentBeaconRoot { list.write(parentBeaconRoot) }
            if let requestsHash { list.write(requestsHash) }
        }
        return writer.bytes
    }

    /// The block hash.
    public var hash: Hash256 { Keccak256.hash(encode()) }
}
