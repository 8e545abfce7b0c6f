// Getting blocks that others have: single ones by hash when a certificate names them, and final ranges when we are far behind.
// Consensus goes on meanwhile; there is no mode to switch.
import Primitives

extension Replica {
    // MARK: Answers

    mutating func onBlocks(_ response: BlockResponse) {
        switch response.request {
        case .block(let hash):
            guard let position = fetcher.wanted.firstIndex(where: { $0.hash == hash }) else { return }
            guard let block = response.blocks.first else {
                fetcher.wanted[position].refusals += 1
                if fetcher.wanted[position].refusals <= Fetcher.maximumRefusals { outbox.append(.request(.block(hash), preferring: nil)) }
                return
            }
            guard response.blocks.count == 1, block.hash == hash, block.payload.count <= configuration.maximumPayloadBytes,
                hasItsPayload(block)
            else { return blameSource() }
            insertFetched(block, hash: hash)
        case .range:
            onRange(response)
        }
    }

    /// A block that a certificate asks for: a quorum has checked it, so we need not. Or one that is proposed again: that we check.
    mutating func insertFetched(_ block: Block, hash: Hash256) {
        guard block.header.height > tree.head.height else { return }
        fetcher.wanted.removeAll { $0.hash == hash }
        fetcher.informant = source ?? fetcher.informant
        let isTip = hash == currentProposal?.statement.blockHash || hash == tipBlockWanted
        let isCertified = hash == record.highQC.blockHash || hash == pendingCommit?.blockHash
        tree.insert(block, hash: hash, validity: isTip && !isCertified ? .unchecked : .valid, isStored: false)
        if isTip { askForCheck(hash) }
    }

    private mutating func onRange(_ response: BlockResponse) {
        guard let position = fetcher.ranges.firstIndex(where: { $0.request == response.request && $0.response == nil }) else { return }
        if response.blocks.isEmpty {
            if fetcher.ranges[position].from == tree.head.height.saturatingAdd(1) { fetcher.exhaustedAt = tree.head.height }
            return
        }
        guard isValidRange(response, from: fetcher.ranges[position].from) else { return blameSource() }
        fetcher.ranges[position].response = response
        while finaliseNextRange() {}
    }

    /// Consecutive blocks, linked by hash, with their payloads, under a valid certificate of the last one.
    private func isValidRange(_ response: BlockResponse, from: UInt64) -> Bool {
        guard let certificate = response.certificate, response.blocks.count <= BlockResponse.maximumCount else { return false }
        var parent: Hash256?
        for (offset, block) in response.blocks.enumerated() {
            guard block.header.height == from.saturatingAdd(UInt64(offset)), block.payload.count <= configuration.maximumPayloadBytes,
                hasItsPayload(block)
            else { return false }
            if let parent, block.header.parentHash != parent { return false }
            parent = block.hash
        }
        guard let last = response.blocks.last else { return false }
        return certificate.height == last.header.height && certificate.blockHash == parent && isValid(certificate)
    }

    /// Finalises the waiting range that continues our chain, if there is one.
    private mutating func finaliseNextRange() -> Bool {
        let height = tree.head.height
        fetcher.ranges.removeAll { $0.response != nil && $0.last <= height }
        guard let position = fetcher.ranges.firstIndex(where: { $0.response != nil && $0.from <= height.saturatingAdd(1) }),
            let response = fetcher.ranges[position].response, let certificate = response.certificate, let last = response.blocks.last
        else { return false }
        fetcher.ranges.remove(at: position)
        let fresh = response.blocks.drop { $0.header.height <= height }
        guard let first = fresh.first, first.header.parentHash == tree.headHash else {
            outbox.append(.misbehaviour(.conflictingFinality(certificate)))
            return true
        }
        var hashes: [Hash256] = []
        for block in fresh {
            let hash = block.hash
            hashes.append(hash)
            let known = tree.entry(hash)
            if known?.isStored != true { durable.append(.storeBlock(block)) }
            if known?.isCertified != true { outbox.append(.certified(hash)) }
        }
        finalise(hashes, header: last.header, certificate)
        fetcher.exhaustedAt = nil
        return true
    }

    // MARK: Questions

