// Floor 1, Engine: instructions that move bytes: memory growth, copies, hashing, logs, return data.
//
// All return the gas left, negative when the frame must halt. After any of them the frame's memory may have moved.
import Primitives

/// The interpreter's view of memory after it may have moved.
@inline(__always)
func reload(_ m: MachinePointer, _ f: FramePointer, _ memory: inout UnsafeMutablePointer<UInt8>, _ memorySize: inout Int) {
    unsafe memory = m.pointee.memory + f.pointee.memoryBase
    unsafe memorySize = f.pointee.memorySize
}

/// Yellow paper equation 326.
@inline(__always)
private func memoryCost(_ words: Int64) -> Int64 { 3 &* words &+ (words &* words) / 512 }

/// Pays for and provides `count` bytes at `offset`; nothing happens for a count of zero.
@inline(never)
func expand(_ m: MachinePointer, _ f: FramePointer, _ offset: UInt256, _ count: UInt64, _ gas: Int64) -> Int64 {
    guard count > 0 else { return gas }
    guard let start = offset.asUInt64, start <= Machine.memoryLimit, count <= Machine.memoryLimit else { return -1 }
    let words = Int64(truncatingIfNeeded: (start &+ count &+ 31) / 32)
    let oldWords = unsafe Int64(truncatingIfNeeded: f.pointee.memorySize / 32)
    guard words > oldWords else { return gas }
    let left = gas &- (memoryCost(words) &- memoryCost(oldWords))
    guard left >= 0, words <= Int64(truncatingIfNeeded: Machine.memoryLimit / 32) else { return -1 }
    unsafe m.pointee.growMemory(Int(truncatingIfNeeded: words &* 32))
    return left
}

/// The same for a count from the stack.
@inline(__always)
func expandRange(_ m: MachinePointer, _ f: FramePointer, _ offset: UInt256, _ count: UInt256, _ gas: Int64) -> Int64 {
    guard let small = count.asUInt64, small <= Machine.memoryLimit else { return -1 }
    if small > 0, unsafe isCovered(offset, small, f.pointee.memorySize) { return gas }
    return unsafe expand(m, f, offset, small, gas)
}

@inline(__always)
private func wordCount(_ bytes: UInt256) -> Int64 { Int64(truncatingIfNeeded: (bytes.saturatedUInt64 &+ 31) / 32) }

@inline(never)
func keccak(_ m: MachinePointer, _ f: FramePointer, _ sp: StackPointer, _ gas: Int64) -> Int64 {
    var gas = unsafe expandRange(m, f, sp[-1], sp[-2], gas)
    guard gas >= 0 else { return gas }
    unsafe gas &-= Gas.keccakWord &* wordCount(sp[-2])
    guard gas >= 0 else { return gas }
    let count = unsafe Int(truncatingIfNeeded: sp[-2].l0)
    let start = unsafe m.pointee.memory + f.pointee.memoryBase + (count == 0 ? 0 : Int(truncatingIfNeeded: sp[-1].l0))
    unsafe sp[-2] = UInt256(Keccak256.hash(UnsafeRawBufferPointer(start: start, count: count)))
    return gas
}

/// CALLDATALOAD.
@inline(__always)
func loadInput(_ f: FramePointer, _ sp: StackPointer) {
    let count = unsafe UInt64(truncatingIfNeeded: f.pointee.inputCount)
    let offset = unsafe sp[-1].saturatedUInt64
    guard offset < count, let input = unsafe f.pointee.input else {
        unsafe sp[-1] = .zero
        return
    }
    let start = unsafe input + Int(truncatingIfNeeded: offset)
    if count &- offset >= 32 {
        unsafe sp[-1] = UInt256(loadingBigEndian: start)
    } else {
        unsafe loadShortInput(start, Int(truncatingIfNeeded: count &- offset), sp)
    }
}

@inline(never)
private func loadShortInput(_ start: UnsafePointer<UInt8>, _ count: Int, _ sp: StackPointer) {
    var value = UInt256.zero
    for index in 0..<count { value = (value &<< 8) | UInt256(UInt64(unsafe start[index])) }
    unsafe sp[-1] = value &<< (256 &- 8 &* count)
}

/// Copies to memory at `sp[-1]` the `sp[-3]` bytes of `source` from `sp[-2]` on; zeros behind its end.
private func copy(
    _ m: MachinePointer, _ f: FramePointer, _ sp: StackPointer, _ source: UnsafePointer<UInt8>?, _ sourceCount: Int
) {
    let count = unsafe Int(truncatingIfNeeded: sp[-3].l0)
    guard count > 0 else { return }
    let target = unsafe m.pointee.memory + f.pointee.memoryBase + Int(truncatingIfNeeded: sp[-1].l0)
    let offset = unsafe sp[-2].saturatedUInt64
    var copied = 0
    if let source = unsafe source, offset < UInt64(truncatingIfNeeded: sourceCount) {
        let start = Int(truncatingIfNeeded: offset)
        copied = min(count, sourceCount - start)
        unsafe target.update(from: source + start, count: copied)
    }
    if copied < count { unsafe (target + copied).update(repeating: 0, count: count - copied) }
}

