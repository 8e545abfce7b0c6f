// libFuzzer's entry: `Fuzz TARGET [libFuzzer arguments]`. Built only with FUZZ in the environment; see Specs/fuzzing.md.
//
// A target takes any bytes and must neither trap nor break what it asserts. libFuzzer mutates the bytes and keeps those that
// reach new code.

struct FuzzTarget: Sendable {
    let name: String
    let run: @Sendable ([UInt8]) -> Void
}

let fuzzTargets = [
    FuzzTarget(name: "transactions", run: fuzzTransaction),
    FuzzTarget(name: "blocks", run: fuzzBlock),
    FuzzTarget(name: "witnesses", run: fuzzWitness),
    FuzzTarget(name: "bytecode", run: fuzzBytecode),
    FuzzTarget(name: "precompiles", run: fuzzPrecompile),
    FuzzTarget(name: "rlp", run: fuzzRLP),
    FuzzTarget(name: "proofs", run: fuzzProof),
    FuzzTarget(name: "ethereum-blocks", run: fuzzEthereumBlock),
    FuzzTarget(name: "tries", run: fuzzTrie),
    FuzzTarget(name: "cases", run: fuzzCase),
]

typealias FuzzCallback = @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
public typealias ArgumentVector = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

@_silgen_name("LLVMFuzzerRunDriver")
func runFuzzer(_ count: UnsafeMutablePointer<Int32>, _ arguments: UnsafeMutablePointer<ArgumentVector?>, _ callback: FuzzCallback) -> Int32

/// Set once before the fuzzer starts, read by its callback, which can capture nothing.
nonisolated(unsafe) var chosenTarget: FuzzTarget?

/// The build renames an executable's `main` to this.
@_cdecl("Fuzz_main")
public func fuzzMain(_ count: Int32, _ arguments: ArgumentVector?) -> Int32 {
    guard count >= 2, let arguments, let name = arguments[1] else {
        print(fuzzTargets.map(\.name).joined(separator: "\n"))
        return 2
    }
    guard let target = fuzzTargets.first(where: { $0.name == String(cString: name) }) else {
        print("Unknown target; known are \(fuzzTargets.map(\.name).joined(separator: ", ")).")
        return 2
    }
    chosenTarget = target
    // libFuzzer sees the arguments without the target's name.
    arguments[1] = arguments[0]
    var rest: ArgumentVector? = arguments + 1
    var restCount = count - 1
    return runFuzzer(&restCount, &rest) { bytes, count in
        chosenTarget?.run([UInt8](UnsafeBufferPointer(start: bytes, count: count)))
        return 0
    }
}
