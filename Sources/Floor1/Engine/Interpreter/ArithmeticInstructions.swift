// Floor 1, Engine: the arithmetic instructions that are too long for the interpreter's loop.
//
// Each writes its result where the deepest operand was; the loop moves the stack pointer.
import Primitives

@inline(never)
func divide(_ sp: StackPointer) {
    unsafe sp[-2] = sp[-1].dividedOrZero(by: sp[-2]).quotient
}

@inline(never)
func divideSigned(_ sp: StackPointer) {
    unsafe sp[-2] = sp[-1].signedDivided(by: sp[-2])
}

@inline(never)
func remainder(_ sp: StackPointer) {
    unsafe sp[-2] = sp[-1].dividedOrZero(by: sp[-2]).remainder
}

@inline(never)
func remainderSigned(_ sp: StackPointer) {
    unsafe sp[-2] = sp[-1].signedRemainder(dividingBy: sp[-2])
}

@inline(never)
func addModulo(_ sp: StackPointer) {
    unsafe sp[-3] = sp[-1].addingModulo(sp[-2], sp[-3])
}

@inline(never)
func multiplyModulo(_ sp: StackPointer) {
    unsafe sp[-3] = sp[-1].multipliedModulo(sp[-2], sp[-3])
}

/// EXP; the exponent's bytes have a price of their own (EIP-160).
@inline(never)
func power(_ m: MachinePointer, _ sp: StackPointer, _ gas: Int64) -> Int64 {
    let exponent = unsafe sp[-2]
    let left = unsafe gas &- m.pointee.rules.exponentByte &* Int64(truncatingIfNeeded: exponent.byteWidthUsed)
    guard left >= 0 else { return left }
    unsafe sp[-2] = sp[-1].power(exponent)
    return left
}

/// SIGNEXTEND: copies the sign bit of byte `sp[-1]` (from the right) into all higher bits.
@inline(never)
func signExtend(_ sp: StackPointer) {
    let index = unsafe sp[-1].saturatedUInt64
    guard index < 31 else { return }
    let bits = Int(truncatingIfNeeded: index) &* 8 &+ 8
    let value = unsafe sp[-2]
    let mask = UInt256.max &>> (256 &- bits)
    let isNegative = (value &>> (bits &- 1)).l0 & 1 != 0
    unsafe sp[-2] = isNegative ? value | ~mask : value & mask
}
