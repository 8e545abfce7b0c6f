// Finds Ethereum's conformance fixtures, which live outside the repository, and a seeded generator for properties.
import Foundation
import Primitives

enum ConformanceFiles {
    /// The folder with fixtures: `HYPERSEQ_FIXTURES`, or `shared` beside the repository.
    static let root: URL? = {
        var candidates: [URL] = []
        if let path = ProcessInfo.processInfo.environment["HYPERSEQ_FIXTURES"] {
            candidates.append(URL(fileURLWithPath: path))
        }
        let repository = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        candidates.append(repository.deletingLastPathComponent().appendingPathComponent("shared"))
        for candidate in candidates {
            for folder in [candidate, candidate.appendingPathComponent("fixtures")]
            where FileManager.default.fileExists(atPath: folder.appendingPathComponent("ethereum-tests").path) {
                return folder
            }
        }
        return nil
    }()

    static var arePresent: Bool { root != nil }

    /// Every JSON file below `folder`, in order of path, as a dictionary.
    static func objects(_ folder: String) throws -> [(name: String, content: [String: Any])] {
        guard let root else { return [] }
        let base = root.appendingPathComponent(folder)
        guard let walker = FileManager.default.enumerator(at: base, includingPropertiesForKeys: nil) else { return [] }
        let files = walker.compactMap { $0 as? URL }.filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }
        return try files.compactMap { file in
            let json = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
            return (json as? [String: Any]).map { (file.lastPathComponent, $0) }
        }
    }
}

/// SplitMix64: equal seeds give equal sequences.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: UInt64) -> UInt64 { next() % bound }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }

    /// A number whose width is random, so that short encodings are common.
    mutating func word() -> UInt256 {
        UInt256(l0: next(), l1: next(), l2: next(), l3: next()) &>> Int(below(257))
    }

    mutating func address() -> Address { Address(w0: next(), w1: next(), w2: UInt32(truncatingIfNeeded: next())) }
}
