// Floor 6, StateTests: the kinds of upstream's test files, told apart by what is in them.

/// A kind of test.
public enum TestKind: String, CaseIterable, Sendable {
    case state = "GeneralStateTests"
    case blockchain = "BlockchainTests"
    case transaction = "TransactionTests"
    case rlp = "RLPTests"
    case trie = "TrieTests"
    case difficulty = "DifficultyTests"
    case basic = "BasicTests"

    /// Whether the cases name forks.
    var hasForks: Bool { self == .state || self == .blockchain || self == .transaction }
}

/// What a file holds.
enum TestFile {
    case tests(TestKind)
    /// Tests of something that the engine has no code for; the text says of what.
    case notApplicable(String)
    case other

    init(_ json: JSONValue) {
        guard let first = json.firstInside, first.members != nil else {
            // One object that is a test itself.
            self = json["genesis_rlp_hex"] != nil ? .tests(.basic) : .other
            return
        }
        func has(_ keys: String...) -> Bool { keys.allSatisfy { first[$0] != nil } }
        if has("post", "transaction", "env") {
            self = .tests(.state)
        } else if has("blocks", "genesisRLP", "network") {
            self = .tests(.blockchain)
        } else if has("txbytes", "result") {
            self = .tests(.transaction)
        } else if has("in", "out") {
            self = .tests(.rlp)
        } else if has("in", "root") {
            self = .tests(.trie)
        } else if has("parentTimestamp", "currentDifficulty") {
            self = .tests(.difficulty)
        } else if has("seq", "term") || has("seed", "addr") || has("unsigned", "signed") {
            self = .tests(.basic)
        } else {
            self = TestFile.notApplicable(has)
        }
    }

    private static func notApplicable(_ has: (String...) -> Bool) -> TestFile {
        if has("in", "tests") { return .notApplicable("walking a trie's keys in order, which no code here does") }
        if has("args", "types", "result") { return .notApplicable("ABI encoding, which is the work of wallets and compilers") }
        if has("decryption_type") { return .notApplicable("the ciphers of devp2p and of key files, which are not the engine's") }
        if has("inputs", "result") { return .notApplicable("a header format from before Ethereum's launch") }
        return .other
    }
}
