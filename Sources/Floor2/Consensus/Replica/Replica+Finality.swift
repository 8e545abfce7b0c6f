// Certified and final blocks: telling the node, in order and once.
import Primitives

extension Replica {
    mutating func onCommitCertificate(_ certificate: CommitCertificate) {
        guard certificate.height > tree.head.height else {
            checkForConflict(certificate)
            return
        }
        if let pendingCommit, certificate.height <= pendingCommit.height { return }
        guard isValid(certificate) else { return blameSource() }
        if isWatched(certificate.view) { report(evidencePool.observe(certificate)) }
        applyCommit(certificate)
    }

    func isValid(_ certificate: CommitCertificate) -> Bool {
        do {
            try certificate.verify(validators, configuration.domain, epoch: configuration.epoch)
            return certificate.view >= 1 && certificate.height >= 1
        } catch {
            return false
        }
    }

    /// A certificate for the height of our head must name our head; anything else means that more than F of the weight lies.
    private mutating func checkForConflict(_ certificate: CommitCertificate) {
        guard certificate.height == tree.head.height, certificate.blockHash != tree.headHash else { return }
        guard isValid(certificate) else { return blameSource() }
        report(evidencePool.observe(certificate))
        outbox.append(.misbehaviour(.conflictingFinality(certificate)))
    }

    /// A verified commit certificate: remember the highest until its chain is known.
    mutating func applyCommit(_ certificate: CommitCertificate) {
        guard certificate.height > tree.head.height, certificate.height > (pendingCommit?.height ?? 0) else { return }
        pendingCommit = certificate
    }

    /// Finalises the pending certificate's block with its ancestors once they are all known.
    mutating func finalisePending() -> Bool {
        guard let certificate = pendingCommit else { return false }
        guard certificate.height > tree.head.height else {
            pendingCommit = nil
            return false
        }
        switch tree.connection(of: certificate.blockHash) {
        case .missing: return false
        case .conflicting:
            pendingCommit = nil
            outbox.append(.misbehaviour(.conflictingFinality(certificate)))
            return false
        case .connected: break
        }
        guard let path = tree.path(to: certificate.blockHash), let last = path.last, tree.entries[last].header.height == certificate.height
        else {
            pendingCommit = nil
            return false
        }
        let hashes = path.map { tree.entries[$0].hash }
        tellCertified(path)
        finalise(hashes, header: tree.entries[last].header, certificate)
        return true
    }

    /// The view of the certificate of the final head: a block proposed again has one of a later view than its header's.
    var finalView: UInt64 { max(tree.head.view, lastCommit?.view ?? 0) }

    /// Moves the final head. The blocks are stored and told as certified before.
    mutating func finalise(_ hashes: [Hash256], header: BlockHeader, _ certificate: CommitCertificate) {
        durable.append(.storeCommit(certificate))
        outbox.append(.finalised(hashes, certificate))
        tree.setHead(header, hash: certificate.blockHash)
        lastCommit = certificate
        if let pendingCommit, pendingCommit.height <= header.height { self.pendingCommit = nil }
        if let ownCommitVote, ownCommitVote.statement.height <= header.height { self.ownCommitVote = nil }
        tips.finalised(height: header.height)
        pacemaker.committed()
    }

    /// Tells the blocks up to the highest certified one, parents first, each once.
    mutating func tellCertified() -> Bool {
        guard record.highQC.blockHash != tree.headHash, let path = tree.path(to: record.highQC.blockHash) else { return false }
        return tellCertified(path)
    }

    @discardableResult
    private mutating func tellCertified(_ path: [Int]) -> Bool {
        var changed = false
        for index in path where !tree.entries[index].isCertified {
            tree.update(index) { $0.isCertified = true }
            storeBlock(index)
            outbox.append(.certified(tree.entries[index].hash))
            changed = true
        }
        return changed
    }
}