    /// Looks at what certificates name and we do not have, and asks for it.
    mutating func updateFetches() {
        if isBroken(.neverFetches) { return }
        var missing: [Hash256] = []
        var target = max(pendingCommit?.height ?? 0, fetcher.target)
        var roots = [record.highQC.blockHash]
        if let pendingCommit { roots.append(pendingCommit.blockHash) }
        for root in roots where root != tree.headHash {
            guard !isBelowHead(root), case .missing(let hash, let height) = tree.connection(of: root), !missing.contains(hash) else {
                continue
            }
            let known = height ?? (root == pendingCommit?.blockHash ? pendingCommit?.height : nil)
            if let known, isFar(known) {
                target = max(target, known)
            } else {
                missing.append(hash)
            }
        }
        if let hash = tipBlockWanted, tree.index(of: hash) == nil, !missing.contains(hash) { missing.append(hash) }
        if let hash = missingParentOfProposal(), !missing.contains(hash) { missing.append(hash) }
        fetcher.target = isFar(target) ? target : 0
        askForBlocks(missing)
        askForRanges()
    }

    /// An ancestor that the vote for the current proposal waits for. The proposal's own height proves nothing, so it never starts a
    /// catch-up.
    private func missingParentOfProposal() -> Hash256? {
        guard let proposal = currentProposal, proposal.statement.blockHash != tree.headHash,
            case .missing(let hash, let height) = tree.connection(of: proposal.statement.blockHash),
            height ?? 0 <= tree.head.height.saturatingAdd(Fetcher.maximumOpenGap)
        else { return nil }
        return hash
    }

    /// Whether a height is better reached by ranges. When a peer has no final blocks above our head, a gap that no commit certificate
    /// proves is closed by hash, unless it is so large that only final blocks can fill it.
    private func isFar(_ height: UInt64) -> Bool {
        let gap = height.saturatingSubtract(tree.head.height)
        if height <= pendingCommit?.height ?? 0 { return gap > Fetcher.maximumFinalHashGap }
        if gap <= Fetcher.maximumHashGap { return false }
        return gap > Fetcher.maximumOpenGap || fetcher.exhaustedAt != tree.head.height
    }

    /// The highest certificate may be that of the head or of a block below, which we no longer hold.
    private func isBelowHead(_ root: Hash256) -> Bool {
        root == record.highQC.blockHash && record.highQC.view <= finalView
    }

    private mutating func askForBlocks(_ missing: [Hash256]) {
        fetcher.wanted.removeAll { !missing.contains($0.hash) }
        for hash in missing {
            if let position = fetcher.wanted.firstIndex(where: { $0.hash == hash }) {
                guard now >= fetcher.wanted[position].deadline else { continue }
                fetcher.wanted[position].deadline = retryTime
                outbox.append(.request(.block(hash), preferring: nil))
            } else {
                fetcher.wanted.append(.init(hash: hash, deadline: retryTime))
                outbox.append(.request(.block(hash), preferring: source ?? fetcher.informant))
            }
        }
    }

    private mutating func askForRanges() {
        guard fetcher.target > tree.head.height else {
            fetcher.ranges.removeAll()
            return
        }
        for position in fetcher.ranges.indices where fetcher.ranges[position].response == nil && now >= fetcher.ranges[position].deadline {
            fetcher.ranges[position].deadline = retryTime
            outbox.append(.request(fetcher.ranges[position].request, preferring: nil))
        }
        var cursor = tree.head.height.saturatingAdd(1)
        for _ in 0..<Fetcher.window {
            guard cursor <= fetcher.target else { break }
            if let covering = fetcher.ranges.first(where: { $0.from <= cursor && $0.last >= cursor }) {
                cursor = covering.last.saturatingAdd(1)
                continue
            }
            let next = fetcher.ranges.filter { $0.from > cursor }.map(\.from).min() ?? .max
            let count = min(next - cursor, UInt64(BlockRequest.maximumCount))
            let range = Fetcher.Range(from: cursor, count: UInt16(count), deadline: retryTime, response: nil)
            fetcher.ranges.append(range)
            outbox.append(.request(range.request, preferring: source ?? fetcher.informant))
            cursor = range.last.saturatingAdd(1)
        }
        dropFarRanges()
    }

    /// Keeps the ranges nearest to the head when peers' answers were cut so short that too many pieces are about.
    private mutating func dropFarRanges() {
        while fetcher.ranges.count > 2 * Fetcher.window,
            let far = fetcher.ranges.indices.max(by: { fetcher.ranges[$0].from < fetcher.ranges[$1].from })
        {
            fetcher.ranges.remove(at: far)
        }
    }

    /// When to ask again.
    private var retryTime: UInt64 { now.saturatingAdd(configuration.timing.baseTimeoutMilliseconds) }
}
