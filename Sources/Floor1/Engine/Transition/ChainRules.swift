// Floor 1, Engine: the rules of a chain, and what they tell the EVM of a block.
public import Primitives

/// The rules of a chain that execution needs; on a chain they come from its genesis.
public struct ChainRules: Equatable, Sendable {
    public var chainID: UInt64
    public var fork: Fork
    public var gasLimit: UInt64
    public var minimumBaseFeePerGas: UInt256

    public init(chainID: UInt64, fork: Fork = .prague, gasLimit: UInt64, minimumBaseFeePerGas: UInt256) {
        self.chainID = chainID
        self.fork = fork
        self.gasLimit = gasLimit
        self.minimumBaseFeePerGas = minimumBaseFeePerGas
    }

    /// What the EVM is told of the block with `header` on top of a block with these facts.
    public func environment(of header: BlockHeader, parent: ParentFacts) -> BlockEnvironment {
        environment(
            height: header.height, timestampMilliseconds: header.timestampMilliseconds, proposer: header.proposer,
            prevRandao: ChainRules.prevRandao(parentHash: header.parentHash, view: header.view), parent: parent)
    }

    /// The environment of a block that would stand on `parent` now.
    public func pendingEnvironment(on parent: BlockRecord) -> BlockEnvironment {
        let (height, overflow) = parent.header.height.addingReportingOverflow(1)
        precondition(!overflow)
        return environment(
            height: height, timestampMilliseconds: parent.header.timestampMilliseconds, proposer: parent.header.proposer,
            prevRandao: ChainRules.prevRandao(parentHash: parent.hash, view: parent.header.view), parent: parent.facts)
    }

    private func environment(
        height: UInt64, timestampMilliseconds: UInt64, proposer: Address, prevRandao: Hash256, parent: ParentFacts
    ) -> BlockEnvironment {
        BlockEnvironment(
            fork: fork, chainID: chainID, number: height, timestampSeconds: timestampMilliseconds / 1_000,
            gasLimit: gasLimit,
            baseFeePerGas: FeeMarket.baseFee(
                afterBaseFee: parent.baseFeePerGas, gasUsed: parent.gasUsed, gasLimit: parent.gasLimit,
                minimum: minimumBaseFeePerGas),
            coinbase: proposer, prevRandao: prevRandao)
    }

    /// EIP-4399's value: known to the proposer in advance, hence no source of fair chance; distinct for each block.
    public static func prevRandao(parentHash: Hash256, view: UInt64) -> Hash256 {
        Keccak256.hash(parentHash, Hash256(UInt256(view)))
    }
}

/// What the execution of a block takes from its parent, beside the state.
public struct ParentFacts: Equatable, Sendable {
    public var baseFeePerGas: UInt256
    public var gasUsed: UInt64
    public var gasLimit: UInt64

    public init(baseFeePerGas: UInt256, gasUsed: UInt64, gasLimit: UInt64) {
        self.baseFeePerGas = baseFeePerGas
        self.gasUsed = gasUsed
        self.gasLimit = gasLimit
    }
}
