// Giving up views: own timeouts, those of others, the certificates they make, and help for those who are behind.
import Crypto
import Primitives

extension Replica {
    // MARK: Timers

    /// Gives up the view when its time is over; sends the timeout again while it lasts.
    mutating func runTimers() {
        guard ownIndex != nil else { return }
        if hasTimedOut {
            guard let resendAt = pacemaker.resendAt, now >= resendAt, !isBroken(.timeoutNeverResent) else { return }
            if let timeout = record.timeout { outbox.append(.broadcast(.timeout(timeout))) }
            if let ownCommitVote { outbox.append(.broadcast(.commitVote(ownCommitVote))) }
            pacemaker.scheduleResend(now: now)
        } else if now >= pacemaker.deadline {
            giveUpView()
        }
    }

    /// Recomputes the deadline and asks for the next wake-up.
    mutating func updateTimer() {
        let isIdle = !isWorkAvailable && record.highQC.view <= finalView && currentProposal == nil
        pacemaker.update(now: now, isIdle: isIdle, leader: currentLeader)
        var next: UInt64 = .max
        if ownIndex != nil { next = hasTimedOut ? pacemaker.resendAt ?? .max : pacemaker.deadline }
        if let buildAt, buildAt > now, buildRequestedView != record.view, !hasTimedOut { next = min(next, buildAt) }
        next = max(min(next, fetcher.nextDeadline, tips.nextDeadline), now.saturatingAdd(1))
        guard next != .max, next != pacemaker.timerWasSetTo else { return }
        pacemaker.timerSet(next)
        outbox.append(.setTimer(atMilliseconds: next))
    }

    // MARK: Own timeout

    /// Timeout(v): from here on no Vote(v) and no CommitVote(<= v).
    private mutating func giveUpView() {
        let high = isBroken(.timeoutReportsStaleQC) ? genesisCertificate : record.highQC
        let statement = timeoutStatement(view: record.view)
        guard let signed = sign(statement) else { return }
        let timeout = Timeout(signed: signed, highQC: high, entry: record.entry)
        changeRecord {
            $0.lastTimeoutView = statement.view
            $0.timeout = timeout
        }
        sendOwnTimeout(timeout)
    }

    /// What we have to report when we give up a view.
    func timeoutStatement(view: UInt64) -> TimeoutStatement {
        let high = isBroken(.timeoutReportsStaleQC) ? genesisCertificate : record.highQC
        let hasTip = record.lastVotedView > high.view && !isBroken(.timeoutHidesTip)
        return TimeoutStatement(
            epoch: record.epoch, view: view, highQCView: high.view, highQCHash: high.blockHash,
            tipView: hasTip ? record.lastVotedView : 0, tipHash: hasTip ? record.lastVotedHash : .zero,
            tipParentHash: hasTip ? record.lastVotedParentHash : .zero)
    }

    mutating func sendOwnTimeout(_ timeout: Timeout) {
        outbox.append(.broadcast(.timeout(timeout)))
        pacemaker.scheduleResend(now: now)
        note(timeout, isVerified: true)
        countTimeouts()
    }

    // MARK: Others' timeouts

    mutating func onTimeout(_ timeout: Timeout) {
        let statement = timeout.signed.statement
        let signer = timeout.signed.signer
        guard Int(signer) < validators.count, statement.epoch == configuration.epoch, statement.isWellFormed,
            timeout.highQC.view == statement.highQCView, timeout.highQC.blockHash == statement.highQCHash,
            timeout.entry.view == statement.view - 1 || configuration.tipRule && timeout.entry.view == statement.view
        else { return blameSource() }
        if isWatched(statement.view) { report(evidencePool.observe(timeout.signed)) }
        helpIfBehind(signer, statement)
        if timeouts.slot(view: statement.view, signer: signer) != nil { return }
        let isOfUse = statement.highQCView > record.highQC.view || mayExtendEntry(statement, signer)
        if statement.view < record.view, !isOfUse { return }
        guard onJustification(.quorum(timeout.highQC)) else { return }
        if timeout.entry.view >= record.view { guard onJustification(timeout.entry) else { return } }
        if statement.view < record.view { return extendEntry(with: timeout) }
        guard statement.view == record.view else { return }
        note(timeout, isVerified: false)
        countTimeouts()
    }

    private mutating func note(_ timeout: Timeout, isVerified: Bool) {
        let signer = timeout.signed.signer
        timeouts.set(.init(message: timeout.signed, isVerified: isVerified), view: timeout.signed.statement.view, signer: signer)
        timeoutQCs[Int(signer)] = timeout.highQC
    }

    /// More than F gave up the view: join them. A quorum did: enter the next view.
    private mutating func countTimeouts() {
        let view = record.view
        var liars: [UInt16] = []
        if !hasTimedOut, ownIndex != nil,
            timeouts.verified(
                view: view, weight: isBroken(.joinsAtF) ? validators.faultWeight : validators.honestWeight, validators, configuration.domain, liars: &liars, where: { _ in true }) != nil
        {
            giveUpView()
        }
        guard record.view == view else { return }
        let needed = isBroken(.timeoutQuorumTooSmall) ? validators.honestWeight : validators.quorumWeight
        if let signers = timeouts.verified(
            view: view, weight: needed, validators, configuration.domain, liars: &liars, where: { _ in true }),
            let certificate = timeoutCertificate(view: view, signers: signers)
        {
            apply(.timeout(certificate))
        }
        blame(liars)
    }

