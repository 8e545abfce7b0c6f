// Floor 1, Engine: runs frames until the transaction's own frame has ended. An explicit stack of frames, never Swift recursion.
import Primitives

/// How the outermost frame ended. Its return data is the machine's.
struct RunResult {
    var status: OutcomeStatus
    var gasLeft: Int64
}

/// Runs the frames on the machine, at least one, until none is left.
func run(_ m: MachinePointer) -> RunResult {
    unsafe m.pointee.observation == nil ? run(m, Unobserved.self) : run(m, Observed.self)
}

private func run<T: Tracer>(_ m: MachinePointer, _ tracer: T.Type) -> RunResult {
    while true {
        if T.isOn, unsafe isInterrupted(m) { return unsafe abandon(m) }
        var exit = unsafe interpret(m, tracer)
        switch exit {
        case .call, .callCode, .delegateCall, .staticCall:
            guard unsafe performCall(m, exit, tracer) == .halted else { continue }
            exit = .halted
            if T.isOn { unsafe endStep(m, m.pointee.top.pointee.gas, m.pointee.top.pointee.halt ?? .outOfGas) }
        case .create, .create2:
            guard unsafe performCreate(m, exit, tracer) == .halted else { continue }
            exit = .halted
            if T.isOn { unsafe endStep(m, m.pointee.top.pointee.gas, m.pointee.top.pointee.halt ?? .outOfGas) }
        case .stop, .returned, .reverted, .halted:
            break
        }
        if unsafe m.pointee.journal.failed { return unsafe abandon(m) }
        if T.isOn, unsafe isInterrupted(m) { return unsafe abandon(m) }
        if let result = unsafe leave(m, exit, tracer) { return result }
    }
}

/// Drops all frames: the result will not be used.
private func abandon(_ m: MachinePointer) -> RunResult {
    while unsafe m.pointee.frameCount > 0 { _ = unsafe m.pointee.pop() }
    return RunResult(status: .halted(.outOfGas), gasLeft: 0)
}

/// Ends the last frame and hands its result to the one below; returns the result when there is none below.
private func leave<T: Tracer>(_ m: MachinePointer, _ exit: FrameExit, _ tracer: T.Type) -> RunResult? {
    let f = unsafe m.pointee.top
    var status: OutcomeStatus
    switch exit {
    case .stop, .returned: status = .success
    case .reverted: status = .reverted
    default: status = .halted(unsafe f.pointee.halt ?? .outOfGas)
    }
    if unsafe status == .success && f.pointee.kind == .create {
        if let reason = unsafe depositCode(m, f) { status = .halted(reason) }
    }
    if status != .success { unsafe m.pointee.journal.revert(to: f.pointee.checkpoint) }
    if case .halted = status {
        unsafe f.pointee.gas = 0
        unsafe m.pointee.returnedCount = 0
    }
    let frame = unsafe m.pointee.pop()
    guard unsafe m.pointee.frameCount > 0 else { return RunResult(status: status, gasLeft: frame.gas) }
    if T.isOn { unsafe leaveFrame(m, FrameResult(status), gasLeft: frame.gas) }

    let parent = unsafe m.pointee.top
    unsafe parent.pointee.gas &+= frame.gas
    if frame.kind == .call {
        unsafe copyOutput(m, parent, frame.outputOffset, frame.outputCount)
        unsafe pushResult(m, parent, status == .success ? .one : .zero)
    } else if status == .success {
        unsafe m.pointee.returnedCount = 0
        unsafe pushResult(m, parent, frame.address.word)
    } else {
        unsafe pushResult(m, parent, .zero)
    }
    return nil
}
