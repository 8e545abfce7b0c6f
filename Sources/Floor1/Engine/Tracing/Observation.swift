// Floor 1, Engine: the machine's side of observation. Called only by the observed form of interpreter and driver.
//
// Invariant: `stepGas` is set exactly between an observer's `step` and its `stepEnded`.
import Primitives

/// What the machine keeps for its observer.
struct Observation {
    /// Instructions between two questions whether to stop. A frame counts as many more, because a precompile is one frame.
    static let pollInterval = 4096
    static let frameWeight = 256

    let observer: ExecutionObserver
    let opcodes: OpcodeSet
    /// Instructions until the next question.
    var countdown = Observation.pollInterval
    /// Gas before the observed instruction that is running.
    var stepGas: Int64?
    /// The observer has given the execution up.
    var isInterrupted = false

    init(_ observer: ExecutionObserver) {
        self.observer = observer
        opcodes = observer.opcodes
    }

    mutating func poll(_ weight: Int) {
        countdown &-= weight
        guard countdown <= 0 else { return }
        countdown = Observation.pollInterval
        if observer.shouldStop() { isInterrupted = true }
    }
}

typealias ObservationPointer = UnsafeMutablePointer<Observation>

/// Before each instruction; false ends the execution.
@inline(__always)
func observeStep(_ m: MachinePointer, _ f: FramePointer, _ ip: UnsafePointer<UInt8>, _ sp: StackPointer, _ gas: Int64) -> Bool {
    guard let o = unsafe m.pointee.observation else { return true }
    unsafe o.pointee.countdown &-= 1
    if unsafe o.pointee.countdown <= 0 || o.pointee.stepGas != nil || o.pointee.opcodes.contains(ip.pointee) {
        return unsafe reportStep(m, f, o, ip, sp, gas)
    }
    return true
}

@inline(never)
private func reportStep(
    _ m: MachinePointer, _ f: FramePointer, _ o: ObservationPointer, _ ip: UnsafePointer<UInt8>, _ sp: StackPointer, _ gas: Int64
) -> Bool {
    unsafe endStep(m, gas, nil)
    unsafe o.pointee.poll(0)
    if unsafe o.pointee.isInterrupted { return false }
    let opcode = unsafe ip.pointee
    if unsafe o.pointee.opcodes.contains(opcode) {
        unsafe o.pointee.stepGas = gas
        let step = unsafe Step(m, f, sp, opcode: opcode, programCounter: ip - f.pointee.code, gas: gas)
        unsafe o.pointee.observer.step(step)
    }
    return true
}

/// After an observed instruction, with the gas that is left.
func endStep(_ m: MachinePointer, _ gas: Int64, _ halt: HaltReason?) {
    guard let o = unsafe m.pointee.observation, let before = unsafe o.pointee.stepGas else { return }
    unsafe o.pointee.stepGas = nil
    unsafe o.pointee.observer.stepEnded(costGas: UInt64(max(before &- gas, 0)), halt: halt)
}

/// Before a call or creation that is paid for.
func enterFrame(
    _ m: MachinePointer, _ origin: FrameOrigin, from: Address, to: Address, value: UInt256, gas: Int64,
    _ input: UnsafePointer<UInt8>?, _ count: Int
) {
    guard let o = unsafe m.pointee.observation, unsafe o.pointee.observer.seesFrames else { return }
    let bytes = unsafe Array(UnsafeBufferPointer(start: input, count: count))
    let start = FrameStart(
        origin: origin, depth: unsafe m.pointee.frameCount, from: from, to: to, value: value, gas: UInt64(gas), input: bytes,
        isPrecompile: unsafe m.pointee.environment.isPrecompile(to))
    unsafe o.pointee.observer.enter(start)
}

/// After a frame; the machine's return data are its output.
func leaveFrame(_ m: MachinePointer, _ result: FrameResult, gasLeft: Int64) {
    guard let o = unsafe m.pointee.observation, unsafe o.pointee.observer.seesFrames else { return }
    unsafe o.pointee.observer.leave(FrameEnd(result: result, gasLeft: UInt64(max(gasLeft, 0)), output: m.pointee.returnedBytes))
}

/// After a LOG instruction.
@inline(never)
func observeLog(_ m: MachinePointer) {
    guard let o = unsafe m.pointee.observation, let log = unsafe m.pointee.journal.logs.last else { return }
    unsafe o.pointee.observer.logged(log)
}

/// Before SELFDESTRUCT: its heir and what it will send.
func selfDestructTerms(_ m: MachinePointer, _ f: FramePointer, _ sp: StackPointer) -> (heir: Address, balance: UInt256) {
    unsafe (Address(truncating: sp[-1]), m.pointee.journal.balance(f.pointee.account))
}

/// After SELFDESTRUCT.
@inline(never)
func observeSelfDestruct(_ m: MachinePointer, _ f: FramePointer, _ terms: (heir: Address, balance: UInt256)) {
    guard let o = unsafe m.pointee.observation else { return }
    unsafe o.pointee.observer.selfDestructed(f.pointee.address, heir: terms.heir, balance: terms.balance)
}

/// Whether the observer has given the execution up; asked by the driver once per frame change.
func isInterrupted(_ m: MachinePointer) -> Bool {
    guard let o = unsafe m.pointee.observation else { return false }
    unsafe o.pointee.poll(Observation.frameWeight)
    return unsafe o.pointee.isInterrupted
}

extension FrameOrigin {
    init(_ exit: FrameExit) {
        self = switch exit {
        case .callCode: .callCode
        case .delegateCall: .delegateCall
        case .staticCall: .staticCall
        case .create: .create
        case .create2: .create2
        case .call, .stop, .returned, .reverted, .halted: .call
        }
    }
}

extension FrameResult {
    init(_ status: OutcomeStatus) {
        self = switch status {
        case .success: .success
        case .reverted: .reverted
        case .halted(let reason): .halted(reason)
        }
    }
}
