// Certificates and views: checking certificates once, and entering the view they open.
import Primitives

extension Replica {
    /// The certificate, when valid; a verified one of the same statement stands in for it.
    mutating func checked(_ certificate: QuorumCertificate) -> QuorumCertificate? {
        guard certificate.view < .max else { return nil }
        if certificate.view == 0 {
            return certificate == genesisCertificate ? certificate : nil
        }
        if let known = verifiedQCs.first(where: { $0.statement == certificate.statement }) { return known }
        do {
            try certificate.verify(validators, configuration.domain, epoch: configuration.epoch)
        } catch {
            return nil
        }
        if isWatched(certificate.view) { report(evidencePool.observe(certificate)) }
        remember(certificate)
        return certificate
    }

    var genesisCertificate: QuorumCertificate { .genesis(epoch: configuration.epoch, hash: configuration.genesisHash) }

    mutating func remember(_ certificate: QuorumCertificate) {
        if verifiedQCs.contains(where: { $0.statement == certificate.statement }) { return }
        if verifiedQCs.count >= Replica.certificateCacheCount { verifiedQCs.removeFirst() }
        verifiedQCs.append(certificate)
    }

    /// The certificate, when valid.
    mutating func checked(_ certificate: TimeoutCertificate) -> TimeoutCertificate? {
        guard certificate.view >= 1, certificate.view < .max else { return nil }
        var writer = CanonicalWriter(capacity: 4096)
        certificate.encode(into: &writer)
        let digest = Keccak256.hash(writer.bytes)
        if verifiedTCs.contains(digest) { return certificate }
        guard checked(certificate.highQC) != nil else { return nil }
        do {
            try certificate.verifyReports(validators, configuration.domain, epoch: configuration.epoch)
        } catch {
            return nil
        }
        if isWatched(certificate.view) { report(evidencePool.observe(certificate)) }
        if verifiedTCs.count >= Replica.certificateCacheCount { verifiedTCs.removeFirst() }
        verifiedTCs.append(digest)
        return certificate
    }

    mutating func checked(_ justification: Justification) -> Justification? {
        switch justification {
        case .quorum(let certificate): return checked(certificate).map { .quorum($0) }
        case .timeout(let certificate): return checked(certificate).map { .timeout($0) }
        }
    }

    /// A certificate came alone or with a message: check it, learn from it, enter the view it opens. Whether it was valid.
    @discardableResult
    mutating func onJustification(_ justification: Justification) -> Bool {
        guard let valid = checked(justification) else {
            blameSource()
            return false
        }
        if !isBroken(.ignoresCertificatesFromOthers) { apply(valid) }
        return true
    }

    /// Learns from a verified certificate.
    mutating func apply(_ justification: Justification) {
        let certificate = justification.parentCertificate
        if certificate.view > record.highQC.view, !isBroken(.doesNotRaiseHighQC) { changeRecord { $0.highQC = certificate } }
        if certificate.view > 0 { pacemaker.leaderSpoke(leader(view: certificate.view)) }
        if certificate.view >= record.view { enterView(after: .quorum(certificate)) }
        if case .timeout(let timeout) = justification, timeout.view >= record.view { enterView(after: justification) }
    }

    private mutating func enterView(after justification: Justification) {
        let (next, overflow) = justification.view.addingReportingOverflow(1)
        guard !overflow, next > record.view else { return }
        if case .timeout = justification {
            if justification.view == record.view, currentProposal == nil { pacemaker.leaderWasSilent(currentLeader) }
            pacemaker.viewFailed()
        } else if hasTimedOut {
            // Its certificate came after we gave it up, so it got no commit vote of ours: the time was too short for these links.
            pacemaker.viewFailed()
        }
        var late: Timeout?
        if case .timeout(let certificate) = justification { late = timeoutForOpenTips(certificate) }
        changeRecord {
            $0.view = next
            $0.entry = justification
            $0.timeout = nil
            $0.proposal = nil
        }
        currentProposal = nil
        buildAt = nil
        votes.removeAll(below: next)
        timeouts.removeAll(below: next)
        timeoutQCs = Array(repeating: nil, count: validators.count)
        commitVotes.removeAll(below: next > UInt64(Replica.commitVoteViews) ? next - UInt64(Replica.commitVoteViews) : 0)
        tips.enterView()
        tipBlockWanted = nil
        tree.prune(keeping: [record.highQC.blockHash, record.lastVotedHash, pendingCommit?.blockHash ?? tree.headHash])
        pacemaker.enterView(now: now)
        announceEntry(late)
    }

    /// The leader of the new view tells everybody what opened it; others tell the leader. So a certificate that only some could build
    /// reaches all in two delays with few messages; the rest is done by timeouts, which carry it.
    private mutating func announceEntry(_ late: Timeout?) {
        guard let ownIndex else { return }
        let message = record.entry.message
        if let late, currentLeader != ownIndex { return outbox.append(.send(.timeout(late), to: currentLeader)) }
        if let late { extendEntry(with: late) }
        outbox.append(currentLeader == ownIndex ? .broadcast(message) : .send(message, to: currentLeader))
    }
}

extension Justification {
    var message: ConsensusMessage {
        switch self {
        case .quorum(let certificate): .quorumCertificate(certificate)
        case .timeout(let certificate): .timeoutCertificate(certificate)
        }
    }
}
