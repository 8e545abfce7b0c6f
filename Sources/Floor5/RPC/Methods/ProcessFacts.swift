// Floor 5, RPC: what the operating system says of this process.
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Facts about the running process.
enum ProcessFacts {
    static var identifier: Int32 { getpid() }

    /// Resident memory in bytes, from the second word of Linux' `/proc/self/statm`; 0 where that does not exist.
    static func residentByteCount() -> UInt64 {
        let file = unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return 0 }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
        guard count > 0 else { return 0 }
        let words = bytes[..<count].split(separator: UInt8(ascii: " "))
        guard words.count > 1, let pages = UInt64(String(decoding: words[1], as: UTF8.self)) else { return 0 }
        return pages.multipliedReportingOverflow(by: UInt64(max(0, getpagesize()))).partialValue
    }
}
