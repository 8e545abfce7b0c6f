// Proposing, and accepting the proposals of others: fresh children of the block that the justification certifies.
// Blocks proposed again stand in `Replica+Tips.swift`.
import Primitives

extension Replica {
    // MARK: Own

    /// Leader of the view with its justification and the parent's header at hand: ask for a payload, but not before the block interval
    /// is over.
    mutating func proposeIfAllowed() -> Bool {
        guard let ownIndex, currentLeader == ownIndex, record.view > record.lastProposedView, !hasTimedOut,
            buildRequestedView != record.view, let parent = tree.header(record.entry.parentCertificate.blockHash)
        else { return false }
        if configuration.tipRule, case .timeout(let certificate) = record.entry {
            let open = certificate.openTips(validators)
            if !open.isEmpty { return proposeTip(certificate, open: open) }
        }
        let interval = configuration.timing.minimumBlockIntervalMilliseconds
        let age = wallClock.saturatingSubtract(parent.timestampMilliseconds)
        let readyAt = buildAt ?? now.saturatingAdd(parent.height == 0 ? 0 : interval.saturatingSubtract(age))
        buildAt = readyAt
        guard now >= readyAt else { return false }
        buildRequestedView = record.view
        outbox.append(.buildPayload(view: record.view, parent: parent))
        return true
    }

    mutating func onPayloadBuilt(view: UInt64, payload: [UInt8]) {
        guard view == record.view, view == buildRequestedView, view > record.lastProposedView, !hasTimedOut,
            payload.count <= configuration.maximumPayloadBytes, let ownIndex
        else { return }
        let certificate = record.entry.parentCertificate
        guard let parent = tree.header(certificate.blockHash), parent.height < .max, parent.timestampMilliseconds < .max else { return }
        let header = BlockHeader(
            epoch: configuration.epoch, view: view, height: parent.height + 1, parentHash: certificate.blockHash,
            parentView: certificate.view, payloadRoot: Keccak256.hash(payload), payloadByteCount: UInt32(payload.count),
            timestampMilliseconds: max(wallClock, parent.timestampMilliseconds + 1), proposer: validators.validators[Int(ownIndex)].address)
        let block = Block(header: header, payload: payload)
        let hash = block.hash
        guard let signed = sign(ProposalStatement(epoch: header.epoch, view: view, blockHash: hash)) else { return }
        changeRecord {
            $0.lastProposedView = view
            $0.proposal = SafetyRecord.SignedHeader(header: header, signature: signed.signature)
        }
        tree.insert(block, hash: hash, validity: .valid, isStored: false)
        if let index = tree.index(of: hash) { storeBlock(index) }
        currentProposal = signed
        let proposal = Proposal(block: block, justification: record.entry, signature: signed.signature)
        if configuration.tipRule { tips.admit(HeaderProposal(proposal), hash: hash) }
        outbox.append(.broadcast(.proposal(proposal)))
    }

    // MARK: Others'

    mutating func onProposal(_ proposal: Proposal) {
        let header = proposal.block.header
        let hash = proposal.block.hash
        guard header.epoch == configuration.epoch, header.view >= 1 else { return blameSource() }
        let leader = header.view == record.view ? currentLeader : leader(view: header.view)
        let isWanted = fetcher.wants(hash)
        let isLate = header.view < record.view
        let signed = Signed(statement: proposal.statement, signer: leader, signature: proposal.signature)
        if isLate, !isWanted, !pacemaker.isSilent(leader) { return watch(signed, isVerified: false) }
        if header.view == record.view, currentProposal?.statement.blockHash == hash { return }
        guard validators.verify(signed.statement.digest(configuration.domain), proposal.signature, by: Int(leader)) else {
            return blameSource()
        }
        watch(signed, isVerified: true)
        pacemaker.leaderSpoke(leader)
        guard isWellFormed(proposal, hash: hash, leader: leader) else { return blameSource() }
        if isLate {
            if isWanted { insertFetched(proposal.block, hash: hash) }
            return
        }
        guard onJustification(proposal.justification), header.view == record.view else { return }
        accept(proposal, hash: hash, leader: leader)
    }

    /// A second proposal of one view convicts its leader, also when the view is over.
    mutating func watch(_ proposal: Signed<ProposalStatement>, isVerified: Bool) {
        guard isWatched(proposal.statement.view) else { return }
        let observation = evidencePool.observe(proposal, isVerified: isVerified)
        if observation.isForged { blameSource() }
        report(observation)
    }

    /// What a proposal must satisfy whatever the chain looks like.
    private func isWellFormed(_ proposal: Proposal, hash: Hash256, leader: UInt16) -> Bool {
        let header = proposal.block.header
        return header.proposer == validators.validators[Int(leader)].address
            && header.height >= 1
            && (proposal.justification.view == header.view - 1 || isBroken(.acceptsStaleJustification))
            && standing(of: HeaderProposal(proposal), hash: hash) == .valid
            && proposal.block.payload.count <= configuration.maximumPayloadBytes
            && hasItsPayload(proposal.block)
    }

    func hasItsPayload(_ block: Block) -> Bool {
        Int(block.header.payloadByteCount) == block.payload.count && block.header.payloadRoot == Keccak256.hash(block.payload)
    }

    /// A valid proposal of the current view: the first one is kept.
    private mutating func accept(_ proposal: Proposal, hash: Hash256, leader: UInt16) {
        guard currentProposal == nil || isBroken(.votesTwiceInAView) else { return }
        currentProposal = Signed(statement: proposal.statement, signer: leader, signature: proposal.signature)
        tree.insert(proposal.block, hash: hash, validity: .unchecked, isStored: false)
        if configuration.tipRule { tips.admit(HeaderProposal(proposal), hash: hash) }
        askForCheck(hash)
    }

    mutating func onPayloadChecked(_ blockHash: Hash256, _ isValid: Bool) {
        guard let index = tree.index(of: blockHash), tree.entries[index].validity == .pending else { return }
        tree.update(index) { $0.validity = isValid ? .valid : .invalid }
        if !isValid {
            let leader = leader(view: tree.entries[index].header.view)
            outbox.append(.misbehaviour(.invalidPayload(validator: leader, blockHash: blockHash)))
        }
    }
}

extension UInt64 {
    /// The sum, or the largest number when it does not fit.
    func saturatingAdd(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    /// The difference, or 0 when it would be negative.
    func saturatingSubtract(_ other: UInt64) -> UInt64 { self > other ? self - other : 0 }
}
