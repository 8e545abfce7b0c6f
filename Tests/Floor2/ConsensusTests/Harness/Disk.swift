// What a node has stored durably: the only thing that outlives a crash.
import Consensus
import Primitives

struct Disk {
    var record: SafetyRecord?
    var blocks: [Hash256: Block] = [:]
    var commits: [UInt64: CommitCertificate] = [:]
    /// What opened each view that was entered, for naming the culprits of a fork.
    var justifications: [Justification] = []
    /// Final hashes; index 0 is genesis.
    var final: [Hash256]
    let genesis: BlockHeader

    init(genesis: BlockHeader) {
        self.genesis = genesis
        final = [genesis.hash]
    }

    /// Takes the storing effects of one turn. Returns what is wrong with them.
    mutating func apply(_ effects: [Effect]) -> String? {
        for effect in effects {
            switch effect {
            case .persist(let record):
                guard let copy = try? SafetyRecord.decode(record.encoded), copy == record else { return "record does not survive encoding" }
                if self.record?.entry != copy.entry { justifications.append(copy.entry) }
                self.record = copy
            case .storeBlock(let block): blocks[block.header.hash] = block
            case .storeCommit(let certificate):
                if let problem = extend(to: certificate) { return problem }
            default: break
            }
        }
        return nil
    }

    private mutating func extend(to certificate: CommitCertificate) -> String? {
        var path: [Hash256] = []
        var cursor = certificate.blockHash
        while cursor != final.last {
            guard let block = blocks[cursor] else { return "final block \(certificate.height) without its ancestors on disk" }
            path.append(cursor)
            cursor = block.header.parentHash
        }
        final += path.reversed()
        guard UInt64(final.count - 1) == certificate.height else { return "certificate height \(certificate.height) is not the chain's" }
        commits[certificate.height] = certificate
        return nil
    }

    var head: BlockHeader { blocks[final.last!]?.header ?? genesis }

    var recovered: RecoveredState? {
        guard let record else { return nil }
        let height = UInt64(final.count - 1)
        let open = blocks.values.filter { $0.header.height > height }.sorted { $0.header.hash < $1.header.hash }
        return RecoveredState(record: record, head: head, commit: commits[height], blocks: open)
    }

    /// The answer to a peer's request, as `BlockResponse` demands it.
    func answer(_ request: BlockRequest) -> BlockResponse {
        switch request {
        case .block(let hash): return BlockResponse(request: request, blocks: blocks[hash].map { [$0] } ?? [], certificate: nil)
        case .range(let from, let count):
            let top = UInt64(final.count - 1)
            let none = BlockResponse(request: request, blocks: [], certificate: nil)
            guard from >= 1, from <= top else { return none }
            var end = min(top, from + UInt64(count) - 1)
            while end > from, commits[end] == nil { end -= 1 }
            while end < top, commits[end] == nil { end += 1 }
            guard let certificate = commits[end] else { return none }
            let blocks = (from...end).compactMap { self.blocks[final[Int($0)]] }
            return BlockResponse(request: request, blocks: blocks, certificate: certificate)
        }
    }
}
