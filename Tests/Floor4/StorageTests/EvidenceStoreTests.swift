// Evidence in the consensus store: what is kept and what is not, its pages, and stores of the version before.
import Consensus
import Crypto
import Primitives
import Storage
import Testing

private func open(_ folder: TemporaryFolder) throws -> ConsensusStore {
    try ConsensusStore(path: folder.path, genesis: testGenesis, mapSizeBytes: 256 << 20)
}

/// The store takes what consensus has verified, so any signature will do.
private func signed<S: Statement>(_ statement: S, _ signer: UInt16) -> Signed<S> {
    Signed(statement: statement, signer: signer, signature: RecoverableSignature(r: 1, s: 1, yParity: 0))
}

private func votes(epoch: UInt32 = 0, signer: UInt16, view: UInt64, other: UInt8 = 2) -> EvidenceRecord {
    func vote(_ block: UInt8) -> Vote {
        signed(VoteStatement(epoch: epoch, view: view, blockHash: Keccak256.hash([block]), parentView: view - 1), signer)
    }
    return EvidenceRecord(validator: Address(small: UInt32(signer) + 1), evidence: .votes(vote(1), vote(other)))
}

private func proposals(signer: UInt16, view: UInt64) -> EvidenceRecord {
    func proposal(_ block: UInt8) -> Signed<ProposalStatement> {
        signed(ProposalStatement(epoch: 0, view: view, blockHash: Keccak256.hash([block])), signer)
    }
    return EvidenceRecord(validator: Address(small: UInt32(signer) + 1), evidence: .proposals(proposal(1), proposal(2)))
}

/// Makes a store of this kind with these tables and nothing in it but the chain's identity.
private func makeStore(_ folder: TemporaryFolder, kind: String, tables: [String]) throws {
    let store = try Environment(
        path: folder.path, options: .init(kind: kind, tables: tables, durability: .full, mapSizeBytes: 256 << 20, remedy: "remedy"))
    try store.write { (t) throws(StorageError) in
        let head = FinalizedBlock(height: 0, hash: testGenesis.hash)
        try t.putRecord(store.tables[0], Key("genesis"), testGenesis.hash.bytes)
        try t.putRecord(store.tables[0], Key("head"), ConsensusRecords.encode(head))
        try t.putRecord(store.tables[0], Key("safety"), safety(5).encoded)
        try t.putRecord(store.tables[0], Key("voted"), [1])
        try t.putRecord(store.tables[3], Key(0), testGenesis.hash.bytes)
    }
}

private let oldTables = ["meta", "blocks", "heights", "finalized", "certificates"]

@Suite struct EvidenceStoreTests {
    @Test func evidenceComesBackInOrder() throws {
        let folder = TemporaryFolder()
        let records = [
            proposals(signer: 0, view: 300), votes(signer: 0, view: 2), votes(signer: 0, view: 256), votes(signer: 3, view: 1),
            votes(epoch: 1, signer: 0, view: 1),
        ]
        do {
            let store = try open(folder)
            let block = chain(1)[0]
            #expect(!ConsensusBatch(evidence: records).isEmpty)
            try store.commit(ConsensusBatch(safety: safety(2), blocks: [block], evidence: [records[3], records[1], records[4]]))
            try store.commit(ConsensusBatch(evidence: [records[2], records[0]]))
        }
        let store = try open(folder)
        let all = try store.evidence(count: 100)
        #expect(all.records == records && all.next == nil)
        // Page by page, from the position that each page names.
        var pages: [EvidenceRecord] = []
        var next: EvidencePosition?
        repeat {
            let page = try store.evidence(from: next, count: 2)
            #expect(page.records.count <= 2)
            pages += page.records
            next = page.next
        } while next != nil
        #expect(pages == records)
        #expect(try store.evidence(from: EvidencePosition(epoch: 1, signer: 0, code: 255, view: 0), count: 9).records.isEmpty)
    }

