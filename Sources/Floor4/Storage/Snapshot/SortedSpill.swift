// Floor 4, Storage: puts records in order that do not fit into memory: they are shared out to temporary files by the start of
// their key, and each file is then sorted by itself.
//
// Invariant: a record has a fixed length and starts with its key; a record of a lower bucket has a lower key.
import Glibc

/// Records on their way into order.
final class SortedSpill {
    static let bucketCount = 256
    /// Bytes of one bucket that are collected before they are written.
    private static let bufferByteCount = 64 << 10

    private let path: String
    let recordByteCount: Int
    private let keyByteCount: Int
    private var buffers = [[UInt8]](repeating: [], count: SortedSpill.bucketCount)
    private var byteCounts = [Int](repeating: 0, count: SortedSpill.bucketCount)
    private(set) var count = 0

    /// `path` is the start of the names of the temporary files.
    init(path: String, keyByteCount: Int, recordByteCount: Int) {
        self.path = path
        self.keyByteCount = keyByteCount
        self.recordByteCount = recordByteCount
    }

    deinit { for bucket in 0..<SortedSpill.bucketCount where byteCounts[bucket] > 0 { unsafe unlink(file(bucket)) } }

    private func file(_ bucket: Int) -> String { "\(path).\(bucket)" }

    /// Adds a record, by default to the bucket that its first byte names.
    func add(_ record: [UInt8], bucket: Int? = nil) throws(StorageError) {
        precondition(record.count == recordByteCount, "records have one length")
        let bucket = bucket ?? Int(record[0])
        buffers[bucket].append(contentsOf: record)
        count += 1
        if buffers[bucket].count >= SortedSpill.bufferByteCount { try flush(bucket) }
    }

    private func flush(_ bucket: Int) throws(StorageError) {
        let flags = O_WRONLY | O_CREAT | O_CLOEXEC | (byteCounts[bucket] == 0 ? O_TRUNC : O_APPEND)
        let descriptor = unsafe open(file(bucket), flags, 0o600)
        guard descriptor >= 0 else { throw .system("cannot make a temporary file", path: path) }
        defer { close(descriptor) }
        byteCounts[bucket] += buffers[bucket].count
        guard writeAll(descriptor, buffers[bucket]) else { throw .system("cannot write a temporary file", path: path) }
        buffers[bucket].removeAll(keepingCapacity: true)
    }

    /// Calls `body` with the sorted records of a bucket, one behind the other, and forgets them.
    func drain(_ bucket: Int, _ body: (_ records: [UInt8]) throws(StorageError) -> Void) throws(StorageError) {
        var records = buffers[bucket]
        buffers[bucket] = []
        if byteCounts[bucket] > 0 {
            records = try read(bucket) + records
            unsafe unlink(file(bucket))
            byteCounts[bucket] = 0
        }
        guard !records.isEmpty else { return }
        try body(sorted(records))
    }

    private func read(_ bucket: Int) throws(StorageError) -> [UInt8] {
        let descriptor = unsafe open(file(bucket), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("cannot read a temporary file", path: path) }
        defer { close(descriptor) }
        guard let bytes = readAll(descriptor, count: byteCounts[bucket]) else { throw .system("cannot read a temporary file", path: path) }
        return bytes
    }

    private func sorted(_ records: [UInt8]) -> [UInt8] {
        let size = recordByteCount
        let keySize = keyByteCount
        var order = Array(0..<records.count / size)
        return unsafe records.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return [] }
            order.sort { unsafe memcmp(base + $0 * size, base + $1 * size, keySize) < 0 }
            return unsafe [UInt8](unsafeUninitializedCapacity: records.count) { target, count in
                guard let start = target.baseAddress else { return }
                for (place, record) in order.enumerated() { unsafe memcpy(start + place * size, base + record * size, size) }
                count = records.count
            }
        }
    }
}

/// Writes everything; `false` when the system refuses, with `errno`.
func writeAll(_ descriptor: Int32, _ bytes: [UInt8]) -> Bool {
    var offset = 0
    while offset < bytes.count {
        let count = unsafe bytes.withUnsafeBytes { raw -> Int in
            guard let base = raw.baseAddress else { return 0 }
            return unsafe write(descriptor, base + offset, raw.count - offset)
        }
        if count < 0, errno == EINTR { continue }
        if count <= 0 { return false }
        offset += count
    }
    return true
}

/// Reads exactly `count` bytes; `nil` when there are fewer.
func readAll(_ descriptor: Int32, count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var offset = 0
    while offset < count {
        let got = unsafe bytes.withUnsafeMutableBytes { raw -> Int in
            guard let base = raw.baseAddress else { return 0 }
            return unsafe read(descriptor, base + offset, count - offset)
        }
        if got < 0, errno == EINTR { continue }
        if got <= 0 { return nil }
        offset += got
    }
    return bytes
}
