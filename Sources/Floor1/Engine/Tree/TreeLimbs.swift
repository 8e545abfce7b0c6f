// Floor 1, Engine: the inputs of the tree's hashes, as lists of field elements of one kind, to be hashed together.
import Primitives

/// What is hashed. Kinds differ in domain tag or in length, both of which enter the hash: no input of one kind is ever
/// hashed as another.
enum TreeHashKind {
    case accountKey
    case slotKey
    case accountValue
    case leaf

    var domain: UInt32 {
        switch self {
        case .accountKey, .slotKey: 0x5401
        case .accountValue: 0x5402
        case .leaf: 0x5403
        }
    }

    /// Field elements of one input.
    var length: Int {
        switch self {
        case .accountKey: 12
        case .slotKey: 28
        case .accountValue: 36
        case .leaf: 32
        }
    }

    /// Second element of a key.
    var marker: UInt16 { self == .slotKey ? 1 : 0 }
}

/// Inputs of one kind, one behind the other.
struct TreeLimbs {
    let kind: TreeHashKind
    private var elements: [UInt32] = []

    init(_ kind: TreeHashKind, capacity: Int) {
        self.kind = kind
        elements.reserveCapacity(capacity * kind.length)
    }

    var count: Int { elements.count / kind.length }

    /// The digest of the only input.
    var first: PoseidonDigest { Poseidon2.hash(elements, domain: kind.domain) }

    /// The digest of every input.
    func hashed(_ runner: BatchRunner) -> [PoseidonDigest] {
        let count = count
        let ranges = runner.ranges(count, least: TreeHashing.leastPart)
        return unsafe [PoseidonDigest](unsafeUninitializedCapacity: count) { digests, initialized in
            if let target = digests.baseAddress {
                runner.run(parts: ranges.count) { part in unsafe hash(ranges[part], into: target + ranges[part].lowerBound) }
            }
            initialized = count
        }
    }

    /// The digests of some inputs.
    func hash(_ range: Range<Int>, into target: UnsafeMutablePointer<PoseidonDigest>) {
        unsafe elements.withUnsafeBufferPointer { elements in
            guard let start = elements.baseAddress else { return }
            unsafe Poseidon2.hash(
                lists: start + range.lowerBound * kind.length, count: range.count, length: kind.length, domain: kind.domain, into: target)
        }
    }

    // MARK: - Inputs

    mutating func appendAccountKey(_ address: Address, partition: UInt16) {
        append(partition)
        append(kind.marker)
        append(address)
    }

    mutating func appendSlotKey(_ address: Address, _ slot: UInt256, partition: UInt16) {
        appendAccountKey(address, partition: partition)
        append(Hash256(slot))
    }

    mutating func append(_ record: AccountRecord) {
        append(record.nonce)
        append(Hash256(record.balance))
        append(record.codeHash)
    }

    mutating func append(_ leaf: TreeLeaf) {
        append(leaf.key)
        append(leaf.nextKey)
        append(leaf.value)
    }

    // MARK: - Numbers, as 16-bit limbs, most significant first

    private mutating func append(_ value: UInt16) { elements.append(UInt32(value)) }

    private mutating func append(_ value: UInt64) {
        append(UInt16(truncatingIfNeeded: value >> 48))
        append(UInt16(truncatingIfNeeded: value >> 32))
        append(UInt16(truncatingIfNeeded: value >> 16))
        append(UInt16(truncatingIfNeeded: value))
    }

    private mutating func append(_ value: Hash256) {
        append(value.w0)
        append(value.w1)
        append(value.w2)
        append(value.w3)
    }

    private mutating func append(_ value: Address) {
        append(value.w0)
        append(value.w1)
        append(UInt16(truncatingIfNeeded: value.w2 >> 16))
        append(UInt16(truncatingIfNeeded: value.w2))
    }

    private mutating func append(_ value: PoseidonDigest) {
        for index in 0..<8 { elements.append(value.words[index]) }
    }
}
