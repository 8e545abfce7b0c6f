// Floor 4, Storage: keeps the resident memory of a store bounded.
//
// LMDB maps its data file, and every page that was ever touched counts as resident until the system wants it back, though
// it is only cache. Giving the pages back from time to time costs a soft fault for each that is still in use and lets
// operators see what a node really holds. The mapping is read-only here (no MDB_WRITEMAP), so nothing is ever lost by it.
import Glibc
import Synchronization

/// The mapping of an environment's data file.
@safe
final class DataMapping: Sendable {
    /// Growth of the used part after which pages are given back: small beside the memory of a node.
    private static let growthBytes = 4 << 20
    /// And commits, for stores that are read much and grow little. A fault brings in the pages around it too, so that under load
    /// a store is soon resident as a whole.
    private static let commitCount = 16

    private let start: UInt
    private let usedAtRelease = Atomic<Int>(0)
    private let commitsSinceRelease = Atomic<Int>(0)

    /// Finds the mapping of this file; `nil` where the system does not tell, which only costs memory.
    init?(dataFile path: String) {
        guard let start = DataMapping.address(of: path) else { return nil }
        self.start = start
    }

    /// Called after each commit with the bytes in use.
    func committed(usedBytes: Int) {
        let commits = commitsSinceRelease.add(1, ordering: .relaxed).newValue
        guard usedBytes - usedAtRelease.load(ordering: .relaxed) >= Self.growthBytes || commits >= Self.commitCount else { return }
        usedAtRelease.store(usedBytes, ordering: .relaxed)
        commitsSinceRelease.store(0, ordering: .relaxed)
        unsafe madvise(UnsafeMutableRawPointer(bitPattern: start), usedBytes, MADV_DONTNEED)
    }

    /// Reads the start of the mapping from `/proc/self/maps`.
    private static func address(of path: String) -> UInt? {
        guard let resolved = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(resolved) }
        guard let file = unsafe fopen("/proc/self/maps", "r") else { return nil }
        defer { unsafe fclose(file) }
        let suffix = unsafe " " + String(cString: resolved)
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { unsafe free(line) }
        while unsafe getline(&line, &capacity, file) > 0, let text = unsafe line {
            let entry = unsafe String(cString: text)
            guard entry.hasSuffix(suffix + "\n"), let dash = entry.firstIndex(of: "-") else { continue }
            return UInt(entry[..<dash], radix: 16)
        }
        return nil
    }
}
