// Floor 1, Engine: who is told what an executor does, for traces and for limits of time.
public import Primitives

/// Watches an executor: `TransactionExecutor.observer`. The base class sees nothing and never stops anything.
///
/// A class and not a protocol, as `StateDatabase`. Order of the calls for one transaction: `enter` for its own frame, then the
/// steps, logs and inner frames as they happen, and `leave`. Frames nest; every `enter` has its `leave`, except when the
/// observer stops the execution or the state cannot be read. An observer changes no result.
open class ExecutionObserver {
    /// The instructions before which `step` is called.
    public let opcodes: OpcodeSet
    /// Whether `enter` and `leave` are called: they cost copies of input and output.
    public let seesFrames: Bool

    public init(opcodes: OpcodeSet = OpcodeSet(), seesFrames: Bool = false) {
        self.opcodes = opcodes
        self.seesFrames = seesFrames
    }

    /// An instruction of `opcodes` is about to run; its operands may be missing and its gas too little.
    /// - Parameter step: valid only during the call.
    open func step(_ step: Step) {}

    /// The instruction of the last `step` has been paid: for calls with the gas that the callee gets, for creations without,
    /// and before what they run.
    /// - Parameter halt: why the frame ends with this instruction, `nil` when it does not end exceptionally.
    open func stepEnded(costGas: UInt64, halt: HaltReason?) {}

    /// A call or creation begins, also one that fails at once and one of an account without code.
    open func enter(_ frame: FrameStart) {}

    /// The innermost frame has ended and its effects are undone if it failed.
    open func leave(_ frame: FrameEnd) {}

    /// The running frame has emitted a log; when it or a frame around it fails, the log is void.
    open func logged(_ log: Log) {}

    /// SELFDESTRUCT has sent `balance` from `contract` to `heir`.
    open func selfDestructed(_ contract: Address, heir: Address, balance: UInt256) {}

    /// Asked now and then, at least every few thousand instructions: true gives the execution up with `ExecutionError.interrupted`.
    open func shouldStop() -> Bool { false }
}

/// What begins a frame.
public enum FrameOrigin: UInt8, Equatable, Sendable {
    case call, callCode, delegateCall, staticCall, create, create2

    public var isCreation: Bool { self == .create || self == .create2 }
}

/// The beginning of a frame.
public struct FrameStart: Equatable, Sendable {
    public var origin: FrameOrigin
    /// Frames around this one: 0 for the transaction's own.
    public var depth: Int
    /// The account that calls or creates.
    public var from: Address
    /// The account whose code is called, or the address of the new contract.
    public var to: Address
    /// For DELEGATECALL the value that the calling frame sees; zero for STATICCALL.
    public var value: UInt256
    /// Gas of the frame, the stipend included.
    public var gas: UInt64
    /// Input, or init code.
    public var input: [UInt8]
    /// Whether `to` is a precompiled contract.
    public var isPrecompile: Bool

    public init(
        origin: FrameOrigin, depth: Int, from: Address, to: Address, value: UInt256, gas: UInt64, input: [UInt8], isPrecompile: Bool
    ) {
        self.origin = origin
        self.depth = depth
        self.from = from
        self.to = to
        self.value = value
        self.gas = gas
        self.input = input
        self.isPrecompile = isPrecompile
    }
}

extension BlockEnvironment {
    /// Whether the fork has a precompiled contract at this address.
    public func isPrecompile(_ address: Address) -> Bool { Precompile(address, fork) != nil }
}

/// How a frame ended.
public enum FrameResult: Equatable, Sendable {
    case success
    case reverted
    case halted(HaltReason)
    /// It never began, and its gas went back.
    case refused(FrameRefusal)
}

/// Why a call or creation fails at once without costing its gas.
public enum FrameRefusal: UInt8, Equatable, Sendable {
    case tooDeep, insufficientBalance, nonceOverflow

    /// go-ethereum's words.
    public var message: String {
        switch self {
        case .tooDeep: "max call depth exceeded"
        case .insufficientBalance: "insufficient balance for transfer"
        case .nonceOverflow: "nonce uint64 overflow"
        }
    }
}

/// The end of a frame.
public struct FrameEnd: Equatable, Sendable {
    public var result: FrameResult
    public var gasLeft: UInt64
    /// Return data, revert data, or the code of the new contract; empty after an exceptional halt.
    public var output: [UInt8]

    public init(result: FrameResult, gasLeft: UInt64, output: [UInt8]) {
        self.result = result
        self.gasLeft = gasLeft
        self.output = output
    }
}
