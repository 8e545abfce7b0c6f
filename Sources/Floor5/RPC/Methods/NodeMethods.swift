// Floor 5, RPC: what a node is and how it does: web3_*, net_*, hyperseq_* and Ethereum's constants.
import Engine
import Primitives

/// Methods about the node itself.
enum NodeMethods {
    /// Wire version that old tools ask for (eth/68).
    private static let protocolVersion: UInt64 = 68

    static let table: [Method] = [
        Method("web3_clientVersion", .instant, parameters: 0) { call, writer in writer.string(call.backend.clientVersion) },
        Method("web3_sha3", .light, parameters: 1) { call, writer throws(RPCError) in
            writer.hash(Keccak256.hash(try call.data(0)))
        },
        Method("net_version", .instant, parameters: 0) { call, writer in writer.string(String(call.backend.chainID)) },
        Method("net_listening", .instant, parameters: 0) { _, writer in writer.bool(true) },
        Method("net_peerCount", .instant, parameters: 0) { call, writer in
            writer.quantity(UInt64(max(0, call.backend.status().peers)))
        },
        Method("eth_chainId", .instant, parameters: 0) { call, writer in writer.quantity(call.backend.chainID) },
        Method("eth_protocolVersion", .instant, parameters: 0) { _, writer in writer.quantity(protocolVersion) },
        Method("eth_syncing", .instant, parameters: 0) { call, writer in writer.syncing(SyncState(call.backend.status())) },
        Method("eth_accounts", .instant, parameters: 0) { _, writer in writer.raw("[]") },
        Method("eth_coinbase", .instant, parameters: 0) { call, writer in
            writer.address(call.backend.pendingEnvironment().coinbase)
        },
        Method("eth_mining", .instant, parameters: 0) { _, writer in writer.bool(false) },
        Method("eth_hashrate", .instant, parameters: 0) { _, writer in writer.text("0x0") },
        Method("hyperseq_status", .instant, parameters: 0) { call, writer in writer.status(call.backend.status()) },
    ]
}

/// Whether a node follows the chain or is still fetching it.
package struct SyncState: Equatable, Sendable {
    /// Blocks that a healthy node may be behind what it hears of: news of a block travels before the block.
    package static let slackBlockCount: UInt64 = 8

    package var isSyncing: Bool
    package var current: UInt64
    package var highest: UInt64

    package init(_ status: NodeStatus) {
        current = status.heads.finalized
        highest = max(status.highestKnownHeight, current)
        isSyncing = highest - current > SyncState.slackBlockCount
    }
}

extension JSONWriter {
    /// `false`, or how far the node is.
    mutating func syncing(_ state: SyncState) {
        guard state.isSyncing else { return bool(false) }
        syncProgress(state)
    }

    mutating func syncProgress(_ state: SyncState) {
        beginObject()
        field("startingBlock", text: "0x0")
        field("currentBlock", state.current)
        field("highestBlock", state.highest)
        endObject()
    }

    mutating func status(_ status: NodeStatus) {
        beginObject()
        field("name", status.name)
        field("role", status.role)
        field("peers", UInt64(max(0, status.peers)))
        field("latest", status.heads.latest)
        field("safe", status.heads.safe)
        field("finalized", status.heads.finalized)
        field("finalizedHash", status.finalizedHash)
        field("finalizedStateRoot", status.finalizedStateRoot)
        field("highestKnown", status.highestKnownHeight)
        field("view", status.view)
        field("poolCount", UInt64(max(0, status.poolCount)))
        field("residentBytes", ProcessFacts.residentByteCount())
        field("pid", UInt64(ProcessFacts.identifier))
        endObject()
    }
}
