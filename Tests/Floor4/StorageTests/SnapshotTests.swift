// Snapshots: what is imported is what was exported, and goes on as the original does; damaged files are refused by name.
import Engine
import Foundation
import Primitives
import Storage
import Testing

@Suite struct SnapshotTests {
    private func open(_ folder: TemporaryFolder) throws -> ChainStore {
        try ChainStore(path: folder.path, historyBlocks: 5, mapSizeBytes: 4 << 30)
    }

    /// A chain of some blocks in a store; the model goes on after it.
    private func chain(seed: UInt64, blocks: Int, accounts: Int = 30) throws -> (TemporaryFolder, ChainModel, ChainStore) {
        let folder = TemporaryFolder()
        let model = ChainModel(seed: seed, addresses: accounts)
        let store = try open(folder)
        try store.initialize(genesis: model.addBlock(transactions: 1))
        for _ in 1..<blocks { try store.append([model.addBlock(transactions: 2)]) }
        return (folder, model, store)
    }

    @Test(arguments: [(51, 1, 30), (52, 12, 30), (53, 300, 6), (54, 3, 6_000)] as [(UInt64, Int, Int)])
    func importGivesWhatWasExported(seed: UInt64, blocks: Int, accounts: Int) throws {
        let (folder, model, store) = try chain(seed: seed, blocks: blocks, accounts: accounts)
        defer { withExtendedLifetime(folder) {} }
        let files = TemporaryFolder()
        let snapshot = SnapshotFolder(path: files.path)
        let manifest = try snapshot.export(store)
        #expect(try snapshot.manifest() == manifest)
        #expect(try SnapshotManifest.decode(manifest.encode()) == manifest)
        #expect(try manifest.block == store.head() && manifest.genesisHash == model.blocks[0].record.hash)
        let copyFolder = TemporaryFolder()
        try snapshot.load(manifest, into: copyFolder.path)
        let copy = try open(copyFolder)
        try copy.initialize(genesis: model.blocks[0])
        #expect(try copy.head() == store.head())
        let head = UInt64(blocks - 1)
        #expect(try copy.transactions(height: head) == store.transactions(height: head))
        if blocks > 1 {
            #expect(failure { _ = try copy.state(height: head - 1) }?.code == .statePruned(height: head - 1, historyBlocks: 5))
        }
        // The copy exports the same bytes, and both go on alike.
        let again = TemporaryFolder()
        #expect(try SnapshotFolder(path: again.path).export(copy) == manifest)
        for name in try FileManager.default.contentsOfDirectory(atPath: files.path) { #expect(try again.bytes(name) == files.bytes(name)) }
        for _ in 0..<12 {
            let before = try StoredFinalizedChain(copy).tree()
            let block = try model.addBlock()
            #expect(try StateTree.update(before, with: block.changes) == block.tree)
            try copy.append([block])
            try store.append([block])
        }
        let height = head + 12
        let state = try copy.state(height: height)
        let expected = model.states[Int(height)]
        for address in model.addresses.prefix(200) {
            let account = try state.account(address)
            #expect(account == expected.accounts[address])
            if let account { #expect(try state.code(account.codeHash) == expected.codes[account.codeHash]) }
            for slot in model.slotNumbers {
                #expect(try state.storage(address, slot) == expected.slots[SlotName(address: address, slot: slot)] ?? .zero)
            }
        }
        let original = try store.state(height: height)
        for number in 0...height + 1 { #expect(try state.blockHash(number) == original.blockHash(number)) }
    }

    @Test func damagedFilesAreRefused() throws {
        let (folder, _, store) = try chain(seed: 55, blocks: 5, accounts: 200)
        defer { withExtendedLifetime((folder, store)) {} }
        let files = TemporaryFolder()
        let snapshot = SnapshotFolder(path: files.path)
        let manifest = try snapshot.export(store)
        var random = Random(seed: 56)
        func readAll(_ folder: TemporaryFolder) throws {
            let snapshot = SnapshotFolder(path: folder.path)
            try snapshot.load(try snapshot.manifest(), into: TemporaryFolder().path)
        }
        try readAll(files)
        for name in ["manifest", "state-000000", "codes-000000"] {
            for round in 0..<12 {
                let copy = try files.copy()
                let bytes = try files.bytes(name)
                let wrong = round == 0 ? Array(bytes.dropLast()) : random.mutated(bytes)
                try copy.write(wrong, to: name)
                guard wrong != bytes else { continue }
                // Nothing outside a manifest tells whose receipts and state root it should have: that is the caller's part.
                if name == "manifest", let other = try? SnapshotFolder(path: copy.path).manifest(),
                    other.block.stateRoot == manifest.block.stateRoot, other.leafCount == manifest.leafCount
                { continue }
                let thrown = failure { try readAll(copy) }
                #expect(thrown?.code == .damaged || thrown?.code == .missing, "\(name) \(round)")
            }
            let copy = try files.copy()
            try FileManager.default.removeItem(atPath: copy.path + "/" + name)
            #expect(failure { try readAll(copy) }?.code == .missing)
        }
        #expect(failure { _ = try snapshot.export(store) }?.code == .system(EEXIST))
        #expect(failure { try snapshot.load(manifest, into: store.environment.path) }?.code == .locked)
    }

    @Test func manifestsNeverTrap() throws {
        let (_, _, store) = try chain(seed: 57, blocks: 4)
        let bytes = try SnapshotFolder(path: TemporaryFolder().path).export(store).encode()
        let codes = CodeList.encode([[1, 2, 3], [], [UInt8](repeating: 7, count: 40)])
        #expect(try CodeList.decode(codes).count == 3)
        var random = Random(seed: 58)
        for _ in 0..<20_000 { _ = try? SnapshotManifest.decode(random.mutated(bytes)) }
        for _ in 0..<200_000 {
            let wrong = random.mutated(codes)
            if let list = try? CodeList.decode(wrong) { #expect(CodeList.encode(list) == wrong) }
        }
    }

    /// An import that was interrupted leaves a store that says so.
    @Test func interruptedImportsAreNoticed() throws {
        let (_, _, store) = try chain(seed: 59, blocks: 3)
        let files = TemporaryFolder()
        let snapshot = SnapshotFolder(path: files.path)
        let manifest = try snapshot.export(store)
        let target = TemporaryFolder()
        do {
            let loader = try StateLoader(path: target.path, height: 2, mapSizeBytes: 4 << 30)
            try snapshot.read(manifest, chunk: { (chunk) throws(StorageError) in try loader.add(chunk.hashed) }, code: { _ in })
            #expect(loader.root == manifest.block.stateRoot)
            // Without the codes it cannot be completed.
            let thrown = failure {
                try loader.finish(
                    genesisHash: manifest.genesisHash, block: manifest.block, transactions: manifest.transactions,
                    ancestors: manifest.ancestors)
            }
            #expect(thrown?.code == .missing)
        }
        let thrown = failure { _ = try open(target) }
        #expect(thrown?.code == .missing && thrown?.message.contains("interrupted") == true)
    }
}