    private func timeoutCertificate(view: UInt64, signers: [Int]) -> TimeoutCertificate? {
        var bitmap = SignerBitmap()
        var statements: [TimeoutStatement] = []
        var signatures: [RecoverableSignature] = []
        var highQC: QuorumCertificate?
        for index in signers {
            guard let slot = timeouts.slot(view: view, signer: UInt16(index)), let certificate = timeoutQCs[index] else { return nil }
            bitmap.insert(index)
            statements.append(slot.message.statement)
            signatures.append(slot.message.signature)
            let isBetter = certificate.view >= (highQC?.view ?? 0)
            if isBetter != isBroken(.takesLowestQCFromTimeouts) || highQC == nil { highQC = certificate }
        }
        guard let highQC else { return nil }
        return TimeoutCertificate(
            epoch: configuration.epoch, view: view, signers: bitmap, statements: statements, signatures: signatures, highQC: highQC)
    }

    /// A peer that gives up a view we have left gets what opened ours; one that does not know that its highest block is final gets that.
    private mutating func helpIfBehind(_ signer: UInt16, _ statement: TimeoutStatement) {
        guard ownIndex != nil, pacemaker.mayHelp(signer, now: now) else { return }
        if statement.view < record.view { outbox.append(.send(record.entry.message, to: signer)) }
        if let lastCommit, statement.highQCView <= lastCommit.view { outbox.append(.send(.commitCertificate(lastCommit), to: signer)) }
    }

    // MARK: Restart

    /// Sends again, word for word, what the record says was signed in this view; it may not have left before the crash.
    mutating func resendAfterRestart() {
        _ = tellCertified()
        guard ownIndex != nil else { return }
        outbox.append(.broadcast(record.entry.message))
        if let header = tree.header(record.highQC.blockHash), record.lastCommitVotedView == record.highQC.view, record.highQC.view > 0,
            header.height > tree.head.height
        {
            castRecordedCommitVote(header.height)
        }
        if hasTimedOut {
            if let timeout = record.timeout { sendOwnTimeout(timeout) }
            return
        }
        if let proposal = record.proposal, record.lastProposedView == record.view, let entry = tree.entry(proposal.header.hash) {
            let statement = ProposalStatement(epoch: record.epoch, view: record.view, blockHash: entry.hash)
            currentProposal = Signed(statement: statement, signer: currentLeader, signature: proposal.signature)
            outbox.append(.broadcast(recordedProposal(proposal, entry.block)))
        }
        if record.lastVotedView == record.view { castRecordedVote() }
    }

    private mutating func recordedProposal(_ proposal: SafetyRecord.SignedHeader, _ block: Block) -> ConsensusMessage {
        let known = HeaderProposal(
            view: record.view, tipView: proposal.tipView, header: proposal.header, justification: record.entry, signature: proposal.signature)
        if configuration.tipRule { tips.admit(known, hash: proposal.header.hash) }
        if !known.isFresh { return .headerProposal(known) }
        return .proposal(Proposal(block: block, justification: record.entry, signature: proposal.signature))
    }

    /// All of it, unless a rule is broken on purpose.
    private func remembered(_ saved: SafetyRecord) -> SafetyRecord {
        var kept = isBroken(.forgetsRecordAfterRestart) ? record : saved
        if isBroken(.forgetsTimeoutAfterRestart) { (kept.lastTimeoutView, kept.timeout) = (0, nil) }
        if isBroken(.forgetsProposalAfterRestart) { (kept.lastProposedView, kept.proposal) = (0, nil) }
        return kept
    }

    /// Takes over what the store holds. Refuses what contradicts itself.
    mutating func restore(_ recovered: RecoveredState) throws(RecoveryError) {
        let saved = recovered.record
        guard saved.epoch == configuration.epoch, saved.view >= 1, saved.entry.view == saved.view - 1,
            saved.lastVotedView <= saved.view, saved.lastTimeoutView <= saved.view, saved.lastProposedView <= saved.view,
            saved.highQC.view < saved.view, saved.lastCommitVotedView <= saved.highQC.view,
            saved.timeout == nil || saved.timeout?.signed.statement.view == saved.view,
            saved.lastTimeoutView < saved.view || saved.timeout != nil
        else { throw .invalidRecord }
        let headHash = recovered.head.hash
        if let commit = recovered.commit {
            guard commit.blockHash == headHash, commit.height == recovered.head.height else { throw .invalidHead }
        } else {
            guard headHash == configuration.genesisHash else { throw .invalidHead }
        }
        record = remembered(saved)
        lastCommit = recovered.commit
        if configuration.tipRule { for proposal in record.tipProof { tips.admit(proposal, hash: proposal.header.hash) } }
        tree = BlockTree(head: recovered.head)
        for block in recovered.blocks { tree.insert(block, hash: block.hash, validity: .valid, isStored: true) }
    }
}
