// Floor 5, RPC: which accounts and slots an execution touches, for `eth_createAccessList` (EIP-2930).
import Engine
import Primitives

/// Collects an access list. Accounts that are warm anyway are only listed for their slots.
final class AccessListObserver: ExecutionObserver {
    /// BALANCE, EXTCODESIZE, EXTCODECOPY, EXTCODEHASH, SELFDESTRUCT: the address is on top.
    private static let accountReads: [UInt8] = [0x31, 0x3b, 0x3c, 0x3f, 0xff]
    /// CALL, CALLCODE, DELEGATECALL, STATICCALL: the address is second.
    private static let calls: [UInt8] = [0xf1, 0xf2, 0xf4, 0xfa]
    /// SLOAD, SSTORE.
    private static let slotAccesses: [UInt8] = [0x54, 0x55]

    private let deadline: ContinuousClock.Instant
    private let isWarm: (Address) -> Bool
    private var slots: [Address: Set<UInt256>] = [:]

    /// - Parameter isWarm: whether an account needs no entry of its own.
    init(_ known: [AccessListEntry], deadline: ContinuousClock.Instant, isWarm: @escaping (Address) -> Bool) {
        self.deadline = deadline
        self.isWarm = isWarm
        super.init(
            opcodes: OpcodeSet(AccessListObserver.accountReads + AccessListObserver.calls + AccessListObserver.slotAccesses))
        for entry in known {
            add(entry.address)
            for key in entry.storageKeys { slots[entry.address, default: []].insert(key) }
        }
    }

    private func add(_ address: Address) {
        if !isWarm(address), slots[address] == nil { slots[address] = [] }
    }

    override func step(_ step: Step) {
        if AccessListObserver.slotAccesses.contains(step.opcode) {
            if let key = step.word(0) { slots[step.address, default: []].insert(key) }
        } else if let word = step.word(AccessListObserver.calls.contains(step.opcode) ? 1 : 0) {
            add(Address(truncating: word))
        }
    }

    override func shouldStop() -> Bool { ContinuousClock.now >= deadline }

    /// What was touched, sorted.
    var list: [AccessListEntry] {
        slots.sorted { $0.key < $1.key }.map { AccessListEntry(address: $0.key, storageKeys: $0.value.sorted()) }
    }
}
