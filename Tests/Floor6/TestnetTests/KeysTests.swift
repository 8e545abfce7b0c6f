// Keys: the published vectors of Web3 Secret Storage, files with their permissions, and damaged or hostile files.
import Crypto
import Foundation
import Keys
import Primitives
import Testing

@Suite struct KeysTests {
    static func secret(_ hex: String) throws -> SecretBuffer {
        var bytes = try #require(Hex.decode(hex))
        return SecretBuffer(consuming: &bytes)
    }

    static func password(_ text: String) -> SecretBuffer {
        var bytes = Array(text.utf8)
        return SecretBuffer(consuming: &bytes)
    }

    static let knownSecret = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d"

    /// The two test vectors of the "Web3 secret storage definition".
    static let vectors = [
        """
        {"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"6087dab2f9fdbbfaddc31a909735c1e6"},
        "ciphertext":"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46","kdf":"pbkdf2",
        "kdfparams":{"c":262144,"dklen":32,"prf":"hmac-sha256","salt":"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},
        "mac":"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"},"id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}
        """,
        """
        {"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"83dbcc02d8ccb40e466191a123791e0e"},
        "ciphertext":"d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c","kdf":"scrypt",
        "kdfparams":{"dklen":32,"n":262144,"p":8,"r":1,"salt":"ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19"},
        "mac":"2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097"},"id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}
        """,
    ]

    @Test(arguments: vectors) func publishedVectors(_ json: String) throws {
        let secret = try Keystore.decrypt(Array(json.utf8), password: Self.password("testpassword"))
        #expect(Hex.encode(secret.bytes) == "0x" + Self.knownSecret)
        #expect(throws: KeyError.wrongPassword) {
            _ = try Keystore.decrypt(Array(json.utf8), password: Self.password("testpassword2"))
        }
    }

    @Test func encryptedAndPlainFilesRoundTrip() throws {
        let folder = try TemporaryFolder()
        for kind in KeyKind.allCases {
            let secret = try KeyFile.generate(kind)
            let identity = try KeyFile.identity(of: secret, kind: kind)
            let encrypted = folder.path + "/\(kind).json"
            let plain = folder.path + "/\(kind).key"
            try KeyFile.write(secret, kind: kind, to: encrypted, protection: .password(Self.password("a b"), scryptN: 1 << 12))
            try KeyFile.write(secret, kind: kind, to: plain, protection: .plain)
            for path in [encrypted, plain] {
                let read = try KeyFile.read(path, kind: kind, allowPlain: true) { () throws(KeyError) in Self.password("a b") }
                #expect(read.bytes == secret.bytes)
                #expect(try KeyFile.identity(of: read, kind: kind) == identity)
                let attributes = try FileManager.default.attributesOfItem(atPath: path)
                #expect((attributes[.posixPermissions] as? Int) == 0o600)
            }
            #expect(throws: KeyError.wrongPassword) {
                _ = try KeyFile.read(encrypted, kind: kind, allowPlain: false) { () throws(KeyError) in Self.password("a c") }
            }
            #expect(throws: KeyError.plainNotAllowed) {
                _ = try KeyFile.read(plain, kind: kind, allowPlain: false) { () throws(KeyError) in throw .passwordRequired }
            }
            #expect(throws: KeyError.alreadyExists(path: plain)) {
                try KeyFile.write(secret, kind: kind, to: plain, protection: .plain)
            }
        }
    }

    @Test func openPermissionsAreRefused() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/k"
        try KeyFile.write(try KeyFile.generate(.node), kind: .node, to: path, protection: .plain)
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        #expect(throws: KeyError.permissionsTooOpen(path: path, mode: "0640")) {
            _ = try KeyFile.read(path, kind: .node, allowPlain: true) { () throws(KeyError) in throw .passwordRequired }
        }
    }

    @Test func newFoldersArePrivate() throws {
        let folder = try TemporaryFolder()
        try SecureFile.makeDirectory(folder.path + "/a/b")
        for name in ["/a", "/a/b"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.path + name)
            #expect((attributes[.posixPermissions] as? Int) == 0o700)
        }
    }

    /// RFC 8032, section 7.1, tests 1 and 2.
    @Test(arguments: [
        ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
        ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
    ]) func nodeIDs(_ seed: String, _ publicKey: String) throws {
        #expect(try KeyFile.nodeID(seed: try #require(Hex.decode(seed))).hex == "0x" + publicKey)
    }

    @Test func hostileParametersAreRefusedBeforeAnyWork() throws {
        let start = ContinuousClock.now
        let changes = [
            ("\"n\":262144", "\"n\":1099511627776"), ("\"n\":262144", "\"n\":18446744073709551615"), ("\"n\":262144", "\"n\":262143"),
            ("\"n\":262144", "\"n\":0"), ("\"r\":1", "\"r\":4294967295"), ("\"p\":8", "\"p\":4294967295"), ("\"p\":8", "\"p\":0"),
            ("\"n\":262144", "\"n\":-1"), ("\"n\":262144", "\"n\":1e99"), ("\"dklen\":32", "\"dklen\":4294967295"),
        ]
        for (old, new) in changes {
            let json = Self.vectors[1].replacingOccurrences(of: old, with: new)
            #expect(json != Self.vectors[1])
            #expect(throws: KeyError.self) { _ = try Keystore.decrypt(Array(json.utf8), password: Self.password("testpassword")) }
        }
        let iterations = Self.vectors[0].replacingOccurrences(of: "\"c\":262144", with: "\"c\":4294967295")
        #expect(throws: KeyError.self) { _ = try Keystore.decrypt(Array(iterations.utf8), password: Self.password("testpassword")) }
        #expect(ContinuousClock.now - start < .seconds(2))
    }

    @Test func anAlteredAddressIsNoticed() throws {
        let secret = try Self.secret(Self.knownSecret)
        let json = try Keystore.encrypt(secret, password: Self.password("x"), address: Address(small: 1), scryptN: 1 << 10)
        #expect(throws: KeyError.addressMismatch) { _ = try Keystore.decrypt(Array(json.utf8), password: Self.password("x")) }
    }

    @Test func secretsStayOutOfText() throws {
        let secret = try Self.secret(Self.knownSecret)
        #expect("\(secret)" == "SecretBuffer(32 bytes)")
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!dumped.contains("7a28"))
    }

    /// 200,000 mutated keystores and as many mutated plain keys: an error or the right key, never a trap. The derivation is kept
    /// cheap so that files whose damage lies behind it are reached as well.
    @Test func mutatedFilesNeverTrap() throws {
        let secret = try Self.secret(Self.knownSecret)
        let key = try #require(SecretKey(secret.bytes))
        let json = Array(try Keystore.encrypt(secret, password: Self.password("x"), address: key.address, scryptN: 2).utf8)
        let plain = Array(Hex.encode(secret.bytes).utf8)
        var mutator = Mutator(seed: 1)
        var accepted = 0
        for _ in 0..<200_000 {
            let mutated = mutator.mutate(json)
            // A mutation may ask for honest but long work; only the cheap ones are run to the end.
            if mutator.mentionsLargeNumber(mutated) { continue }
            if let result = try? Keystore.decrypt(mutated, password: Self.password("x")) {
                #expect(result.bytes == secret.bytes)
                accepted += 1
            }
            _ = try? Keystore.claimedAddress(mutated)
        }
        for _ in 0..<200_000 { _ = try? KeyFile.parsePlain(mutator.mutate(plain)) }
        #expect(accepted > 0)
    }
}
