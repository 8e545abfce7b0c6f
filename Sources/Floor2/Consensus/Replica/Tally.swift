// Votes of a few views, at most one per validator and view, verified only when their weight could decide something.
import Crypto
import Primitives

struct Tally<S: Statement>: Sendable {
    struct Slot: Sendable {
        var message: Signed<S>
        var isVerified: Bool
    }

    struct ViewVotes: Sendable {
        var view: UInt64
        var slots: [Slot?]
    }

    private var views: [ViewVotes] = []
    private let validatorCount: Int
    /// Views kept; the oldest leaves when a newer one needs the room.
    private let capacity: Int

    init(validatorCount: Int, capacity: Int) {
        self.validatorCount = validatorCount
        self.capacity = capacity
    }

    func slot(view: UInt64, signer: UInt16) -> Slot? {
        guard let votes = views.first(where: { $0.view == view }), votes.slots.indices.contains(Int(signer)) else { return nil }
        return votes.slots[Int(signer)]
    }

    mutating func set(_ slot: Slot?, view: UInt64, signer: UInt16) {
        guard Int(signer) < validatorCount else { return }
        if let position = views.firstIndex(where: { $0.view == view }) {
            views[position].slots[Int(signer)] = slot
            return
        }
        guard slot != nil else { return }
        if views.count >= capacity, let oldest = views.indices.min(by: { views[$0].view < views[$1].view }) {
            guard views[oldest].view < view else { return }
            views.remove(at: oldest)
        }
        var votes = ViewVotes(view: view, slots: Array(repeating: nil, count: validatorCount))
        votes.slots[Int(signer)] = slot
        views.append(votes)
    }

    mutating func removeAll(below view: UInt64) {
        views.removeAll { $0.view < view }
    }

    /// The signers of messages in `view` that `matches`, verified or not.
    func signers(view: UInt64, where matches: (S) -> Bool) -> [Int] {
        guard let votes = views.first(where: { $0.view == view }) else { return [] }
        return votes.slots.indices.filter { index in
            guard let slot = votes.slots[index] else { return false }
            return matches(slot.message.statement)
        }
    }

    /// Verifies as few messages as needed to reach `weight` among those in `view` that `matches`. Bad ones are dropped and told in `liars`.
    /// Returns the verified signers, ascending, or `nil` when the weight is not there.
    mutating func verified(
        view: UInt64, weight needed: UInt64, _ set: ValidatorSet, _ domain: SigningDomain, liars: inout [UInt16],
        where matches: (S) -> Bool
    ) -> [Int]? {
        let candidates = signers(view: view, where: matches)
        guard let position = views.firstIndex(where: { $0.view == view }) else { return nil }
        var possible: UInt64 = 0
        var reached: UInt64 = 0
        var signers: [Int] = []
        for index in candidates {
            possible += set.weight(index)
            if views[position].slots[index]?.isVerified == true {
                reached += set.weight(index)
                signers.append(index)
            }
        }
        guard possible >= needed else { return nil }
        // Votes for one block are of one statement: its digest is made once.
        var last: (statement: S, digest: Hash256)?
        for index in candidates where reached < needed {
            guard let slot = views[position].slots[index], !slot.isVerified else { continue }
            let statement = slot.message.statement
            let digest: Hash256
            if let last, last.statement == statement { digest = last.digest } else { digest = statement.digest(domain) }
            last = (statement, digest)
            if set.verify(digest, slot.message.signature, by: index) {
                views[position].slots[index]?.isVerified = true
                reached += set.weight(index)
                signers.append(index)
            } else {
                views[position].slots[index] = nil
                liars.append(UInt16(index))
                possible -= set.weight(index)
                guard possible >= needed else { return nil }
            }
        }
        return reached >= needed ? signers.sorted() : nil
    }

    /// A certificate of `statement` when verified and yet unverified votes for it make a quorum.
    mutating func certificate(
        of statement: S, _ set: ValidatorSet, _ domain: SigningDomain, liars: inout [UInt16]
    ) -> Certificate<S>? {
        let needed = S.self == CommitStatement.self && set.breakage.is(.commitQuorumTooSmall) ? set.honestWeight : set.quorumWeight
        guard
            let signers = verified(
                view: statement.view, weight: needed, set, domain, liars: &liars, where: { $0 == statement })
        else { return nil }
        var certificate = Certificate(statement: statement, signers: SignerBitmap(), signatures: [])
        for index in signers {
            guard let slot = slot(view: statement.view, signer: UInt16(index)) else { return nil }
            certificate.signers.insert(index)
            certificate.signatures.append(slot.message.signature)
        }
        return certificate
    }
}
