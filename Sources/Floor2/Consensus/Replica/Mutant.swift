// Named breakages of single rules, to show that the tests notice when a rule is missing. Each stands as one line where its rule stands.
// Only builds with MUTANTS in the environment can break a rule; in all others `Breakage` is empty and its answers are constants.

/// A rule that a replica can be told to break.
public enum Mutant: String, CaseIterable, Sendable {
    // Votes.
    /// A second proposal of the view gets a vote too.
    case votesTwiceInAView
    /// Vote(v) after Timeout(v).
    case votesAfterTimeout
    /// CommitVote(v) after Timeout(w), w ≥ v.
    case commitVotesAfterTimeout

    // Timeouts.
    /// A timeout names the genesis certificate as its highest.
    case timeoutReportsStaleQC
    /// A timeout never reports a tip.
    case timeoutHidesTip
    /// Joins timeouts of weight F, which may all be lies.
    case joinsAtF
    /// A timeout is sent once.
    case timeoutNeverResent
    /// Views do not get longer after failures.
    case timeoutNeverGrows
    /// The doubling of the timeout wraps around to nothing.
    case exponentOverflow

    // Proposals.
    /// The parent of a proposal need not be the block that the justification certifies.
    case acceptsAnyParent
    /// The justification may be of any older view.
    case acceptsStaleJustification

    // Certificates.
    /// Q - 1 is enough.
    case quorumTooSmall
    /// Timeouts of F + 1 end a view.
    case timeoutQuorumTooSmall
    /// Commit votes of F + 1 make a block final.
    case commitQuorumTooSmall
    /// Any validator's signature counts as the named one's.
    case acceptsSignaturesOfOthers
    case skipsSignatureCheck
    /// A timeout certificate carries the lowest reported certificate and not the highest.
    case takesLowestQCFromTimeouts
    /// Certificates that others built do not move the view.
    case ignoresCertificatesFromOthers
    /// The highest certificate stays that of genesis.
    case doesNotRaiseHighQC

    // Memory.
    /// The record is stored after the messages of the turn.
    case persistsAfterSending
    case forgetsRecordAfterRestart
    case forgetsTimeoutAfterRestart
    case forgetsProposalAfterRestart

    // Blocks.
    /// Blocks that certificates name are never asked for.
    case neverFetches
}

/// The broken rule of a replica, if any.
struct Breakage: Sendable {
    #if MUTANTS
        var mutant: Mutant?

        func `is`(_ mutant: Mutant) -> Bool { self.mutant == mutant }
    #else
        @inline(__always)
        func `is`(_ mutant: Mutant) -> Bool { false }
    #endif
}

extension Replica {
    @inline(__always)
    func isBroken(_ mutant: Mutant) -> Bool { configuration.breakage.is(mutant) }
}
