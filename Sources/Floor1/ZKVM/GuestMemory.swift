// Floor 1, ZKVM: the guest's memory, flat and zero at first. The system gives pages when they are first written.
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@safe
public final class GuestMemory {
    /// End of the address space that programs may use.
    public static let byteLimit = 1 << 29

    let base: UnsafeMutablePointer<UInt8>

    init() {
        guard let memory = unsafe calloc(GuestMemory.byteLimit, 1) else { preconditionFailure("no address space for a guest") }
        unsafe base = memory.bindMemory(to: UInt8.self, capacity: GuestMemory.byteLimit)
    }

    deinit { unsafe free(base) }

    /// Whether these bytes exist.
    static func contains(_ address: UInt32, _ count: UInt32) -> Bool { UInt64(address) + UInt64(count) <= UInt64(byteLimit) }

    /// The caller has checked the range.
    func write(_ bytes: ArraySlice<UInt8>, at address: UInt32) {
        unsafe bytes.withUnsafeBufferPointer { source in
            guard let start = source.baseAddress else { return }
            unsafe (base + Int(address)).update(from: start, count: source.count)
        }
    }

    /// The caller has checked the range.
    func read(_ address: UInt32, _ count: UInt32) -> [UInt8] {
        unsafe Array(UnsafeBufferPointer(start: base + Int(address), count: Int(count)))
    }
}
