// The tip rule: a block that may be certified without anybody in a timeout certificate knowing it is proposed again, not replaced.
// Rules and proof: `Specs/consensus.md` section 10. Invariant: what `tips.known` holds was proposed by its view's leader under the rules.
import Crypto
import Primitives

extension Replica {
    enum Standing: Equatable {
        case valid
        case invalid
        /// Valid if the same block was validly proposed in this older view.
        case needs(Tip)
    }

    /// Whether a proposal follows from its justification. Signatures are checked elsewhere.
    func standing(of proposal: HeaderProposal, hash: Hash256) -> Standing {
        let header = proposal.header
        let parent = proposal.justification.parentCertificate
        if proposal.isFresh {
            guard header.parentHash == parent.blockHash && header.parentView == parent.view || isBroken(.acceptsAnyParent) else {
                return .invalid
            }
            if configuration.tipRule, case .timeout(let certificate) = proposal.justification, !certificate.openTips(validators).isEmpty {
                return .invalid
            }
            return .valid
        }
        let tip = Tip(view: proposal.tipView, hash: hash)
        guard configuration.tipRule, case .timeout(let certificate) = proposal.justification, tip.view >= header.view,
            header.parentHash == parent.blockHash, header.parentView <= parent.view, certificate.tips.contains(tip),
            certificate.permits(tip, open: certificate.openTips(validators))
        else { return .invalid }
        return isProven(tip, certificate) ? .valid : .needs(tip)
    }

    /// One of more than F reporters is honest and checked the proposal it voted for; else we must have seen it.
    private func isProven(_ tip: Tip, _ certificate: TimeoutCertificate) -> Bool {
        certificate.weight(reporting: tip, validators) >= validators.honestWeight || tips.known(tip) != nil
    }

    // MARK: Receiving

    mutating func onHeaderProposal(_ proposal: HeaderProposal) {
        guard configuration.tipRule else { return }
        let hash = proposal.header.hash
        let tip = Tip(view: proposal.view, hash: hash)
        guard proposal.header.epoch == configuration.epoch, proposal.header.view >= 1, proposal.view >= proposal.header.view else {
            return blameSource()
        }
        let isWanted = tips.wants(tip)
        guard isWanted || proposal.view >= record.view && !proposal.isFresh, tips.known(tip) == nil else { return }
        let leader = leader(view: proposal.view)
        let statement = proposal.statement(hash: hash)
        guard validators.verify(statement.digest(configuration.domain), proposal.signature, by: Int(leader)) else { return blameSource() }
        watch(Signed(statement: statement, signer: leader, signature: proposal.signature), isVerified: true)
        pacemaker.leaderSpoke(leader)
        guard proposal.header.proposer == validators.validators[Int(self.leader(view: proposal.header.view))].address,
            proposal.header.height >= 1, proposal.justification.view == proposal.view - 1
        else { return blameSource() }
        guard onJustification(proposal.justification), isWanted || proposal.view == record.view else { return }
        if !consider(proposal, hash: hash) { blameSource() }
    }

    /// Admits the proposal, or keeps it until the proof it needs is here. Whether it may be valid.
    private mutating func consider(_ proposal: HeaderProposal, hash: Hash256) -> Bool {
        switch standing(of: proposal, hash: hash) {
        case .invalid: return false
        case .valid: admit(proposal, hash: hash)
        case .needs(let tip):
            tips.wait(proposal, hash: hash)
            var peers = [leader(view: proposal.view)]
            if case .timeout(let certificate) = proposal.justification { peers += certificate.reporters(of: tip) }
            want(tip, from: peers)
        }
        return true
    }

    mutating func admit(_ proposal: HeaderProposal, hash: Hash256) {
        tips.admit(proposal, hash: hash)
        if proposal.view == record.view, !proposal.isFresh, currentProposal == nil {
            currentProposal = Signed(
                statement: proposal.statement(hash: hash), signer: currentLeader, signature: proposal.signature)
            askForCheck(hash)
        }
        for entry in tips.released(by: Tip(view: proposal.view, hash: hash)) { _ = consider(entry.proposal, hash: entry.hash) }
    }

    /// Asks whether the payload is valid, once, when we may vote for the block or must propose it.
    mutating func askForCheck(_ hash: Hash256) {
        guard mayVote(for: hash), let index = tree.index(of: hash), tree.entries[index].validity == .unchecked else { return }
        tree.update(index) { $0.validity = .pending }
        outbox.append(.checkPayload(tree.entries[index].block))
    }

    // MARK: Proposing again

