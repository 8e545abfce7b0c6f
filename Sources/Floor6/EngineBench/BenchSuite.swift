// Floor 6, EngineBench: a folder of EVM benchmarks, read and checked before anything is timed.
//
// The form: `cases.json` gives per case the file of the code, a loop count and the calldata; `expected.json` gives gas and return word
// at the full and at a small loop count. See Specs/engine.md.
import Foundation
public import Primitives

/// Why a folder cannot be used.
public struct BenchFormatError: Error, CustomStringConvertible, Equatable {
    public let description: String
}

/// What a transaction with `loops` must give.
public struct BenchExpectation: Equatable, Sendable {
    public let loops: UInt64
    /// Before the refund.
    public let gas: UInt64
    /// The first word of the return data.
    public let word: UInt256
}

/// A contract beside the measured one; its storage is set by calling its `mint(address, uint256)`, when `mint` is given.
public struct BenchContract: Sendable {
    public let address: Address
    public let code: [UInt8]
    public let mint: (holder: Address, amount: UInt256)?
}

/// One benchmark: a transaction from `caller` to `target`, which runs `code`.
public struct BenchCase: Sendable {
    public let name: String
    public let caller: Address
    public let target: Address
    public let code: [UInt8]
    /// Calldata before and behind the word that holds the loop count.
    public let selector: [UInt8]
    public let data: [UInt8]
    public let others: [BenchContract]
    public let expected: BenchExpectation
    public let expectedSmall: BenchExpectation?

    /// Gas and instructions of one loop, where they are constant.
    public let gasPerLoop: UInt64?
    public let instructionsPerLoop: UInt64?

    func calldata(_ loops: UInt64) -> [UInt8] { selector + UInt256(loops).bigEndianBytes + data }
}

/// The cases of a folder, in the order of its `cases.json`.
public struct BenchSuite: Sendable {
    public let cases: [BenchCase]

    public init(folder: String) throws {
        let root = URL(fileURLWithPath: folder, isDirectory: true)
        let text = try BenchSuite.read(root, "cases.json")
        let descriptions = try BenchSuite.decode([String: CaseFile].self, text, "cases.json")
        let expectations = try BenchSuite.decode([String: ExpectationFile].self, BenchSuite.read(root, "expected.json"), "expected.json")
        let order = String(decoding: text, as: UTF8.self)
        let names = descriptions.keys.sorted { a, b in
            let (x, y) = (order.range(of: "\"\(a)\"")?.lowerBound, order.range(of: "\"\(b)\"")?.lowerBound)
            return (x ?? order.endIndex, a) < (y ?? order.endIndex, b)
        }
        cases = try names.map { name in
            guard let file = descriptions[name], let expected = expectations[name] else {
                throw BenchFormatError(description: "expected.json has no case '\(name)'")
            }
            return try BenchSuite.make(name, file, expected, root)
        }
        guard !cases.isEmpty else { throw BenchFormatError(description: "cases.json holds no case") }
    }

    private static func make(_ name: String, _ file: CaseFile, _ expected: ExpectationFile, _ root: URL) throws -> BenchCase {
        guard expected.n.n == file.n else { throw BenchFormatError(description: "\(name): 'n' differs between the two files") }
        return BenchCase(
            name: name, caller: try address(file.caller, name), target: try address(file.target, name), code: try code(file.hex, root, name),
            selector: try bytes(file.selector ?? "", name), data: try bytes(file.data ?? "", name),
            others: try (file.others ?? [:]).sorted { $0.key < $1.key }.map { key, other in
                BenchContract(
                    address: try address(key, name), code: try code(other.hex, root, name),
                    mint: try other.mint.map { (try address($0.holder, name), $0.amount) })
            },
            expected: try expectation(expected.n, name), expectedSmall: try expected.small.map { try expectation($0, name) },
            gasPerLoop: file.gasPerLoop, instructionsPerLoop: file.instructionsPerLoop)
    }

    // MARK: - Fields

    private static func expectation(_ size: ExpectationFile.Size, _ name: String) throws -> BenchExpectation {
        guard let word = UInt256(quantityHex: "0x" + size.ret) else {
            throw BenchFormatError(description: "\(name): 'ret' is no word")
        }
        return BenchExpectation(loops: size.n, gas: size.gas, word: word)
    }

    private static func address(_ text: String, _ name: String) throws -> Address {
        guard let address = Address(hex: text) else { throw BenchFormatError(description: "\(name): '\(text)' is no address") }
        return address
    }

    private static func bytes(_ text: String, _ name: String) throws -> [UInt8] {
        guard let bytes = Hex.decode(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw BenchFormatError(description: "\(name): bad hexadecimal digits")
        }
        return bytes
    }

    private static func code(_ path: String, _ root: URL, _ name: String) throws -> [UInt8] {
        try bytes(String(decoding: read(root, path), as: UTF8.self), name)
    }

    private static func read(_ root: URL, _ path: String) throws -> Data {
        do {
            return try Data(contentsOf: root.appendingPathComponent(path))
        } catch {
            throw BenchFormatError(description: "Cannot read \(path) in \(root.path)")
        }
    }

    private static func decode<T: Decodable>(_ type: T.Type, _ data: Data, _ path: String) throws -> T {
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch {
            throw BenchFormatError(description: "\(path) has not the form of a benchmark folder: \(error)")
        }
    }
}

// MARK: - The files

private struct CaseFile: Decodable {
    struct Other: Decodable {
        let hex: String
        let mint: Mint?
    }

    /// An array of the holder and the amount, which is a number of up to 38 digits.
    struct Mint: Decodable {
        let holder: String
        let amount: UInt256

        init(from decoder: any Decoder) throws {
            var values = try decoder.unkeyedContainer()
            holder = try values.decode(String.self)
            guard let amount = UInt256(decimal: try values.decode(Decimal.self).description) else {
                throw DecodingError.dataCorruptedError(in: values, debugDescription: "the amount is no natural number")
            }
            self.amount = amount
        }
    }

    enum CodingKeys: String, CodingKey {
        case hex, n, selector, data, caller, target, others
        case gasPerLoop = "gas_per_iter"
        case instructionsPerLoop = "ops_per_iter"
    }

    let hex: String
    let n: UInt64
    let selector: String?
    let data: String?
    let caller: String
    let target: String
    let others: [String: Other]?
    let gasPerLoop: UInt64?
    let instructionsPerLoop: UInt64?
}

private struct ExpectationFile: Decodable {
    struct Size: Decodable {
        let n: UInt64
        let gas: UInt64
        let ret: String
    }

    let n: Size
    let small: Size?
}
