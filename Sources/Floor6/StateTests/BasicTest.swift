// Floor 6, StateTests: upstream's basic tests: keys and addresses, signed transactions, hex-prefix paths, the main network's genesis block.
import Crypto
import Engine
import Primitives

enum BasicTest {
    /// Runs a whole file; its tests are members, elements, or the file itself.
    static func run(_ json: JSONValue, _ recorder: inout TestRecorder) {
        recorder.kind = .basic
        if json["genesis_rlp_hex"] != nil {
            recorder.record { () throws(StateTestFormatError) in try genesis(json) }
            return
        }
        for (name, value) in json.members ?? [] {
            recorder.test = name
            recorder.record { () throws(StateTestFormatError) in try path(value) }
        }
        for (index, value) in (json.elements ?? []).enumerated() {
            recorder.record(index: index) { () throws(StateTestFormatError) in
                value["seed"] == nil ? try signedTransaction(value) : try keyAndAddress(value)
            }
        }
    }

    private static func bytes(_ json: JSONValue?, _ name: String) throws(StateTestFormatError) -> [UInt8] {
        guard let text = json?.string, let bytes = Hex.decode("0x" + text) else { throw StateTestFormatError(field: name) }
        return bytes
    }

    private static func secretKey(_ json: JSONValue?) throws(StateTestFormatError) -> SecretKey {
        guard let key = SecretKey(try bytes(json, "key")) else { throw StateTestFormatError(field: "key") }
        return key
    }

    private static func genesis(_ json: JSONValue) throws(StateTestFormatError) -> String? {
        let raw = try bytes(json["genesis_rlp_hex"], "genesis_rlp_hex")
        guard let header = (try? EthereumBlock.decode(raw))?.header else { return "not decoded" }
        if header.hash.bytes != (try bytes(json["genesis_hash"], "genesis_hash")) { return "hash \(header.hash.hex)" }
        return header.stateRoot.bytes == (try bytes(json["genesis_state_root"], "genesis_state_root")) ? nil : "another state root"
    }

    private static func path(_ json: JSONValue) throws(StateTestFormatError) -> String? {
        var nibbles: [UInt8] = []
        for element in json["seq"]?.elements ?? [] {
            guard case .number(let text) = element, let nibble = UInt8(text) else { throw StateTestFormatError(field: "seq") }
            nibbles.append(nibble)
        }
        guard case .bool(let isLeaf) = json["term"] else { throw StateTestFormatError(field: "term") }
        let encoded = TriePath.encode(nibbles, isLeaf: isLeaf)
        return encoded == (try bytes(json["out"], "out")) ? nil : "encoded as \(Hex.encode(encoded))"
    }

    private static func keyAndAddress(_ json: JSONValue) throws(StateTestFormatError) -> String? {
        let key = try secretKey(json["key"])
        guard let seed = json["seed"]?.string else { throw StateTestFormatError(field: "seed") }
        if Keccak256.hash(Array(seed.utf8)).bytes != (try bytes(json["key"], "key")) { return "the seed gives another key" }
        let address = try bytes(json["addr"], "addr")
        // `sig_of_emptystring` is from before Ethereum's launch: under no hash of the empty string in use today is it the key's.
        return key.address.bytes == address ? nil : "address \(key.address.hex)"
    }

    private static func signedTransaction(_ json: JSONValue) throws(StateTestFormatError) -> String? {
        let signed = try bytes(json["signed"], "signed")
        let transaction: Transaction
        do {
            transaction = try Transaction.decode(signed)
        } catch {
            return error.message
        }
        if transaction.encode() != signed { return "encoded differently" }
        // One has a high s, as only Frontier allows.
        if transaction.recoverSender(fork: .frontier) != (try secretKey(json["key"])).address { return "another sender" }
        return transaction.data == (try bytes(json["data"], "data")) ? nil : "other data"
    }
}
