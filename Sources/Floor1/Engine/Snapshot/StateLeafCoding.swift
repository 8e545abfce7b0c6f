// Floor 1, Engine: the bytes of a snapshot's leaf. One leaf has one encoding.
import Primitives

enum StateLeafCoding {
    private static let emptyTag: UInt8 = 0
    private static let accountTag: UInt8 = 1
    private static let slotTag: UInt8 = 2
    /// Bytes of the longest leaf: tag, next key, address, nonce, balance, code hash.
    static let byteLimit = 1 + 32 + 20 + 8 + 32 + 32
    /// Bytes of the shortest: tag, next key, key.
    static let leastByteCount = 1 + 32 + 32

    static func write(_ leaf: StateLeaf, to writer: inout CanonicalWriter) {
        switch leaf.entry {
        case .empty(let key):
            writer.write(emptyTag)
            writer.write(key.hash256)
        case .account(let address, let record):
            writer.write(accountTag)
            writer.write(address)
            writer.write(record.nonce)
            writer.write(record.balance)
            writer.write(record.codeHash)
        case .slot(let address, let slot, let value):
            writer.write(slotTag)
            writer.write(address)
            writer.write(slot)
            writer.write(value)
        }
        writer.write(leaf.nextKey.hash256)
    }

    static func read(_ reader: inout CanonicalReader) throws(CanonicalError) -> StateLeaf {
        let entry: StateEntry
        switch try reader.read(UInt8.self) {
        case emptyTag: entry = .empty(key: try readDigest(&reader))
        case accountTag:
            let address = try reader.readAddress()
            let record = AccountRecord(nonce: try reader.read(), balance: try reader.readUInt256(), codeHash: try reader.readHash())
            entry = .account(address, record)
        case slotTag:
            let address = try reader.readAddress()
            let slot = try reader.readUInt256()
            let value = try reader.readUInt256()
            // A cleared slot is an empty leaf.
            guard !value.isZero else { throw .invalidValue }
            entry = .slot(address, slot, value)
        default: throw .invalidValue
        }
        return StateLeaf(entry: entry, nextKey: try readDigest(&reader))
    }

    static func readDigest(_ reader: inout CanonicalReader) throws(CanonicalError) -> PoseidonDigest {
        guard let digest = PoseidonDigest(try reader.readHash()) else { throw .invalidValue }
        return digest
    }
}
