// Floor 1, Engine: what a block tells the EVM.
public import Primitives

/// The block context of execution.
public struct BlockEnvironment: Equatable, Sendable {
    public var fork: Fork
    public var chainID: UInt64
    public var number: UInt64
    public var timestampSeconds: UInt64
    public var gasLimit: UInt64
    public var baseFeePerGas: UInt256
    public var coinbase: Address
    /// Before Paris the block's difficulty: what opcode 0x44 gives.
    public var prevRandao: Hash256
    /// EIP-4844's price of one unit of blob gas; 1 on this chain.
    public var blobBaseFee: UInt256

    public init(
        fork: Fork, chainID: UInt64, number: UInt64, timestampSeconds: UInt64, gasLimit: UInt64, baseFeePerGas: UInt256,
        coinbase: Address, prevRandao: Hash256, blobBaseFee: UInt256 = 1
    ) {
        self.fork = fork
        self.chainID = chainID
        self.number = number
        self.timestampSeconds = timestampSeconds
        self.gasLimit = gasLimit
        self.baseFeePerGas = baseFeePerGas
        self.coinbase = coinbase
        self.prevRandao = prevRandao
        self.blobBaseFee = blobBaseFee
    }
}
