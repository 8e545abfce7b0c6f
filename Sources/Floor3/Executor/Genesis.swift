// Floor 3, Executor: what a chain starts from. Every node of a chain holds the same genesis; its hash names the chain.
public import Engine
public import Primitives

/// An account of the state at height 0.
public struct GenesisAccount: Equatable, Sendable {
    public var address: Address
    public var balance: UInt256
    public var nonce: UInt64
    public var code: [UInt8]
    public var storage: [StorageSlot]

    /// One non-zero slot.
    public struct StorageSlot: Equatable, Sendable {
        public var slot: UInt256
        public var value: UInt256

        public init(slot: UInt256, value: UInt256) {
            self.slot = slot
            self.value = value
        }
    }

    public init(address: Address, balance: UInt256, nonce: UInt64 = 0, code: [UInt8] = [], storage: [StorageSlot] = []) {
        self.address = address
        self.balance = balance
        self.nonce = nonce
        self.code = code
        self.storage = storage
    }
}

/// A member of the validator set at height 0.
public struct GenesisValidator: Equatable, Sendable {
    /// Compressed secp256k1 key, 33 bytes, with which it signs votes.
    public var publicKey: [UInt8]
    public var stake: UInt64
    /// The ed25519 key by which its node is known on the network, 32 bytes.
    public var nodeID: Hash256

    public init(publicKey: [UInt8], stake: UInt64, nodeID: Hash256) {
        self.publicKey = publicKey
        self.stake = stake
        self.nodeID = nodeID
    }
}

/// The whole definition of a chain at height 0.
///
/// Invariants (checked by whoever reads it from outside): accounts ascend by address without duplicates, slots ascend and
/// are not zero, validators are distinct and have stake.
public struct Genesis: Equatable, Sendable {
    public var chainID: UInt64
    public var timestampMilliseconds: UInt64
    public var gasLimit: UInt64
    public var baseFeePerGas: UInt256
    public var accounts: [GenesisAccount]
    public var validators: [GenesisValidator]

    public init(
        chainID: UInt64, timestampMilliseconds: UInt64, gasLimit: UInt64, baseFeePerGas: UInt256, accounts: [GenesisAccount],
        validators: [GenesisValidator]
    ) {
        self.chainID = chainID
        self.timestampMilliseconds = timestampMilliseconds
        self.gasLimit = gasLimit
        self.baseFeePerGas = baseFeePerGas
        self.accounts = accounts
        self.validators = validators
    }

    /// The canonical encoding, whose hash is the payload root of the header at height 0.
    public func encode() -> [UInt8] {
        var writer = CanonicalWriter()
        writer.write(UInt8(1))
        writer.write(chainID)
        writer.write(timestampMilliseconds)
        writer.write(gasLimit)
        writer.write(baseFeePerGas)
        writer.write(UInt32(accounts.count))
        for account in accounts {
            writer.write(account.address)
            writer.write(account.balance)
            writer.write(account.nonce)
            writer.write(account.code)
            writer.write(UInt32(account.storage.count))
            for slot in account.storage {
                writer.write(slot.slot)
                writer.write(slot.value)
            }
        }
        writer.write(UInt32(validators.count))
        for validator in validators {
            writer.write(validator.publicKey)
            writer.write(validator.stake)
            writer.write(validator.nodeID)
        }
        return writer.bytes
    }

    /// The header at height 0. It has no proposer and certifies nothing; its hash is the chain's identity.
    public var header: BlockHeader {
        let encoded = encode()
        return BlockHeader(
            epoch: 0, view: 0, height: 0, parentHash: .zero, parentView: 0, payloadRoot: Keccak256.hash(encoded),
            payloadByteCount: UInt32(encoded.count), timestampMilliseconds: timestampMilliseconds, proposer: .zero)
    }
}

extension ChainRules {
    public init(genesis: Genesis) {
        self.init(chainID: genesis.chainID, gasLimit: genesis.gasLimit, minimumBaseFeePerGas: genesis.baseFeePerGas)
    }
}
