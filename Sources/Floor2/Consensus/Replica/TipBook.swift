// Proposals known to be valid, those that wait for the proof of an older one, and the proofs asked for. Bounded in all parts.
import Primitives

struct TipBook: Sendable {
    struct Entry: Sendable {
        let proposal: HeaderProposal
        let hash: Hash256
    }

    struct Wanted: Sendable {
        let tip: Tip
        let peers: [UInt16]
        var attempts = 0
        var deadline: UInt64 = 0
    }

    /// Accepted proposals, of this view and of those before it, above the final head.
    private(set) var known: [Entry] = []
    /// Proposals of a block under an older view whose own proof is missing.
    private(set) var waiting: [Entry] = []
    var wanted: [Wanted] = []
    /// Proofs sent to each validator in this view.
    private var served: [UInt8]

    /// More failed views in a row, with a final block in none, than a network that recovers goes through.
    static let maximumCount = 64
    /// Proofs a validator may ask for in one view; each can weigh as much as a timeout certificate.
    static let maximumServed: UInt8 = 16

    init(validatorCount: Int) { served = Array(repeating: 0, count: validatorCount) }

    func known(_ tip: Tip) -> HeaderProposal? { known.first { $0.proposal.view == tip.view && $0.hash == tip.hash }?.proposal }
    func wants(_ tip: Tip) -> Bool { wanted.contains { $0.tip == tip } }

    mutating func admit(_ proposal: HeaderProposal, hash: Hash256) {
        let tip = Tip(view: proposal.view, hash: hash)
        wanted.removeAll { $0.tip == tip }
        guard known(tip) == nil else { return }
        if known.count >= TipBook.maximumCount, let oldest = known.indices.min(by: { known[$0].proposal.view < known[$1].proposal.view }) {
            known.remove(at: oldest)
        }
        known.append(Entry(proposal: proposal, hash: hash))
    }

    mutating func wait(_ proposal: HeaderProposal, hash: Hash256) {
        guard waiting.count < TipBook.maximumCount, !waiting.contains(where: { $0.proposal == proposal }) else { return }
        waiting.append(Entry(proposal: proposal, hash: hash))
    }

    /// Those that waited for this tip.
    mutating func released(by tip: Tip) -> [Entry] {
        let released = waiting.filter { $0.hash == tip.hash && $0.proposal.tipView == tip.view }
        waiting.removeAll { $0.hash == tip.hash && $0.proposal.tipView == tip.view }
        return released
    }

    mutating func want(_ tip: Tip, from peers: [UInt16]) {
        guard !peers.isEmpty, !wants(tip), wanted.count < TipBook.maximumCount else { return }
        wanted.append(Wanted(tip: tip, peers: peers))
    }

    var nextDeadline: UInt64 { wanted.reduce(.max) { min($0, $1.deadline) } }

    mutating func mayServe(_ validator: UInt16) -> Bool {
        guard served.indices.contains(Int(validator)), served[Int(validator)] < TipBook.maximumServed else { return false }
        served[Int(validator)] += 1
        return true
    }

    mutating func enterView() {
        waiting = []
        wanted = []
        for index in served.indices { served[index] = 0 }
    }

    mutating func finalised(height: UInt64) { known.removeAll { $0.proposal.header.height <= height } }
}
