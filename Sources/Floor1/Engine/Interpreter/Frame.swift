// Floor 1, Engine: one call or creation in progress.
//
// A trivial type in the machine's own array. While the interpreter runs a frame, `instruction`, `stackTop`, `gas` are its locals and
// stale here; they are written back before any other frame runs. `input` points into the transaction's data, the parent's memory
// (then `inputIsMemory` is set and growing the buffer moves it), or is empty.
import Primitives

enum FrameKind: UInt8 {
    case call
    case create
}

/// How the interpreter left a frame.
enum FrameExit: UInt8, Comparable {
    case stop, returned, reverted, halted
    // The driver goes on from here.
    case call, callCode, delegateCall, staticCall, create, create2

    static func < (a: FrameExit, b: FrameExit) -> Bool { a.rawValue < b.rawValue }
}

@safe
struct Frame {
    var code: UnsafePointer<UInt8>
    var codeCount: Int
    var jumpDestinations: UnsafePointer<UInt8>
    var instruction: UnsafePointer<UInt8>
    var gas: Int64
    /// Positions in the stack slab, in words.
    var stackBase: Int
    var stackTop: Int
    /// Position in the memory buffer and size in bytes, a multiple of 32.
    var memoryBase: Int
    var memorySize: Int
    var input: UnsafePointer<UInt8>?
    var inputCount: Int
    var inputIsMemory: Bool
    var isStatic: Bool
    var kind: FrameKind
    /// Why the frame halts; `nil` before.
    var halt: HaltReason?
    /// Number of the account whose state the frame changes.
    var account: Int
    var address: Address
    var caller: Address
    var value: UInt256
    var checkpoint: Checkpoint
    /// Where the parent wants the output.
    var outputOffset: Int
    var outputCount: Int
    /// Init code prepared for this frame only, freed when it ends.
    var ownedCode: CodeBlock?
}

extension Frame {
    /// A transaction's own call frame, whose input is outside the machine's memory.
    init(
        call code: CodeBlock, gas: Int64, input: UnsafePointer<UInt8>?, inputCount: Int, account: Int, address: Address,
        caller: Address, value: UInt256, checkpoint: Checkpoint
    ) {
        unsafe self.init(
            code: UnsafePointer(code.bytes), codeCount: code.count, jumpDestinations: UnsafePointer(code.jumpDestinations),
            instruction: UnsafePointer(code.bytes), gas: gas, stackBase: 0, stackTop: 0, memoryBase: 0, memorySize: 0, input: input,
            inputCount: inputCount, inputIsMemory: false, isStatic: false, kind: .call, halt: nil, account: account,
            address: address, caller: caller, value: value, checkpoint: checkpoint, outputOffset: 0, outputCount: 0, ownedCode: nil)
    }
}
