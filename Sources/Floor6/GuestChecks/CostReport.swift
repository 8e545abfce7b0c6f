// Floor 6, GuestChecks: what blocks cost in the guest: cycles of an empty block, an ETH transfer and an ERC-20 transfer.
//
// Differences of batches, so that what a batch costs once does not count: between blocks with one and with eleven transfers of
// distinct senders and receivers, and between batches of one and of two empty blocks.
import Crypto
import Engine
import Primitives
public import ZKVM

public struct CostReport: Sendable {
    /// A batch of one empty block, whole: what a batch costs once is in it.
    public var emptyBatchCycles: UInt64 = 0
    /// Each further empty block.
    public var emptyBlockCycles: UInt64 = 0
    public var etherTransferCycles: UInt64 = 0
    public var tokenTransferCycles: UInt64 = 0
    public var etherProfile: [FunctionProfile] = []
    public var tokenProfile: [FunctionProfile] = []

    /// - Parameter accounts: number of accounts in the state; the depth of the tree's paths follows from it.
    public init(program: GuestProgram, accounts: Int) throws {
        let bench = try CostBench(program: program, accounts: accounts)
        emptyBatchCycles = try bench.cycles([[]])
        emptyBlockCycles = try bench.cycles([[], []]) - emptyBatchCycles
        etherTransferCycles = (try bench.cycles([bench.ether(11)]) - bench.cycles([bench.ether(1)])) / 10
        tokenTransferCycles = (try bench.cycles([bench.token(11)]) - bench.cycles([bench.token(1)])) / 10
        etherProfile = try bench.run([bench.ether(11)], keepsProfile: true).profile
        tokenProfile = try bench.run([bench.token(11)], keepsProfile: true).profile
    }
}

/// The guest made something else of a batch than native execution.
public struct GuestDisagreement: Error, CustomStringConvertible {
    public let stop: StopReason
    public var description: String { "guest and native execution disagree; the guest ended with \(stop)" }
}

private struct CostBench {
    let program: GuestProgram
    let chain: MemoryChain
    private static let gwei = UInt256(1_000_000_000)
    private static let senders = 11

    init(program: GuestProgram, accounts: Int) throws {
        self.program = program
        var genesis = TestAccounts.Genesis()
        var slots: [(slot: UInt256, value: UInt256)] = []
        for number in 0..<max(accounts, 2 * Self.senders) {
            let address = number < Self.senders ? TestAccounts.key(number + 1).address : Self.receiver(number)
            genesis.add(address, balance: Self.gwei &* Self.gwei)
            slots.append((TokenContract.balanceSlot(address), UInt256(1_000_000)))
        }
        genesis.add(MemoryChain.proposer, balance: 1)
        genesis.add(TokenContract.address, balance: .zero, code: TokenContract.code, storage: slots)
        chain = try MemoryChain(
            rules: ChainRules(chainID: 7_777, gasLimit: 30_000_000, minimumBaseFeePerGas: Self.gwei), genesis: genesis.changes)
    }

    private static func receiver(_ number: Int) -> Address {
        Address(lowBytesOf: Keccak256.hash(UInt256(UInt64(number)).bigEndianBytes))
    }

    func ether(_ count: Int) -> [[UInt8]] {
        (0..<count).map { transaction($0, to: Self.receiver(Self.senders + $0), value: 5, data: [], gasLimit: 21_000) }
    }

    func token(_ count: Int) -> [[UInt8]] {
        (0..<count).map {
            transaction(
                $0, to: TokenContract.address, value: .zero,
                data: TokenContract.transfer(to: Self.receiver(Self.senders + $0), amount: 3), gasLimit: 100_000)
        }
    }

    private func transaction(_ sender: Int, to: Address, value: UInt256, data: [UInt8], gasLimit: UInt64) -> [UInt8] {
        Transaction(
            type: .dynamicFee, chainID: 7_777, nonce: 0, gasLimit: gasLimit, maxFeePerGas: Self.gwei &* 10, maxPriorityFeePerGas: Self.gwei,
            to: to, value: value, data: data
        ).signed(with: TestAccounts.key(sender + 1)).encode()
    }

    func run(_ payloads: [[[UInt8]]], keepsProfile: Bool = false) throws -> GuestRun {
        let batch = chain.batch(payloads)
        let (result, witness) = try chain.execute(batch)
        let run = program.run(tape: BatchTape.encode(batch, witness), keepsProfile: keepsProfile)
        guard run.stop == .halted(code: 0), run.output == result.statement.encode() else { throw GuestDisagreement(stop: run.stop) }
        return run
    }

    func cycles(_ payloads: [[[UInt8]]]) throws -> UInt64 { try run(payloads).cycleCount }
}
