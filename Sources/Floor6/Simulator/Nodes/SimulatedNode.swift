// One node of the simulated network: a replica (or an adversary in its place), its disk, its clock, and what holds it up.
internal import Consensus
internal import Primitives

final class SimulatedNode {
    let index: Int
    /// `nil` for a follower.
    let validator: Int?
    let configuration: ConsensusConfiguration
    var replica: Replica?
    var disk: VirtualDisk
    /// Counts starts and crashes; events of an earlier life are void.
    var incarnation = 0
    /// When the replica wants to be woken, in milliseconds.
    var timer: UInt64 = .max
    /// Whether transactions wait here.
    var hasWork = true
    /// What was told as certified in this life.
    var certified: Set<Hash256> = []

    // Faults.
    /// Whether it votes: not after it has lost its record.
    var votes = true
    /// Stopped for good, for instance while the others must make progress.
    var isFrozen = false
    /// Added to the wall clock.
    var clockOffsetMilliseconds: Int64 = 0
    var diskMicroseconds: UInt64 = 0
    var pauses = 0
    /// A write is under way.
    var isWriting = false
    /// What came while the node was held up.
    var inbox: [World.Event] = []

    var adversary: (any Adversary)?
    var context: AdversaryContext?
    var machines: NodeMachines?

    init(index: Int, validator: Int?, configuration: ConsensusConfiguration) {
        self.index = index
        self.validator = validator
        self.configuration = configuration
        disk = VirtualDisk(genesis: configuration.genesisHeader)
    }

    var isHeld: Bool { isWriting || pauses > 0 }
    /// Follows the protocol, as far as its disk does.
    var isHonest: Bool { adversary == nil }
}
