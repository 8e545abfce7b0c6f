// What the tests of this floor share: a folder that goes away, and seeded damage to texts.
import Foundation

/// A private folder, removed with the value.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/hyperseq-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, _ name: String) throws -> String {
        let file = path + "/" + name
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        return file
    }
}

/// Damages texts; the same seed gives the same damage.
struct Mutator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { bound <= 0 ? 0 : Int(next() % UInt64(bound)) }

    private static let interesting = Array("[]{}\"'=.,#:\\\n\t 09-x".utf8) + [0, 0x80, 0xff]

    /// One to four edits: a changed, removed, added or repeated piece.
    mutating func mutate(_ text: [UInt8]) -> [UInt8] {
        var text = text
        for _ in 0...below(4) {
            let position = below(text.count + 1)
            switch below(6) {
            case 0: if position < text.count { text[position] = UInt8(truncatingIfNeeded: next()) }
            case 1: if position < text.count { text[position] = Self.interesting[below(Self.interesting.count)] }
            case 2: text.removeSubrange(position..<min(text.count, position + 1 + below(8)))
            case 3: text.insert(Self.interesting[below(Self.interesting.count)], at: position)
            case 4:
                let end = min(text.count, position + below(40))
                text.insert(contentsOf: text[position..<end], at: below(text.count + 1))
            default: text.removeSubrange(min(position, text.count)...)
            }
        }
        return text
    }

    /// Whether a number of more than four digits follows a colon, so that a key derivation may take long.
    func mentionsLargeNumber(_ text: [UInt8]) -> Bool {
        var digits = 0
        var afterColon = false
        for byte in text {
            if (0x30...0x39).contains(byte) {
                digits += 1
                if afterColon, digits > 4 { return true }
            } else {
                digits = 0
                if byte != 0x20 { afterColon = byte == 0x3a }
            }
        }
        return false
    }
}
