// Vote and CommitVote: casting them under the safety rules, and tallying those of others.
import Crypto
import Primitives

extension Replica {
    // MARK: Casting

    /// Vote(v): once per view, not after Timeout(v), with the payload valid and the chain back to the final head known.
    mutating func voteIfAllowed() -> Bool {
        let view = record.view
        guard let proposal = currentProposal, mayVote(for: proposal.statement.blockHash),
            let entry = tree.entry(proposal.statement.blockHash), entry.validity == .valid, entry.header.view <= view,
            let parent = tree.header(entry.header.parentHash),
            entry.header.height == parent.height.saturatingAdd(1),
            entry.header.timestampMilliseconds > parent.timestampMilliseconds,
            isTimely(entry.header),
            tree.connection(of: entry.hash) == .connected, let index = tree.index(of: entry.hash)
        else { return false }
        let proof = proof(of: entry.hash)
        changeRecord {
            $0.lastVotedView = view
            $0.lastVotedHash = entry.hash
            $0.lastVotedParentHash = entry.header.parentHash
            $0.lastVotedParentView = entry.header.parentView
            $0.tipProof = proof
        }
        storeBlock(index)
        return castRecordedVote()
    }

    /// Not too far ahead of our clock.
    func isTimely(_ header: BlockHeader) -> Bool {
        header.timestampMilliseconds <= wallClock.saturatingAdd(ConsensusConfiguration.maximumClockDriftMilliseconds)
    }

    /// No vote of this view yet, and no timeout.
    func mayVote(for hash: Hash256) -> Bool {
        let hasVoted = isBroken(.votesTwiceInAView) ? record.lastVotedHash == hash : record.lastVotedView >= record.view
        return ownIndex != nil && !hasVoted && (record.lastTimeoutView < record.view || isBroken(.votesAfterTimeout))
    }

    /// Sends the vote that the record holds; after a restart once more, with the same bytes.
    @discardableResult
    mutating func castRecordedVote() -> Bool {
        let statement = VoteStatement(
            epoch: record.epoch, view: record.lastVotedView, blockHash: record.lastVotedHash, parentView: record.lastVotedParentView)
        guard let vote = sign(statement) else { return false }
        outbox.append(.broadcast(.vote(vote)))
        votes.set(.init(message: vote, isVerified: true), view: statement.view, signer: vote.signer)
        countVotes(for: statement)
        return true
    }

    /// CommitVote(v) for the highest certified block, unless we gave up v or a later view.
    mutating func commitVoteIfAllowed() -> Bool {
        let certificate = record.highQC
        guard ownIndex != nil, certificate.view > record.lastCommitVotedView,
            certificate.view > record.lastTimeoutView || isBroken(.commitVotesAfterTimeout), let entry = tree.entry(certificate.blockHash)
        else { return false }
        changeRecord { $0.lastCommitVotedView = certificate.view }
        return castRecordedCommitVote(entry.header.height)
    }

    @discardableResult
    mutating func castRecordedCommitVote(_ height: UInt64) -> Bool {
        let certificate = record.highQC
        let statement = CommitStatement(epoch: record.epoch, view: certificate.view, height: height, blockHash: certificate.blockHash)
        guard let vote = sign(statement) else { return false }
        ownCommitVote = vote
        outbox.append(.broadcast(.commitVote(vote)))
        commitVotes.set(.init(message: vote, isVerified: true), view: statement.view, signer: vote.signer)
        countCommitVotes(for: statement)
        return true
    }

    // MARK: Tallying

    mutating func onVote(_ vote: Vote) {
        let view = vote.statement.view
        guard vote.statement.epoch == configuration.epoch, view >= 1 else { return blameSource() }
        if isWatched(view) { report(evidencePool.observe(vote)) }
        guard view >= record.view, view - record.view <= 1 else { return }
        if let known = votes.slot(view: view, signer: vote.signer) {
            guard mayReplace(known, vote) else { return }
        }
        votes.set(.init(message: vote, isVerified: false), view: view, signer: vote.signer)
        countVotes(for: vote.statement)
    }

    mutating func onCommitVote(_ vote: CommitVote) {
        let view = vote.statement.view
        guard vote.statement.epoch == configuration.epoch, view >= 1 else { return blameSource() }
        if isWatched(view) { report(evidencePool.observe(vote)) }
        guard view <= record.view.saturatingAdd(1), view.saturatingAdd(UInt64(Replica.commitVoteViews)) > record.view,
            vote.statement.height > tree.head.height
        else { return }
        if let known = commitVotes.slot(view: view, signer: vote.signer) {
            guard mayReplace(known, vote) else { return }
        }
        commitVotes.set(.init(message: vote, isVerified: false), view: view, signer: vote.signer)
        countCommitVotes(for: vote.statement)
    }

    /// A second vote of one signer and view: it may replace the first only when the first one's signature is bad.
    private mutating func mayReplace<S: Statement>(_ known: Tally<S>.Slot, _ second: Signed<S>) -> Bool {
        guard known.message != second else { return false }
        let domain = configuration.domain
        guard validators.verify(second.statement.digest(domain), second.signature, by: Int(second.signer)) else {
            blameSource()
            return false
        }
        let first = known.message
        return !known.isVerified && !validators.verify(first.statement.digest(domain), first.signature, by: Int(first.signer))
    }

    private mutating func countVotes(for statement: VoteStatement) {
        var liars: [UInt16] = []
        if let certificate = votes.certificate(of: statement, validators, configuration.domain, liars: &liars) {
            remember(certificate)
            apply(.quorum(certificate))
        }
        blame(liars)
    }

    private mutating func countCommitVotes(for statement: CommitStatement) {
        guard statement.height > tree.head.height, statement.view > (pendingCommit?.view ?? 0) else { return }
        var liars: [UInt16] = []
        if let certificate = commitVotes.certificate(of: statement, validators, configuration.domain, liars: &liars) {
            applyCommit(certificate)
            let isSpeaker = [leader(view: statement.view), leader(view: statement.view.saturatingAdd(1))].contains { $0 == ownIndex }
            if isSpeaker { outbox.append(.broadcast(.commitCertificate(certificate))) }
        }
        blame(liars)
    }
}
