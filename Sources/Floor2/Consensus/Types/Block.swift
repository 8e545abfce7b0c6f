// Floor 2, Consensus: what validators order. The payload is opaque here; its bytes are bound by `payloadRoot`.
// Invariant: `hash` is always that of `header`, which is hashed once when it is set: replicas, stores and checks ask for it many times.
public import Primitives

/// A header with its payload.
public struct Block: Equatable, Sendable {
    public var header: BlockHeader { didSet { hash = header.hash } }
    public var payload: [UInt8]
    /// The hash of the header, which names the block.
    public private(set) var hash: Hash256

    public init(header: BlockHeader, payload: [UInt8]) {
        self.header = header
        self.payload = payload
        hash = header.hash
    }
}
