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

    /// The check at opening takes every file that LMDB writes: after deletions, long values that shrink, undone writes, and
    /// with pages that old readers hold.
    @Test func theCheckTakesWhatLMDBWrites() throws {
        let folder = TemporaryFolder()
        var random = Random(seed: 6)
        for round in 0..<40 {
            let store = try Environment(path: folder.path, options: options())
            let reader = try ReadTransaction(store)
            for _ in 0..<3 {
                let keys = UInt64.random(in: 1...3_000, using: &random)
                let deletions = UInt64.random(in: 0...4, using: &random)
                let undone = random.next() % 5 == 0
                _ = failure {
                    try store.write { (t) throws(StorageError) in
                        for _ in 0..<250 {
                            let key = Key(UInt64.random(in: 0..<keys, using: &random))
                            let table = store.tables[Int(random.next() % 2)]
                            if random.next() % 5 < deletions {
                                try t.delete(table, key)
                            } else {
                                let long = random.next() % 12 == 0 ? Int(random.next() % 20_000) : Int(random.next() % 400)
                                try t.put(table, key, [UInt8](repeating: 1, count: long))
                            }
                        }
                        if undone { throw StorageError(code: .invalidWrite, message: "", path: "") }
                    }
                }
            }
            if round % 9 == 8 {
                try store.write { (t) throws(StorageError) in for key in UInt64(0)..<3_000 { try t.delete(store.tables[0], Key(key)) } }
            }
            _ = try reader.get(store.tables[0], Key(1))
        }
    }

    /// Bytes changed anywhere in the file: opening it, reading everything and writing to it gives errors or answers, and
    /// never ends the process.
    @Test func changedBytesInTheFileNeverTrap() throws {
        let folder = TemporaryFolder()
        var random = Random(seed: 5)
        do {
            // Enough for branch pages, long values and a free list.
            let store = try Environment(path: folder.path, options: options())
            for round in 0..<30 {
                try store.write { (t) throws(StorageError) in
                    for _ in 0..<60 {
                        let key = Key(UInt64.random(in: 0..<600, using: &random))
                        let size = random.next() % 16 == 0 ? 9_000 : Int(random.next() % 300)
                        try t.putRecord(store.tables[round % 2], key, [UInt8](repeating: 7, count: size))
                        try t.delete(store.tables[round % 2], Key(UInt64.random(in: 0..<600, using: &random)))
                    }
                }
            }
        }
        func use() throws -> Int {
            let store = try Environment(path: folder.path, options: options())
            var damaged = 0
            for table in store.tables {
                try store.read { (t) throws(StorageError) in
                    try t.withCursor(table) { (cursor) throws(StorageError) in
                        var more = try cursor.first()
                        while more {
                            do throws(StorageError) { _ = try cursor.record() } catch { damaged += 1 }
                            more = try cursor.next()
                        }
                    }
                    for key in 0..<600 { do throws(StorageError) { _ = try t.record(table, Key(UInt64(key))) } catch { damaged += 1 } }
                }
                try store.write { (t) throws(StorageError) in
                    for key in 0..<600 { if key % 3 == 0 { try t.delete(table, Key(UInt64(key))) } else { try t.put(table, Key(UInt64(key)), [1]) } }
                }
            }
            return damaged
        }
        let whole = try folder.bytes("data.mdb")
        var refused = 0
        for round in 0..<300 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                // Mostly where LMDB keeps its own numbers: heads of pages and of nodes.
                let page = Int.random(in: 0..<whole.count / 4_096, using: &random) * 4_096
                let place = round % 3 == 0 ? Int.random(in: 0..<4_096, using: &random) : Int.random(in: 0..<160, using: &random)
                bytes[page + place] = round % 2 == 0 ? bytes[page + place] ^ (1 << UInt8(random.next() % 8)) : UInt8(random.next() % 256)
            }
            try folder.write(bytes, to: "data.mdb")
            do { if try use() > 0 { refused += 1 } } catch { refused += 1 }
        }
        #expect(refused > 60)
        try folder.write(whole, to: "data.mdb")
        #expect(try use() == 0)
        #expect(try use() > 0)
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
