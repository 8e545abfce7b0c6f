// Floor 6, Testnet: accounts whose keys everybody knows. They are funded on test networks only.
public import Crypto
internal import Keys
public import Primitives

/// An account of a test network with its secret key.
public struct DevelopmentAccount: Sendable {
    public let address: Address
    public let key: SecretKey
    /// The secret as hexadecimal; it is public knowledge.
    public var keyHex: String { Hex.encode(key.bytes) }
}

/// The well-known accounts and those derived beside them.
public enum DevelopmentAccounts {
    /// Accounts 0 to 9 (BIP-44, m/44'/60'/0'/0/i) of the mnemonic `test test test test test test test test test test test junk`,
    /// which other Ethereum development tools use as well.
    private static let wellKnown = [
        "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
        "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
        "5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
        "7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6",
        "47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a",
        "8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba",
        "92db14e403b83dfe3df233f83dfa3a0d7096f21ca9b0d6d6b8d88b2b4ec1564e",
        "4bbbf85ce3377467afe5d46f804f221813b2bb87f24d81f60f1fcdbf7cbf4356",
        "dbda1821b80551c9d65939329250298aa3472ba22feea921c0cf5d620ea67b97",
        "2a871d0798f97d79848a013d4936a73bf4cc922c825d33c1cf7073dff6d409c6",
    ]

    public static let wellKnownCount = 10

    /// The first `count` (at most ten) well-known accounts.
    public static func wellKnown(count: Int) -> [DevelopmentAccount] {
        wellKnown.prefix(count).compactMap { text in
            guard let bytes = Hex.decode(text) else { return nil }
            return account(bytes)
        }
    }

    /// Account `index` of the extra ones: its secret is the Keccak-256 of a fixed text and the index.
    public static func extra(index: UInt32) -> DevelopmentAccount? {
        account(Keccak256.hash(Array("hyperseq development account \(index)".utf8)).bytes)
    }

    private static func account(_ secret: [UInt8]) -> DevelopmentAccount? {
        guard let key = SecretKey(secret) else { return nil }
        return DevelopmentAccount(address: key.address, key: key)
    }
}

extension Address {
    /// Mixed-case text with a checksum (EIP-55).
    public var checksummed: String {
        let digits = Array(hex.utf8.dropFirst(2))
        let hash = Keccak256.hash(digits).bytes
        var text: [UInt8] = [0x30, 0x78]
        for (index, digit) in digits.enumerated() {
            let nibble = index % 2 == 0 ? hash[index / 2] >> 4 : hash[index / 2] & 15
            text.append(digit >= 0x61 && nibble >= 8 ? digit - 32 : digit)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
