// The transaction codec: one encoding per transaction, hostile bytes end in errors, known vectors.
import Crypto
import Engine
import Primitives
import Testing

/// How many damaged inputs each decoder gets.
let mutationsPerDecoder = 200_000

/// A random unsigned transaction of a type that this chain takes.
func randomTransaction(_ random: inout SeededGenerator) -> Transaction {
    let type: TransactionType = [.legacy, .accessList, .dynamicFee, .setCode][Int(random.below(4))]
    let fee = random.word()
    var transaction = Transaction(
        type: type, chainID: type == .legacy && random.below(2) == 0 ? nil : random.next() >> random.below(64),
        nonce: random.next() >> (1 + random.below(63)), gasLimit: random.next() >> random.below(64), maxFeePerGas: fee,
        maxPriorityFeePerGas: type == .legacy || type == .accessList ? fee : random.word(),
        to: type != .setCode && random.below(4) == 0 ? nil : random.address(), value: random.word(),
        data: random.bytes(Int(random.below(80))), yParity: UInt8(random.below(2)), r: random.word(), s: random.word())
    if type != .legacy {
        transaction.accessList = (0..<random.below(4)).map { _ in
            AccessListEntry(address: random.address(), storageKeys: (0..<random.below(4)).map { _ in random.word() })
        }
    }
    if type == .setCode {
        transaction.authorizations = (0...random.below(3)).map { _ in
            Authorization(
                chainID: random.word(), address: random.address(), nonce: random.next() >> random.below(64),
                yParity: UInt8(random.below(256)), r: random.word(), s: random.word())
        }
    }
    return transaction
}