    /// Leader under a timeout certificate with open tips: proposes the newest permitted one that it can prove and has. Otherwise asks for what is
    /// missing and waits for more timeouts, which make lies skippable.
    mutating func proposeTip(_ certificate: TimeoutCertificate, open: [Tip]) -> Bool {
        tipBlockWanted = nil
        for tip in certificate.tips where certificate.permits(tip, open: open) {
            guard isProven(tip, certificate) else {
                want(tip, from: certificate.reporters(of: tip))
                continue
            }
            guard let index = tree.index(of: tip.hash) else {
                tipBlockWanted = tipBlockWanted ?? tip.hash
                continue
            }
            let entry = tree.entries[index]
            // A block from a validator whose clock is ahead may be reported by nobody else: others would not vote for it again and again.
            guard entry.header.parentHash == certificate.highQC.blockHash, entry.header.parentView <= certificate.highQC.view,
                isTimely(entry.header)
            else { continue }
            askForCheck(tip.hash)
            guard entry.validity == .valid else { continue }
            return propose(tip, index)
        }
        return false
    }

    private mutating func propose(_ tip: Tip, _ index: Int) -> Bool {
        let view = record.view
        let header = tree.entries[index].header
        guard let signed = sign(ProposalStatement(epoch: record.epoch, view: view, blockHash: tip.hash)) else { return false }
        let proposal = HeaderProposal(
            view: view, tipView: tip.view, header: header, justification: record.entry, signature: signed.signature)
        changeRecord {
            $0.lastProposedView = view
            $0.proposal = SafetyRecord.SignedHeader(header: header, signature: signed.signature, tipView: tip.view)
        }
        buildRequestedView = view
        storeBlock(index)
        currentProposal = signed
        tips.admit(proposal, hash: tip.hash)
        outbox.append(.broadcast(.headerProposal(proposal)))
        return true
    }

    /// The proposal that we vote for with those it rests on, down to one that stands on its own; kept for a restart of everybody.
    func proof(of hash: Hash256) -> [HeaderProposal] {
        guard configuration.tipRule else { return [] }
        var proof: [HeaderProposal] = []
        var next = tips.known(Tip(view: record.view, hash: hash))
        while let proposal = next, proof.count < TipBook.maximumCount {
            proof.append(proposal)
            next = proposal.isFresh ? nil : tips.known(Tip(view: proposal.tipView, hash: hash))
        }
        return proof
    }

    // MARK: Proofs

    private mutating func want(_ tip: Tip, from peers: [UInt16]) {
        tips.want(tip, from: peers.filter { $0 != ownIndex })
    }

    mutating func askForProofs() {
        for position in tips.wanted.indices where now >= tips.wanted[position].deadline {
            let wanted = tips.wanted[position]
            let peer = wanted.peers[wanted.attempts % wanted.peers.count]
            tips.wanted[position].attempts += 1
            tips.wanted[position].deadline = now.saturatingAdd(max(1, configuration.timing.baseTimeoutMilliseconds / 4))
            outbox.append(.send(.proposalRequest(ProposalRequest(view: wanted.tip.view, blockHash: wanted.tip.hash)), to: peer))
        }
    }

    mutating func onProposalRequest(_ request: ProposalRequest, from: UInt16?) {
        guard let from, let proposal = tips.known(Tip(view: request.view, hash: request.blockHash)), tips.mayServe(from) else { return }
        outbox.append(.send(.headerProposal(proposal), to: from))
    }

    // MARK: Late timeouts

    /// Our timeout of a view that a certificate with open tips ends, also when we had not given it up: only so the next leader can get enough
    /// reports to see through a made-up tip. Call before the view changes.
    mutating func timeoutForOpenTips(_ certificate: TimeoutCertificate) -> Timeout? {
        guard configuration.tipRule, ownIndex != nil, !certificate.openTips(validators).isEmpty else { return nil }
        let entry = Justification.timeout(certificate)
        if let timeout = record.timeout, timeout.signed.statement.view == certificate.view {
            return Timeout(signed: timeout.signed, highQC: timeout.highQC, entry: entry)
        }
        guard record.lastTimeoutView < certificate.view, record.highQC.view < certificate.view,
            let signed = sign(timeoutStatement(view: certificate.view))
        else { return nil }
        changeRecord { $0.lastTimeoutView = certificate.view }
        return Timeout(signed: signed, highQC: record.highQC, entry: entry)
    }

    /// Whether a timeout of the view before is of use to us: as leader we wait for more reports about open tips.
    func mayExtendEntry(_ statement: TimeoutStatement, _ signer: UInt16) -> Bool {
        guard configuration.tipRule, currentLeader == ownIndex, !hasTimedOut, buildRequestedView != record.view,
            case .timeout(let certificate) = record.entry, certificate.view == statement.view, !certificate.signers.contains(Int(signer))
        else { return false }
        return !certificate.openTips(validators).isEmpty
    }

    mutating func extendEntry(with timeout: Timeout) {
        let signed = timeout.signed
        guard mayExtendEntry(signed.statement, signed.signer), case .timeout(let certificate) = record.entry else { return }
        guard validators.verify(signed.statement.digest(configuration.domain), signed.signature, by: Int(signed.signer)) else {
            return blame([signed.signer])
        }
        changeRecord { $0.entry = .timeout(certificate.adding(timeout)) }
    }
}
