// Floor 5, RPC: `prestateTracer`, the part of the state that a transaction looks at, and with `diffMode` what it changes.
//
// Which accounts and slots are looked at follows go-ethereum: sender, target, fee recipient, authorities, and the operands of the
// instructions that read state. Accounts that do not exist before the transaction are not part of the state before it.
import Engine
import Primitives

struct PrestateOptions {
    var isDifference = false
    var hasCode = true
    var hasStorage = true
    var hasEmptyAccounts = false
}

final class PrestateTracer: TransactionTracer {
    /// BALANCE, EXTCODESIZE, EXTCODECOPY, EXTCODEHASH, SELFDESTRUCT: the address is on top.
    private static let accountReads: [UInt8] = [0x31, 0x3b, 0x3c, 0x3f, 0xff]
    /// CALL, CALLCODE, DELEGATECALL, STATICCALL: the address is second.
    private static let calls: [UInt8] = [0xf1, 0xf2, 0xf4, 0xfa]
    /// SLOAD, SSTORE.
    private static let slotAccesses: [UInt8] = [0x54, 0x55]
    private static let accountByteCount = 200
    private static let slotByteCount = 140

    private let options: PrestateOptions
    /// In the order of first access.
    private var addresses: [Address] = []
    private var slots: [Address: [UInt256]] = [:]
    private var known: Set<SlotName> = []

    private struct SlotName: Hashable {
        let address: Address
        let key: UInt256
    }

    init(_ subject: TraceSubject, _ budget: TraceBudget, _ options: PrestateOptions) {
        self.options = options
        let opcodes = OpcodeSet(PrestateTracer.accountReads + PrestateTracer.calls + PrestateTracer.slotAccesses)
        super.init(subject, budget, opcodes: opcodes, seesFrames: true)
        for address in [subject.sender, subject.target, subject.environment.coinbase] + subject.authorities { look(address) }
    }

    private func look(_ address: Address) {
        guard add(address) else { return }
        // A call of an account that delegates runs the other's code (EIP-7702).
        if let record = try? subject.state.account(address), record.codeHash != Keccak256.empty,
            let delegate = (try? subject.state.code(record.codeHash)).flatMap(Delegation.target)
        {
            _ = add(delegate)
        }
    }

    /// False when the account is known.
    private func add(_ address: Address) -> Bool {
        guard budget.failure == nil, slots[address] == nil else { return false }
        budget.spend(PrestateTracer.accountByteCount)
        slots[address] = []
        addresses.append(address)
        return true
    }

    override func step(_ step: Step) {
        if PrestateTracer.slotAccesses.contains(step.opcode) {
            guard options.hasStorage, let key = step.word(0), known.insert(SlotName(address: step.address, key: key)).inserted else {
                return
            }
            look(step.address)
            budget.spend(PrestateTracer.slotByteCount)
            slots[step.address, default: []].append(key)
        } else if let word = step.word(PrestateTracer.calls.contains(step.opcode) ? 1 : 0) {
            look(Address(truncating: word))
        }
    }

    override func enter(_ frame: FrameStart) {
        if frame.origin.isCreation { look(frame.to) }
    }

    // MARK: - Result

    private struct Account {
        var record: AccountRecord
        var code: [UInt8] = []
        var slots: [(key: UInt256, value: UInt256)] = []
    }

    override func write(_ outcome: TransactionOutcome, _ executor: TransactionExecutor, _ writer: inout JSONWriter) throws(RPCError) {
        let sorted = addresses.sorted()
        guard options.isDifference else { return try writePrestate(sorted, &writer) }
        var post = JSONWriter()
        var pre = JSONWriter()
        post.beginObject()
        pre.beginObject()
        for address in sorted { try writeDifference(address, executor, pre: &pre, post: &post) }
        post.endObject()
        pre.endObject()
        writer.beginObject()
        writer.key("post")
        writer.raw(post.bytes)
        writer.key("pre")
        writer.raw(pre.bytes)
        writer.endObject()
    }

