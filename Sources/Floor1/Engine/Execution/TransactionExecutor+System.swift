// Floor 1, Engine: what a block does beside its transactions: calls of system contracts, and balances that the protocol gives.
public import Primitives

/// The contracts that the protocol itself calls, and who calls them.
public enum SystemContract {
    /// The caller of all of them (EIP-4788, 2935, 7002, 7251).
    public static let caller = Address(w0: 0xffff_ffff_ffff_ffff, w1: 0xffff_ffff_ffff_ffff, w2: 0xffff_fffe)
    /// EIP-4788: keeps the roots of beacon blocks.
    public static let beaconRoots = Address(w0: 0x000f_3df6_d732_807e, w1: 0xf131_9fb7_b8bb_8522, w2: 0xd0be_ac02)
    /// EIP-2935: keeps the hashes of past blocks.
    public static let history = Address(w0: 0x0000_f908_27f1_c53a, w1: 0x10cb_7a02_335b_1753, w2: 0x2000_2935)
    /// EIP-7002: queues withdrawals that validators ask for.
    public static let withdrawalRequests = Address(w0: 0x0000_0961_ef48_0eb5, w1: 0x5e80_d19a_d835_79a6, w2: 0x4c00_7002)
    /// EIP-7251: queues consolidations that validators ask for.
    public static let consolidationRequests = Address(w0: 0x0000_bbdd_c7ce_4886, w1: 0x42fb_579f_8b00_f3a5, w2: 0x9000_7251)
    /// Gas of one call; it counts against nothing.
    static let gas: Int64 = 30_000_000
}

/// How a call of a system contract ended.
enum SystemCallResult: Equatable {
    /// There is no code at the address.
    case absent
    case failed
    case output([UInt8])
}

extension TransactionExecutor {
    /// The system calls at a block's start: from Cancun the beacon root and from Prague the parent's hash go to their contracts.
    ///
    /// Contracts that do not exist, or fail, are passed over.
    /// - Parameter beaconRoot: `nil` on chains without a beacon chain.
    public func beginBlock(parentHash: Hash256, beaconRoot: Hash256? = nil) throws(StateError) {
        if environment.fork >= .cancun, let beaconRoot { _ = try callSystem(SystemContract.beaconRoots, beaconRoot.bytes) }
        if environment.fork >= .prague { _ = try callSystem(SystemContract.history, parentHash.bytes) }
    }

    /// Calls a system contract between transactions.
    func callSystem(_ contract: Address, _ input: [UInt8]) throws(StateError) -> SystemCallResult {
        unsafe machine.pointee.journal.beginTransaction()
        let index = unsafe machine.pointee.journal.account(contract)
        let code = unsafe machine.pointee.journal.code(index)
        try checkState()
        guard code.count > 0 else { return .absent }
        unsafe machine.pointee.origin = SystemContract.caller
        unsafe machine.pointee.gasPrice = .zero
        unsafe machine.pointee.blobHashes = []
        let result = unsafe input.withUnsafeBufferPointer { bytes in
            unsafe machine.pointee.push(
                Frame(
                    call: code, gas: SystemContract.gas, input: bytes.baseAddress, inputCount: bytes.count, account: index,
                    address: contract, caller: SystemContract.caller, value: .zero, checkpoint: machine.pointee.journal.checkpoint))
            return unsafe run(machine)
        }
        unsafe machine.pointee.journal.finishTransaction()
        try checkState()
        return result.status == .success ? .output(unsafe machine.pointee.returnedBytes) : .failed
    }

    /// Gives wei that come from nowhere on this chain (withdrawals of EIP-4895).
    func credit(_ address: Address, _ amount: UInt256) throws(StateError) {
        unsafe machine.pointee.journal.beginTransaction()
        let index = unsafe machine.pointee.journal.account(address)
        try checkState()
        let balance = unsafe machine.pointee.journal.balance(index)
        unsafe machine.pointee.journal.setBalance(index, balance &+ amount)
        unsafe machine.pointee.journal.finishTransaction()
    }
}
