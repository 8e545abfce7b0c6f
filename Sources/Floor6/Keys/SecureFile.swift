// Floor 6, Keys: files and folders that only their owner reads, written so that a crash leaves the old or the new content.
internal import Glibc

/// Small files with restrictive permissions.
public enum SecureFile {
    /// Key files are a few hundred bytes; more is a mistake or an attack.
    public static let keyFileLimit = 64 << 10

    /// The text of an error number.
    public static func reason(_ number: Int32) -> String {
        guard let text = unsafe strerror(number) else { return "error \(number)" }
        return unsafe String(cString: text)
    }

    /// Makes the folder and its parents; folders that this makes are 0700.
    public static func makeDirectory(_ path: String) throws(KeyError) {
        var built = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            built += (built.isEmpty || built.hasSuffix("/") ? "" : "/") + part
            if unsafe mkdir(built, 0o700) != 0, errno != EEXIST {
                throw .file(operation: "make the folder", path: built, reason: reason(errno))
            }
        }
        var information = stat()
        guard unsafe stat(path, &information) == 0, information.st_mode & S_IFMT == S_IFDIR else {
            throw .file(operation: "make the folder", path: path, reason: "something else has this name")
        }
    }

    /// Writes `bytes` under a temporary name, flushes them, and gives them their name in one step.
    ///
    /// - Parameter replacing: when false, an existing file is an error and stays as it is.
    public static func write(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o600, replacing: Bool) throws(KeyError) {
        let temporary = "\(path).\(getpid()).tmp"
        unsafe unlink(temporary)
        let descriptor = unsafe open(temporary, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw .file(operation: "write", path: path, reason: reason(errno)) }
        var failure: Int32 = 0
        var offset = 0
        unsafe bytes.withUnsafeBytes { buffer in
            while offset < buffer.count, let base = buffer.baseAddress {
                let count = unsafe Glibc.write(descriptor, base + offset, buffer.count - offset)
                if count < 0, errno == EINTR { continue }
                if count <= 0 {
                    failure = errno
                    return
                }
                offset += count
            }
        }
        if failure == 0, fsync(descriptor) != 0 { failure = errno }
        close(descriptor)
        if failure == 0 {
            if replacing {
                if unsafe rename(temporary, path) != 0 { failure = errno }
            } else {
                if unsafe link(temporary, path) != 0 { failure = errno }
                unsafe unlink(temporary)
            }
        }
        if failure != 0 {
            unsafe unlink(temporary)
            if failure == EEXIST { throw .alreadyExists(path: path) }
            throw .file(operation: "write", path: path, reason: reason(failure))
        }
        flushDirectory(of: path)
    }

    /// Makes the new name durable.
    private static func flushDirectory(of path: String) {
        var folder = "."
        if let slash = path.lastIndex(of: "/") { folder = slash == path.startIndex ? "/" : String(path[..<slash]) }
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    /// The content of a regular file of at most `limit` bytes, with its permission bits.
    public static func read(_ path: String, limit: Int) throws(KeyError) -> (bytes: [UInt8], mode: UInt32) {
        // Without O_NONBLOCK, opening a named pipe would wait for a writer.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .file(operation: "open", path: path, reason: reason(errno)) }
        defer { close(descriptor) }
        var information = stat()
        guard unsafe fstat(descriptor, &information) == 0 else {
            throw .file(operation: "open", path: path, reason: reason(errno))
        }
        guard information.st_mode & S_IFMT == S_IFREG else {
            throw .file(operation: "read", path: path, reason: "not a regular file")
        }
        guard information.st_size <= limit else { throw .tooLarge(path: path, limit: limit) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .file(operation: "read", path: path, reason: reason(errno)) }
            if count == 0 { break }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= limit else { throw .tooLarge(path: path, limit: limit) }
        }
        SecretBuffer.zero(&chunk)
        return (bytes, information.st_mode & 0o7777)
    }
}
