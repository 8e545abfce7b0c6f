// Floor 5, Node: why a node does not start, or stopped by itself; each message names what to do.
public import Storage

public enum NodeError: Error, Sendable, CustomStringConvertible {
    /// The configuration contradicts itself.
    case configuration(String)
    case storage(StorageError)
    /// The stores contradict each other or the genesis.
    case recovery(String)
    case network(String)
    case rpc(String)
    /// The node stopped itself because going on was not safe.
    case failed(String)

    public var description: String {
        switch self {
        case .configuration(let text): return "configuration: \(text)"
        case .storage(let error): return error.description
        case .recovery(let text): return "recovery: \(text)"
        case .network(let text): return "network: \(text)"
        case .rpc(let text): return "rpc: \(text)"
        case .failed(let text): return "stopped: \(text)"
        }
    }
}
