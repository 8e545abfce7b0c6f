// Floor 4, Storage: one process per folder. LMDB itself lets several processes in; a node must be alone, or two nodes
// with one key would vote twice. The lock is the operating system's and vanishes with the process, also after kill -9.
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The folder of a store with its lock file, held until `deinit`.
final class DirectoryLock: Sendable {
    private let descriptor: Int32

    /// Makes the folder (mode 0700) when it is missing and takes its lock.
    init(path: String) throws(StorageError) {
        try DirectoryLock.makeDirectory(path)
        let file = path + "/LOCK"
        let descriptor = unsafe open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system("cannot open the lock file", path: path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let holder = DirectoryLock.readText(descriptor)
            close(descriptor)
            guard code == EWOULDBLOCK else { throw .system("cannot lock the folder", errno: code, path: path) }
            throw StorageError(
                code: .locked,
                message: "the store is in use by process \(holder.isEmpty ? "(unknown)" : holder); stop it first, "
                    + "and give every node its own folder", path: path)
        }
        self.descriptor = descriptor
        DirectoryLock.writeText(descriptor, "\(getpid())")
    }

    deinit { close(descriptor) }

    /// Makes the folder and its missing parents, for the owner only.
    private static func makeDirectory(_ path: String) throws(StorageError) {
        guard !path.isEmpty else { throw StorageError(code: .system(ENOENT), message: "the store has no path", path: path) }
        var prefix = ""
        for part in path.split(separator: "/", omittingEmptySubsequences: false) {
            prefix += part
            if !prefix.isEmpty, unsafe mkdir(prefix, 0o700) != 0, errno != EEXIST, errno != EISDIR, errno != EROFS {
                throw .system("cannot make the folder \(prefix)", path: path)
            }
            prefix += "/"
        }
        var information = stat()
        guard unsafe stat(path, &information) == 0 else { throw .system("cannot find the folder", path: path) }
        guard information.st_mode & S_IFMT == S_IFDIR else {
            throw StorageError(code: .system(ENOTDIR), message: "the store's path is not a folder", path: path)
        }
    }

    private static func readText(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, $0.count, 0) }
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    /// The process number is a service to the operator; that it cannot be written harms nothing.
    private static func writeText(_ descriptor: Int32, _ text: String) {
        let bytes = Array(text.utf8)
        _ = ftruncate(descriptor, 0)
        _ = unsafe bytes.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }
}

extension StorageError {
    /// A refusal of the operating system, by default the last one of this thread.
    static func system(_ what: String, errno code: Int32 = errno, path: String) -> StorageError {
        let text = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        return StorageError(code: .system(code), message: "\(what): \(text)", path: path)
    }
}