/// Gas of a copy of `sp[-3]` bytes to `sp[-1]`.
@inline(__always)
private func chargeCopy(_ m: MachinePointer, _ f: FramePointer, _ sp: StackPointer, _ gas: Int64) -> Int64 {
    let left = unsafe expandRange(m, f, sp[-1], sp[-3], gas)
    guard left >= 0 else { return left }
    return left &- Gas.copyWord &* wordCount(unsafe sp[-3])
}

@inline(never)
func copyInput(_ m: MachinePointer, _ f: FramePointer, _ sp: StackPointer, _ gas: Int64) -> Int64 {
    let left = unsafe chargeCopy(m, f, sp, gas)
    guard left >= 0 else { return left }
    unsafe copy(m, f, sp, f.pointee.input, f.pointee.inputCount)
    return left
}

@inline(never)
func copyCode(_ m: MachinePointer, _ f: FramePointer, _ sp: StackPointer, _ gas: Int64) -> Int64 {
    let left = unsafe chargeCopy(m, f, sp, gas)
    guard left >= 0 else { return left }
    unsafe copy(m, f, sp, f.pointee.code, f.pointee.codeCount)
    return left
}

/// EXTCODECOPY: the address is on top of the copy's three operands.
@inline(never)
func copyExternalCode(_ m: MachinePointer, _ f: FramePointer, _ sp: StackPointer, _ gas: Int64) -> Int64 {
    var left = unsafe chargeCopy(m, f, sp - 1, gas)
    guard left >= 0 else { return left }
    let index = unsafe m.pointee.journal.account(Address(truncating: sp[-1]))
    left &-= unsafe accessCost(m, index, m.pointee.rules.externalCode)
    guard left >= 0 else { return left }
    let code = unsafe m.pointee.journal.code(index)
    unsafe copy(m, f, sp - 1, code.bytes, code.count)
    return unsafe m.pointee.journal.failed ? -1 : left
}

@inline(never)
func copyReturned(_ m: MachinePointer, _ f: FramePointer, _ sp: StackPointer, _ gas: Int64) -> Int64 {
    guard unsafe m.pointee.rules.hasStaticCall else {
        unsafe f.pointee.halt = .undefinedInstruction
        return -1
    }
    let (end, overflow) = unsafe sp[-2].addingReportingOverflow(sp[-3])
    guard !overflow, let last = end.asInt, unsafe last <= m.pointee.returnedCount else {
        unsafe f.pointee.halt = .returnDataOutOfBounds
        return -1
    }
    let left = unsafe chargeCopy(m, f, sp, gas)
    guard left >= 0 else { return left }
    unsafe copy(m, f, sp, m.pointee.returned, m.pointee.returnedCount)
    return left
}

/// MCOPY: the ranges may overlap.
@inline(never)
func copyMemory(_ m: MachinePointer, _ f: FramePointer, _ sp: StackPointer, _ gas: Int64) -> Int64 {
    let further = unsafe max(sp[-1], sp[-2])
    var left = unsafe expandRange(m, f, further, sp[-3], gas)
    guard left >= 0 else { return left }
    unsafe left &-= Gas.copyWord &* wordCount(sp[-3])
    let count = unsafe Int(truncatingIfNeeded: sp[-3].l0)
    guard left >= 0, count > 0 else { return left }
    let memory = unsafe UnsafeMutableRawPointer(m.pointee.memory + f.pointee.memoryBase)
    let target = unsafe memory + Int(truncatingIfNeeded: sp[-1].l0)
    unsafe target.copyMemory(from: memory + Int(truncatingIfNeeded: sp[-2].l0), byteCount: count)
    return left
}

/// LOG0 to LOG4; the loop has charged the base price.
@inline(never)
func log(_ m: MachinePointer, _ f: FramePointer, _ sp: StackPointer, _ topicCount: Int, _ gas: Int64) -> Int64 {
    guard unsafe !f.pointee.isStatic else {
        unsafe f.pointee.halt = .staticViolation
        return -1
    }
    var left = unsafe expandRange(m, f, sp[-1], sp[-2], gas &- Gas.log &* Int64(truncatingIfNeeded: topicCount))
    guard left >= 0 else { return left }
    let count = unsafe Int(truncatingIfNeeded: sp[-2].l0)
    left &-= Gas.logByte &* Int64(truncatingIfNeeded: count)
    guard left >= 0 else { return left }
    let start = unsafe m.pointee.memory + f.pointee.memoryBase + (count == 0 ? 0 : Int(truncatingIfNeeded: sp[-1].l0))
    var topics: [Hash256] = []
    for index in 0..<topicCount { topics.append(Hash256(unsafe sp[-3 &- index])) }
    let data = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    unsafe m.pointee.journal.logs.append(Log(address: f.pointee.address, topics: topics, data: data))
    return left
}

/// RETURN and REVERT: makes the memory range the return data.
@inline(never)
func finish(_ m: MachinePointer, _ f: FramePointer, _ sp: StackPointer, _ gas: Int64) -> Int64 {
    let left = unsafe expandRange(m, f, sp[-1], sp[-2], gas)
    guard left >= 0 else { return left }
    let count = unsafe Int(truncatingIfNeeded: sp[-2].l0)
    let start = unsafe m.pointee.memory + f.pointee.memoryBase + (count == 0 ? 0 : Int(truncatingIfNeeded: sp[-1].l0))
    unsafe m.pointee.setReturned(start, count: count)
    return left
}
