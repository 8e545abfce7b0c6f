// Floor 1, Engine: what an observer can see before an instruction runs.
public import Primitives

/// The running frame before an instruction. A view of the machine: valid only inside `ExecutionObserver.step`.
@safe
public struct Step {
    private let machine: MachinePointer
    private let frame: FramePointer
    private let stackTop: StackPointer
    public let opcode: UInt8
    /// Position of the instruction in the code.
    public let programCounter: Int
    /// Gas before the instruction.
    public let gas: UInt64

    init(_ m: MachinePointer, _ f: FramePointer, _ sp: StackPointer, opcode: UInt8, programCounter: Int, gas: Int64) {
        unsafe machine = m
        unsafe frame = f
        unsafe stackTop = sp
        self.opcode = opcode
        self.programCounter = programCounter
        self.gas = UInt64(gas)
    }

    /// Frames around this one: 0 for the transaction's own.
    public var depth: Int { unsafe machine.pointee.frameCount - 1 }

    /// The account whose state the frame changes.
    public var address: Address { unsafe frame.pointee.address }

    // MARK: Stack

    public var stackCount: Int { unsafe stackTop - (machine.pointee.stack + frame.pointee.stackBase) }

    /// The word `depth` below the top, 0 for the top itself; `nil` when the stack is not that deep.
    public func word(_ depth: Int) -> UInt256? {
        guard depth >= 0, depth < stackCount else { return nil }
        return unsafe stackTop[-1 - depth]
    }

    /// The whole stack from the bottom.
    public var stack: [UInt256] {
        unsafe Array(UnsafeBufferPointer(start: machine.pointee.stack + frame.pointee.stackBase, count: stackCount))
    }

    // MARK: Memory and return data

    public var memoryByteCount: Int { unsafe frame.pointee.memorySize }

    /// The frame's memory.
    public var memory: [UInt8] {
        unsafe Array(UnsafeBufferPointer(start: machine.pointee.memory + frame.pointee.memoryBase, count: memoryByteCount))
    }

    /// `count` bytes of memory at `offset`, zeros where there is none yet; `nil` for more than `limit` bytes.
    public func memory(_ offset: UInt256, _ count: UInt256, limit: Int) -> [UInt8]? {
        guard let count = count.asInt, count <= limit else { return nil }
        var bytes = [UInt8](repeating: 0, count: count)
        guard count > 0, let start = offset.asInt, start < memoryByteCount else { return bytes }
        let memory = unsafe machine.pointee.memory + frame.pointee.memoryBase + start
        for index in 0..<min(count, memoryByteCount - start) { bytes[index] = unsafe memory[index] }
        return bytes
    }

    /// What the last inner call returned.
    public var returnData: [UInt8] { unsafe machine.pointee.returnedBytes }

    // MARK: State

    /// The refund counter (EIP-3529), of the whole transaction so far.
    public var refund: Int64 { unsafe machine.pointee.journal.refund }

    /// The value of a storage slot of `address` now; the slot does not become warm.
    public func storage(_ key: UInt256) -> UInt256 {
        let slot = unsafe machine.pointee.journal.slot(frame.pointee.account, key)
        return unsafe machine.pointee.journal.slots.entries[slot].present
    }

    /// The nonce of the account that the frame changes.
    public var nonce: UInt64 { unsafe machine.pointee.journal.nonce(frame.pointee.account) }
}
