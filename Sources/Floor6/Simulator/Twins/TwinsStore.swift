// Floor 6, Simulator: what a node of a twins scenario has stored. Nodes of twins scenarios do not crash, so this only answers peers.
internal import Consensus
internal import Primitives

struct TwinsStore {
    /// In the order of storing; a scenario has a few dozen.
    private var blocks: [(hash: Hash256, block: Block)] = []
    private var commits: [CommitCertificate] = []
    /// Final blocks from height 1 on.
    private(set) var final: [Hash256] = []
    /// The view of the last final block.
    private(set) var finalView: UInt64 = 0

    func block(_ hash: Hash256) -> Block? { blocks.last { $0.hash == hash }?.block }

    mutating func keep(_ block: Block) { blocks.append((block.header.hash, block)) }
    mutating func keep(_ certificate: CommitCertificate) { commits.append(certificate) }

    mutating func finalise(_ hashes: [Hash256]) {
        final += hashes
        finalView = hashes.last.flatMap { block($0)?.header.view } ?? finalView
    }

    /// The answer to a peer, as `BlockResponse` demands it.
    func answer(_ request: BlockRequest) -> BlockResponse {
        let none = BlockResponse(request: request, blocks: [], certificate: nil)
        switch request {
        case .block(let hash): return BlockResponse(request: request, blocks: block(hash).map { [$0] } ?? [], certificate: nil)
        case .range(let from, let count):
            guard from >= 1, from <= UInt64(final.count) else { return none }
            let last = from.addingReportingOverflow(UInt64(count)).partialValue
            let inRange = commits.last { $0.height >= from && $0.height < last }
            guard let certificate = inRange ?? commits.first(where: { $0.height >= from }) else { return none }
            let blocks = (from...certificate.height).compactMap { block(final[Int($0) - 1]) }
            return BlockResponse(request: request, blocks: blocks, certificate: certificate)
        }
    }
}
