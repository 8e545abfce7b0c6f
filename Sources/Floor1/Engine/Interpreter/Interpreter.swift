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
        let opcode = unsafe ip.pointee
        unsafe ip += 1
        switch opcode {
        case 0x00:  // STOP
            unsafe m.pointee.returnedCount = 0
            exit = .stop
            break run

        // MARK: Arithmetic
        case 0x01:  // ADD
            guard unsafe charge(3, 2, sp, base, &gas) else { break run }
            unsafe sp[-2] = sp[-1] &+ sp[-2]
            unsafe sp -= 1
        case 0x02:  // MUL
            guard unsafe charge(5, 2, sp, base, &gas) else { break run }
            unsafe sp[-2] = sp[-1] &* sp[-2]
            unsafe sp -= 1
        case 0x03:  // SUB
            guard unsafe charge(3, 2, sp, base, &gas) else { break run }
            unsafe sp[-2] = sp[-1] &- sp[-2]
            unsafe sp -= 1
        case 0x04:  // DIV
            guard unsafe charge(5, 2, sp, base, &gas) else { break run }
            unsafe divide(sp)
            unsafe sp -= 1
        case 0x05:  // SDIV
            guard unsafe charge(5, 2, sp, base, &gas) else { break run }
            unsafe divideSigned(sp)
            unsafe sp -= 1
        case 0x06:  // MOD
            guard unsafe charge(5, 2, sp, base, &gas) else { break run }
            unsafe remainder(sp)
            unsafe sp -= 1
        case 0x07:  // SMOD
            guard unsafe charge(5, 2, sp, base, &gas) else { break run }
            unsafe remainderSigned(sp)
            unsafe sp -= 1
        case 0x08:  // ADDMOD
            guard unsafe charge(8, 3, sp, base, &gas) else { break run }
            unsafe addModulo(sp)
            unsafe sp -= 2
        case 0x09:  // MULMOD
            guard unsafe charge(8, 3, sp, base, &gas) else { break run }
            unsafe multiplyModulo(sp)
            unsafe sp -= 2
        case 0x0a:  // EXP
            guard unsafe charge(10, 2, sp, base, &gas) else { break run }
            unsafe gas = power(m, sp, gas)
            guard gas >= 0 else { break run }
            unsafe sp -= 1
        case 0x0b:  // SIGNEXTEND
            guard unsafe charge(5, 2, sp, base, &gas) else { break run }
            unsafe signExtend(sp)
            unsafe sp -= 1

        // MARK: Comparison and bits
        case 0x10:  // LT
            guard unsafe charge(3, 2, sp, base, &gas) else { break run }
            unsafe sp[-2] = UInt256(sp[-1] < sp[-2] ? 1 : 0)
            unsafe sp -= 1
        case 0x11:  // GT
            guard unsafe charge(3, 2, sp, base, &gas) else { break run }
            unsafe sp[-2] = UInt256(sp[-2] < sp[-1] ? 1 : 0)
            unsafe sp -= 1
        case 0x12:  // SLT
            guard unsafe charge(3, 2, sp, base, &gas) else { break run }
            unsafe sp[-2] = UInt256(UInt256.signedLess(sp[-1], sp[-2]) ? 1 : 0)
            unsafe sp -= 1
        case 0x13:  // SGT
            guard unsafe charge(3, 2, sp, base, &gas) else { break run }
            unsafe sp[-2] = UInt256(UInt256.signedLess(sp[-2], sp[-1]) ? 1 : 0)
            unsafe sp -= 1
        case 0x14:  // EQ
            guard unsafe charge(3, 2, sp, base, &gas) else { break run }
            unsafe sp[-2] = UInt256(sp[-1] == sp[-2] ? 1 : 0)
            unsafe sp -= 1
        case 0x15:  // ISZERO
            guard unsafe charge(3, 1, sp, base, &gas) else { break run }
            unsafe sp[-1] = UInt256(sp[-1].isZero ? 1 : 0)
        case 0x16:  // AND
            guard unsafe charge(3, 2, sp, base, &gas) else { break run }
            unsafe sp[-2] = sp[-1] & sp[-2]
            unsafe sp -= 1
        case 0x17:  // OR
            guard unsafe charge(3, 2, sp, base, &gas) else { break run }
            unsafe sp[-2] = sp[-1] | sp[-2]
            unsafe sp -= 1
        case 0x18:  // XOR
            guard unsafe charge(3, 2, sp, base, &gas) else { break run }
            unsafe sp[-2] = sp[-1] ^ sp[-2]
            unsafe sp -= 1
        case 0x19:  // NOT
            guard unsafe charge(3, 1, sp, base, &gas) else { break run }
            unsafe sp[-1] = ~sp[-1]
        case 0x1a:  // BYTE
            guard unsafe charge(3, 2, sp, base, &gas) else { break run }
            let index = unsafe sp[-1].saturatedUInt64
            unsafe sp[-2] = index < 32 ? (sp[-2] &>> (248 &- 8 &* Int(truncatingIfNeeded: index))) & 255 : .zero
            unsafe sp -= 1
        case 0x1b:  // SHL
            guard unsafe charge(m.pointee.rules.shift, 2, sp, base, &gas) else { break run }
            let count = unsafe min(sp[-1].saturatedUInt64, 256)
            unsafe sp[-2] = sp[-2] &<< Int(truncatingIfNeeded: count)
            unsafe sp -= 1
        case 0x1c:  // SHR
            guard unsafe charge(m.pointee.rules.shift, 2, sp, base, &gas) else { break run }
            let count = unsafe min(sp[-1].saturatedUInt64, 256)
            unsafe sp[-2] = sp[-2] &>> Int(truncatingIfNeeded: count)
            unsafe sp -= 1
        case 0x1d:  // SAR
            guard unsafe charge(m.pointee.rules.shift, 2, sp, base, &gas) else { break run }
            let count = unsafe min(sp[-1].saturatedUInt64, 256)
            unsafe sp[-2] = sp[-2].arithmeticShiftedRight(Int(truncatingIfNeeded: count))
            unsafe sp -= 1
        case 0x1e:  // CLZ (EIP-7939)
            guard unsafe m.pointee.hasOsaka else { unsafe f.pointee.halt = .undefinedInstruction; break run }
            guard unsafe charge(5, 1, sp, base, &gas) else { break run }
            unsafe sp[-1] = UInt256(UInt64(truncatingIfNeeded: sp[-1].leadingZeroBitCount))
        case 0x20:  // KECCAK256
            guard unsafe charge(Gas.keccak, 2, sp, base, &gas) else { break run }
            unsafe gas = keccak(m, f, sp, gas)
            guard gas >= 0 else { break run }
            unsafe reload(m, f, &memory, &memorySize)
            unsafe sp -= 1

        // MARK: Environment
        case 0x30:  // ADDRESS
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(f.pointee.address.word, &sp)
        case 0x31:  // BALANCE
            guard unsafe charge(0, 1, sp, base, &gas) else { break run }
            unsafe gas = balance(m, sp, gas)
            guard gas >= 0 else { break run }
        case 0x32:  // ORIGIN
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(m.pointee.origin.word, &sp)
        case 0x33:  // CALLER
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(f.pointee.caller.word, &sp)
        case 0x34:  // CALLVALUE
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(f.pointee.value, &sp)
        case 0x35:  // CALLDATALOAD
            guard unsafe charge(3, 1, sp, base, &gas) else { break run }
            unsafe loadInput(f, sp)
        case 0x36:  // CALLDATASIZE
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(UInt256(UInt64(truncatingIfNeeded: f.pointee.inputCount)), &sp)
        case 0x37:  // CALLDATACOPY
            guard unsafe charge(3, 3, sp, base, &gas) else { break run }
            unsafe gas = copyInput(m, f, sp, gas)
            guard gas >= 0 else { break run }
            unsafe reload(m, f, &memory, &memorySize)
            unsafe sp -= 3
        case 0x38:  // CODESIZE
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(UInt256(UInt64(truncatingIfNeeded: f.pointee.codeCount)), &sp)
        case 0x39:  // CODECOPY
            guard unsafe charge(3, 3, sp, base, &gas) else { break run }
            unsafe gas = copyCode(m, f, sp, gas)
            guard gas >= 0 else { break run }
            unsafe reload(m, f, &memory, &memorySize)
            unsafe sp -= 3
        case 0x3a:  // GASPRICE
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(m.pointee.gasPrice, &sp)
        case 0x3b:  // EXTCODESIZE
            guard unsafe charge(0, 1, sp, base, &gas) else { break run }
            unsafe gas = externalCodeSize(m, sp, gas)
            guard gas >= 0 else { break run }
        case 0x3c:  // EXTCODECOPY
            guard unsafe charge(0, 4, sp, base, &gas) else { break run }
            unsafe gas = copyExternalCode(m, f, sp, gas)
            guard gas >= 0 else { break run }
            unsafe reload(m, f, &memory, &memorySize)
            unsafe sp -= 4
        case 0x3d:  // RETURNDATASIZE
            guard unsafe chargePush(m.pointee.rules.returnDataSize, sp, limit, &gas) else { break run }
            unsafe push(UInt256(UInt64(truncatingIfNeeded: m.pointee.returnedCount)), &sp)
        case 0x3e:  // RETURNDATACOPY
            guard unsafe charge(3, 3, sp, base, &gas) else { break run }
            unsafe gas = copyReturned(m, f, sp, gas)
            guard gas >= 0 else { break run }
            unsafe reload(m, f, &memory, &memorySize)
            unsafe sp -= 3
        case 0x3f:  // EXTCODEHASH
            guard unsafe charge(0, 1, sp, base, &gas) else { break run }
            unsafe gas = externalCodeHash(m, sp, gas)
            guard gas >= 0 else { break run }

        // MARK: Block
        case 0x40:  // BLOCKHASH
            guard unsafe charge(20, 1, sp, base, &gas) else { break run }
            unsafe gas = blockHash(m, sp, gas)
            guard gas >= 0 else { break run }
        case 0x41:  // COINBASE
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(m.pointee.environment.coinbase.word, &sp)
        case 0x42:  // TIMESTAMP
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(UInt256(m.pointee.environment.timestampSeconds), &sp)
        case 0x43:  // NUMBER
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(UInt256(m.pointee.environment.number), &sp)
        case 0x44:  // PREVRANDAO
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(UInt256(m.pointee.environment.prevRandao), &sp)
        case 0x45:  // GASLIMIT
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(UInt256(m.pointee.environment.gasLimit), &sp)
        case 0x46:  // CHAINID
            guard unsafe m.pointee.rules.hasChainID else { unsafe f.pointee.halt = .undefinedInstruction; break run }
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(UInt256(m.pointee.environment.chainID), &sp)
        case 0x47:  // SELFBALANCE
            guard unsafe m.pointee.rules.hasChainID else { unsafe f.pointee.halt = .undefinedInstruction; break run }
            guard unsafe chargePush(5, sp, limit, &gas) else { break run }
            unsafe push(m.pointee.journal.balance(f.pointee.account), &sp)
        case 0x48:  // BASEFEE
            guard unsafe m.pointee.rules.hasBaseFee else { unsafe f.pointee.halt = .undefinedInstruction; break run }
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(m.pointee.environment.baseFeePerGas, &sp)
        case 0x49:  // BLOBHASH (EIP-4844)
            guard unsafe m.pointee.hasCancun else { unsafe f.pointee.halt = .undefinedInstruction; break run }
            guard unsafe charge(3, 1, sp, base, &gas) else { break run }
            unsafe blobHash(m, sp)
        case 0x4a:  // BLOBBASEFEE (EIP-7516)
            guard unsafe m.pointee.hasCancun else { unsafe f.pointee.halt = .undefinedInstruction; break run }
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(m.pointee.environment.blobBaseFee, &sp)

        // MARK: Stack, memory, storage, flow
        case 0x50:  // POP
            guard unsafe charge(2, 1, sp, base, &gas) else { break run }
            unsafe sp -= 1
        case 0x51:  // MLOAD
            guard unsafe charge(3, 1, sp, base, &gas) else { break run }
            if unsafe !isCovered(sp[-1], 32, memorySize) {
                unsafe gas = expand(m, f, sp[-1], 32, gas)
                guard gas >= 0 else { break run }
                unsafe reload(m, f, &memory, &memorySize)
            }
            unsafe sp[-1] = UInt256(loadingBigEndian: memory + Int(truncatingIfNeeded: sp[-1].l0))
        case 0x52:  // MSTORE
            guard unsafe charge(3, 2, sp, base, &gas) else { break run }
            if unsafe !isCovered(sp[-1], 32, memorySize) {
                unsafe gas = expand(m, f, sp[-1], 32, gas)
                guard gas >= 0 else { break run }
                unsafe reload(m, f, &memory, &memorySize)
            }
            unsafe sp[-2].storeBigEndian(to: memory + Int(truncatingIfNeeded: sp[-1].l0))
            unsafe sp -= 2
        case 0x53:  // MSTORE8
            guard unsafe charge(3, 2, sp, base, &gas) else { break run }
            if unsafe !isCovered(sp[-1], 1, memorySize) {
                unsafe gas = expand(m, f, sp[-1], 1, gas)
                guard gas >= 0 else { break run }
                unsafe reload(m, f, &memory, &memorySize)
            }
            unsafe memory[Int(truncatingIfNeeded: sp[-1].l0)] = UInt8(truncatingIfNeeded: sp[-2].l0)
            unsafe sp -= 2
        case 0x54:  // SLOAD
            guard unsafe charge(0, 1, sp, base, &gas) else { break run }
            unsafe gas = loadStorage(m, f, sp, gas)
            guard gas >= 0 else { break run }
        case 0x55:  // SSTORE
            guard unsafe charge(0, 2, sp, base, &gas) else { break run }
            unsafe gas = store(m, f, sp, gas)
            guard gas >= 0 else { break run }
            unsafe sp -= 2
        case 0x56:  // JUMP (and, unobserved, the JUMPDEST it lands on)
            guard unsafe charge(8, 1, sp, base, &gas) else { break run }
            unsafe sp -= 1
            guard unsafe isJumpDestination(f, sp.pointee) else { unsafe f.pointee.halt = .invalidJump; break run }
            unsafe ip = f.pointee.code + Int(truncatingIfNeeded: sp.pointee.l0)
            if T.isOn { continue run }
            unsafe ip += 1
            gas &-= 1
            guard gas >= 0 else { break run }
        case 0x57:  // JUMPI (and, unobserved, the JUMPDEST it lands on)
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
        case 0x58:  // PC
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(UInt256(UInt64(truncatingIfNeeded: ip - f.pointee.code &- 1)), &sp)
        case 0x59:  // MSIZE
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(UInt256(UInt64(truncatingIfNeeded: memorySize)), &sp)
        case 0x5a:  // GAS
            guard unsafe chargePush(2, sp, limit, &gas) else { break run }
            unsafe push(UInt256(UInt64(bitPattern: gas)), &sp)
        case 0x5b:  // JUMPDEST
            gas &-= 1
            guard gas >= 0 else { break run }
        case 0x5c:  // TLOAD (EIP-1153)
            guard unsafe m.pointee.hasCancun else { unsafe f.pointee.halt = .undefinedInstruction; break run }
            guard unsafe charge(Gas.warmAccess, 1, sp, base, &gas) else { break run }
            unsafe sp[-1] = loadTransient(m, f, sp[-1])
        case 0x5d:  // TSTORE (EIP-1153)
            guard unsafe m.pointee.hasCancun else { unsafe f.pointee.halt = .undefinedInstruction; break run }
            guard unsafe charge(Gas.warmAccess, 2, sp, base, &gas) else { break run }
            unsafe gas = storeTransient(m, f, sp, gas)
            guard gas >= 0 else { break run }
            unsafe sp -= 2
        case 0x5e:  // MCOPY (EIP-5656)
            guard unsafe m.pointee.hasCancun else { unsafe f.pointee.halt = .undefinedInstruction; break run }
            guard unsafe charge(3, 3, sp, base, &gas) else { break run }
            unsafe gas = copyMemory(m, f, sp, gas)
            guard gas >= 0 else { break run }
            unsafe reload(m, f, &memory, &memorySize)
            unsafe sp -= 3
        case 0x5f:  // PUSH0 (EIP-3855)
            guard unsafe chargePush(m.pointee.rules.push0, sp, limit, &gas) else { break run }
            unsafe push(.zero, &sp)

        // MARK: PUSH
        case 0x60:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe push(UInt256(UInt64(ip.pointee)), &sp)
            unsafe ip += 1
        case 0x61:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe push(UInt256(UInt64(ip[0]) &<< 8 | UInt64(ip[1])), &sp)
            unsafe ip += 2
        case 0x62:
            guard unsafe chargePush(3, sp, limit, &gas) else { break run }
            unsafe push(UInt256(UInt64(ip[0]) &<< 16 | UInt64(ip[1]) &<< 8 | UInt64(ip[2])), &sp)
            unsafe ip += 3
        case 0x63: guard unsafe pushBytes(4, &ip, &sp, limit, &gas) else { break run }
        case 0x64: guard unsafe pushBytes(5, &ip, &sp, limit, &gas) else { break run }
        case 0x65: guard unsafe pushBytes(6, &ip, &sp, limit, &gas) else { break run }
        case 0x66: guard unsafe pushBytes(7, &ip, &sp, limit, &gas) else { break run }
        case 0x67: guard unsafe pushBytes(8, &ip, &sp, limit, &gas) else { break run }
        case 0x73: guard unsafe pushBytes(20, &ip, &sp, limit, &gas) else { break run }
        case 0x7f: guard unsafe pushBytes(32, &ip, &sp, limit, &gas) else { break run }
        case 0x68...0x7e: guard unsafe pushBytes(Int(opcode) &- 0x5f, &ip, &sp, limit, &gas) else { break run }

        // MARK: DUP and SWAP
        case 0x80: guard unsafe duplicate(1, &sp, base, limit, &gas) else { break run }
        case 0x81: guard unsafe duplicate(2, &sp, base, limit, &gas) else { break run }
        case 0x82: guard unsafe duplicate(3, &sp, base, limit, &gas) else { break run }
        case 0x83: guard unsafe duplicate(4, &sp, base, limit, &gas) else { break run }
        case 0x84: guard unsafe duplicate(5, &sp, base, limit, &gas) else { break run }
        case 0x85: guard unsafe duplicate(6, &sp, base, limit, &gas) else { break run }
        case 0x86: guard unsafe duplicate(7, &sp, base, limit, &gas) else { break run }
        case 0x87: guard unsafe duplicate(8, &sp, base, limit, &gas) else { break run }
        case 0x88: guard unsafe duplicate(9, &sp, base, limit, &gas) else { break run }
        case 0x89: guard unsafe duplicate(10, &sp, base, limit, &gas) else { break run }
        case 0x8a: guard unsafe duplicate(11, &sp, base, limit, &gas) else { break run }
        case 0x8b: guard unsafe duplicate(12, &sp, base, limit, &gas) else { break run }
        case 0x8c: guard unsafe duplicate(13, &sp, base, limit, &gas) else { break run }
        case 0x8d: guard unsafe duplicate(14, &sp, base, limit, &gas) else { break run }
        case 0x8e: guard unsafe duplicate(15, &sp, base, limit, &gas) else { break run }
        case 0x8f: guard unsafe duplicate(16, &sp, base, limit, &gas) else { break run }
        case 0x90: guard unsafe swap(1, sp, base, &gas) else { break run }
        case 0x91: guard unsafe swap(2, sp, base, &gas) else { break run }
        case 0x92: guard unsafe swap(3, sp, base, &gas) else { break run }
        case 0x93: guard unsafe swap(4, sp, base, &gas) else { break run }
        case 0x94: guard unsafe swap(5, sp, base, &gas) else { break run }
        case 0x95: guard unsafe swap(6, sp, base, &gas) else { break run }
        case 0x96: guard unsafe swap(7, sp, base, &gas) else { break run }
        case 0x97: guard unsafe swap(8, sp, base, &gas) else { break run }
        case 0x98: guard unsafe swap(9, sp, base, &gas) else { break run }
        case 0x99: guard unsafe swap(10, sp, base, &gas) else { break run }
        case 0x9a: guard unsafe swap(11, sp, base, &gas) else { break run }
        case 0x9b: guard unsafe swap(12, sp, base, &gas) else { break run }
        case 0x9c: guard unsafe swap(13, sp, base, &gas) else { break run }
        case 0x9d: guard unsafe swap(14, sp, base, &gas) else { break run }
        case 0x9e: guard unsafe swap(15, sp, base, &gas) else { break run }
        case 0x9f: guard unsafe swap(16, sp, base, &gas) else { break run }

        // MARK: Logs, calls, ends
        case 0xa0...0xa4:  // LOG0 to LOG4
            let topics = Int(opcode) &- 0xa0
            guard unsafe charge(Gas.log, 2 &+ topics, sp, base, &gas) else { break run }
            unsafe gas = log(m, f, sp, topics, gas)
            guard gas >= 0 else { break run }
            if T.isOn { unsafe observeLog(m) }
            unsafe reload(m, f, &memory, &memorySize)
            unsafe sp -= 2 &+ topics
        case 0xf0:  // CREATE
            guard unsafe charge(Gas.create, 3, sp, base, &gas) else { break run }
            exit = .create
            break run
        case 0xf1:  // CALL
            guard unsafe charge(0, 7, sp, base, &gas) else { break run }
            exit = .call
            break run
        case 0xf2:  // CALLCODE
            guard unsafe charge(0, 7, sp, base, &gas) else { break run }
            exit = .callCode
            break run
        case 0xf3:  // RETURN
            guard unsafe charge(0, 2, sp, base, &gas) else { break run }
            unsafe gas = finish(m, f, sp, gas)
            guard gas >= 0 else { break run }
            exit = .returned
            break run
        case 0xf4:  // DELEGATECALL
            guard unsafe charge(0, 6, sp, base, &gas) else { break run }
            exit = .delegateCall
            break run
        case 0xf5:  // CREATE2
            guard unsafe charge(Gas.create, 4, sp, base, &gas) else { break run }
            exit = .create2
            break run
        case 0xfa:  // STATICCALL
            guard unsafe charge(0, 6, sp, base, &gas) else { break run }
            exit = .staticCall
            break run
        case 0xfd:  // REVERT
            guard unsafe m.pointee.rules.hasRevert else { unsafe f.pointee.halt = .undefinedInstruction; break run }
            guard unsafe charge(0, 2, sp, base, &gas) else { break run }
            unsafe gas = finish(m, f, sp, gas)
            guard gas >= 0 else { break run }
            exit = .reverted
            break run
        case 0xff:  // SELFDESTRUCT
            guard unsafe charge(m.pointee.rules.selfDestruct, 1, sp, base, &gas) else { break run }
            let terms = T.isOn ? unsafe selfDestructTerms(m, f, sp) : nil
            unsafe gas = selfDestruct(m, f, sp, gas)
            guard gas >= 0 else { break run }
            if T.isOn, let terms { unsafe observeSelfDestruct(m, f, terms) }
            exit = .stop
            break run
        default:
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
