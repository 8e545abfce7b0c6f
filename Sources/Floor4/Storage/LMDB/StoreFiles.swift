// Floor 4, Storage: the files beside and below LMDB, checked before LMDB maps them. LMDB trusts its own pages: a file that
// is shorter than its meta page says would end the process with SIGBUS, and an empty file counts as a new store.
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Checks and marks the folder of a store.
struct StoreFiles {
    let path: String
    /// What the store holds and in which version, e.g. `consensus 1`.
    let kind: String
    /// The version before, which opening turns into `kind`; `nil` when there is none.
    let olderKind: String?
    /// What the operator can do about a damaged store.
    let remedy: String

    private var dataFile: String { path + "/data.mdb" }
    private var markerFile: String { path + "/STORE" }
    private func markerBytes(_ kind: String) -> [UInt8] { Array("hyperseq \(kind)\n".utf8) }

    /// What the folder held before it was opened.
    enum Condition: Sendable {
        case new
        /// A store of `olderKind`.
        case older
        /// A store of `kind`, in which all tables must exist.
        case current
    }

    /// Refuses a folder with another kind of store, a store whose data are gone, and a data file that LMDB must not map.
    func check() throws(StorageError) -> Condition {
        let marker = try read(markerFile, offset: 0, limit: 256)
        let size = try fileSize(dataFile)
        var condition = Condition.new
        if let marker {
            if marker == markerBytes(kind) {
                condition = .current
            } else if let olderKind, marker == markerBytes(olderKind) {
                condition = .older
            } else {
                throw StorageError(
                    code: .wrongStore,
                    message: "the folder holds \(printable(marker)), expected \(printable(markerBytes(kind)))", path: path)
            }
            guard let size, size > 0 else {
                throw StorageError(
                    code: .damaged, message: "the data file of a used store is missing or empty; \(remedy)", path: path)
            }
        }
        if let size, size > 0 { try checkData(fileSize: size) }
        return condition
    }

    /// Marks the folder after the store was made or brought to `kind`. The marker is durable when this returns.
    func mark() throws(StorageError) {
        let text = markerBytes(kind)
        let temporary = markerFile + ".new"
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system("cannot make the marker file", path: path) }
        defer { close(descriptor) }
        let written = unsafe text.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        guard written == text.count, fsync(descriptor) == 0, unsafe rename(temporary, markerFile) == 0 else {
            throw .system("cannot write the marker file", path: path)
        }
        let folder = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard folder >= 0 else { throw .system("cannot open the folder", path: path) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw .system("cannot make the marker durable", path: path) }
    }

    /// LMDB's two meta pages (data format 1, 64-bit), then all pages below the newer one.
    private func checkData(fileSize: Int) throws(StorageError) {
        let descriptor = unsafe open(dataFile, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("cannot open the data file", path: path) }
        defer { close(descriptor) }
        let mapped = unsafe mmap(nil, fileSize, PROT_READ, MAP_SHARED, descriptor, 0)
        guard let base = unsafe mapped, unsafe base != MAP_FAILED else { throw .system("cannot map the data file", path: path) }
        defer { unsafe munmap(base, fileSize) }
        let bytes = unsafe RawBytes(UnsafeRawBufferPointer(start: base, count: fileSize))

        guard let one = StoreMeta(bytes, 0) else { throw damaged("its first page is not LMDB's") }
        guard let two = StoreMeta(bytes, one.pageSize), two.pageSize == one.pageSize else {
            throw damaged("its second page is not LMDB's")
        }
        let used = one.transaction > two.transaction ? one : two
        let (needed, overflow) = (used.lastPage &+ 1).multipliedReportingOverflow(by: UInt64(used.pageSize))
        guard !overflow, used.lastPage < UInt64.max, needed <= UInt64(fileSize) else {
            throw damaged("it is shorter than its content (\(fileSize) bytes of \(overflow ? "too many" : "\(needed)"))")
        }
        var pages = StorePages(
            bytes, pageSize: used.pageSize, lastPage: used.lastPage,
            leafPageLimit: StoreFiles.leafCheckByteLimit / UInt64(used.pageSize))
        do throws(PageDamage) {
            try pages.check(free: used.free, main: used.main)
        } catch {
            throw damaged("page \(error.page): \(error.reason)")
        }
    }

    /// A table is checked down to its leaves up to this size, which takes some seconds at the limit. The content of long
    /// values (payloads) does not count and is not read.
    private static let leafCheckByteLimit: UInt64 = 2 << 30

    private func damaged(_ why: String) -> StorageError {
        StorageError(code: .damaged, message: "the data file is damaged: \(why); \(remedy)", path: path)
    }

    private func printable(_ bytes: [UInt8]) -> String {
        "\"" + String(decoding: bytes.filter { $0 >= 32 && $0 < 127 }, as: UTF8.self) + "\""
    }

    /// The size of a file, or `nil` when there is none.
    private func fileSize(_ file: String) throws(StorageError) -> Int? {
        var information = stat()
        if unsafe stat(file, &information) == 0 { return Int(information.st_size) }
        guard errno == ENOENT else { throw .system("cannot examine \(file)", path: path) }
        return nil
    }

    /// At most `limit` bytes of a file, or `nil` when there is no such file.
    private func read(_ file: String, offset: Int, limit: Int) throws(StorageError) -> [UInt8]? {
        let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw .system("cannot open \(file)", path: path) }
            return nil
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, $0.count, off_t(offset)) }
        guard count >= 0 else { throw .system("cannot read \(file)", path: path) }
        bytes.removeLast(limit - count)
        return bytes
    }
}

/// The fields of a meta page on which LMDB relies without checking them.
private struct StoreMeta {
    private static let magic: UInt32 = 0xbeef_c0de
    private static let metaFlag: UInt16 = 0x08
    /// The map size is taken from the file when it exceeds the configured one: 2^46 bytes is half of the address space.
    private static let mapByteLimit: UInt64 = 1 << 46

    var pageSize: Int
    var lastPage: UInt64
    var transaction: UInt64
    var free: PageTree
    var main: PageTree

    /// `nil` when there is no meta page of this machine's LMDB at `offset`.
    init?(_ bytes: RawBytes, _ offset: Int) {
        let size = Int(bytes.u32(offset + 40))
        guard bytes.u16(offset + 10) & StoreMeta.metaFlag != 0, bytes.u32(offset + 16) == StoreMeta.magic, bytes.u32(offset + 20) == 1,
            size >= 512, size <= 65_536, size & (size - 1) == 0, bytes.u64(offset + 32) <= StoreMeta.mapByteLimit
        else { return nil }
        pageSize = size
        lastPage = bytes.u64(offset + 136)
        transaction = bytes.u64(offset + 144)
        free = PageTree(bytes, offset + 40)
        main = PageTree(bytes, offset + 88)
    }
}
