// Floor 6, StateTests: one upstream trie test: pairs put into a trie one after another, and the root that must follow.
//
// The root is computed three ways that must agree: change by change, as one update, and from all pairs at once; every key is then proven.
import Engine
import Primitives

struct TrieTest {
    private let pairs: [(key: [UInt8], value: [UInt8])]
    private let root: Hash256
    private let isSecure: Bool

    init(_ json: JSONValue, isSecure: Bool) throws(StateTestFormatError) {
        self.isSecure = isSecure
        root = try Field.hash(json["root"], "root")
        var pairs: [(key: [UInt8], value: [UInt8])] = []
        if let members = json["in"]?.members {
            for (key, value) in members { pairs.append((try TrieTest.bytes(.string(key)), try TrieTest.bytes(value))) }
        } else {
            for entry in json["in"]?.elements ?? [] {
                guard let parts = entry.elements, parts.count == 2 else { throw StateTestFormatError(field: "in") }
                pairs.append((try TrieTest.bytes(parts[0]), try TrieTest.bytes(parts[1])))
            }
        }
        self.pairs = pairs
    }

    /// Hexadecimal, or the text itself; `null` removes a key.
    private static func bytes(_ json: JSONValue) throws(StateTestFormatError) -> [UInt8] {
        if case .null = json { return [] }
        guard let text = json.string else { throw StateTestFormatError(field: "in") }
        guard text.hasPrefix("0x") else { return Array(text.utf8) }
        guard let bytes = Hex.decode(text) else { throw StateTestFormatError(field: "in") }
        return bytes
    }

    func run(_ recorder: inout TestRecorder) {
        recorder.record { () throws(StateTestFormatError) in
            do throws(StateError) {
                return try check()
            } catch {
                return "a node is missing from the store"
            }
        }
    }

    private func check() throws(StateError) -> String? {
        let changes = pairs.map { (key: isSecure ? Keccak256.hash($0.key).bytes : $0.key, value: $0.value) }
        let store = MemoryTrieNodeStore()
        var stepwise = MerklePatriciaTrie.emptyRoot
        for change in changes {
            let update = try MerklePatriciaTrie.update([change], root: stepwise, in: store)
            store.apply(update)
            stepwise = update.root
        }
        guard stepwise == root else { return "root \(stepwise.hex) step by step, expected \(root.hex)" }
        let atOnce = try MerklePatriciaTrie.update(changes, root: MerklePatriciaTrie.emptyRoot, in: TrieNodeStore()).root
        guard atOnce == root else { return "root \(atOnce.hex) as one update, expected \(root.hex)" }
        var final: [[UInt8]: [UInt8]] = [:]
        for change in changes { final[change.key] = change.value }
        let whole = MerklePatriciaTrie.root(of: final.map { (key: $0.key, value: $0.value) })
        guard whole == root else { return "root \(whole.hex) of all pairs, expected \(root.hex)" }
        for (key, value) in final {
            let proof = try MerklePatriciaTrie.prove(key, root: root, in: store)
            let shown: [UInt8]?
            do throws(TrieProofError) { shown = try MerklePatriciaTrie.verify(proof, key: key, root: root) } catch { return "a proof fails" }
            guard (shown ?? []) == value else { return "a proof shows another value" }
        }
        return nil
    }
}
