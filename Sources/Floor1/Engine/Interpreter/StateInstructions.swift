// Floor 1, Engine: instructions that read or write the state.
//
// All return the gas left, negative when the frame must halt (also when the database failed: the driver then stops everything).
import Primitives

/// EIP-2929: the price of touching an account, which is warm from then on.
@inline(__always)
func accessCost(_ m: MachinePointer, _ account: Int, _ price: AccessPrice) -> Int64 {
    unsafe m.pointee.journal.warmAccount(account) ? price.cold : price.warm
}

@inline(never)
func balance(_ m: MachinePointer, _ sp: StackPointer, _ gas: Int64) -> Int64 {
    let index = unsafe m.pointee.journal.account(Address(truncating: sp[-1]))
    unsafe sp[-1] = m.pointee.journal.balance(index)
    let left = unsafe gas &- accessCost(m, index, m.pointee.rules.balance)
    return unsafe m.pointee.journal.failed ? -1 : left
}

@inline(never)
func externalCodeSize(_ m: MachinePointer, _ sp: StackPointer, _ gas: Int64) -> Int64 {
    let index = unsafe m.pointee.journal.account(Address(truncating: sp[-1]))
    let left = unsafe gas &- accessCost(m, index, m.pointee.rules.externalCode)
    guard left >= 0 else { return left }
    unsafe sp[-1] = UInt256(UInt64(truncatingIfNeeded: m.pointee.journal.code(index).count))
    return unsafe m.pointee.journal.failed ? -1 : left
}

/// EIP-1052: zero for accounts that do not exist.
@inline(never)
func externalCodeHash(_ m: MachinePointer, _ sp: StackPointer, _ gas: Int64) -> Int64 {
    let index = unsafe m.pointee.journal.account(Address(truncating: sp[-1]))
    let left = unsafe gas &- accessCost(m, index, m.pointee.rules.externalCodeHash)
    guard left >= 0 else { return left }
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
    let cost = unsafe m.pointee.journal.warmSlot(slot) ? m.pointee.rules.storageLoad.cold : m.pointee.rules.storageLoad.warm
    unsafe sp[-1] = m.pointee.journal.slots.entries[slot].present
    return unsafe m.pointee.journal.failed ? -1 : gas &- cost
}

/// SSTORE: EIP-2200 as changed by EIP-2929 and EIP-3529; EIP-1283 is the same without the stipend's rule.
@inline(never)
func store(_ m: MachinePointer, _ f: FramePointer, _ sp: StackPointer, _ gas: Int64) -> Int64 {
    guard unsafe !f.pointee.isStatic else {
        unsafe f.pointee.halt = .staticViolation
        return -1
    }
    if unsafe m.pointee.rules.storageNeedsStipend && gas <= Gas.callStipend { return -1 }
    let slot = unsafe m.pointee.journal.slot(f.pointee.account, sp[-1])
    guard unsafe !m.pointee.journal.failed else { return -1 }
    let new = unsafe sp[-2]
    let original = unsafe m.pointee.journal.slots.entries[slot].original
    let present = unsafe m.pointee.journal.slots.entries[slot].present
    guard unsafe m.pointee.rules.storageIsNet else { return unsafe storeByPresent(m, slot, present: present, new: new, gas) }
    var left = gas
    if unsafe m.pointee.journal.warmSlot(slot) { unsafe left &-= m.pointee.rules.storageCold }
    if present != new && original == present {
        unsafe left &-= original.isZero ? Gas.storageSet : m.pointee.rules.storageUpdate
    } else {
        unsafe left &-= m.pointee.rules.storageLoad.warm
    }
    guard left >= 0, present != new else { return left }
    unsafe m.pointee.journal.refund &+= storeRefund(m, original: original, present: present, new: new)
    unsafe m.pointee.journal.setStorage(slot, new)
    return left
}

/// The refund of a net change from `present` to `new`.
@inline(__always)
private func storeRefund(_ m: MachinePointer, original: UInt256, present: UInt256, new: UInt256) -> Int64 {
    var refund: Int64 = 0
    let clearRefund = unsafe m.pointee.rules.clearRefund
    if !original.isZero {
        if present.isZero {
            refund &-= clearRefund
        } else if new.isZero {
            refund &+= clearRefund
        }
    }
    if original == new {
        unsafe refund &+= (original.isZero ? Gas.storageSet : m.pointee.rules.storageUpdate) &- m.pointee.rules.storageLoad.warm
    }
    return refund
}

/// SSTORE before EIP-1283: only the present value counts.
@inline(never)
private func storeByPresent(_ m: MachinePointer, _ slot: Int, present: UInt256, new: UInt256, _ gas: Int64) -> Int64 {
    let left = unsafe gas &- (present.isZero && !new.isZero ? Gas.storageSet : m.pointee.rules.storageUpdate)
    guard left >= 0, present != new else { return left }
    if new.isZero { unsafe m.pointee.journal.refund &+= m.pointee.rules.clearRefund }
    unsafe m.pointee.journal.setStorage(slot, new)
    return left
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
    if unsafe m.pointee.environment.fork >= .berlin && m.pointee.journal.warmAccount(heir) { left &-= Gas.coldAccount }
    let amount = unsafe m.pointee.journal.balance(own)
    let makesAccount = unsafe m.pointee.rules.hasEmptyAccounts
        ? !m.pointee.journal.exists(heir) : !amount.isZero && m.pointee.journal.isEmpty(heir)
    if makesAccount { unsafe left &-= m.pointee.rules.selfDestructToNewAccount }
    guard unsafe left >= 0 && !m.pointee.journal.failed else { return -1 }
    unsafe m.pointee.journal.transfer(from: own, to: heir, amount)
    if unsafe !m.pointee.hasCancun || m.pointee.journal.wasCreatedNow(own) {
        unsafe m.pointee.journal.setBalance(own, .zero)
        if unsafe m.pointee.journal.markDestroyed(own) { unsafe m.pointee.journal.refund &+= m.pointee.rules.selfDestructRefund }
    }
    unsafe m.pointee.returnedCount = 0
    return left
}