@Suite struct TransactionCodecTests {
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func decodingUndoesEncoding(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let transaction = randomTransaction(&random)
            let raw = transaction.encode()
            #expect(try Transaction.decode(raw) == transaction)
            #expect(transaction.hash == Keccak256.hash(raw))
        }
    }

    @Test(arguments: [5, 6, 7, 8] as [UInt64])
    func mutatedBytesDecodeCanonicallyOrNotAtAll(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var valid: [UInt8] = []
        for round in 0..<mutationsPerDecoder / 4 {
            if round % 8 == 0 { valid = randomTransaction(&random).encode() }
            var raw = valid
            switch random.below(4) {
            case 0: raw.removeLast(Int(random.below(UInt64(raw.count))) + 1)
            case 1: raw.insert(UInt8(truncatingIfNeeded: random.next()), at: Int(random.below(UInt64(raw.count))))
            case 2: raw.append(UInt8(truncatingIfNeeded: random.next()))
            default: raw[Int(random.below(UInt64(raw.count)))] ^= 1 << UInt8(random.below(8))
            }
            if let transaction = try? Transaction.decode(raw), transaction.encode() != raw { Issue.record("\(raw)") }
        }
    }

    @Test func randomBytesNeverTrap() {
        var random = SeededGenerator(seed: 8)
        for _ in 0..<20000 {
            var raw = random.bytes(Int(random.below(40)) + 1)
            if random.below(2) == 0 { raw[0] = [0x01, 0x02, 0x04, 0xc8, 0xf8, 0xf9][Int(random.below(6))] }
            if let transaction = try? Transaction.decode(raw) { #expect(transaction.encode() == raw) }
        }
    }

    @Test func refusesWhatIsNotOurs() {
        func error(_ raw: [UInt8]) -> TransactionDecodingError? {
            do throws(TransactionDecodingError) {
                _ = try Transaction.decode(raw)
                return nil
            } catch {
                return error
            }
        }
        #expect(error([]) == .notATransaction)
        #expect(error([0x80]) == .notATransaction)
        #expect(error([0x00, 0xc0]) == .unsupportedType(0))
        #expect(error([0x03, 0xc0]) == .unsupportedType(3))
        #expect(error([0x05, 0xc0]) == .unsupportedType(5))
        #expect(error([0xc0]) == .missingField(.nonce))
        #expect(error([0x02, 0xc0]) == .missingField(.chainID))
        #expect(error([0x02, 0xc0, 0x00]) == .malformed(.trailingBytes))
        #expect(error([UInt8](repeating: 0x02, count: Transaction.maxEncodedByteCount + 1)) == .tooLarge)
        #expect(TransactionDecodingError.unsupportedType(3).message == "blob transactions (type 0x03) are not supported on this chain")
        #expect(TransactionDecodingError.unsupportedType(5).message == "transaction type 0x05 is not supported")

        var setCode = Transaction(
            type: .setCode, chainID: 1, nonce: 0, gasLimit: 21000, maxFeePerGas: 1, maxPriorityFeePerGas: 1, to: .zero,
            value: .zero)
        #expect(error(setCode.encode()) == .noAuthorizations)
        setCode.authorizations = [Authorization(chainID: 1, address: .zero, nonce: 0, yParity: 0, r: 1, s: 1)]
        #expect(error(setCode.encode()) == nil)
        setCode.to = nil
        #expect(error(setCode.encode()) == .missingRecipient)

        var dynamic = Transaction(
            type: .dynamicFee, chainID: 1, nonce: .max, gasLimit: 1, maxFeePerGas: 1, maxPriorityFeePerGas: 1, to: nil,
            value: .zero, yParity: 2)
        #expect(error(dynamic.encode()) == .nonceTooHigh)
        dynamic.nonce = 0
        #expect(error(dynamic.encode()) == .invalidYParity)
    }

    @Test(arguments: [0, 1, 26, 29, 34] as [UInt64])
    func refusesOtherV(v: UInt64) {
        var writer = RLPWriter()
        writer.writeList { list in
            for _ in 0..<3 { list.write(UInt64(1)) }
            list.write(Address?.none)
            for value in [0, 0, v, 1, 1] as [UInt64] { list.write(value) }
        }
        #expect(throws: TransactionDecodingError.invalidV) { try Transaction.decode(writer.bytes) }
    }

    /// EIP-155's own example.
    @Test func knowsTheExampleOfEIP155() throws {
        let unsigned = Transaction(
            type: .legacy, chainID: 1, nonce: 9, gasLimit: 21000, maxFeePerGas: 20_000_000_000,
            maxPriorityFeePerGas: 20_000_000_000, to: Address(hex: "0x3535353535353535353535353535353535353535"),
            value: 1_000_000_000_000_000_000)
        #expect(unsigned.signingHash.hex == "0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53")
        let key = try #require(SecretKey([UInt8](repeating: 0x46, count: 32)))
        let signed = unsigned.signed(with: key)
        #expect(
            Hex.encode(signed.encode())
                == "0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025"
                + "a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"
                + "a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83")
        #expect(signed.recoverSender() == key.address)
    }

    @Test(arguments: [9, 10] as [UInt64])
    func sendersRecover(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let key = try #require(SecretKey([UInt8](repeating: UInt8(seed), count: 32)))
        for _ in 0..<40 {
            var transaction = randomTransaction(&random).signed(with: key)
            #expect(try Transaction.decode(transaction.encode()).recoverSender() == key.address)
            // The same signature with high s is refused (EIP-2).
            transaction.s = Secp256k1.order &- transaction.s
            transaction.yParity ^= 1
            #expect(transaction.recoverSender() == nil)
        }
    }

    @Test func authoritiesRecover() throws {
        let key = try #require(SecretKey([UInt8](repeating: 7, count: 32)))
        var tuple = Authorization(chainID: 1, address: Address(small: 9), nonce: 3, yParity: 0, r: .zero, s: .zero)
        #expect(tuple.recoverAuthority() == nil)
        tuple = tuple.signed(with: key)
        #expect(tuple.recoverAuthority() == key.address)
        #expect(tuple.signingHash == Keccak256.hash([0x05, 0xd7, 0x01, 0x94] + Address(small: 9).bytes + [0x03]))
        tuple.yParity += 2
        #expect(tuple.recoverAuthority() == nil)
        tuple.yParity -= 2
        tuple.s = Secp256k1.order &- tuple.s
        tuple.yParity ^= 1
        #expect(tuple.recoverAuthority() == nil)
    }
}
