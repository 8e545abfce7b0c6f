// The consensus store: commits, finality, ranges, recovery, crashes.
import Consensus
import Foundation
import Primitives
import Storage
import Testing

let testGenesis = BlockHeader(
    epoch: 0, view: 0, height: 0, parentHash: .zero, parentView: 0, payloadRoot: .zero, payloadByteCount: 0,
    timestampMilliseconds: 1_000, proposer: .zero)

/// A block on `parent`; `branch` tells siblings apart.
func child(of parent: BlockHeader, branch: UInt8 = 0, payloadByteCount: Int = 100) -> Block {
    let payload = [UInt8](repeating: branch, count: payloadByteCount)
    return Block(
        header: BlockHeader(
            epoch: 0, view: parent.view + 1 + UInt64(branch), height: parent.height + 1, parentHash: parent.hash,
            parentView: parent.view, payloadRoot: Keccak256.hash(payload), payloadByteCount: UInt32(payloadByteCount),
            timestampMilliseconds: parent.timestampMilliseconds + 1, proposer: Address(small: 7)),
        payload: payload)
}

func chain(_ count: Int, payloadByteCount: Int = 100) -> [Block] {
    var blocks: [Block] = []
    for _ in 0..<count { blocks.append(child(of: blocks.last?.header ?? testGenesis, payloadByteCount: payloadByteCount)) }
    return blocks
}

extension Block {
    var final: FinalizedBlock { FinalizedBlock(height: header.height, hash: header.hash) }
    /// Without signatures: the store takes what consensus has verified.
    var certificate: CommitCertificate {
        CommitCertificate(
            statement: CommitStatement(epoch: 0, view: header.view, height: header.height, blockHash: header.hash),
            signers: SignerBitmap(), signatures: [])
    }
}

func safety(_ view: UInt64) -> SafetyRecord {
    var record = SafetyRecord(epoch: 0, genesisHash: testGenesis.hash)
    record.view = view
    return record
}

private func open(_ folder: TemporaryFolder) throws -> ConsensusStore {
    try ConsensusStore(path: folder.path, genesis: testGenesis, mapSizeBytes: 256 << 20)
}

@Suite struct ConsensusStoreTests {
    @Test func aNewStoreIsAtGenesis() throws {
        let folder = TemporaryFolder()
        let store = try open(folder)
        #expect(try store.finalizedHead() == FinalizedBlock(height: 0, hash: testGenesis.hash))
        #expect(try store.finalizedHash(height: 0) == testGenesis.hash)
        #expect(try store.recover(asValidator: true) == nil)
        #expect(try store.finalizedRange(from: 0, count: 9, limitBytes: 1_000) == nil)
    }

