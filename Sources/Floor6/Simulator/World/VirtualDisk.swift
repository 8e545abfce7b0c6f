// What a node has stored durably: the only thing that outlives a crash. The storing effects of a turn are one transaction: all or nothing.
// A crash may come before it or after it; a disk that lies about durability loses the newest transactions (`rollBack`), and a torn
// write leaves a record that does not decode (`tear`).
internal import Consensus
internal import Primitives

struct VirtualDisk: Sendable {
    /// The content at one moment.
    private struct Image: Sendable {
        var record: SafetyRecord?
        /// The record's bytes when a write of it was torn.
        var tornRecord: [UInt8]?
        var blocks: [Hash256: Block] = [:]
        var commits: [UInt64: CommitCertificate] = [:]
        /// Final hashes; index 0 is genesis.
        var final: [Hash256]
    }

    private var image: Image
    private let genesis: BlockHeader
    /// Older contents, one each `historyStepMilliseconds`; only kept when some fault may need them.
    private var history: [(time: UInt64, image: Image)] = []
    var keepsHistory = false
    /// Whether each record must survive its encoding.
    var checksEncoding = false
    static let historyStepMilliseconds: UInt64 = 100
    private static let historyLimit = 64

    init(genesis: BlockHeader) {
        self.genesis = genesis
        image = Image(final: [genesis.hash])
    }

    var record: SafetyRecord? { image.record }
    var tornRecord: [UInt8]? { image.tornRecord }
    var final: [Hash256] { image.final }
    var finalHeight: UInt64 { UInt64(image.final.count - 1) }
    func block(_ hash: Hash256) -> Block? { image.blocks[hash] }

    /// Makes the storing effects of one turn durable. Returns what is wrong with them.
    mutating func commit(_ effects: [Effect], at milliseconds: UInt64) -> String? {
        var isNoted = !keepsHistory
        for effect in effects {
            switch effect {
            case .persist, .storeBlock, .storeCommit:
                if !isNoted {
                    note(milliseconds)
                    isNoted = true
                }
                if let problem = apply(effect) { return problem }
            default: return nil
            }
        }
        return nil
    }

    private mutating func apply(_ effect: Effect) -> String? {
        switch effect {
        case .persist(let record):
            if checksEncoding {
                guard let copy = try? SafetyRecord.decode(record.encoded), copy == record else { return "a record does not survive encoding" }
            }
            image.record = record
            image.tornRecord = nil
        case .storeBlock(let block): image.blocks[block.hash] = block
        case .storeCommit(let certificate): return extend(to: certificate)
        default: break
        }
        return nil
    }

    private mutating func extend(to certificate: CommitCertificate) -> String? {
        guard let last = image.final.last else { return "no genesis on disk" }
        var path: [Hash256] = []
        var cursor = certificate.blockHash
        while cursor != last {
            guard let block = image.blocks[cursor] else { return "final block \(certificate.height) without its ancestors on disk" }
            path.append(cursor)
            cursor = block.header.parentHash
        }
        image.final += path.reversed()
        guard finalHeight == certificate.height else { return "certificate height \(certificate.height) is not the chain's" }
        image.commits[certificate.height] = certificate
        return nil
    }

    var head: BlockHeader { image.final.last.flatMap { image.blocks[$0]?.header } ?? genesis }

    /// What a restart finds; `nil` on an empty disk. `withoutRecord`: as for a node that has lost its record and only follows.
    func recovered(epoch: UInt32, genesisHash: Hash256, withoutRecord: Bool) -> RecoveredState? {
        let record = withoutRecord ? SafetyRecord(epoch: epoch, genesisHash: genesisHash) : image.record
        guard let record else { return nil }
        let height = finalHeight
        let open = image.blocks.values.filter { $0.header.height > height }.sorted { $0.hash < $1.hash }
        return RecoveredState(record: record, head: head, commit: image.commits[height], blocks: open)
    }

    /// The answer to a peer's request, as `BlockResponse` demands it.
    func answer(_ request: BlockRequest) -> BlockResponse {
        let none = BlockResponse(request: request, blocks: [], certificate: nil)
        switch request {
        case .block(let hash): return BlockResponse(request: request, blocks: image.blocks[hash].map { [$0] } ?? [], certificate: nil)
        case .range(let from, let count):
            let top = finalHeight
            guard from >= 1, from <= top else { return none }
            var end = min(top, from + UInt64(count) - 1)
            while end > from, image.commits[end] == nil { end -= 1 }
            while end < top, image.commits[end] == nil { end += 1 }
            guard let certificate = image.commits[end] else { return none }
            let blocks = (from...end).compactMap { image.blocks[image.final[Int($0)]] }
            return BlockResponse(request: request, blocks: blocks, certificate: certificate)
        }
    }

    // MARK: Faults

    private mutating func note(_ milliseconds: UInt64) {
        if let last = history.last, milliseconds < last.time + VirtualDisk.historyStepMilliseconds { return }
        if history.count >= VirtualDisk.historyLimit { history.removeFirst() }
        history.append((milliseconds, image))
    }

    /// The content as it was at that time, or a little before: everything written since is lost.
    mutating func rollBack(to milliseconds: UInt64) {
        while history.count > 1, let last = history.last, last.time > milliseconds { history.removeLast() }
        if let last = history.last { image = last.image }
    }

    /// Leaves the first half of the new record over the second half of an older one.
    mutating func tear() {
        guard let bytes = image.record?.encoded else { return }
        image.tornRecord = Array(bytes.prefix(bytes.count / 2))
        image.record = nil
    }
}