    private func writePrestate(_ sorted: [Address], _ writer: inout JSONWriter) throws(RPCError) {
        writer.beginObject()
        for address in sorted {
            let before = try prestate(address)
            guard before != nil || options.hasEmptyAccounts else { continue }
            let account = before ?? Account(record: AccountRecord())
            writer.key(Array(address.hex.utf8))
            write(account, &writer)
            budget.spend(2 * account.code.count)
            try budget.check()
        }
        writer.endObject()
    }

    /// The account before the transaction, with the slots that were accessed.
    private func prestate(_ address: Address) throws(RPCError) -> Account? {
        guard let record = try read({ () throws(StateError) in try subject.state.account(address) }) else { return nil }
        var account = Account(record: record)
        if options.hasCode, record.codeHash != Keccak256.empty {
            account.code = try read { () throws(StateError) in try subject.state.code(record.codeHash) }
        }
        for key in (slots[address] ?? []).sorted() {
            account.slots.append((key, try read { () throws(StateError) in try subject.state.storage(address, key) }))
        }
        return account
    }

    private func write(_ account: Account, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("balance", account.record.balance)
        if account.record.nonce != 0 { writer.nonce(account.record.nonce) }
        if !account.code.isEmpty { writer.field("code", data: account.code) }
        writer.slots(account.slots)
        writer.endObject()
    }

    private func writeDifference(
        _ address: Address, _ executor: TransactionExecutor, pre: inout JSONWriter, post: inout JSONWriter
    ) throws(RPCError) {
        let before = try prestate(address)
        let after = try read { () throws(StateError) in try executor.account(address) }
        guard let after else {
            // It is gone: all of it is part of the state before.
            guard let before else { return }
            pre.key(Array(address.hex.utf8))
            return write(before, &pre)
        }
        var old = before ?? Account(record: AccountRecord())
        var code: [UInt8]?
        if options.hasCode, after.codeHash != old.record.codeHash {
            code = try read { () throws(StateError) in try executor.code(address) }
        }
        var changed: [(key: UInt256, value: UInt256)] = []
        var kept: [(key: UInt256, value: UInt256)] = []
        for key in (slots[address] ?? []).sorted() {
            let value = old.slots.first { $0.key == key }?.value ?? .zero
            let new = try read { () throws(StateError) in try executor.storage(address, key) }
            guard value != new else { continue }
            if !value.isZero { kept.append((key, value)) }
            if !new.isZero { changed.append((key, new)) }
        }
        let isChanged = after != old.record || !changed.isEmpty || !kept.isEmpty
        guard isChanged else { return }
        old.slots = kept
        if before != nil {
            pre.key(Array(address.hex.utf8))
            write(old, &pre)
        }
        post.key(Array(address.hex.utf8))
        post.beginObject()
        if after.balance != old.record.balance { post.field("balance", after.balance) }
        if after.nonce != old.record.nonce { post.nonce(after.nonce) }
        if let code { post.field("code", data: code) }
        post.slots(changed)
        post.endObject()
        budget.spend(2 * (old.code.count + (code?.count ?? 0)))
        try budget.check()
    }
}

extension JSONWriter {
    /// go-ethereum writes the nonce of this tracer as a number.
    fileprivate mutating func nonce(_ value: UInt64) {
        key("nonce")
        raw(Array(String(value).utf8))
    }

    fileprivate mutating func slots(_ slots: [(key: UInt256, value: UInt256)]) {
        guard !slots.isEmpty else { return }
        key("storage")
        beginObject()
        for slot in slots { field(slotName: slot.key, slot.value) }
        endObject()
    }

    private mutating func field(slotName: UInt256, _ value: UInt256) {
        key(Array(Hash256(slotName).hex.utf8))
        hash(Hash256(value))
    }
}