    @Test func whatWasCommittedComesBack() throws {
        let folder = TemporaryFolder()
        let blocks = chain(5)
        do {
            let store = try open(folder)
            try store.commit(ConsensusBatch(safety: safety(3), blocks: Array(blocks[0..<2])))
            try store.commit(ConsensusBatch(
                safety: safety(4), blocks: Array(blocks[2...]), finalized: blocks[0..<3].map(\.final), certificates: [blocks[2].certificate]))
            try store.commit(ConsensusBatch())
        }
        let store = try open(folder)
        for block in blocks { #expect(try store.block(hash: block.header.hash) == block) }
        #expect(try store.block(hash: .zero) == nil)
        #expect(try store.finalizedBlock(height: 3) == blocks[2])
        #expect(try store.finalizedBlock(height: 4) == nil)
        #expect(try store.finalizedHash(height: 2) == blocks[1].header.hash)
        #expect(try store.certificate(height: 3) == blocks[2].certificate)
        #expect(try store.certificate(height: 2) == nil)
        #expect(try store.nearestCertificate(atOrAbove: 1) == blocks[2].certificate)
        #expect(try store.nearestCertificate(atOrAbove: 4) == nil)
        let recovered = try #require(try store.recover(asValidator: true))
        #expect(recovered.record == safety(4) && recovered.head == blocks[2].header)
        #expect(recovered.commit == blocks[2].certificate && recovered.blocks == Array(blocks[3...]))
    }

    @Test func losersAreRemovedWhenTheirHeightIsFinal() throws {
        let folder = TemporaryFolder()
        let store = try open(folder)
        let winner = child(of: testGenesis)
        let loser = child(of: testGenesis, branch: 1)
        let above = child(of: loser.header, branch: 1)
        try store.commit(ConsensusBatch(blocks: [loser, above, winner]))
        try store.commit(ConsensusBatch(finalized: [winner.final], certificates: [winner.certificate]))
        #expect(try store.block(hash: loser.header.hash) == nil)
        #expect(try store.block(hash: winner.header.hash) == winner)
        // Above the final height an abandoned branch stays until that height is final too.
        #expect(try store.recover(asValidator: false)?.blocks == [above])
        // A loser that comes late is not stored.
        try store.commit(ConsensusBatch(blocks: [loser, winner]))
        #expect(try store.block(hash: loser.header.hash) == nil)
        let next = child(of: winner.header)
        try store.commit(ConsensusBatch(blocks: [next], finalized: [next.final], certificates: [next.certificate]))
        #expect(try store.recover(asValidator: false)?.blocks.isEmpty == true)
    }

    @Test func impossibleBatchesChangeNothing() throws {
        let folder = TemporaryFolder()
        let store = try open(folder)
        let blocks = chain(3)
        let other = child(of: testGenesis, branch: 3)
        var wrongLength = blocks[0]
        wrongLength.payload.append(0)
        var wrongCount = ConsensusBatch(blocks: blocks)
        wrongCount.finalize(blocks.map(\.header.hash), blocks[1].certificate)
        let bad: [ConsensusBatch] = [
            // Not stored; a gap; not a child; no certificate; a certificate of another block; a payload of another length.
            ConsensusBatch(finalized: [blocks[0].final], certificates: [blocks[0].certificate]),
            ConsensusBatch(blocks: blocks, finalized: [blocks[1].final], certificates: [blocks[1].certificate]),
            ConsensusBatch(blocks: blocks + [other], finalized: [other.final, blocks[1].final], certificates: [blocks[1].certificate]),
            ConsensusBatch(blocks: blocks, finalized: [blocks[0].final, blocks[1].final], certificates: [blocks[0].certificate]),
            ConsensusBatch(blocks: blocks + [other], finalized: [blocks[0].final], certificates: [other.certificate]),
            ConsensusBatch(blocks: [wrongLength]),
            ConsensusBatch(certificates: [Block(header: testGenesis, payload: []).certificate]), wrongCount,
        ]
        for (index, var batch) in bad.enumerated() {
            batch.safety = safety(9)
            #expect(failure { try store.commit(batch) }?.code == .invalidWrite, "\(index)")
        }
        #expect(try store.recover(asValidator: true) == nil)
    }

    @Test func rangesEndAtCertificates() throws {
        let folder = TemporaryFolder()
        let store = try open(folder)
        let blocks = chain(12)
        try store.commit(ConsensusBatch(
            blocks: blocks, finalized: blocks[0..<10].map(\.final),
            certificates: [blocks[3].certificate, blocks[4].certificate, blocks[9].certificate]))
        let size = BlockHeader.byteCount + 100
        func range(_ from: UInt64, _ count: Int, _ bytes: Int) throws -> ClosedRange<UInt64>? {
            guard let range = try store.finalizedRange(from: from, count: count, limitBytes: bytes) else { return nil }
            let first = Int(range.blocks[0].header.height) - 1
            #expect(range.blocks == Array(blocks[first..<first + range.blocks.count]))
            #expect(range.certificate == range.blocks.last?.certificate)
            return UInt64(first + 1)...UInt64(first + range.blocks.count)
        }
        #expect(try range(0, 64, 1 << 20) == 1...10)
        #expect(try range(1, 64, 7 * size) == 1...5)
        #expect(try range(1, 7, 1 << 20) == 1...5)
        #expect(try range(2, 64, 3 * size) == 2...4)
        #expect(try range(4, 1, 1 << 20) == 4...4)
        #expect(try range(4, 64, 0) == 4...4)
        // No certificate within the limits: on to the next one.
        #expect(try range(6, 2, 1 << 20) == 6...10)
        #expect(try range(6, 64, 2 * size) == 6...10)
        #expect(try range(10, 0, 0) == 10...10)
        #expect(try range(11, 64, 1 << 20) == nil)
        #expect(try range(.max, 64, 1 << 20) == nil)
    }

    @Test func anotherChainIsRefused() throws {
        let folder = TemporaryFolder()
        _ = try open(folder)
        var other = testGenesis
        other.timestampMilliseconds += 1
        #expect(failure { _ = try ConsensusStore(path: folder.path, genesis: other) }?.code == .wrongStore)
    }

    /// Every record of the store is removed or changed in turn: the loss is always noticed, never a trap.
    @Test func lostAndChangedRecordsAreNoticed() throws {
        let folder = TemporaryFolder()
        let blocks = chain(3)
        do {
            let store = try open(folder)
            try store.commit(ConsensusBatch(
                safety: safety(1), blocks: blocks, finalized: [blocks[0].final, blocks[1].final], certificates: [blocks[1].certificate]))
        }
        func key(_ block: Block) -> [UInt8] { Key(block.header.height).bytes + block.header.hash.bytes }
        let records: [(table: Int, key: [UInt8])] = [
            (0, Array("genesis".utf8)), (0, Array("head".utf8)), (0, Array("safety".utf8)), (1, key(blocks[1])),
            (3, Key(2).bytes), (4, Key(2).bytes),
        ]
        for record in records + [(1, key(blocks[2]))] {
            for changes in [true, false] where changes || record.key != key(blocks[2]) {
                let copy = try folder.copy()
                do {
                    let store = try open(copy)
                    try store.environment.write { (t) throws(StorageError) in
                        let table = store.environment.tables[record.table]
                        var value = try t.get(table, record.key) ?? []
                        #expect(!value.isEmpty)
                        value[value.count - 1] ^= 1
                        if changes { try t.put(table, record.key, value) } else { try t.delete(table, record.key) }
                    }
                }
                let thrown = failure { _ = try open(copy).recover(asValidator: true) }
                #expect(thrown?.code == (changes ? .damaged : .missing), "\(record.table) \(record.key)")
                #expect(thrown?.message.contains("of the table") == true || thrown?.message.contains("from the table") == true)
                #expect(thrown?.message.contains("restore") == true)
            }
        }
    }

    @Test func aValidatorNeedsItsSafetyRecord() throws {
        let folder = TemporaryFolder()
        let store = try open(folder)
        try store.commit(ConsensusBatch(blocks: chain(1)))
        #expect(try store.recover(asValidator: false)?.record == SafetyRecord(epoch: 0, genesisHash: testGenesis.hash))
        #expect(failure { _ = try store.recover(asValidator: true) }?.code == .missing)
    }

    /// A process that is killed while it commits leaves exactly what its last completed commit wrote.
    @Test func killedProcessesLoseNothing() async throws {
        let folder = TemporaryFolder()
        let path = folder.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let store = try ConsensusStore(path: path, genesis: testGenesis, mapSizeBytes: 256 << 20)
            let blocks = chain(20)
            for block in blocks {
                try store.commit(ConsensusBatch(
                    safety: safety(block.header.height), blocks: [block], finalized: [block.final], certificates: [block.certificate]))
            }
            try store.environment.write { (t) throws(StorageError) in
                try t.put(store.environment.tables[0], Key("safety"), [0])
                kill(getpid(), SIGKILL)
            }
        }
        let store = try open(folder)
        let recovered = try #require(try store.recover(asValidator: true))
        #expect(recovered.record == safety(20) && recovered.head.height == 20)
    }

