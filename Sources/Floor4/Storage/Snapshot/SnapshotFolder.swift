// Floor 4, Storage: a snapshot as files of one folder: `manifest`, `state-N` with the chunks of the state and `codes-N` with the
// codes of contracts, N from 0 in six digits or more. The manifest is written last: with it the snapshot is complete.
public import Engine
import Glibc
import Primitives

public struct SnapshotFolder: Sendable {
    /// Largest file that is read into memory: 32 times what an export writes.
    private static let fileByteLimit = 32 << 20

    public let path: String

    public init(path: String) { self.path = path }

    // MARK: - Writing

    /// Writes the state after the head of a store. The folder must not exist.
    public func export(
        _ store: ChainStore, runner: BatchRunner = BatchRunner(), progress: (_ done: UInt64, _ count: UInt64) -> Void = { _, _ in }
    ) throws(StorageError) -> SnapshotManifest {
        guard unsafe mkdir(path, 0o755) == 0 else { throw .system("cannot make the folder of the snapshot", path: path) }
        let exporter = try StateExporter(store, temporaryPath: path + "/rows.tmp", runner: runner)
        let manifest = try exporter.manifest()
        var codeFiles = 0
        try exporter.codes { (codes) throws(StorageError) in
            try write(CodeList.encode(codes), to: name("codes", codeFiles))
            codeFiles += 1
        }
        try exporter.chunks(root: manifest.block.stateRoot, progress: progress) { (chunk) throws(StorageError) in
            try write(chunk.encode(), to: name("state", Int(chunk.number)))
        }
        try write(manifest.encode(), to: "manifest")
        return manifest
    }

    private func name(_ kind: String, _ number: Int) -> String {
        let digits = String(number)
        return kind + "-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    private func write(_ bytes: [UInt8], to name: String) throws(StorageError) {
        let descriptor = unsafe open(path + "/" + name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .system("cannot make the file \(name)", path: path) }
        defer { close(descriptor) }
        guard writeAll(descriptor, bytes), fsync(descriptor) == 0 else { throw .system("cannot write the file \(name)", path: path) }
    }

    // MARK: - Reading

    public func manifest() throws(StorageError) -> SnapshotManifest {
        guard let bytes = try read("manifest") else {
            throw StorageError(code: .missing, message: "the folder holds no complete snapshot", path: path)
        }
        return try decoding("manifest", bytes) { (bytes) throws(CanonicalError) in try SnapshotManifest.decode(bytes) }
    }

    /// Checks everything against the manifest and its state root. `body` receives the chunks in order, then `code` every code.
    public func read(
        _ manifest: SnapshotManifest, runner: BatchRunner = BatchRunner(),
        progress: (_ done: UInt64, _ count: UInt64) -> Void = { _, _ in },
        chunk body: (VerifiedStateChunk) throws(StorageError) -> Void, code: ([UInt8]) throws(StorageError) -> Void
    ) throws(StorageError) {
        var left = manifest.leafCount
        for number in 0..<manifest.chunkCount {
            let name = name("state", Int(number))
            guard let bytes = try read(name) else {
                throw StorageError(code: .missing, message: "the file \(name) of the snapshot is missing", path: path)
            }
            let chunk = try decoding(name, bytes) { (bytes) throws(CanonicalError) in try UnverifiedStateChunk.decode(bytes) }
            guard UInt64(chunk.number) == number, UInt64(chunk.leaves.count) <= left,
                let verified = chunk.verified(root: manifest.block.stateRoot, runner: runner),
                verified.isLast == (number + 1 == manifest.chunkCount)
            else { throw damaged(name, "it is not part of the state with the root \(manifest.block.stateRoot.hex)") }
            left -= UInt64(chunk.leaves.count)
            try body(verified)
            progress(number + 1, manifest.chunkCount)
        }
        guard left == 0 else { throw damaged("manifest", "its number of leaves is wrong") }
        var number = 0
        while let bytes = try read(name("codes", number)) {
            let codes = try decoding(name("codes", number), bytes) { (bytes) throws(CanonicalError) in try CodeList.decode(bytes) }
            for bytes in codes { try code(bytes) }
            number += 1
        }
    }

    /// Fills the store in `store`, a folder without one, with the snapshot. Nothing but the state root of the manifest is trusted.
    public func load(
        _ manifest: SnapshotManifest, into store: String, runner: BatchRunner = BatchRunner(),
        progress: (_ done: UInt64, _ count: UInt64) -> Void = { _, _ in }
    ) throws(StorageError) {
        let loader = try StateLoader(path: store, height: manifest.block.header.height)
        // Sorting and writing what is ordered by key takes about as long as the chunks.
        let total = 2 * manifest.chunkCount
        try read(
            manifest, runner: runner, progress: { done, _ in progress(done, total) },
            chunk: { (chunk) throws(StorageError) in try loader.add(chunk.hashed) },
            code: { (code) throws(StorageError) in try loader.add(code: code) })
        try loader.finish(
            genesisHash: manifest.genesisHash, block: manifest.block, transactions: manifest.transactions,
            ancestors: manifest.ancestors
        ) { part in progress(manifest.chunkCount + manifest.chunkCount * UInt64(part) / UInt64(SortedSpill.bucketCount), total) }
    }

    /// `nil` when there is no such file.
    private func read(_ name: String) throws(StorageError) -> [UInt8]? {
        let descriptor = unsafe open(path + "/" + name, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .system("cannot open the file \(name)", path: path)
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .system("cannot read the file \(name)", path: path) }
        guard status.st_size <= SnapshotFolder.fileByteLimit else { throw damaged(name, "it is too long") }
        guard let bytes = readAll(descriptor, count: Int(status.st_size)) else { throw .system("cannot read the file \(name)", path: path) }
        return bytes
    }

    private func decoding<R>(
        _ name: String, _ bytes: [UInt8], _ decode: ([UInt8]) throws(CanonicalError) -> R
    ) throws(StorageError) -> R {
        do throws(CanonicalError) {
            return try decode(bytes)
        } catch {
            throw damaged(name, "its form is wrong (\(error))")
        }
    }

    private func damaged(_ name: String, _ why: String) -> StorageError {
        StorageError(code: .damaged, message: "the file \(name) of the snapshot is damaged: \(why)", path: path)
    }
}
