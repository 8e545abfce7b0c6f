// Floor 5, Node: from a configuration to the parts of a node, with the stores brought to one height.
import Consensus
import Crypto
import Engine
import Executor
import Glibc
package import Logging
import Mempool
import Network
import Primitives
import Storage

/// The parts of a node that is about to start. Made on the starting thread, then handed to the loop.
package struct NodeAssembly: Sendable {
    let configuration: NodeConfiguration
    let identity: NodeIdentity
    let consensus: ConsensusConfiguration
    let consensusStore: ConsensusStore
    let chainStore: ChainStore
    let rules: ChainRules
    /// `nil` when the node starts for the first time.
    let recovered: RecoveredState?
    let validatorNodes: [NodeOfValidator]

    struct NodeOfValidator: Sendable {
        var index: UInt16
        var node: NodeID
    }

    package init(_ configuration: NodeConfiguration, logger: Logger) throws(NodeError) {
        self.configuration = configuration
        guard let identity = NodeIdentity(seed: configuration.nodeKeySeed) else {
            throw .configuration("the node key is not a seed of 32 bytes")
        }
        self.identity = identity
        let genesis = configuration.genesis
        // Storage without code could outlive its account when that becomes empty (EIP-161).
        if let account = genesis.accounts.first(where: { !$0.storage.isEmpty && $0.code.isEmpty }) {
            throw .configuration("genesis: the account \(account.address.hex) has storage but no code")
        }
        rules = ChainRules(genesis: genesis)
        (consensus, validatorNodes) = try Self.consensusConfiguration(configuration, identity: identity)
        let genesisBlock: ExecutedBlock
        do {
            genesisBlock = try genesis.execute()
        } catch {
            throw .configuration("the genesis state cannot be made: \(error)")
        }
        do {
            chainStore = try ChainStore(
                path: configuration.dataDirectory + "/chain", historyBlocks: configuration.storage.historyBlocks)
            try chainStore.initialize(genesis: genesisBlock)
            consensusStore = try ConsensusStore(path: configuration.dataDirectory + "/consensus", genesis: genesis.header)
            recovered = try consensusStore.recover(asValidator: configuration.validatorKey != nil)
        } catch {
            throw .storage(error)
        }
        try Self.catchUp(chain: chainStore, with: consensusStore, rules: rules, logger: logger)
    }

    private static func consensusConfiguration(
        _ configuration: NodeConfiguration, identity: NodeIdentity
    ) throws(NodeError) -> (ConsensusConfiguration, [NodeOfValidator]) {
        let genesis = configuration.genesis
        var validators: [Validator] = []
        for member in genesis.validators {
            guard let key = PublicKey(compressed: member.publicKey), let validator = Validator(publicKey: key, weight: member.stake)
            else { throw .configuration("genesis: a validator's public key is not a compressed secp256k1 point") }
            validators.append(validator)
        }
        guard let set = ValidatorSet(validators, seed: genesis.header.hash) else {
            throw .configuration("genesis: needs 1 to \(ValidatorSet.maximumCount) distinct validators with stake")
        }
        var key: SecretKey?
        if let bytes = configuration.validatorKey {
            guard let secret = SecretKey(bytes) else { throw .configuration("the validator key is not a secp256k1 key") }
            guard set.index(of: secret.address) != nil else {
                throw .configuration("the validator key \(secret.address.hex) is not in the validator set of genesis")
            }
            key = secret
        }
        var nodes: [NodeOfValidator] = []
        for (member, validator) in zip(genesis.validators, validators) {
            guard let index = set.index(of: validator.address) else { continue }
            nodes.append(NodeOfValidator(index: index, node: NodeID(member.nodeID)))
            if let key, key.address == validator.address, NodeID(member.nodeID) != identity.id {
                throw .configuration("genesis binds the validator \(key.address.hex) to another node key")
            }
        }
        let timing = configuration.timing
        let consensus = ConsensusConfiguration(
            validators: set, epoch: 0, genesisHeader: genesis.header, chainId: genesis.chainID,
            timing: ConsensusTiming(
                baseTimeoutMilliseconds: timing.baseTimeoutMilliseconds,
                maximumTimeoutMilliseconds: timing.maximumTimeoutMilliseconds,
                minimumBlockIntervalMilliseconds: timing.blockIntervalMilliseconds,
                idleBlockIntervalMilliseconds: timing.idleBlockIntervalMilliseconds),
            maximumPayloadBytes: NodeCore.maximumPayloadBytes, key: key.map { .secp256k1($0) })
        return (consensus, nodes)
    }

    /// Final blocks that a crash kept from being executed and stored are executed now.
    private static func catchUp(
        chain: ChainStore, with consensus: ConsensusStore, rules: ChainRules, logger: Logger
    ) throws(NodeError) {
        do {
            let executor = try ChainExecutor(rules: rules, chain: StoredFinalizedChain(chain), runner: ParallelRunner())
            let target = try consensus.finalizedHead()
            let start = executor.finalHead.header.height
            guard start <= target.height else {
                throw NodeError.recovery(
                    "the chain store is at height \(start) but the consensus store only at \(target.height): "
                        + "they are not of the same node; restore both from the same backup")
            }
            guard start < target.height else { return }
            logger.info("executing final blocks that were not stored yet", metadata: ["from": "\(start + 1)", "to": "\(target.height)"])
            for height in (start + 1)...target.height {
                guard let block = try consensus.finalizedBlock(height: height) else {
                    throw NodeError.recovery("the consensus store lacks the final block \(height); restore it from a backup")
                }
                let hash = block.header.hash
                let transactions = try Payload.prepare(
                    block.payload, chainID: rules.chainID, blockGasLimit: rules.gasLimit, known: { _ in nil })
                _ = try executor.execute(CertifiedBlock(header: block.header, hash: hash, transactions: transactions))
                try chain.append(try executor.finalize(upTo: hash))
                try executor.stored(upTo: hash)
                if height % 1_000 == 0 { logger.info("executed", metadata: ["height": "\(height)"]) }
            }
        } catch let error as NodeError {
            throw error
        } catch let error as StorageError {
            throw .storage(error)
        } catch {
            throw .recovery("executing stored blocks failed: \(error)")
        }
    }
}
