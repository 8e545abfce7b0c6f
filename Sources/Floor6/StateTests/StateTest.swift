// Floor 6, StateTests: one upstream state test as read from its file: a pre-state, a block, a transaction with variants, and what must follow.
import Engine
import Primitives

/// Why a test file cannot be read.
struct StateTestFormatError: Error {
    let field: String
}

struct StateTest {
    let pre: TestState
    let environment: JSONValue
    let transaction: JSONValue
    /// Expected results by fork name, in the file's order.
    let posts: [(fork: String, cases: [JSONValue])]

    init(_ json: JSONValue) throws(StateTestFormatError) {
        guard let environment = json["env"], let transaction = json["transaction"], let pre = json["pre"]?.members,
            let post = json["post"]?.members
        else { throw StateTestFormatError(field: "env, pre, post or transaction") }
        self.environment = environment
        self.transaction = transaction
        self.pre = try TestState(pre)
        posts = post.map { ($0.key, $0.value.elements ?? []) }
    }

    func run(_ recorder: inout TestRecorder) {
        for (name, cases) in posts {
            guard let fork = recorder.select(name, cases: cases.count) else { continue }
            for (index, json) in cases.enumerated() {
                recorder.record(fork: name, index: index) { () throws(StateTestFormatError) in try check(try StateTestCase(json), fork) }
            }
        }
    }
}

/// One indexed case: a transaction variant and its expected result.
struct StateTestCase {
    let dataIndex: Int
    let gasIndex: Int
    let valueIndex: Int
    let stateRoot: Hash256
    let logsHash: Hash256
    let expectedException: String?

    init(_ json: JSONValue) throws(StateTestFormatError) {
        guard let indexes = json["indexes"] else { throw StateTestFormatError(field: "indexes") }
        dataIndex = try StateTestCase.index(indexes["data"])
        gasIndex = try StateTestCase.index(indexes["gas"])
        valueIndex = try StateTestCase.index(indexes["value"])
        stateRoot = try Field.hash(json["hash"], "hash")
        logsHash = try Field.hash(json["logs"], "logs")
        expectedException = json["expectException"]?.string
    }

    private static func index(_ json: JSONValue?) throws(StateTestFormatError) -> Int {
        guard case .number(let text) = json, let value = Int(text), value >= 0 else { throw StateTestFormatError(field: "indexes") }
        return value
    }
}

/// Typed fields of fixtures: hexadecimal strings with any number of leading zeros.
enum Field {
    static func uint256(_ json: JSONValue?, _ name: String) throws(StateTestFormatError) -> UInt256 {
        guard let text = json?.string else { throw StateTestFormatError(field: name) }
        guard text.utf8.starts(with: "0x".utf8) else {
            guard let value = UInt256(decimal: text) else { throw StateTestFormatError(field: name) }
            return value
        }
        if text == "0x" { return .zero }
        guard let value = UInt256(quantityHex: text) else { throw StateTestFormatError(field: name) }
        return value
    }

    static func uint64(_ json: JSONValue?, _ name: String) throws(StateTestFormatError) -> UInt64 {
        guard let value = try uint256(json, name).asUInt64 else { throw StateTestFormatError(field: name) }
        return value
    }

    static func bytes(_ json: JSONValue?, _ name: String) throws(StateTestFormatError) -> [UInt8] {
        guard let text = json?.string, let bytes = Hex.decode(text) else { throw StateTestFormatError(field: name) }
        return bytes
    }

    static func hash(_ json: JSONValue?, _ name: String) throws(StateTestFormatError) -> Hash256 {
        guard let text = json?.string, let value = Hash256(hex: text) else { throw StateTestFormatError(field: name) }
        return value
    }

    static func address(_ json: JSONValue?, _ name: String) throws(StateTestFormatError) -> Address {
        guard let text = json?.string, let value = Address(hex: text) else { throw StateTestFormatError(field: name) }
        return value
    }
}
