// Precompiled contracts through CALL: results, prices, failures. Their arithmetic is tested with Crypto.
import Engine
import Primitives
import Testing

@Suite("EVM precompiles")
struct PrecompileTests {
    /// Calls a precompile as the transaction's target.
    func run(_ number: UInt32, _ input: [UInt8], _ fork: Fork = .prague, gasLimit: UInt64 = 5_000_000) throws -> TransactionOutcome {
        try World(fork) { _ in }.execute(callTransaction(to: Address(small: number), data: input, gasLimit: gasLimit))
    }

    func price(_ number: UInt32, _ input: [UInt8]) throws -> UInt64 {
        let outcome = try run(number, input, .cancun)
        #expect(outcome.succeeded)
        let zeros = UInt64(input.count { $0 == 0 })
        return outcome.gasUsed - 21000 - 4 * zeros - 16 * (UInt64(input.count) - zeros)
    }

    @Test("ECRECOVER finds the signer and answers a bad signature with nothing")
    func recover() throws {
        let hash = try #require(Hex.decode("456e9aea5e197a1f1af7a3e85a3212fa4049a3ba34c2289b4c860fc0b0c64ef3"))
        let r = try #require(Hex.decode("9242685bf161793cc25603c231bc2f568eb630ea16aa137d2664ac8038825608"))
        let s = try #require(Hex.decode("4f8ae3bd7535248d0bd448298cc2e2071e56992d0774dc340c368ae950852ada"))
        let input = hash + UInt256(28).bigEndianBytes + r + s
        let outcome = try run(1, input)
        #expect(outcome.output == [UInt8](repeating: 0, count: 12) + Address(hex: "0x7156526fbd7a3c72969b54f64e42c10fbb768c8a")!.bytes)
        #expect(try price(1, input) == 3000)
        #expect(try run(1, hash + UInt256(29).bigEndianBytes + r + s).output == [])
        #expect(try run(1, []).output == [])
    }

    @Test("hashes and the identity")
    func hashes() throws {
        let input: [UInt8] = [1, 2, 3]
        #expect(try run(2, input).output == SHA256.hash(input).bytes)
        #expect(try run(3, input).output == [UInt8](repeating: 0, count: 12) + RIPEMD160.hash(input))
        #expect(try run(4, input).output == input)
        #expect(try price(2, input) == 72)
        #expect(try price(3, input) == 720)
        #expect(try price(4, [UInt8](repeating: 1, count: 33)) == 15 + 6)
    }

    @Test("MODEXP computes and is priced by EIP-2565")
    func modularExponentiation() throws {
        func input(_ base: [UInt8], _ exponent: [UInt8], _ modulus: [UInt8]) -> [UInt8] {
            [base.count, exponent.count, modulus.count].flatMap { UInt256(UInt64($0)).bigEndianBytes } + base + exponent + modulus
        }
        #expect(try run(5, input([3], [5], [7])).output == [5])
        #expect(try run(5, input([3], [5], [0, 0])).output == [0, 0])
        #expect(try run(5, input([], [], [])).output == [])
        #expect(try price(5, input([3], [5], [7])) == 200)
        #expect(try price(5, input([UInt8](repeating: 255, count: 64), [UInt8](repeating: 255, count: 32), [UInt8](repeating: 255, count: 64))) == 64 * 255 / 3)
        // A base longer than any gas can pay for.
        #expect(try run(5, UInt256.max.bigEndianBytes + UInt256.zero.bigEndianBytes + UInt256.zero.bigEndianBytes).status == .halted(.precompileFailed))
    }

    @Test("BN254 adds, multiplies and pairs; bad input fails the call")
    func bn254() throws {
        let generator = UInt256(1).bigEndianBytes + UInt256(2).bigEndianBytes
        let double = try run(6, generator + generator).output
        #expect(double == (try run(7, generator + UInt256(2).bigEndianBytes).output))
        #expect(double.count == 64)
        #expect(try run(8, []).output == UInt256.one.bigEndianBytes)
        #expect(try run(6, UInt256(1).bigEndianBytes + UInt256(1).bigEndianBytes).status == .halted(.precompileFailed))
        #expect(try run(8, [0]).status == .halted(.precompileFailed))
        #expect(try price(6, generator) == 150)
        #expect(try price(7, generator) == 6000)
        #expect(try price(8, []) == 45000)
    }

    @Test("BLAKE2F takes exactly 213 bytes and costs its rounds")
    func blake2f() throws {
        let input = try #require(
            Hex.decode(
                "0000000c48c9bdf267e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5d182e6ad7f520e511f6c3e2b8c68059b6bbd41fbabd9831f79217e1319cde05b"
                    + "616263" + String(repeating: "00", count: 125) + "0300000000000000" + "0000000000000000" + "01"))
        let expected = "0xba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923"
        #expect(Hex.encode(try run(9, input).output) == expected)
        #expect(try price(9, input) == 12)
        #expect(try run(9, Array(input.dropLast())).status == .halted(.precompileFailed))
        #expect(try run(9, input.dropLast() + [2]).status == .halted(.precompileFailed))
    }

    @Test("precompiles whose arithmetic is missing fail instead of looking like empty accounts")
    func missing() throws {
        for number in 0x0a...0x11 as ClosedRange<UInt32> {
            #expect(try run(number, []).status == .halted(.precompileFailed))
            #expect(try run(number, [], .shanghai).succeeded)
        }
        #expect(try run(0x0b, [], .cancun).succeeded)
        #expect(try run(0x12, []).succeeded)
    }
}
