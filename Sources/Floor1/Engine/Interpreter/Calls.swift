// Floor 1, Engine: CALL, CALLCODE, DELEGATECALL and STATICCALL.
//
// They end in one of three ways: the running frame halts, the call completes at once (no code, precompile, too deep, too poor) and its
// result is on the stack, or a new frame is on top and the driver goes on with it.
import Primitives

/// What an instruction of the driver did.
enum DriverStep {
    case halted
    case proceed
}

/// The operands of a call.
private struct CallOperands {
    var gas: UInt256
    var address: Address
    var value: UInt256
    var inputOffset: UInt256
    var inputCount: UInt256
    var outputOffset: UInt256
    var outputCount: UInt256
}

private func takeOperands(_ m: MachinePointer, _ f: FramePointer, _ kind: FrameExit) -> CallOperands {
    let hasValue = kind == .call || kind == .callCode
    let sp = unsafe m.pointee.stack + f.pointee.stackTop
    let rest = unsafe hasValue ? sp - 1 : sp
    let operands = unsafe CallOperands(
        gas: sp[-1], address: Address(truncating: sp[-2]), value: hasValue ? sp[-3] : .zero, inputOffset: rest[-3],
        inputCount: rest[-4], outputOffset: rest[-5], outputCount: rest[-6])
    unsafe f.pointee.stackTop -= hasValue ? 7 : 6
    return operands
}

/// Executes the call instruction that the running frame stopped at.
func performCall<T: Tracer>(_ m: MachinePointer, _ kind: FrameExit, _ tracer: T.Type) -> DriverStep {
    let f = unsafe m.pointee.top
    let operands = unsafe takeOperands(m, f, kind)
    let hasValue = !operands.value.isZero
    if unsafe kind == .delegateCall && !m.pointee.rules.hasDelegateCall || kind == .staticCall && !m.pointee.rules.hasStaticCall {
        unsafe f.pointee.halt = .undefinedInstruction
        return .halted
    }
    if unsafe kind == .call && hasValue && f.pointee.isStatic {
        unsafe f.pointee.halt = .staticViolation
        return .halted
    }

    // Gas: memory, access (EIP-2929), value, new account, then all but a 64th for the callee (EIP-150).
    var gas = unsafe f.pointee.gas
    gas = unsafe expandRange(m, f, operands.inputOffset, operands.inputCount, gas)
    guard gas >= 0 else { return .halted }
    gas = unsafe expandRange(m, f, operands.outputOffset, operands.outputCount, gas)
    guard gas >= 0 else { return .halted }
    let target = unsafe m.pointee.journal.account(operands.address)
    gas &-= unsafe accessCost(m, target, m.pointee.rules.call)
    var code = unsafe m.pointee.journal.code(target)
    var isDelegated = false
    if unsafe m.pointee.hasPrague, let delegate = code.delegate {
        let index = unsafe m.pointee.journal.account(delegate)
        gas &-= unsafe accessCost(m, index, m.pointee.rules.call)
        code = unsafe m.pointee.journal.code(index)
        isDelegated = true
    }
    if hasValue { gas &-= Gas.callValue }
    if unsafe kind == .call && makesAccount(m, target, hasValue) { gas &-= Gas.newAccount }
    guard unsafe gas >= 0 && !m.pointee.journal.failed else { return .halted }
    var childGas = Int64(clamping: operands.gas.saturatedUInt64)
    if unsafe m.pointee.rules.keepsSixtyFourth {
        childGas = min(childGas, gas &- gas / 64)
    } else if childGas > gas {
        return .halted
    }
    gas &-= childGas
    if hasValue { childGas &+= Gas.callStipend }
    unsafe f.pointee.gas = gas
    if T.isOn { unsafe endStep(m, gas, nil) }

    let message = CallMessage(
        kind: kind, target: target, operands.address, code: code, isDelegated: isDelegated, value: operands.value, gas: childGas,
        inputOffset: operands.inputCount.isZero ? 0 : Int(truncatingIfNeeded: operands.inputOffset.l0),
        inputCount: Int(truncatingIfNeeded: operands.inputCount.l0),
        outputOffset: operands.outputCount.isZero ? 0 : Int(truncatingIfNeeded: operands.outputOffset.l0),
        outputCount: Int(truncatingIfNeeded: operands.outputCount.l0))
    unsafe enterCall(m, f, message, tracer)
    return .proceed
}

/// Whether a call brings its target into existence: with EIP-161 only value does, before any call of an account that is not there.
@inline(__always)
private func makesAccount(_ m: MachinePointer, _ target: Int, _ hasValue: Bool) -> Bool {
    if unsafe m.pointee.rules.hasEmptyAccounts { return unsafe !m.pointee.journal.exists(target) }
    return unsafe hasValue && m.pointee.journal.isEmpty(target)
}

/// A call whose gas is settled.
private struct CallMessage {
    let kind: FrameExit
    let target: Int
    let targetAddress: Address
    let code: CodeBlock
    let isDelegated: Bool
    let value: UInt256
    let gas: Int64
    let inputOffset: Int
    let inputCount: Int
    let outputOffset: Int
    let outputCount: Int

