// A folder that vanishes with the test, and a random generator from a seed.
import Foundation
import Storage

final class TemporaryFolder {
    let path: String

    init() {
        let base = FileManager.default.temporaryDirectory
        path = base.appendingPathComponent("hyperseq-storage-\(UUID().uuidString)").path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A copy of the folder as it is now, as after a crash at this moment.
    func copy() throws -> TemporaryFolder {
        let other = TemporaryFolder()
        try FileManager.default.copyItem(atPath: path, toPath: other.path)
        return other
    }

    func bytes(_ file: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path + "/" + file)))
    }

    func write(_ bytes: [UInt8], to file: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + file))
    }
}

/// SplitMix64.
struct Random: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) } }

    /// A copy with some bytes changed, removed or added.
    mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var copy = bytes
        for _ in 0..<Int.random(in: 1...4, using: &self) {
            let place = copy.isEmpty ? 0 : Int.random(in: 0..<copy.count, using: &self)
            switch Int.random(in: 0..<5, using: &self) {
            case 0 where !copy.isEmpty: copy[place] = UInt8.random(in: 0...255, using: &self)
            case 1 where !copy.isEmpty: copy[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            case 2 where !copy.isEmpty: copy.removeSubrange(place..<min(copy.count, place + Int.random(in: 1...8, using: &self)))
            case 3: copy.insert(contentsOf: self.bytes(Int.random(in: 1...8, using: &self)), at: place)
            default: copy = Array(copy.prefix(place))
            }
        }
        return copy
    }
}

/// The error of a call that must fail.
func failure(_ body: () throws -> Void) -> StorageError? {
    do { try body() } catch { return error as? StorageError }
    return nil
}
