// Floor 1, Engine: what executing a batch shows: the public statement of its proof. Specs/guest.md has the format.
public import Primitives

/// "These blocks, executed by these rules on this tip, lead to that tip."
public struct BatchStatement: Equatable, Sendable {
    public var chainIdentity: Hash256
    public var rules: ChainRules
    public var before: ChainTip
    public var after: ChainTip
    /// Keccak-256 of the payload roots in order: what has to be available.
    public var payloadsHash: Hash256
    /// Keccak-256 of each block's gas used, transactions root, receipts root and state root in order: what clients open.
    public var outcomesHash: Hash256

    public init(
        chainIdentity: Hash256, rules: ChainRules, before: ChainTip, after: ChainTip, payloadsHash: Hash256, outcomesHash: Hash256
    ) {
        self.chainIdentity = chainIdentity
        self.rules = rules
        self.before = before
        self.after = after
        self.payloadsHash = payloadsHash
        self.outcomesHash = outcomesHash
    }

    public func encode() -> [UInt8] {
        var writer = CanonicalWriter(capacity: 512)
        writer.write(chainIdentity)
        rules.encode(into: &writer)
        before.encode(into: &writer)
        after.encode(into: &writer)
        writer.write(payloadsHash)
        writer.write(outcomesHash)
        return writer.bytes
    }

    public static func decode(_ bytes: [UInt8]) throws(CanonicalError) -> BatchStatement {
        var reader = CanonicalReader(bytes)
        let statement = BatchStatement(
            chainIdentity: try reader.readHash(), rules: try ChainRules.decode(from: &reader),
            before: try ChainTip.decode(from: &reader), after: try ChainTip.decode(from: &reader),
            payloadsHash: try reader.readHash(), outcomesHash: try reader.readHash())
        try reader.finish()
        return statement
    }
}
