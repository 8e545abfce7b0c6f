// Floor 2, Consensus: what validators order. The payload is opaque here; its bytes are bound by `payloadRoot`.
public import Primitives

/// A header with its payload.
public struct Block: Equatable, Sendable {
    public var header: BlockHeader
    public var payload: [UInt8]

    public init(header: BlockHeader, payload: [UInt8]) {
        self.header = header
        self.payload = payload
    }
}
