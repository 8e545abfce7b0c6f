// Floor 4, Storage: keys without an allocation per key.
// Integers are big-endian, so that LMDB's byte order is the numeric order.
package import Primitives

/// Bytes that can be used as a key.
package protocol StorageKey {
    /// Lends the bytes for the call.
    func withKeyBytes<R>(_ body: (UnsafeRawBufferPointer) throws(StorageError) -> R) throws(StorageError) -> R
}

extension [UInt8]: StorageKey {
    package func withKeyBytes<R>(_ body: (UnsafeRawBufferPointer) throws(StorageError) -> R) throws(StorageError) -> R {
        try unsafe span.bytes.withUnsafeBytes(body)
    }
}

/// A key of at most `capacity` bytes, put together from fields of fixed size.
package struct Key: StorageKey {
    /// Room for the longest key of any table: address, slot and height need 60 bytes.
    package static let capacity = 64

    var storage = InlineArray<64, UInt8>(repeating: 0)
    package private(set) var count = 0

    package init() {}

    package init(_ value: UInt64) { append(value) }
    package init(_ value: Hash256) { append(value) }
    package init(_ value: Address) { append(value) }

    /// An ASCII name, cut at the capacity.
    package init(_ name: StaticString) {
        for index in 0..<min(name.utf8CodeUnitCount, Key.capacity) { append(byte: unsafe name.utf8Start[index]) }
    }

    package mutating func append(byte: UInt8) {
        precondition(count < Key.capacity, "every key is built from fields that fit")
        storage[count] = byte
        count += 1
    }

    package mutating func append<T: FixedWidthInteger>(_ value: T) {
        var shift = T.bitWidth
        while shift > 0 {
            shift -= 8
            append(byte: UInt8(truncatingIfNeeded: value >> T(truncatingIfNeeded: shift)))
        }
    }

    package mutating func append(_ value: Hash256) {
        append(value.w0)
        append(value.w1)
        append(value.w2)
        append(value.w3)
    }

    package mutating func append(_ value: Address) {
        append(value.w0)
        append(value.w1)
        append(value.w2)
    }

    package var bytes: [UInt8] { (0..<count).map { storage[$0] } }

    package func withKeyBytes<R>(_ body: (UnsafeRawBufferPointer) throws(StorageError) -> R) throws(StorageError) -> R {
        let count = count
        return try unsafe storage.span.bytes.withUnsafeBytes { (all) throws(StorageError) in
            try unsafe body(UnsafeRawBufferPointer(rebasing: all[0..<count]))
        }
    }
}

extension UInt64 {
    /// The value of a key of 8 bytes; `nil` for any other length.
    init?(bigEndianKey bytes: [UInt8]) {
        guard bytes.count == 8 else { return nil }
        self = bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
