// Floor 1, Engine: the checks that begin every instruction: gas, then operands on the stack or room for a result.
//
// All are inlined into the interpreter's loop; a false result leaves the loop, which then finds out which check failed.
import Primitives

/// Gas prices that all forks share or that the newest have (yellow paper appendix G, EIP-2929); the others are in `ForkRules`.
enum Gas {
    static let warmAccess: Int64 = 100
    static let coldAccount: Int64 = 2600
    static let coldSlot: Int64 = 2100
    static let storageSet: Int64 = 20000
    static let copyWord: Int64 = 3
    static let keccak: Int64 = 30
    static let keccakWord: Int64 = 6
    static let log: Int64 = 375
    static let logByte: Int64 = 8
    static let callValue: Int64 = 9000
    static let callStipend: Int64 = 2300
    static let newAccount: Int64 = 25000
    static let create: Int64 = 32000
    static let codeByte: Int64 = 200
}

@inline(__always)
func charge(_ cost: Int64, _ operands: Int, _ sp: StackPointer, _ base: StackPointer, _ gas: inout Int64) -> Bool {
    gas &-= cost
    return unsafe gas >= 0 && sp >= base + operands
}

/// For instructions that put one word on the stack and take none.
@inline(__always)
func chargePush(_ cost: Int64, _ sp: StackPointer, _ limit: StackPointer, _ gas: inout Int64) -> Bool {
    gas &-= cost
    return unsafe gas >= 0 && sp < limit
}

@inline(__always)
func push(_ word: UInt256, _ sp: inout StackPointer) {
    unsafe sp.pointee = word
    unsafe sp += 1
}

/// PUSHn: the `count` bytes behind the opcode; reading past the code's end finds the zeros of the padding.
@inline(__always)
func pushBytes(_ count: Int, _ ip: inout UnsafePointer<UInt8>, _ sp: inout StackPointer) {
    unsafe sp.pointee = UInt256(loadingBigEndian: UnsafeRawPointer(ip)) &>> (256 - 8 * count)
    unsafe sp += 1
    unsafe ip += count
}

/// For DUPn: `depth` operands and room for one more.
@inline(__always)
func chargeDuplicate(_ depth: Int, _ sp: StackPointer, _ base: StackPointer, _ limit: StackPointer, _ gas: inout Int64) -> Bool {
    gas &-= 3
    return unsafe gas >= 0 && sp >= base + depth && sp < limit
}

/// A word, copied limb by limb: see "Machine code" in Specs/engine.md.
@inline(__always)
private func copyWord(_ source: StackPointer, _ target: StackPointer) {
    unsafe target.pointee.l0 = source.pointee.l0
    unsafe target.pointee.l1 = source.pointee.l1
    unsafe target.pointee.l2 = source.pointee.l2
    unsafe target.pointee.l3 = source.pointee.l3
}

/// DUPn.
@inline(__always)
func duplicate(_ depth: Int, _ sp: inout StackPointer) {
    unsafe copyWord(sp - depth, sp)
    unsafe sp += 1
}

/// SWAPn.
@inline(__always)
func swap(_ depth: Int, _ sp: StackPointer) {
    let first = unsafe UInt256(l0: sp[-1].l0, l1: sp[-1].l1, l2: sp[-1].l2, l3: sp[-1].l3)
    unsafe copyWord(sp - 1 - depth, sp - 1)
    unsafe sp[-1 - depth].l0 = first.l0
    unsafe sp[-1 - depth].l1 = first.l1
    unsafe sp[-1 - depth].l2 = first.l2
    unsafe sp[-1 - depth].l3 = first.l3
}

/// Whether `count` bytes at `offset` lie in memory that the frame already has.
@inline(__always)
func isCovered(_ offset: UInt256, _ count: UInt64, _ memorySize: Int) -> Bool {
    let size = UInt64(truncatingIfNeeded: memorySize)
    return (offset.l1 | offset.l2 | offset.l3) == 0 && offset.l0 < size && offset.l0 &+ count <= size
}

@inline(__always)
func isJumpDestination(_ frame: FramePointer, _ target: UInt256) -> Bool {
    guard (target.l1 | target.l2 | target.l3) == 0 else { return false }
    let position = target.l0
    guard unsafe position < UInt64(truncatingIfNeeded: frame.pointee.codeCount) else { return false }
    let index = Int(truncatingIfNeeded: position)
    return unsafe frame.pointee.jumpDestinations[index >> 3] & (1 << UInt8(truncatingIfNeeded: index & 7)) != 0
}
