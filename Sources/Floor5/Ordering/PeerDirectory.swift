// Floor 5, Ordering: who is who: validator indices, network identities and the tokens by which the replica names connections.
package import Consensus
package import Network

@LoopActor
package final class PeerDirectory {
    private let indexOfNode: [NodeID: UInt16]
    private let nodeOfIndex: [UInt16: NodeID]
    private let own: NodeID
    private var tokens: [NodeID: PeerToken] = [:]
    private var nodes: [PeerToken: NodeID] = [:]
    private var nextToken: UInt64 = 1
    private var turn = 0

    package init(own: NodeID, validators: [(index: UInt16, node: NodeID)]) {
        self.own = own
        var indexOfNode: [NodeID: UInt16] = [:]
        var nodeOfIndex: [UInt16: NodeID] = [:]
        for validator in validators {
            indexOfNode[validator.node] = validator.index
            nodeOfIndex[validator.index] = validator.node
        }
        self.indexOfNode = indexOfNode
        self.nodeOfIndex = nodeOfIndex
    }

    package func connected(_ id: NodeID) {
        let token = PeerToken(nextToken)
        nextToken += 1
        tokens[id] = token
        nodes[token] = id
    }

    package func disconnected(_ id: NodeID) {
        if let token = tokens.removeValue(forKey: id) { nodes[token] = nil }
    }

    package func token(of id: NodeID) -> PeerToken? { tokens[id] }

    package func nodeID(of token: PeerToken) -> NodeID? { nodes[token] }

    package func index(of id: NodeID) -> UInt16? { indexOfNode[id] }

    /// The node of another validator; `nil` for our own.
    package func nodeID(of index: UInt16) -> NodeID? {
        guard let id = nodeOfIndex[index], id != own else { return nil }
        return id
    }

    package func name(of id: NodeID) -> String {
        guard let index = indexOfNode[id] else { return id.short }
        return "validator \(index) (\(id.short))"
    }

    /// The preferred peer when it is connected, else the connected ones in turn.
    package func choosePeer(preferring token: PeerToken?, connected: [NodeID]) -> NodeID? {
        if let token, let id = nodes[token] { return id }
        guard !connected.isEmpty else { return nil }
        turn = (turn + 1) % connected.count
        return connected[turn]
    }
}
