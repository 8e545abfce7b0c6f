// The LMDB wrapper: reads, writes, cursors, limits, the lock, and damaged files.
import Foundation
import Primitives
import Storage
import Testing

private func options(_ kind: String = "test 1", mapSizeBytes: Int = 64 << 20) -> Environment.Options {
    .init(kind: kind, tables: ["a", "b"], durability: .noMetaSync, mapSizeBytes: mapSizeBytes, remedy: "make it again")
}

@Suite struct EnvironmentTests {
    @Test func checksumVectors() {
        // From the xxHash project's test vectors and `xxhsum -H1`.
        #expect(Checksum.hash([]) == 0xef46_db37_51d8_e999)
        #expect(Checksum.hash(Array("a".utf8)) == 0xd24e_c4f1_a98c_6e5b)
        #expect(Checksum.hash(Array("abc".utf8)) == 0x44bc_2cf5_ad77_0999)
        #expect(Checksum.hash(Array("The quick brown fox jumps over the lazy dog".utf8)) == 0x0b24_2d36_1fda_71bc)
    }

    @Test func valuesComeBackAndSurviveReopening() throws {
        let folder = TemporaryFolder()
        let store = try Environment(path: folder.path, options: options())
        try store.write { (transaction) throws(StorageError) in
            try transaction.put(store.tables[0], Key(7), [1, 2, 3])
            try transaction.put(store.tables[1], [9, 9], [])
            try transaction.putRecord(store.tables[1], Key(Hash256.zero), [5])
        }
        #expect(try store.read { (t) throws(StorageError) in try t.get(store.tables[0], Key(7)) } == [1, 2, 3])
        #expect(try store.read { (t) throws(StorageError) in try t.get(store.tables[1], Key(7)) } == nil)
        let copy = try folder.copy()
        let again = try Environment(path: copy.path, options: options())
        #expect(try again.read { (t) throws(StorageError) in try t.get(again.tables[1], [9, 9] as [UInt8]) } == [])
        #expect(try again.read { (t) throws(StorageError) in try t.record(again.tables[1], Key(Hash256.zero)) } == [5])
        #expect(try again.read { (t) throws(StorageError) in try t.count(again.tables[1]) } == 2)
    }

