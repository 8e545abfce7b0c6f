// Floor 6, Testnet: the few calls to the system that launching and watching processes needs.
internal import Glibc
internal import Keys

/// What a test network asks of the operating system.
enum HostSystem {
    /// Milliseconds of a clock that never goes back.
    static var milliseconds: UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
    }

    /// Microseconds of the same clock.
    static var microseconds: UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1_000
    }

    /// Milliseconds since 1970.
    static var wallMilliseconds: UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(time.tv_sec) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
    }

    static func sleep(milliseconds: UInt64) {
        var time = timespec(tv_sec: Int(milliseconds / 1_000), tv_nsec: Int(milliseconds % 1_000) * 1_000_000)
        unsafe nanosleep(&time, nil)
    }

    static func sleep(microseconds: UInt64) {
        var time = timespec(tv_sec: Int(microseconds / 1_000_000), tv_nsec: Int(microseconds % 1_000_000) * 1_000)
        unsafe nanosleep(&time, nil)
    }

    /// The file of the running program.
    static var executablePath: String? {
        var buffer = [CChar](repeating: 0, count: 4_096)
        let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0, count < buffer.count else { return nil }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    static func remove(_ path: String) { unsafe unlink(path) }

    /// `path` from the root, so that it means the same to a process with another working folder.
    static func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        guard let buffer = unsafe getcwd(nil, 0) else { return path }
        defer { unsafe free(buffer) }
        return unsafe String(cString: buffer) + "/" + path
    }

    private static func loopbackSocket(port: UInt16) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        // The nodes listen with this option as well: a port in TIME_WAIT counts as free.
        var one: Int32 = 1
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = port.bigEndian
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0, listen(descriptor, 1) == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    /// Whether a process could listen on this loopback port now.
    static func isFree(port: UInt16) -> Bool {
        guard let descriptor = loopbackSocket(port: port) else { return false }
        close(descriptor)
        return true
    }

    /// Distinct loopback ports that nobody listens on now.
    static func freePorts(count: Int) -> [UInt16]? {
        var descriptors: [Int32] = []
        defer { for descriptor in descriptors { close(descriptor) } }
        var ports: [UInt16] = []
        for _ in 0..<count {
            guard let descriptor = loopbackSocket(port: 0) else { return nil }
            descriptors.append(descriptor)
            var address = sockaddr_in()
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let named = unsafe withUnsafeMutablePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(descriptor, $0, &size) }
            }
            guard named == 0 else { return nil }
            ports.append(UInt16(bigEndian: address.sin_port))
        }
        return ports
    }

    /// An exclusive lock on a file, until the descriptor is closed or the process ends; `nil` when another holds it.
    static func lock(_ path: String) -> Int32? {
        let descriptor = unsafe open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    static func unlock(_ descriptor: Int32) { close(descriptor) }
}
