// Floor 1, Engine: instructions that read or write the state.
//
// All return the gas left, negative when the frame must halt (also when the database failed: the driver then stops everything).
import Primitives

/// EIP-2929: the price of touching an account, which is warm from then on.
@inline(__always)
func accessCost(_ m: MachinePointer, _ account: Int) -> Int64 {
    unsafe m.pointee.journal.warmAccount(account) ? Gas.coldAccount : Gas.warmAccess
}

@inline(never)
func balance(_ m: MachinePointer, _ sp: StackPointer, _ gas: Int64) -> Int64 {
    let index = unsafe m.pointee.journal.account(Address(truncating: sp[-1]))
    unsafe sp[-1] = m.pointee.journal.balance(index)
    let left = unsafe gas &- accessCost(m, index)
    return unsafe m.pointee.journal.failed ? -1 : left
}

@inline(never)
func externalCodeSize(_ m: MachinePointer, _ sp: StackPointer, _ gas: Int64) -> Int64 {
    let index = unsafe m.pointee.journal.account(Address(truncating: sp[-1]))
    let left = unsafe gas &- accessCost(m, index)
    guard left >= 0 else { return left }
    unsafe sp[-1] = UInt256(UInt64(truncatingIfNeeded: m.pointee.journal.code(index).count))
    return unsafe m.pointee.journal.failed ? -1 : left
}

/// EIP-1052: zero for accounts that do not exist.
@inline(never)
func externalCodeHash(_ m: MachinePointer, _ sp: StackPointer, _ gas: Int64) -> Int64 {
    let index = unsafe m.pointee.journal.account(Address(truncating: sp[-1]))
    let left = unsafe gas &- accessCost(m, index)
    let record = unsafe m.pointee.journal.record(index)
    unsafe sp[-1] = record.isEmpty ? .zero : UInt256(record.codeHash)
    return unsafe m.pointee.journal.failed ? -1 : left
}

@inline(never)
func blockHash(_ m: MachinePointer, _ sp: StackPointer, _ gas: Int64) -> Int64 {
    let current = unsafe m.pointee.environment.number
    guard let number = unsafe sp[-1].asUInt64, number < current, current &- number <= 256 else {
        unsafe sp[-1] = .zero
        return gas
    }
    unsafe sp[-1] = UInt256(m.pointee.journal.blockHash(number))
    return unsafe m.pointee.journal.failed ? -1 : gas
}

@inline(never)
func blobHash(_ m: MachinePointer, _ sp: StackPointer) {
    let index = unsafe sp[-1].saturatedUInt64
    let count = unsafe UInt64(truncatingIfNeeded: m.pointee.blobHashes.count)
    unsafe sp[-1] = index < count ? UInt256(m.pointee.blobHashes[Int(truncatingIfNeeded: index)]) : .zero
}

@inline(never)
func loadStorage(_ m: MachinePointer, _ f: FramePointer, _ sp: StackPointer, _ gas: Int64) -> Int64 {
    let slot = unsafe m.pointee.journal.slot(f.pointee.account, sp[-1])
    let cost = unsafe m.pointee.journal.warmSlot(slot) ? Gas.coldSlot : Gas.warmAccess
    unsafe sp[-1] = m.pointee.journal.slots.entries[slot].present
    return unsafe m.pointee.journal.failed ? -1 : gas &- cost
}

/// SSTORE: EIP-2200 as changed by EIP-2929 and EIP-3529.
@inline(never)
func store(_ m: MachinePointer, _ f: FramePointer, _ sp: StackPointer, _ gas: Int64) -> Int64 {
    guard unsafe !f.pointee.isStatic else {
        unsafe f.pointee.halt = .staticViolation
        return -1
    }
    guard gas > Gas.callStipend else { return -1 }
    let slot = unsafe m.pointee.journal.slot(f.pointee.account, sp[-1])
    guard unsafe !m.pointee.journal.failed else { return -1 }
    let new = unsafe sp[-2]
    let original = unsafe m.pointee.journal.slots.entries[slot].original
    let present = unsafe m.pointee.journal.slots.entries[slot].present
    var left = gas
    if unsafe m.pointee.journal.warmSlot(slot) { left &-= Gas.coldSlot }
    if present == new {
        return left &- Gas.warmAccess
    }
    if original == present {
        left &-= original.isZero ? Gas.storageSet : Gas.storageUpdate
    } else {
        left &-= Gas.warmAccess
    }
    guard left >= 0 else { return left }
    unsafe m.pointee.journal.refund &+= storeRefund(original: original, present: present, new: new)
    unsafe m.pointee.journal.setStorage(slot, new)
    return left
}

/// EIP-3529's refund of a change from `present` to `new`.
@inline(__always)
private func storeRefund(original: UInt256, present: UInt256, new: UInt256) -> Int64 {
    var refund: Int64 = 0
    if !original.isZero {
        if present.isZero {
            refund &-= Gas.clearRefund
        } else if new.isZero {
            refund &+= Gas.clearRefund
        }
    }
    if original == new {
        refund &+= (original.isZero ? Gas.storageSet : Gas.storageUpdate) &- Gas.warmAccess
    }
    return refund
}

@inline(never)
func loadTransient(_ m: MachinePointer, _ f: FramePointer, _ key: UInt256) -> UInt256 {
    unsafe m.pointee.journal.transientValue(f.pointee.account, key)
}

@inline(never)
func storeTransient(_ m: MachinePointer, _ f: FramePointer, _ sp: StackPointer, _ gas: Int64) -> Int64 {
    guard unsafe !f.pointee.isStatic else {
        unsafe f.pointee.halt = .staticViolation
        return -1
    }
    unsafe m.pointee.journal.setTransient(f.pointee.account, sp[-1], sp[-2])
    return gas
}

/// SELFDESTRUCT: from Cancun (EIP-6780) only an account of this transaction disappears, otherwise it only sends its balance.
@inline(never)
func selfDestruct(_ m: MachinePointer, _ f: FramePointer, _ sp: StackPointer, _ gas: Int64) -> Int64 {
    guard unsafe !f.pointee.isStatic else {
        unsafe f.pointee.halt = .staticViolation
        return -1
    }
    let own = unsafe f.pointee.account
    let heir = unsafe m.pointee.journal.account(Address(truncating: sp[-1]))
    var left = gas
    if unsafe m.pointee.journal.warmAccount(heir) { left &-= Gas.coldAccount }
    let amount = unsafe m.pointee.journal.balance(own)
    if unsafe !amount.isZero && m.pointee.journal.isEmpty(heir) { left &-= Gas.newAccount }
    guard unsafe left >= 0 && !m.pointee.journal.failed else { return -1 }
    unsafe m.pointee.journal.transfer(from: own, to: heir, amount)
    if unsafe !m.pointee.hasCancun || m.pointee.journal.wasCreatedNow(own) {
        unsafe m.pointee.journal.setBalance(own, .zero)
        unsafe m.pointee.journal.markDestroyed(own)
    }
    unsafe m.pointee.returnedCount = 0
    return left
}
