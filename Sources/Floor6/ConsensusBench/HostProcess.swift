// Floor 6, ConsensusBench: the few calls to the system that a benchmark of several processes needs.
internal import Glibc

/// Why a measurement of the ordering layer failed.
public struct ConsensusBenchmarkError: Error, CustomStringConvertible, Sendable {
    public let description: String
}

enum HostProcess {
    /// Processor time that this process has used.
    static func processorMicroseconds() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1_000
    }

    /// Starts this program once more, with other arguments.
    static func spawnSelf(_ arguments: [String]) throws(ConsensusBenchmarkError) -> pid_t {
        var buffer = [CChar](repeating: 0, count: 4_096)
        let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0, count < buffer.count else { throw ConsensusBenchmarkError(description: "the program's own file is unknown") }
        let program = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var vector = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
        defer { for index in unsafe vector.indices { unsafe free(vector[index]) } }
        var process: pid_t = 0
        guard unsafe posix_spawn(&process, program, nil, nil, &vector, environ) == 0 else {
            throw ConsensusBenchmarkError(description: "cannot start \(program)")
        }
        return process
    }

    /// Ends a child and waits until it is gone.
    static func end(_ process: pid_t) {
        kill(process, SIGKILL)
        var status: Int32 = 0
        unsafe waitpid(process, &status, 0)
    }

    /// Distinct loopback ports that nobody listens on now.
    static func freePorts(_ count: Int) throws(ConsensusBenchmarkError) -> [UInt16] {
        var descriptors: [Int32] = []
        defer { for descriptor in descriptors { close(descriptor) } }
        var ports: [UInt16] = []
        for _ in 0..<count {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            descriptors.append(descriptor)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe bind(descriptor, $0, size) == 0 ? getsockname(descriptor, $0, &size) : -1
                }
            }
            guard status == 0 else { throw ConsensusBenchmarkError(description: "no free loopback port") }
            ports.append(UInt16(bigEndian: address.sin_port))
        }
        return ports
    }

    /// A new private folder.
    static func makeFolder(in parent: String) throws(ConsensusBenchmarkError) -> String {
        var template = Array((parent + "/hyperseq-bench-XXXXXX").utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw ConsensusBenchmarkError(description: "cannot make a folder in \(parent)") }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes a folder with its files and the folders in it.
    static func removeFolder(_ path: String) {
        if let folder = unsafe opendir(path) {
            while let entry = unsafe readdir(folder) {
                let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
                }
                guard name != ".", name != ".." else { continue }
                let child = path + "/" + name
                if unsafe entry.pointee.d_type == UInt8(DT_DIR) { removeFolder(child) } else { unsafe unlink(child) }
            }
            unsafe closedir(folder)
        }
        unsafe rmdir(path)
    }
}
