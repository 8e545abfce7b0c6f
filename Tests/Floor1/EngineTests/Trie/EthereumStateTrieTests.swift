// The state trie of Ethereum mode: block changes against the root over the whole state, reads, and account proofs.
import Engine
import Primitives
import Testing

@Suite("Ethereum state trie")
struct EthereumStateTrieTests {
    typealias Random = FuzzTests.Random

    struct Model {
        var accounts: [Address: AccountRecord] = [:]
        var slots: [Address: [UInt256: UInt256]] = [:]

        var root: Hash256 {
            EthereumStateRoot.root(
                accounts: accounts.map { address, record in
                    (address, record, storage: (slots[address] ?? [:]).map { ($0.key, $0.value) })
                })
        }
    }

    /// Changes as a block makes them: sorted, and slots only of accounts that exist afterwards.
    static func changes(_ random: inout Random, _ model: inout Model) -> StateChanges {
        var changes = StateChanges()
        let addresses = Set((0..<1 + random.below(8)).map { _ in Address(small: UInt32(random.below(40))) }).sorted()
        for address in addresses {
            switch random.below(4) {
            case 0 where model.accounts[address] != nil:
                model.accounts[address] = nil
                model.slots[address] = nil
                changes.accounts.append(AccountChange(address: address, record: nil))
                continue
            case 1 where model.accounts[address] != nil: break
            default:
                let record = AccountRecord(nonce: random.next() % 5 + 1, balance: UInt256(random.next()))
                model.accounts[address] = record
                changes.accounts.append(AccountChange(address: address, record: record))
            }
            for slot in Set((0..<random.below(6)).map { _ in UInt256(UInt64(random.below(12))) }).sorted() {
                let value = random.below(3) == 0 ? UInt256.zero : UInt256(random.next())
                model.slots[address, default: [:]][slot] = value
                changes.storage.append(StorageChange(address: address, slot: slot, value: value))
            }
        }
        return changes
    }

    @Test("random blocks give the root over the whole state", arguments: [1, 2] as [UInt64])
    func blocks(seed: UInt64) throws {
        var random = Random(state: seed)
        var model = Model()
        let store = MemoryTrieNodeStore()
        var root = MerklePatriciaTrie.emptyRoot
        for _ in 0..<150 {
            let update = try EthereumStateTrie.update(EthereumStateTrieTests.changes(&random, &model), root: root, in: store)
            #expect(update.root == model.root)
            store.apply(update)
            root = update.root
        }
        let database = EthereumStateDatabase(root: root, nodes: store)
        for small in 0..<40 as Range<UInt32> {
            let address = Address(small: small)
            #expect(try database.account(address) == model.accounts[address])
            #expect(try database.hasStorage(address) == (model.slots[address]?.contains { !$0.value.isZero } ?? false))
            let slots = (0..<14).map { UInt256(UInt64($0)) }
            for slot in slots { #expect(try database.storage(address, slot) == model.slots[address]?[slot] ?? .zero) }
            let proof = try EthereumStateTrie.prove(address, slots: slots, root: root, in: store)
            #expect(try proof.verify(stateRoot: root))
            #expect(proof.storageProofs.map(\.value) == slots.map { model.slots[address]?[$0] ?? .zero })
        }
    }

    @Test("a false claim in an account proof is refused")
    func falseClaims() throws {
        var random = Random(state: 3)
        var model = Model()
        let store = MemoryTrieNodeStore()
        var root = MerklePatriciaTrie.emptyRoot
        for _ in 0..<30 {
            let update = try EthereumStateTrie.update(EthereumStateTrieTests.changes(&random, &model), root: root, in: store)
            store.apply(update)
            root = update.root
        }
        let address = try #require(model.accounts.keys.sorted().first { !(model.slots[$0] ?? [:]).values.allSatisfy(\.isZero) })
        let honest = try EthereumStateTrie.prove(address, slots: [1, 2, 3], root: root, in: store)
        func isRefused(_ change: (inout AccountProof) -> Void) -> Bool {
            var proof = honest
            change(&proof)
            return (try? proof.verify(stateRoot: root)) != true
        }
        #expect(isRefused { $0.account.record.balance = $0.account.record.balance &+ 1 })
        #expect(isRefused { $0.account.record.nonce += 1 })
        #expect(isRefused { $0.account = EthereumAccount(record: AccountRecord()) })
        #expect(isRefused { $0.account.storageRoot = MerklePatriciaTrie.emptyRoot })
        #expect(isRefused { $0.address = Address(small: 999) })
        #expect(isRefused { $0.storageProofs[0].value = $0.storageProofs[0].value &+ 1 })
        #expect(isRefused { $0.storageProofs[1].slot = 7777 })
        #expect(isRefused { $0.storageProofs[2].proof = [] })
        #expect(isRefused { $0.accountProof.removeLast() })
        #expect(!isRefused { _ in })
    }

    @Test("noise is not an account")
    func noise() {
        var random = Random(state: 4)
        for _ in 0..<50_000 {
            var bytes = EthereumAccount(record: AccountRecord(nonce: random.next(), balance: UInt256(random.next()))).encode()
            for _ in 0..<1 + random.below(3) { bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next()) }
            if random.below(4) == 0 { bytes.removeLast(random.below(bytes.count)) }
            if let account = try? EthereumAccount.decode(bytes) { #expect(account.encode() == bytes) }
        }
    }
}