    init(
        kind: FrameExit, target: Int, _ targetAddress: Address, code: CodeBlock, isDelegated: Bool, value: UInt256, gas: Int64,
        inputOffset: Int, inputCount: Int, outputOffset: Int, outputCount: Int
    ) {
        self.kind = kind
        self.target = target
        self.targetAddress = targetAddress
        self.code = code
        self.isDelegated = isDelegated
        self.value = value
        self.gas = gas
        self.inputOffset = inputOffset
        self.inputCount = inputCount
        self.outputOffset = outputOffset
        self.outputCount = outputCount
    }
}

private func enterCall<T: Tracer>(_ m: MachinePointer, _ f: FramePointer, _ call: CallMessage, _ tracer: T.Type) {
    let own = unsafe f.pointee.account
    let input = unsafe UnsafePointer(m.pointee.memory + f.pointee.memoryBase + call.inputOffset)
    if T.isOn {
        let value = unsafe call.kind == .delegateCall ? f.pointee.value : call.value
        unsafe enterFrame(
            m, FrameOrigin(call.kind), from: f.pointee.address, to: call.targetAddress, value: value, gas: call.gas, input, call.inputCount)
    }
    let isTooPoor = unsafe !call.value.isZero && m.pointee.journal.balance(own) < call.value
    guard unsafe m.pointee.frameCount <= Machine.depthLimit && !isTooPoor else {
        unsafe m.pointee.returnedCount = 0
        if T.isOn {
            let isTooDeep = unsafe m.pointee.frameCount > Machine.depthLimit
            unsafe leaveFrame(m, .refused(isTooDeep ? .tooDeep : .insufficientBalance), gasLeft: call.gas)
        }
        unsafe f.pointee.gas &+= call.gas
        unsafe pushResult(m, f, .zero)
        return
    }
    let checkpoint = unsafe m.pointee.journal.checkpoint
    if call.kind == .call { unsafe m.pointee.journal.transfer(from: own, to: call.target, call.value) }
    if call.kind == .staticCall { unsafe m.pointee.journal.touch(call.target) }

    if !call.isDelegated, let precompile = unsafe Precompile(call.targetAddress, m.pointee.environment.fork) {
        let left = unsafe precompile.run(m, input, call.inputCount, call.gas)
        if left < 0 {
            unsafe m.pointee.journal.revert(to: checkpoint)
            unsafe m.pointee.returnedCount = 0
            if T.isOn { unsafe leaveFrame(m, .halted(.precompileFailed), gasLeft: 0) }
            unsafe pushResult(m, f, .zero)
        } else {
            if T.isOn { unsafe leaveFrame(m, .success, gasLeft: left) }
            unsafe f.pointee.gas &+= left
            unsafe copyOutput(m, f, call.outputOffset, call.outputCount)
            unsafe pushResult(m, f, .one)
        }
        return
    }
    guard call.code.count > 0 else {
        unsafe m.pointee.returnedCount = 0
        if T.isOn { unsafe leaveFrame(m, .success, gasLeft: call.gas) }
        unsafe f.pointee.gas &+= call.gas
        unsafe pushResult(m, f, .one)
        return
    }

    let keepsContext = call.kind == .delegateCall
    let keepsState = keepsContext || call.kind == .callCode
    unsafe m.pointee.push(
        Frame(
            code: UnsafePointer(call.code.bytes), codeCount: call.code.count,
            jumpDestinations: UnsafePointer(call.code.jumpDestinations), instruction: UnsafePointer(call.code.bytes), gas: call.gas,
            stackBase: 0, stackTop: 0, memoryBase: 0, memorySize: 0, input: input, inputCount: call.inputCount, inputIsMemory: true,
            isStatic: f.pointee.isStatic || call.kind == .staticCall, kind: .call, halt: nil,
            account: keepsState ? own : call.target, address: keepsState ? f.pointee.address : call.targetAddress,
            caller: keepsContext ? f.pointee.caller : f.pointee.address, value: keepsContext ? f.pointee.value : call.value,
            checkpoint: checkpoint, outputOffset: call.outputOffset, outputCount: call.outputCount, ownedCode: nil))
}

/// Puts a call's or creation's result on the frame's stack. There is room: the instruction took at least three words.
func pushResult(_ m: MachinePointer, _ f: FramePointer, _ word: UInt256) {
    unsafe m.pointee.stack[f.pointee.stackTop] = word
    unsafe f.pointee.stackTop += 1
}

/// Copies return data to where the caller wants it, as far as it fits.
func copyOutput(_ m: MachinePointer, _ f: FramePointer, _ offset: Int, _ count: Int) {
    let copied = unsafe min(count, m.pointee.returnedCount)
    guard copied > 0 else { return }
    unsafe (m.pointee.memory + f.pointee.memoryBase + offset).update(from: m.pointee.returned, count: copied)
}
