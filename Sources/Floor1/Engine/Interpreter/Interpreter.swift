// Floor 1, Engine: the interpreter, one loop with one case per opcode.
//
// Instruction pointer, stack pointer, gas and the frame's memory are locals; nothing in the loop touches a class, a closure or an
// array. `sp` points behind the top word. Slow instructions are functions of (machine, frame, stack pointer, gas) that
// return the gas left, negative when the frame must halt. The code ends in zero bytes, so STOP ends every program.
import Primitives

/// Runs the machine's last frame until it ends or needs the driver; registers are then stored in the frame.
@inline(never)
func interpret<T: Tracer>(_ m: MachinePointer, _ tracer: T.Type) -> FrameExit {
    let f = unsafe m.pointee.top
    let base = unsafe m.pointee.stack + f.pointee.stackBase
    let limit = unsafe base + Machine.stackLimit
    var sp = unsafe m.pointee.stack + f.pointee.stackTop
    var ip = unsafe f.pointee.instruction
    var gas = unsafe f.pointee.gas
    var memory = unsafe m.pointee.memory + f.pointee.memoryBase
    var memorySize = unsafe f.pointee.memorySize
    var exit = FrameExit.halted

    run: while true {
        if T.isOn, unsafe !observeStep(m, f, ip, sp, gas) { break run }
        let opcode = unsafe Opcode(at: ip)
        unsafe ip += 1
        switch opcode {
        case .stop:
            unsafe m.pointee.returnedCount = 0
            exit = .stop
            break run

        // MARK: Arithmetic
        case .add:
            guard unsafe charge(3, 2, sp, base, &gas) else { break run }
            unsafe sp[-2] = sp[-1] &+ sp[-2]
            unsafe sp -= 1
        case .mul:
            guard unsafe charge(5, 2, sp, base, &gas) else { break run }
            unsafe sp[-2] = sp[-1] &* sp[-2]
            unsafe sp -= 1
        case .sub:
            guard unsafe charge(3, 2, sp, base, &gas) else { break run }
            unsafe sp[-2] = sp[-1] &- sp[-2]
            unsafe sp -= 1
        case .div:
            guard unsafe charge(5, 2, sp, base, &gas) else { break run }
            unsafe divide(sp)
            unsafe sp -= 1
        case .sdiv:
            guard unsafe charge(5, 2, sp, base, &gas) else { break run }
            unsafe divideSigned(sp)
            unsafe sp -= 1
        case .mod:
            guard unsafe charge(5, 2, sp, base, &gas) else { break run }
            unsafe remainder(sp)
            unsafe sp -= 1
        case .smod:
            guard unsafe charge(5, 2, sp, base, &gas) else { break run }
            unsafe remainderSigned(sp)
            unsafe sp -= 1
        case .addmod:
            guard unsafe charge(8, 3, sp, base, &gas) else { break run }
            unsafe addModulo(sp)
            unsafe sp -= 2
        case .mulmod:
            guard unsafe charge(8, 3, sp, base, &gas) else { break run }
            unsafe multiplyModulo(sp)
            unsafe sp -= 2
        case .exp:
            guard unsafe charge(10, 2, sp, base, &gas) else { break run }
            unsafe gas = power(m, sp, gas)
            guard gas >= 0 else { break run }
            unsafe sp -= 1
        case .signextend:
            guard unsafe charge(5, 2, sp, base, &gas) else { break run }
            unsafe signExtend(sp)
            unsafe sp -= 1

        // MARK: Comparison and bits
        case .lt:
            guard unsafe charge(3, 2, sp, base, &gas) else { break run }
            unsafe sp[-2] = UInt256(sp[-1] < sp[-2] ? 1 : 0)
            unsafe sp -= 1
        case .gt:
            guard unsafe charge(3, 2, sp, base, &gas) else { break run }
            unsafe sp[-2] = UInt256(sp[-2] < sp[-1] ? 1 : 0)
            unsafe sp -= 1
        case .slt:
            guard unsafe charge(3, 2, sp, base, &gas) else { break run }
            unsafe sp[-2] = UInt256(UInt256.signedLess(sp[-1], sp[-2]) ? 1 : 0)
            unsafe sp -= 1
        case .sgt:
            guard unsafe charge(3, 2, sp, base, &gas) else { break run }
            unsafe sp[-2] = UInt256(UInt256.signedLess(sp[-2], sp[-1]) ? 1 : 0)
            unsafe sp -= 1
        case .eq:
            guard unsafe charge(3, 2, sp, base, &gas) else { break run }
            unsafe sp[-2] = UInt256(sp[-1] == sp[-2] ? 1 : 0)
            unsafe sp -= 1
        case .iszero:
            guard unsafe charge(3, 1, sp, base, &gas) else { break run }
            unsafe sp[-1] = UInt256(sp[-1].isZero ? 1 : 0)
        case .and:
            guard unsafe charge(3, 2, sp, base, &gas) else { break run }
            unsafe sp[-2] = sp[-1] & sp[-2]
            unsafe sp -= 1
        case .or:
            guard unsafe charge(3, 2, sp, base, &gas) else { break run }
            unsafe sp[-2] = sp[-1] | sp[-2]
            unsafe sp -= 1
        case .xor:
            guard unsafe charge(3, 2, sp, base, &gas) else { break run }
            unsafe sp[-2] = sp[-1] ^ sp[-2]
            unsafe sp -= 1
        case .not:
            guard unsafe charge(3, 1, sp, base, &gas) else { break run }
            unsafe sp[-1] = ~sp[-1]
        case .byte:
            guard unsafe charge(3, 2, sp, base, &gas) else { break run }
            let index = unsafe sp[-1].saturatedUInt64
            unsafe sp[-2] = index < 32 ? (sp[-2] &>> (248 &- 8 &* Int(truncatingIfNeeded: index))) & 255 : .zero
            unsafe sp -= 1
        case .shl:
            guard unsafe charge(m.pointee.rules.shift, 2, sp, base, &gas) else { break run }
            let count = unsafe min(sp[-1].saturatedUInt64, 256)
            unsafe sp[-2] = sp[-2] &<< Int(truncatingIfNeeded: count)
            unsafe sp -= 1
        case .shr:
            guard unsafe charge(m.pointee.rules.shift, 2, sp, base, &gas) else { break run }
            let count = unsafe min(sp[-1].saturatedUInt64, 256)
            unsafe sp[-2] = sp[-2] &>> Int(truncatingIfNeeded: count)
            unsafe sp -= 1
        case .sar:
            guard unsafe charge(m.pointee.rules.shift, 2, sp, base, &gas) else { break run }
            let count = unsafe min(sp[-1].saturatedUInt64, 256)
            unsafe sp[-2] = sp[-2].arithmeticShiftedRight(Int(truncatingIfNeeded: count))
            unsafe sp -= 1
        case .clz:  // EIP-7939
            guard unsafe m.pointee.hasOsaka else { unsafe f.pointee.halt = .undefinedInstruction; break run }
            guard unsafe charge(5, 1, sp, base, &gas) else { break run }
            unsafe sp[-1] = UInt256(UInt64(truncatingIfNeeded: sp[-1].leadingZeroBitCount))
        case .keccak256:
            guard unsafe charge(Gas.keccak, 2, sp, base, &gas) else { break run }
            unsafe gas = keccak(m, f, sp, gas)
            guard gas >= 0 else { break run }
            unsafe reload(m, f, &memory, &memorySize)
            unsafe sp -= 1

        // MARK: Environment
        case .address:
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(f.pointee.address.word, &sp)
        case .balance:
            guard unsafe charge(0, 1, sp, base, &gas) else { break run }
            unsafe gas = balance(m, sp, gas)
            guard gas >= 0 else { break run }
        case .origin:
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(m.pointee.origin.word, &sp)
        case .caller:
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(f.pointee.caller.word, &sp)
        case .callvalue:
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(f.pointee.value, &sp)
        case .calldataload:
            guard unsafe charge(3, 1, sp, base, &gas) else { break run }
            unsafe loadInput(f, sp)
        case .calldatasize:
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(UInt256(UInt64(truncatingIfNeeded: f.pointee.inputCount)), &sp)
        case .calldatacopy:
            guard unsafe charge(3, 3, sp, base, &gas) else { break run }
            unsafe gas = copyInput(m, f, sp, gas)
            guard gas >= 0 else { break run }
            unsafe reload(m, f, &memory, &memorySize)
            unsafe sp -= 3
        case .codesize:
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(UInt256(UInt64(truncatingIfNeeded: f.pointee.codeCount)), &sp)
        case .codecopy:
            guard unsafe charge(3, 3, sp, base, &gas) else { break run }
            unsafe gas = copyCode(m, f, sp, gas)
            guard gas >= 0 else { break run }
            unsafe reload(m, f, &memory, &memorySize)
            unsafe sp -= 3
        case .gasprice:
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(m.pointee.gasPrice, &sp)
        case .extcodesize:
            guard unsafe charge(0, 1, sp, base, &gas) else { break run }
            unsafe gas = externalCodeSize(m, sp, gas)
            guard gas >= 0 else { break run }
        case .extcodecopy:
            guard unsafe charge(0, 4, sp, base, &gas) else { break run }
            unsafe gas = copyExternalCode(m, f, sp, gas)
            guard gas >= 0 else { break run }
            unsafe reload(m, f, &memory, &memorySize)
            unsafe sp -= 4
        case .returndatasize:
            guard unsafe chargePush(m.pointee.rules.returnDataSize, sp, limit, &gas) else { break run }
            unsafe push(UInt256(UInt64(truncatingIfNeeded: m.pointee.returnedCount)), &sp)
        case .returndatacopy:
            guard unsafe charge(3, 3, sp, base, &gas) else { break run }
            unsafe gas = copyReturned(m, f, sp, gas)
            guard gas >= 0 else { break run }
            unsafe reload(m, f, &memory, &memorySize)
            unsafe sp -= 3
        case .extcodehash:
            guard unsafe charge(0, 1, sp, base, &gas) else { break run }
            unsafe gas = externalCodeHash(m, sp, gas)
            guard gas >= 0 else { break run }

        // MARK: Block
        case .blockhash:
            guard unsafe charge(20, 1, sp, base, &gas) else { break run }
            unsafe gas = blockHash(m, sp, gas)
            guard gas >= 0 else { break run }
        case .coinbase:
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(m.pointee.environment.coinbase.word, &sp)
        case .timestamp:
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(UInt256(m.pointee.environment.timestampSeconds), &sp)
        case .number:
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(UInt256(m.pointee.environment.number), &sp)
        case .prevrandao:
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(UInt256(m.pointee.environment.prevRandao), &sp)
        case .gaslimit:
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(UInt256(m.pointee.environment.gasLimit), &sp)
        case .chainid:
            guard unsafe m.pointee.rules.hasChainID else { unsafe f.pointee.halt = .undefinedInstruction; break run }
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(UInt256(m.pointee.environment.chainID), &sp)
        case .selfbalance:
            guard unsafe m.pointee.rules.hasChainID else { unsafe f.pointee.halt = .undefinedInstruction; break run }
            guard unsafe chargePush(5, sp, limit, &gas) else { break run }
            unsafe push(m.pointee.journal.balance(f.pointee.account), &sp)
        case .basefee:
            guard unsafe m.pointee.rules.hasBaseFee else { unsafe f.pointee.halt = .undefinedInstruction; break run }
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(m.pointee.environment.baseFeePerGas, &sp)
        case .blobhash:  // EIP-4844
            guard unsafe m.pointee.hasCancun else { unsafe f.pointee.halt = .undefinedInstruction; break run }
            guard unsafe charge(3, 1, sp, base, &gas) else { break run }
            unsafe blobHash(m, sp)
        case .blobbasefee:  // EIP-7516
            guard unsafe m.pointee.hasCancun else { unsafe f.pointee.halt = .undefinedInstruction; break run }
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(m.pointee.environment.blobBaseFee, &sp)

        // MARK: Stack, memory, storage, flow
        case .pop:
            guard unsafe charge(2, 1, sp, base, &gas) else { break run }
            unsafe sp -= 1
        case .mload:
            guard unsafe charge(3, 1, sp, base, &gas) else { break run }
            if unsafe !isCovered(sp[-1], 32, memorySize) {
                unsafe gas = expand(m, f, sp[-1], 32, gas)
                guard gas >= 0 else { break run }
                unsafe reload(m, f, &memory, &memorySize)
            }
            unsafe sp[-1] = UInt256(loadingBigEndian: memory + Int(truncatingIfNeeded: sp[-1].l0))
        case .mstore:
            guard unsafe charge(3, 2, sp, base, &gas) else { break run }
            if unsafe !isCovered(sp[-1], 32, memorySize) {
                unsafe gas = expand(m, f, sp[-1], 32, gas)
                guard gas >= 0 else { break run }
                unsafe reload(m, f, &memory, &memorySize)
            }
            unsafe sp[-2].storeBigEndian(to: memory + Int(truncatingIfNeeded: sp[-1].l0))
            unsafe sp -= 2
        case .mstore8:
            guard unsafe charge(3, 2, sp, base, &gas) else { break run }
            if unsafe !isCovered(sp[-1], 1, memorySize) {
                unsafe gas = expand(m, f, sp[-1], 1, gas)
                guard gas >= 0 else { break run }
                unsafe reload(m, f, &memory, &memorySize)
            }
            unsafe memory[Int(truncatingIfNeeded: sp[-1].l0)] = UInt8(truncatingIfNeeded: sp[-2].l0)
            unsafe sp -= 2
        case .sload:
            guard unsafe charge(0, 1, sp, base, &gas) else { break run }
            unsafe gas = loadStorage(m, f, sp, gas)
            guard gas >= 0 else { break run }
        case .sstore:
            guard unsafe charge(0, 2, sp, base, &gas) else { break run }
            unsafe gas = store(m, f, sp, gas)
            guard gas >= 0 else { break run }
            unsafe sp -= 2
        case .jump:  // and, unobserved, the JUMPDEST it lands on
            guard unsafe charge(8, 1, sp, base, &gas) else { break run }
            unsafe sp -= 1
            guard unsafe isJumpDestination(f, sp.pointee) else { unsafe f.pointee.halt = .invalidJump; break run }
            unsafe ip = f.pointee.code + Int(truncatingIfNeeded: sp.pointee.l0)
            if T.isOn { continue run }
            unsafe ip += 1
            gas &-= 1
            guard gas >= 0 else { break run }
        case .jumpi:  // and, unobserved, the JUMPDEST it lands on
            guard unsafe charge(10, 2, sp, base, &gas) else { break run }
            unsafe sp -= 2
            if unsafe !sp.pointee.isZero {
                guard unsafe isJumpDestination(f, sp[1]) else { unsafe f.pointee.halt = .invalidJump; break run }
                unsafe ip = f.pointee.code + Int(truncatingIfNeeded: sp[1].l0)
                if T.isOn { continue run }
                unsafe ip += 1
                gas &-= 1
                guard gas >= 0 else { break run }
            }
        case .pc:
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(UInt256(UInt64(truncatingIfNeeded: ip - f.pointee.code &- 1)), &sp)
        case .msize:
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(UInt256(UInt64(truncatingIfNeeded: memorySize)), &sp)
        case .gas:
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(UInt256(UInt64(bitPattern: gas)), &sp)
        case .jumpdest:
            gas &-= 1
            guard gas >= 0 else { break run }
        case .tload:  // EIP-1153
            guard unsafe m.pointee.hasCancun else { unsafe f.pointee.halt = .undefinedInstruction; break run }
            guard unsafe charge(Gas.warmAccess, 1, sp, base, &gas) else { break run }
            unsafe sp[-1] = loadTransient(m, f, sp[-1])
        case .tstore:  // EIP-1153
            guard unsafe m.pointee.hasCancun else { unsafe f.pointee.halt = .undefinedInstruction; break run }
            guard unsafe charge(Gas.warmAccess, 2, sp, base, &gas) else { break run }
            unsafe gas = storeTransient(m, f, sp, gas)
            guard gas >= 0 else { break run }
            unsafe sp -= 2
        case .mcopy:  // EIP-5656
            guard unsafe m.pointee.hasCancun else { unsafe f.pointee.halt = .undefinedInstruction; break run }
            guard unsafe charge(3, 3, sp, base, &gas) else { break run }
            unsafe gas = copyMemory(m, f, sp, gas)
            guard gas >= 0 else { break run }
            unsafe reload(m, f, &memory, &memorySize)
            unsafe sp -= 3
        case .push0:  // EIP-3855
            guard unsafe chargePush(m.pointee.rules.push0, sp, limit, &gas) else { break run }
            unsafe push(.zero, &sp)

        // MARK: PUSH
        case .push1:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe push(UInt256(UInt64(ip.pointee)), &sp)
            unsafe ip += 1
        case .push2:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe push(UInt256(UInt64(ip[0]) &<< 8 | UInt64(ip[1])), &sp)
            unsafe ip += 2
        case .push3:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe push(UInt256(UInt64(ip[0]) &<< 16 | UInt64(ip[1]) &<< 8 | UInt64(ip[2])), &sp)
            unsafe ip += 3
        case .push4:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe pushBytes(4, &ip, &sp)
        case .push5:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe pushBytes(5, &ip, &sp)
        case .push6:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe pushBytes(6, &ip, &sp)
        case .push7:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe pushBytes(7, &ip, &sp)
        case .push8:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe pushBytes(8, &ip, &sp)
        case .push9:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe pushBytes(9, &ip, &sp)
        case .push10:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe pushBytes(10, &ip, &sp)
        case .push11:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe pushBytes(11, &ip, &sp)
        case .push12:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe pushBytes(12, &ip, &sp)
        case .push13:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe pushBytes(13, &ip, &sp)
        case .push14:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe pushBytes(14, &ip, &sp)
        case .push15:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe pushBytes(15, &ip, &sp)
        case .push16:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe pushBytes(16, &ip, &sp)
        case .push17:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe pushBytes(17, &ip, &sp)
        case .push18:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe pushBytes(18, &ip, &sp)
        case .push19:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe pushBytes(19, &ip, &sp)
        case .push20:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe pushBytes(20, &ip, &sp)
        case .push21:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe pushBytes(21, &ip, &sp)
        case .push22:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe pushBytes(22, &ip, &sp)
        case .push23:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe pushBytes(23, &ip, &sp)
        case .push24:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe pushBytes(24, &ip, &sp)
        case .push25:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe pushBytes(25, &ip, &sp)
        case .push26:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe pushBytes(26, &ip, &sp)
        case .push27:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe pushBytes(27, &ip, &sp)
        case .push28:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe pushBytes(28, &ip, &sp)
        case .push29:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe pushBytes(29, &ip, &sp)
        case .push30:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe pushBytes(30, &ip, &sp)
        case .push31:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe pushBytes(31, &ip, &sp)
        case .push32:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe pushBytes(32, &ip, &sp)

        // MARK: DUP and SWAP
        case .dup1:
            guard unsafe chargeDuplicate(1, sp, base, limit, &gas) else { break run }
            unsafe duplicate(1, &sp)
        case .dup2:
            guard unsafe chargeDuplicate(2, sp, base, limit, &gas) else { break run }
            unsafe duplicate(2, &sp)
        case .dup3:
            guard unsafe chargeDuplicate(3, sp, base, limit, &gas) else { break run }
            unsafe duplicate(3, &sp)
        case .dup4:
            guard unsafe chargeDuplicate(4, sp, base, limit, &gas) else { break run }
            unsafe duplicate(4, &sp)
        case .dup5:
            guard unsafe chargeDuplicate(5, sp, base, limit, &gas) else { break run }
            unsafe duplicate(5, &sp)
        case .dup6:
            guard unsafe chargeDuplicate(6, sp, base, limit, &gas) else { break run }
            unsafe duplicate(6, &sp)
        case .dup7:
            guard unsafe chargeDuplicate(7, sp, base, limit, &gas) else { break run }
            unsafe duplicate(7, &sp)
        case .dup8:
            guard unsafe chargeDuplicate(8, sp, base, limit, &gas) else { break run }
            unsafe duplicate(8, &sp)
        case .dup9:
            guard unsafe chargeDuplicate(9, sp, base, limit, &gas) else { break run }
            unsafe duplicate(9, &sp)
        case .dup10:
            guard unsafe chargeDuplicate(10, sp, base, limit, &gas) else { break run }
            unsafe duplicate(10, &sp)
        case .dup11:
            guard unsafe chargeDuplicate(11, sp, base, limit, &gas) else { break run }
            unsafe duplicate(11, &sp)
        case .dup12:
            guard unsafe chargeDuplicate(12, sp, base, limit, &gas) else { break run }
            unsafe duplicate(12, &sp)
        case .dup13:
            guard unsafe chargeDuplicate(13, sp, base, limit, &gas) else { break run }
            unsafe duplicate(13, &sp)
        case .dup14:
            guard unsafe chargeDuplicate(14, sp, base, limit, &gas) else { break run }
            unsafe duplicate(14, &sp)
        case .dup15:
            guard unsafe chargeDuplicate(15, sp, base, limit, &gas) else { break run }
            unsafe duplicate(15, &sp)
        case .dup16:
            guard unsafe chargeDuplicate(16, sp, base, limit, &gas) else { break run }
            unsafe duplicate(16, &sp)
        case .swap1:
            guard unsafe charge(3, 2, sp, base, &gas) else { break run }
            unsafe swap(1, sp)
        case .swap2:
            guard unsafe charge(3, 3, sp, base, &gas) else { break run }
            unsafe swap(2, sp)
        case .swap3:
            guard unsafe charge(3, 4, sp, base, &gas) else { break run }
            unsafe swap(3, sp)
        case .swap4:
            guard unsafe charge(3, 5, sp, base, &gas) else { break run }
            unsafe swap(4, sp)
        case .swap5:
            guard unsafe charge(3, 6, sp, base, &gas) else { break run }
            unsafe swap(5, sp)
        case .swap6:
            guard unsafe charge(3, 7, sp, base, &gas) else { break run }
            unsafe swap(6, sp)
        case .swap7:
            guard unsafe charge(3, 8, sp, base, &gas) else { break run }
            unsafe swap(7, sp)
        case .swap8:
            guard unsafe charge(3, 9, sp, base, &gas) else { break run }
            unsafe swap(8, sp)
        case .swap9:
            guard unsafe charge(3, 10, sp, base, &gas) else { break run }
            unsafe swap(9, sp)
        case .swap10:
            guard unsafe charge(3, 11, sp, base, &gas) else { break run }
            unsafe swap(10, sp)
        case .swap11:
            guard unsafe charge(3, 12, sp, base, &gas) else { break run }
            unsafe swap(11, sp)
        case .swap12:
            guard unsafe charge(3, 13, sp, base, &gas) else { break run }
            unsafe swap(12, sp)
        case .swap13:
            guard unsafe charge(3, 14, sp, base, &gas) else { break run }
            unsafe swap(13, sp)
        case .swap14:
            guard unsafe charge(3, 15, sp, base, &gas) else { break run }
            unsafe swap(14, sp)
        case .swap15:
            guard unsafe charge(3, 16, sp, base, &gas) else { break run }
            unsafe swap(15, sp)
        case .swap16:
            guard unsafe charge(3, 17, sp, base, &gas) else { break run }
            unsafe swap(16, sp)

        // MARK: Logs, calls, ends
        case .log0:
            guard unsafe charge(Gas.log, 2, sp, base, &gas) else { break run }
            unsafe gas = log(m, f, sp, 0, gas)
            guard gas >= 0 else { break run }
            if T.isOn { unsafe observeLog(m) }
            unsafe reload(m, f, &memory, &memorySize)
            unsafe sp -= 2
        case .log1:
            guard unsafe charge(Gas.log, 3, sp, base, &gas) else { break run }
            unsafe gas = log(m, f, sp, 1, gas)
            guard gas >= 0 else { break run }
            if T.isOn { unsafe observeLog(m) }
            unsafe reload(m, f, &memory, &memorySize)
            unsafe sp -= 3
        case .log2:
            guard unsafe charge(Gas.log, 4, sp, base, &gas) else { break run }
            unsafe gas = log(m, f, sp, 2, gas)
            guard gas >= 0 else { break run }
            if T.isOn { unsafe observeLog(m) }
            unsafe reload(m, f, &memory, &memorySize)
            unsafe sp -= 4
        case .log3:
            guard unsafe charge(Gas.log, 5, sp, base, &gas) else { break run }
            unsafe gas = log(m, f, sp, 3, gas)
            guard gas >= 0 else { break run }
            if T.isOn { unsafe observeLog(m) }
            unsafe reload(m, f, &memory, &memorySize)
            unsafe sp -= 5
        case .log4:
            guard unsafe charge(Gas.log, 6, sp, base, &gas) else { break run }
            unsafe gas = log(m, f, sp, 4, gas)
            guard gas >= 0 else { break run }
            if T.isOn { unsafe observeLog(m) }
            unsafe reload(m, f, &memory, &memorySize)
            unsafe sp -= 6
        case .create:
            guard unsafe charge(Gas.create, 3, sp, base, &gas) else { break run }
            exit = .create
            break run
        case .call:
            guard unsafe charge(0, 7, sp, base, &gas) else { break run }
            exit = .call
            break run
        case .callcode:
            guard unsafe charge(0, 7, sp, base, &gas) else { break run }
            exit = .callCode
            break run
        case .return:
            guard unsafe charge(0, 2, sp, base, &gas) else { break run }
            unsafe gas = finish(m, f, sp, gas)
            guard gas >= 0 else { break run }
            exit = .returned
            break run
        case .delegatecall:
            guard unsafe charge(0, 6, sp, base, &gas) else { break run }
            exit = .delegateCall
            break run
        case .create2:
            guard unsafe charge(Gas.create, 4, sp, base, &gas) else { break run }
            exit = .create2
            break run
        case .staticcall:
            guard unsafe charge(0, 6, sp, base, &gas) else { break run }
            exit = .staticCall
            break run
        case .revert:
            guard unsafe m.pointee.rules.hasRevert else { unsafe f.pointee.halt = .undefinedInstruction; break run }
            guard unsafe charge(0, 2, sp, base, &gas) else { break run }
            unsafe gas = finish(m, f, sp, gas)
            guard gas >= 0 else { break run }
            exit = .reverted
            break run
        case .selfdestruct:
            guard unsafe charge(m.pointee.rules.selfDestruct, 1, sp, base, &gas) else { break run }
            let terms = T.isOn ? unsafe selfDestructTerms(m, f, sp) : nil
            unsafe gas = selfDestruct(m, f, sp, gas)
            guard gas >= 0 else { break run }
            if T.isOn, let terms { unsafe observeSelfDestruct(m, f, terms) }
            exit = .stop
            break run
        case
            .undefined0c, .undefined0d, .undefined0e, .undefined0f, .undefined1f, .undefined21, .undefined22, .undefined23,
            .undefined24, .undefined25, .undefined26, .undefined27, .undefined28, .undefined29, .undefined2a, .undefined2b,
            .undefined2c, .undefined2d, .undefined2e, .undefined2f, .undefined4b, .undefined4c, .undefined4d, .undefined4e,
            .undefined4f, .undefineda5, .undefineda6, .undefineda7, .undefineda8, .undefineda9, .undefinedaa, .undefinedab,
            .undefinedac, .undefinedad, .undefinedae, .undefinedaf, .undefinedb0, .undefinedb1, .undefinedb2, .undefinedb3,
            .undefinedb4, .undefinedb5, .undefinedb6, .undefinedb7, .undefinedb8, .undefinedb9, .undefinedba, .undefinedbb,
            .undefinedbc, .undefinedbd, .undefinedbe, .undefinedbf, .undefinedc0, .undefinedc1, .undefinedc2, .undefinedc3,
            .undefinedc4, .undefinedc5, .undefinedc6, .undefinedc7, .undefinedc8, .undefinedc9, .undefinedca, .undefinedcb,
            .undefinedcc, .undefinedcd, .undefinedce, .undefinedcf, .undefinedd0, .undefinedd1, .undefinedd2, .undefinedd3,
            .undefinedd4, .undefinedd5, .undefinedd6, .undefinedd7, .undefinedd8, .undefinedd9, .undefinedda, .undefineddb,
            .undefineddc, .undefineddd, .undefinedde, .undefineddf, .undefinede0, .undefinede1, .undefinede2, .undefinede3,
            .undefinede4, .undefinede5, .undefinede6, .undefinede7, .undefinede8, .undefinede9, .undefinedea, .undefinedeb,
            .undefinedec, .undefineded, .undefinedee, .undefinedef, .undefinedf6, .undefinedf7, .undefinedf8, .undefinedf9,
            .undefinedfb, .undefinedfc, .invalid:
            unsafe f.pointee.halt = .undefinedInstruction
            break run
        }
    }

    if exit == .halted, unsafe f.pointee.halt == nil {
        unsafe f.pointee.halt = gas < 0 ? .outOfGas : (sp >= limit ? .stackOverflow : .stackUnderflow)
    }
    unsafe f.pointee.instruction = ip
    unsafe f.pointee.stackTop = sp - m.pointee.stack
    unsafe f.pointee.gas = gas
    // The driver ends the step of a call or creation.
    if T.isOn, exit < .call { unsafe endStep(m, gas, exit == .halted ? f.pointee.halt : nil) }
    return exit
}