    @Test func aSecondProcessIsRefused() async throws {
        let folder = TemporaryFolder()
        let path = folder.path
        let store = try open(folder)
        await #expect(processExitsWith: .exitCode(7)) { [path = path as String] in
            let thrown = failure { _ = try ConsensusStore(path: path, genesis: testGenesis) }
            exit(thrown?.code == .locked ? 7 : 1)
        }
        #expect(try store.finalizedHead().height == 0)
    }

    /// Copies of the data file taken between commits are each a consistent store with a prefix of the commits.
    @Test func copiesBetweenCommitsAreConsistent() throws {
        let folder = TemporaryFolder()
        let store = try open(folder)
        for (index, block) in chain(10).enumerated() {
            try store.commit(ConsensusBatch(
                safety: safety(UInt64(index)), blocks: [block], finalized: [block.final], certificates: [block.certificate]))
            let copy = try folder.copy()
            let recovered = try #require(try open(copy).recover(asValidator: true))
            #expect(recovered.record == safety(UInt64(index)) && recovered.head == block.header)
        }
    }

    @Test func mutatedRecordsAreErrors() throws {
        let block = child(of: testGenesis)
        let samples = [ConsensusRecords.encode(block), block.certificate.encoded, ConsensusRecords.encode(block.final)]
        var random = Random(seed: 3)
        var refused = 0
        for round in 0..<240_000 {
            var reader = CanonicalReader(random.mutated(samples[round % 3]))
            do {
                switch round % 3 {
                case 0: _ = try ConsensusRecords.decodeBlock(&reader)
                case 1: _ = try ConsensusRecords.decodeCertificate(&reader, height: 1)
                default: _ = try ConsensusRecords.decodeFinalized(&reader)
                }
                try reader.finish()
            } catch { refused += 1 }
        }
        #expect(refused > 80_000)
    }

    @Test func durableCommitsPerSecond() throws {
        let folder = TemporaryFolder()
        let store = try open(folder)
        let blocks = chain(100, payloadByteCount: 60_000)
        let start = ContinuousClock.now
        for block in blocks {
            try store.commit(ConsensusBatch(
                safety: safety(block.header.view), blocks: [block], finalized: [block.final], certificates: [block.certificate]))
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        print("durable commits of 60 kB blocks per second: \(Int(100 / seconds))")
    }
}
