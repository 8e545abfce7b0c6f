// Floor 6, Testnet: what every node of a network says about itself, gathered over RPC (`hyperseq_status`).
internal import Foundation

/// A test network at one moment.
public struct NetworkStatus: Codable, Sendable {
    public var chainId: UInt64
    public var name: String
    public var dir: String
    public var nodes: [NodeStatusReport]
}

/// One node at one moment. Facts that only a running node knows are absent when it does not answer.
public struct NodeStatusReport: Codable, Sendable {
    public var name: String
    public var role: String
    public var rpc: String
    public var running: Bool
    public var pid: Int32?
    public var latest: UInt64?
    public var safe: UInt64?
    public var finalized: UInt64?
    public var finalizedHash: String?
    public var finalizedStateRoot: String?
    public var peers: UInt64?
    public var residentBytes: UInt64?
    public var highestKnown: UInt64?
    public var view: UInt64?
    public var poolCount: UInt64?
}

/// Asks a node for its status; for one thread.
public final class StatusClient {
    private let connection: HTTPConnection
    private static let request = Array(#"{"jsonrpc":"2.0","id":1,"method":"hyperseq_status","params":[]}"#.utf8)

    public init(port: UInt16, timeoutMilliseconds: UInt64 = 2_000) {
        connection = HTTPConnection(port: port, timeoutMilliseconds: timeoutMilliseconds)
    }

    /// A quantity: hexadecimal text, or a plain number.
    struct Quantity: Decodable {
        var value: UInt64

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(UInt64.self) {
                value = number
                return
            }
            let text = try container.decode(String.self)
            guard text.hasPrefix("0x"), let number = UInt64(text.dropFirst(2), radix: 16) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "no quantity")
            }
            value = number
        }
    }

    private struct Reply: Decodable { var result: Facts? }

    struct Facts: Decodable {
        var peers: Quantity
        var latest: Quantity
        var safe: Quantity
        var finalized: Quantity
        var finalizedHash: String
        var finalizedStateRoot: String
        var highestKnown: Quantity?
        var view: Quantity?
        var poolCount: Quantity?
        var residentBytes: Quantity?
        var pid: Quantity?
    }

    func ask() -> Facts? {
        guard let body = try? connection.post(StatusClient.request) else { return nil }
        return (try? JSONDecoder().decode(Reply.self, from: Data(body)))?.result
    }
}

extension PreparedNetwork {
    /// The state of all nodes now, in the manifest's order.
    public func status() -> NetworkStatus {
        NetworkStatus(
            chainId: manifest.chainID, name: manifest.name, dir: folder.path,
            nodes: nodes.map { report($0, StatusClient(port: $0.rpcPort)) })
    }

    func report(_ node: NodeEndpoint, _ client: StatusClient) -> NodeStatusReport {
        let process = PidFile.running(folder.pidFile(node.name))
        var report = NodeStatusReport(
            name: node.name, role: node.role.rawValue, rpc: node.rpcURL, running: process != nil, pid: process?.pid)
        guard process != nil, let facts = client.ask() else { return report }
        report.latest = facts.latest.value
        report.safe = facts.safe.value
        report.finalized = facts.finalized.value
        report.finalizedHash = facts.finalizedHash
        report.finalizedStateRoot = facts.finalizedStateRoot
        report.peers = facts.peers.value
        report.residentBytes = facts.residentBytes?.value
        report.highestKnown = facts.highestKnown?.value
        report.view = facts.view?.value
        report.poolCount = facts.poolCount?.value
        return report
    }
}
