// Floor 1, Engine: CREATE and CREATE2, and the addresses of new contracts.
public import Primitives

/// The addresses of new contracts.
public enum ContractAddress {
    /// CREATE: the hash of the creator and its nonce before the creation (yellow paper, section 7).
    public static func create(sender: Address, nonce: UInt64) -> Address {
        var writer = RLPWriter(capacity: 32)
        writer.writeList { list in
            list.write(sender)
            list.write(nonce)
        }
        return Address(lowBytesOf: Keccak256.hash(writer.bytes))
    }

    /// CREATE2 (EIP-1014).
    public static func create2(sender: Address, salt: UInt256, initCodeHash: Hash256) -> Address {
        let bytes: [UInt8] = [0xff] + sender.bytes + salt.bigEndianBytes + initCodeHash.bytes
        return Address(lowBytesOf: Keccak256.hash(bytes))
    }
}

/// EIP-3860.
enum CodeLimit {
    static let initCodeBytes = 49152
}

/// Executes the creation instruction that the running frame stopped at; its base price is paid.
func performCreate<T: Tracer>(_ m: MachinePointer, _ kind: FrameExit, _ tracer: T.Type) -> DriverStep {
    let f = unsafe m.pointee.top
    if unsafe kind == .create2 && !m.pointee.rules.hasCreate2 {
        unsafe f.pointee.halt = .undefinedInstruction
        return .halted
    }
    if unsafe f.pointee.isStatic {
        unsafe f.pointee.halt = .staticViolation
        return .halted
    }
    let sp = unsafe m.pointee.stack + f.pointee.stackTop
    let (value, offset, size) = unsafe (sp[-1], sp[-2], sp[-3])
    let salt = unsafe kind == .create2 ? sp[-4] : .zero
    unsafe f.pointee.stackTop -= kind == .create2 ? 4 : 3

    guard let count = size.asInt, unsafe count <= m.pointee.rules.initCodeLimit else {
        unsafe f.pointee.halt = .initCodeTooLarge
        return .halted
    }
    var gas = unsafe expandRange(m, f, offset, size, f.pointee.gas)
    guard gas >= 0 else { return .halted }
    let words = Int64(truncatingIfNeeded: (count &+ 31) / 32)
    unsafe gas &-= words &* (m.pointee.rules.initCodeWord &+ (kind == .create2 ? Gas.keccakWord : 0))
    guard gas >= 0 else { return .halted }
    let childGas = unsafe m.pointee.rules.keepsSixtyFourth ? gas &- gas / 64 : gas
    unsafe f.pointee.gas = gas &- childGas
    if T.isOn { unsafe endStep(m, gas, nil) }

    let own = unsafe f.pointee.account
    let sender = unsafe f.pointee.address
    let nonce = unsafe m.pointee.journal.nonce(own)
    unsafe m.pointee.returnedCount = 0
    let code = unsafe UnsafePointer(m.pointee.memory + f.pointee.memoryBase + (count == 0 ? 0 : Int(truncatingIfNeeded: offset.l0)))
    let canBegin =
        unsafe m.pointee.journal.balance(own) >= value && nonce < UInt64.max && m.pointee.frameCount <= Machine.depthLimit
    // The address of a creation that cannot begin only matters to an observer.
    guard canBegin || T.isOn else {
        unsafe f.pointee.gas = gas
        unsafe pushResult(m, f, .zero)
        return .proceed
    }
    let address: Address
    if kind == .create2 {
        let hash = unsafe Keccak256.hash(UnsafeRawBufferPointer(start: code, count: count))
        address = ContractAddress.create2(sender: sender, salt: salt, initCodeHash: hash)
    } else {
        address = ContractAddress.create(sender: sender, nonce: nonce)
    }
    if T.isOn {
        unsafe enterFrame(m, FrameOrigin(kind), from: sender, to: address, value: value, gas: childGas, code, count)
        guard canBegin else {
            unsafe leaveFrame(m, .refused(creationRefusal(m, own, value)), gasLeft: childGas)
            unsafe f.pointee.gas = gas
            unsafe pushResult(m, f, .zero)
            return .proceed
        }
    }
    unsafe m.pointee.journal.setNonce(own, nonce &+ 1)
    let index = unsafe m.pointee.journal.account(address)
    _ = unsafe m.pointee.journal.warmAccount(index)
    let collides = unsafe m.pointee.journal.collides(index)
    guard unsafe !m.pointee.journal.failed else { return .halted }
    guard !collides else {
        if T.isOn { unsafe leaveFrame(m, .halted(.addressCollision), gasLeft: 0) }
        unsafe pushResult(m, f, .zero)
        return .proceed
    }
    unsafe enterCreation(m, index, address, sender: own, sender, value: value, gas: childGas, code, count)
    return .proceed
}

/// Why a creation cannot begin, in go-ethereum's order.
private func creationRefusal(_ m: MachinePointer, _ own: Int, _ value: UInt256) -> FrameRefusal {
    if unsafe m.pointee.frameCount > Machine.depthLimit { return .tooDeep }
    return unsafe m.pointee.journal.balance(own) < value ? .insufficientBalance : .nonceOverflow
}

/// Makes the new account and a frame that runs its init code. The caller has raised the creator's nonce and ruled out a collision.
func enterCreation(
    _ m: MachinePointer, _ index: Int, _ address: Address, sender: Int, _ senderAddress: Address, value: UInt256, gas: Int64,
    _ initCode: UnsafePointer<UInt8>?, _ count: Int
) {
    let checkpoint = unsafe m.pointee.journal.checkpoint
    unsafe m.pointee.journal.markCreated(index)
    unsafe m.pointee.journal.setNonce(index, m.pointee.rules.contractNonce)
    unsafe m.pointee.journal.transfer(from: sender, to: index, value)
    let code = unsafe CodeBlock(copying: initCode, count: count, hash: .zero)
    unsafe m.pointee.push(
        Frame(
            code: UnsafePointer(code.bytes), codeCount: code.count, jumpDestinations: UnsafePointer(code.jumpDestinations),
            instruction: UnsafePointer(code.bytes), gas: gas, stackBase: 0, stackTop: 0, memoryBase: 0, memorySize: 0, input: nil,
            inputCount: 0, inputIsMemory: false, isStatic: false, kind: .create, halt: nil, account: index, address: address,
            caller: senderAddress, value: value, checkpoint: checkpoint, outputOffset: 0, outputCount: 0, ownedCode: code))
}

/// Makes the return data the new account's code; returns why it cannot be, after paying for it.
func depositCode(_ m: MachinePointer, _ f: FramePointer) -> HaltReason? {
    let count = unsafe m.pointee.returnedCount
    if unsafe count > 0 && m.pointee.returned[0] == 0xef && m.pointee.environment.fork >= .london { return .invalidCodePrefix }
    guard unsafe count <= m.pointee.rules.codeLimit else { return .codeTooLarge }
    let left = unsafe f.pointee.gas &- Gas.codeByte &* Int64(truncatingIfNeeded: count)
    guard left >= 0 else {
        guard unsafe m.pointee.rules.keepsUnpaidContract else { return .outOfGas }
        unsafe m.pointee.returnedCount = 0
        return nil
    }
    unsafe f.pointee.gas = left
    if count > 0 { unsafe m.pointee.journal.setCode(f.pointee.account, m.pointee.returned, count: count) }
    return nil
}
