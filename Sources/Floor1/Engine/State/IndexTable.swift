// Floor 1, Engine: the hash table below accounts, slots and code.
//
// Open addressing with linear probing over numbers of entries that live in the owner's own array; entries are only removed all at once.
// Invariants: `mask + 1` is a power of two and at least twice `count`; a stored value is the entry's number plus one.
import Primitives

/// Maps hashes to entry numbers; the owner compares the keys.
@safe
struct IndexTable: ~Copyable {
    private var cells: UnsafeMutablePointer<UInt32>
    private(set) var mask: Int
    private(set) var count: Int

    init(capacity: Int) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        unsafe cells = UnsafeMutablePointer<UInt32>.allocate(capacity: size)
        unsafe cells.initialize(repeating: 0, count: size)
        mask = size - 1
        count = 0
    }

    deinit { unsafe cells.deallocate() }

    mutating func removeAll() {
        unsafe cells.update(repeating: 0, count: mask + 1)
        count = 0
    }

    /// The cell where a search for this hash begins.
    @inline(__always)
    func start(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & mask }

    @inline(__always)
    func next(_ cell: Int) -> Int { (cell &+ 1) & mask }

    /// The entry number in a cell, or a negative number for an empty cell.
    @inline(__always)
    func entry(at cell: Int) -> Int { unsafe Int(cells[cell]) &- 1 }

    /// Puts an entry into the empty cell where its search ended. The owner calls `needsGrowth` afterwards.
    @inline(__always)
    mutating func put(_ entry: Int, at cell: Int) {
        unsafe cells[cell] = UInt32(truncatingIfNeeded: entry &+ 1)
        count &+= 1
    }

    var needsGrowth: Bool { count * 2 > mask }

    /// Doubles the table; `hash` gives the hash of an entry by its number.
    mutating func grow(_ hash: (Int) -> UInt64) {
        let old = unsafe cells
        let oldSize = mask + 1
        let size = oldSize * 2
        unsafe cells = UnsafeMutablePointer<UInt32>.allocate(capacity: size)
        unsafe cells.initialize(repeating: 0, count: size)
        mask = size - 1
        for index in 0..<oldSize {
            let value = unsafe old[index]
            guard value != 0 else { continue }
            var cell = start(hash(Int(value) - 1))
            while unsafe cells[cell] != 0 { cell = next(cell) }
            unsafe cells[cell] = value
        }
        unsafe old.deallocate()
    }
}

/// A keyed hash of words for tables whose keys an attacker chooses (storage slots, addresses).
///
/// Folded 64-by-64 multiplications. The seeds come from the block, so collisions cannot be prepared long before it; results
/// never depend on the order of a table.
struct TableHash {
    let seed0: UInt64
    let seed1: UInt64

    init(seed: Hash256) {
        seed0 = seed.w0 | 1
        seed1 = seed.w1 | 1
    }

    @inline(__always)
    private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let (high, low) = a.multipliedFullWidth(by: b)
        return high ^ low
    }

    @inline(__always)
    func hash(_ key: UInt256, _ salt: UInt32) -> UInt64 {
        let low = TableHash.fold(key.l0 ^ seed0, key.l1 ^ seed1 ^ UInt64(salt))
        let high = TableHash.fold(key.l2 ^ seed1, key.l3 ^ seed0)
        return TableHash.fold(low ^ seed1, high ^ 0x9e37_79b9_7f4a_7c15)
    }

    @inline(__always)
    func hash(_ address: Address) -> UInt64 {
        let low = TableHash.fold(address.w0 ^ seed0, address.w1 ^ seed1)
        return TableHash.fold(low ^ UInt64(address.w2), 0x9e37_79b9_7f4a_7c15 ^ seed0)
    }
}