    @Test func folderIsPrivate() throws {
        let folder = TemporaryFolder()
        _ = try Environment(path: folder.path + "/deep/er", options: options())
        for (path, mode) in [("/deep/er", 0o700), ("/deep", 0o700), ("/deep/er/data.mdb", 0o600), ("/deep/er/LOCK", 0o600)] {
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.path + path)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == mode, "\(path)")
        }
    }

    @Test func aThrowUndoesTheWrite() throws {
        let folder = TemporaryFolder()
        let store = try Environment(path: folder.path, options: options())
        let thrown = failure {
            try store.write { (transaction) throws(StorageError) in
                try transaction.put(store.tables[0], Key(1), [1])
                throw StorageError(code: .invalidWrite, message: "no", path: "")
            }
        }
        #expect(thrown?.code == .invalidWrite)
        #expect(try store.read { (t) throws(StorageError) in try t.get(store.tables[0], Key(1)) } == nil)
    }

    @Test func readersKeepTheirView() throws {
        let folder = TemporaryFolder()
        let store = try Environment(path: folder.path, options: options())
        try store.write { (t) throws(StorageError) in try t.put(store.tables[0], Key(1), [1]) }
        let old = try ReadTransaction(store)
        try store.write { (t) throws(StorageError) in try t.put(store.tables[0], Key(1), [2]) }
        #expect(try old.get(store.tables[0], Key(1)) == [1])
        #expect(try store.read { (t) throws(StorageError) in try t.get(store.tables[0], Key(1)) } == [2])
    }

    @Test func cursorsAgreeWithASortedArray() throws {
        let folder = TemporaryFolder()
        let store = try Environment(path: folder.path, options: options())
        var random = Random(seed: 1)
        let keys = Set((0..<500).map { _ in UInt64.random(in: 0..<2_000, using: &random) }).sorted()
        try store.write { (t) throws(StorageError) in
            for key in keys { try t.put(store.tables[0], Key(key), [UInt8(truncatingIfNeeded: key)]) }
        }
        try store.read { (t) throws(StorageError) in
            try t.withCursor(store.tables[0]) { (cursor) throws(StorageError) in
                for wanted in stride(from: UInt64(0), to: 2_010, by: 3) {
                    let after = keys.first { $0 >= wanted }
                    #expect(try cursor.firstAtOrAfter(Key(wanted)) == (after != nil))
                    if let after { #expect(cursor.keyBytes == Key(after).bytes && cursor.valueBytes == [UInt8(truncatingIfNeeded: after)]) }
                    let before = keys.last { $0 < wanted }
                    #expect(try cursor.lastBefore(Key(wanted)) == (before != nil))
                    if let before { #expect(cursor.keyBytes == Key(before).bytes) }
                }
                var walked: [[UInt8]] = []
                var more = try cursor.first()
                while more {
                    walked.append(cursor.keyBytes)
                    more = try cursor.next()
                }
                #expect(walked == keys.map { Key($0).bytes })
            }
        }
    }

    @Test func aFullStoreSaysSoAndStaysUsable() throws {
        let folder = TemporaryFolder()
        let store = try Environment(path: folder.path, options: options(mapSizeBytes: 1 << 20))
        let thrown = failure {
            for number in 0..<1_000 {
                try store.write { (t) throws(StorageError) in
                    try t.put(store.tables[0], Key(UInt64(number)), [UInt8](repeating: 7, count: 4_000))
                }
            }
        }
        #expect(thrown?.code == .full)
        #expect(thrown?.message.contains("larger limit") == true)
        #expect(try store.read { (t) throws(StorageError) in try t.get(store.tables[0], Key(0)) }?.count == 4_000)
    }

    @Test func tooManyReadersIsAnError() throws {
        let folder = TemporaryFolder()
        var small = options()
        small.maximumReaders = 1
        let store = try Environment(path: folder.path, options: small)
        // LMDB rounds up; take views until it refuses.
        func takeOne(_ depth: Int) throws {
            guard depth < 10_000 else { return }
            try store.read { (_) throws(StorageError) in
                do { try takeOne(depth + 1) } catch {
                    guard let error = error as? StorageError else { return }
                    throw error
                }
            }
        }
        #expect(failure { try takeOne(0) }?.code == .tooManyReaders)
        try store.read { (_) throws(StorageError) in }
    }

    @Test func aSecondOpeningIsRefused() throws {
        let folder = TemporaryFolder()
        do {
            let store = try Environment(path: folder.path, options: options())
            let thrown = failure { _ = try Environment(path: folder.path, options: options()) }
            #expect(thrown?.code == .locked)
            #expect(thrown?.message.contains("\(ProcessInfo.processInfo.processIdentifier)") == true)
            try store.sync()
        }
        _ = try Environment(path: folder.path, options: options())
    }

    @Test func anotherKindOfStoreIsRefused() throws {
        let folder = TemporaryFolder()
        _ = try Environment(path: folder.path, options: options("test 1"))
        #expect(failure { _ = try Environment(path: folder.path, options: options("test 2")) }?.code == .wrongStore)
    }

    @Test func pathsThatCannotBeFoldersAreErrors() throws {
        let folder = TemporaryFolder()
        _ = try Environment(path: folder.path, options: options())
        #expect(failure { _ = try Environment(path: folder.path + "/LOCK", options: options()) } != nil)
        #expect(failure { _ = try Environment(path: "", options: options()) } != nil)
    }

    /// Files cut at every length that matters, or without their first pages, are errors and not the end of the process.
    @Test func damagedFilesAreErrors() throws {
        let folder = TemporaryFolder()
        do {
            let store = try Environment(path: folder.path, options: options())
            for number in 0..<64 {
                try store.write { (t) throws(StorageError) in
                    try t.put(store.tables[0], Key(UInt64(number)), [UInt8](repeating: 7, count: 3_000))
                }
            }
        }
        let whole = try folder.bytes("data.mdb")
        var lengths = [0, 1, 15, 100, 151, 4_095, 4_096, 4_100, 8_191, 8_192, 12_288, whole.count / 2, whole.count - 4_096, whole.count - 1]
        lengths.append(contentsOf: stride(from: 20_000, to: whole.count, by: 30_011))
        for length in lengths {
            try folder.write(Array(whole.prefix(length)), to: "data.mdb")
            #expect(failure { _ = try Environment(path: folder.path, options: options()) }?.code == .damaged, "\(length)")
        }
        try FileManager.default.removeItem(atPath: folder.path + "/data.mdb")
        #expect(failure { _ = try Environment(path: folder.path, options: options()) }?.code == .damaged)
        var random = Random(seed: 2)
        for _ in 0..<50 {
            try folder.write(random.bytes(whole.count), to: "data.mdb")
            #expect(failure { _ = try Environment(path: folder.path, options: options()) }?.code == .damaged)
        }
        try folder.write(whole, to: "data.mdb")
        let store = try Environment(path: folder.path, options: options())
        #expect(try store.read { (t) throws(StorageError) in try t.get(store.tables[0], Key(63)) }?.count == 3_000)
    }

    @Test func aRecordUnderAWrongKeyOrChangedIsDamaged() throws {
        let folder = TemporaryFolder()
        let store = try Environment(path: folder.path, options: options())
        try store.write { (t) throws(StorageError) in try t.putRecord(store.tables[0], Key(1), Array("content".utf8)) }
        let value = try #require(try store.read { (t) throws(StorageError) in try t.get(store.tables[0], Key(1)) })
        var wrong: [(Table, UInt64, [UInt8])] = [
            (store.tables[0], 2, value), (store.tables[1], 1, value), (store.tables[0], 1, []), (store.tables[0], 1, [1, 2, 3]),
        ]
        for bit in 0..<value.count * 8 {
            var changed = value
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            wrong.append((store.tables[0], 1, changed))
        }
        for (table, key, bytes) in wrong {
            try store.write { (t) throws(StorageError) in try t.put(table, Key(key), bytes) }
            let thrown = failure { _ = try store.read { (t) throws(StorageError) in try t.record(table, Key(key)) } }
            #expect(thrown?.code == .damaged)
            #expect(thrown?.message.contains("table \(table.name)") == true && thrown?.message.contains("make it again") == true)
        }
    }
}