    /// The second piece of one offence is dropped, and the fifth offence of one code; also after a restart.
    @Test func whatIsKeptIsBounded() throws {
        let folder = TemporaryFolder()
        let kept = (10..<14).map { votes(signer: 1, view: $0) }
        try open(folder).commit(ConsensusBatch(evidence: Array(kept[0..<2])))
        try open(folder).commit(ConsensusBatch(evidence: [votes(signer: 1, view: 10, other: 9), kept[1], kept[2], kept[3]]))
        let store = try open(folder)
        try store.commit(ConsensusBatch(evidence: [votes(signer: 1, view: 9), votes(signer: 1, view: 14), kept[0]]))
        #expect(try store.evidence(count: 100).records == kept)
        // Others are not shut out: another code, another validator, another epoch.
        let others = [proposals(signer: 1, view: 9), votes(signer: 2, view: 9), votes(epoch: 1, signer: 1, view: 9)]
        try store.commit(ConsensusBatch(evidence: others))
        #expect(try store.evidence(count: 100).records == [others[0]] + kept + others[1...])
    }

    /// A batch that is refused leaves no evidence behind either.
    @Test func evidenceIsPartOfItsBatch() throws {
        let folder = TemporaryFolder()
        let store = try open(folder)
        let block = chain(1)[0]
        let bad = ConsensusBatch(finalized: [block.final], certificates: [block.certificate], evidence: [votes(signer: 1, view: 9)])
        #expect(failure { try store.commit(bad) }?.code == .invalidWrite)
        #expect(try store.evidence(count: 100).records.isEmpty)
    }

    /// A record under another position, or one with changed bytes, is damage and never a trap.
    @Test func changedEvidenceIsNoticed() throws {
        let folder = TemporaryFolder()
        let store = try open(folder)
        let record = votes(signer: 1, view: 9)
        try store.environment.write { (t) throws(StorageError) in
            try t.putRecord(store.environment.tables[5], votes(signer: 1, view: 8).position.encoded, ConsensusRecords.encode(record))
        }
        #expect(failure { _ = try store.evidence(count: 9) }?.code == .damaged)
        var random = Random(seed: 5)
        let sample = ConsensusRecords.encode(record)
        for _ in 0..<20_000 {
            let bytes = random.mutated(sample)
            var reader = CanonicalReader(bytes)
            guard let decoded = try? ConsensusRecords.decodeEvidence(&reader, position: record.position.encoded) else { continue }
            #expect(ConsensusRecords.encode(decoded) == bytes)
        }
    }

    /// A store of the version before gets its table at opening, also when an earlier opening was cut off before the marker; then it is
    /// a store of this version. What was in it stays.
    @Test func anOlderStoreIsBroughtUp() throws {
        for tables in [oldTables, oldTables + ["evidence"]] {
            let folder = TemporaryFolder()
            try makeStore(folder, kind: "consensus 1", tables: tables)
            do {
                let store = try open(folder)
                #expect(try store.evidence(count: 9).records.isEmpty)
                try store.commit(ConsensusBatch(evidence: [votes(signer: 1, view: 9)]))
            }
            #expect(try folder.bytes("STORE") == Array("hyperseq consensus 2\n".utf8))
            let store = try open(folder)
            #expect(try store.evidence(count: 9).records == [votes(signer: 1, view: 9)])
            #expect(try store.recover(asValidator: true)?.record == safety(5))
        }
    }

    /// In a store of this version a table that is missing is damage, and so is an old one that is missing in an older store.
    @Test func aMissingTableIsNotMadeAnew() throws {
        let folder = TemporaryFolder()
        try makeStore(folder, kind: "consensus 2", tables: oldTables)
        let thrown = failure { _ = try open(folder) }
        #expect(thrown?.code == .missing && thrown?.message.contains("evidence") == true && thrown?.message.contains("restore") == true)

        let older = TemporaryFolder()
        try makeStore(older, kind: "consensus 1", tables: Array(oldTables[0..<4]))
        #expect(failure { _ = try open(older) }?.code == .missing)
        #expect(try older.bytes("STORE") == Array("hyperseq consensus 1\n".utf8))
        let unknown = TemporaryFolder()
        try makeStore(unknown, kind: "consensus 3", tables: oldTables)
        #expect(failure { _ = try open(unknown) }?.code == .wrongStore)
    }
}
