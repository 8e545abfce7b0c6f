// Floor 5, Node: what arrives from peers, and blocks served to them.
import Consensus
import Engine
import Logging
import Network
import Ordering
import Primitives
import Storage

extension NodeCore: PeerNetworkDelegate {
    func peerConnected(_ id: NodeID) {
        logger.info("peer connected", metadata: ["peer": "\(directory.name(of: id))"])
        shell.peerConnected(id)
    }

    func peerDisconnected(_ id: NodeID, reason: String) {
        logger.info("peer disconnected", metadata: ["peer": "\(directory.name(of: id))", "reason": "\(reason)"])
        shell.peerDisconnected(id)
    }

    func received(_ message: [UInt8], channel: Channel, from id: NodeID) {
        guard channel != .transactions else {
            admit(message, from: id)
            return
        }
        shell.received(message, from: id, maximumPayloadBytes: Self.maximumPayloadBytes)
    }

    /// Transactions that another node passes on.
    private func admit(_ message: [UInt8], from id: NodeID) {
        let raws: [[UInt8]]
        do {
            raws = try Payload.decode(message)
        } catch {
            network?.penalise(id, reason: "malformed transactions: \(error)")
            return
        }
        let pool = pool
        let view = view
        // When the workers are behind, a peer's transactions are dropped; their node passes them on again.
        for start in stride(from: 0, to: raws.count, by: Self.admissionChunk) {
            let chunk = Array(raws[start..<min(start + Self.admissionChunk, raws.count)])
            workers.tryEnqueue {
                for raw in chunk { _ = try? pool.admit(raw, from: .peer, state: view.sender) }
            }
        }
    }

    /// Transactions of one job: about 2 ms of signature recovery, so that a payload check need not wait longer.
    private static var admissionChunk: Int { 32 }

    /// Bytes of one answer to a range request.
    private static var responseLimitBytes: Int { 1 << 20 }
    func respond(to request: BlockRequest, for id: NodeID) {
        var response = BlockResponse(request: request, blocks: [], certificate: nil)
        do {
            switch request {
            case .block(let hash):
                if let block = try store.block(hash: hash) { response.blocks = [block] }
            case .range(let fromHeight, let count):
                let range = try store.finalizedRange(
                    from: fromHeight, count: Int(count), limitBytes: Self.responseLimitBytes)
                response.blocks = range?.blocks ?? []
                response.certificate = range?.certificate
            }
        } catch {
            logger.error("reading blocks for a peer failed", metadata: ["reason": "\(error)"])
        }
        network?.send(ConsensusMessage.blockResponse(response).encoded, channel: .blocks, to: id)
    }
}

extension Misbehaviour {
    /// One line for the log.
    var summary: String {
        switch self {
        case .invalidMessage(let token): return "invalid message on connection \(token.rawValue)"
        case .invalidSignature(let validator): return "validator \(validator) sent an invalid signature"
        case .equivocation(let validator, let evidence):
            return "validator \(validator) in view \(evidence.view) of epoch \(evidence.epoch): \(evidence.code.title)"
        case .invalidPayload(let validator, let hash): return "validator \(validator) proposed the invalid block \(hash.hex)"
        case .conflictingFinality(let certificate):
            return "a commit certificate for \(certificate.blockHash.hex) contradicts the final chain"
        }
    }
}
