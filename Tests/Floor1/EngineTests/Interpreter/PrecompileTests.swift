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

    /// Whether a contract's call with exactly this gas succeeds, and with one less does not.
    func costs(_ number: UInt32, _ input: [UInt8], _ price: UInt64, _ fork: Fork) throws -> Bool {
        func succeeds(_ gas: UInt64) throws -> Bool {
            let copy: [UInt8] = [0x36, 0x5f, 0x5f, 0x37]
            let call = [0x5f, 0x5f, 0x36, 0x5f] + Program.push(UInt256(UInt64(number))) + Program.push(UInt256(gas)) + [0xfa]
            return try result(of: copy + call + Program.returnTop, fork, data: input) == 1
        }
        return try succeeds(price) && !succeeds(price - 1)
    }

    func exponentiation(_ base: [UInt8], _ exponent: [UInt8], _ modulus: [UInt8]) -> [UInt8] {
        [base.count, exponent.count, modulus.count].flatMap { UInt256(UInt64($0)).bigEndianBytes } + base + exponent + modulus
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
        #expect(try run(5, exponentiation([3], [5], [7])).output == [5])
        #expect(try run(5, exponentiation([3], [5], [0, 0])).output == [0, 0])
        #expect(try run(5, exponentiation([], [], [])).output == [])
        #expect(try price(5, exponentiation([3], [5], [7])) == 200)
        #expect(try price(5, exponentiation([UInt8](repeating: 255, count: 64), [UInt8](repeating: 255, count: 32), [UInt8](repeating: 255, count: 64))) == 64 * 255 / 3)
        // A base longer than any gas can pay for.
        #expect(try run(5, UInt256.max.bigEndianBytes + UInt256.zero.bigEndianBytes + UInt256.zero.bigEndianBytes).status == .halted(.precompileFailed))
    }

    @Test("MODEXP of Osaka: prices (EIP-7883) and bounds (EIP-7823)")
    func modularExponentiationOfOsaka() throws {
        func bytes(_ count: Int) -> [UInt8] { [UInt8](repeating: 255, count: count) }
        #expect(try run(5, exponentiation([3], [5], [7]), .osaka).output == [5])
        #expect(try run(5, exponentiation([], [], []), .osaka).output == [])
        #expect(try costs(5, exponentiation([3], [5], [7]), 500, .osaka))
        #expect(try costs(5, exponentiation([3], [5], [7]), 200, .prague))
        #expect(try costs(5, exponentiation([], [], []), 500, .osaka))
        #expect(try costs(5, exponentiation(bytes(32), bytes(32), bytes(32)), 16 * 255, .osaka))
        #expect(try costs(5, exponentiation(bytes(33), bytes(32), bytes(1)), 2 * 25 * 255, .osaka))
        #expect(try costs(5, exponentiation(bytes(64), bytes(40), bytes(64)), 2 * 64 * (16 * 8 + 255), .osaka))
        // One byte more than the bound in any of the three, whatever the gas.
        #expect(try run(5, exponentiation(bytes(1024), [3], bytes(1024)), .osaka).succeeded)
        #expect(try run(5, exponentiation([3], [0] + bytes(3) + [UInt8](repeating: 0, count: 1020), [7]), .osaka).succeeded)
        for (base, exponent, modulus) in [(1025, 1, 1), (1, 1025, 1), (1, 1, 1025)] {
            let input = exponentiation(bytes(base), bytes(exponent), bytes(modulus))
            #expect(try run(5, input, .osaka, gasLimit: 16_000_000).status == .halted(.precompileFailed))
            #expect(try run(5, input, .prague, gasLimit: 16_000_000).succeeded)
        }
    }

    @Test("P256VERIFY answers one or nothing, costs 6,900 and is warm (EIP-7951)")
    func p256Verify() throws {
        let good = try #require(
            Hex.decode(
                "39402986c30990aca672f281d5f629e5b0cfdbe3988ed000d2b14892bf00124e"
                    + "8563f296b2af31540af1b620e4794f3a5fa0486a385194767254ef0a4aaea2ecc3240796d9fcb02713e0f61a16e42658d9ccbd16f84d74f9350a74574643dea0"
                    + "b73556996816a936a09979029559a733942710e134cc455b298a0730fcdc385883cf6193d99df2fffe435bfb546ea152448bfb9990a70fedd6ef7b5fe2343178"))
        let outcome = try run(0x100, good, .osaka)
        #expect(outcome.succeeded && outcome.output == UInt256.one.bigEndianBytes)
        for index in [0, 40, 80, 120, 159] {
            var bad = good
            bad[index] ^= 1
            let outcome = try run(0x100, bad, .osaka)
            #expect(outcome.succeeded && outcome.output == [])
        }
        for input in [[], Array(good.dropLast()), good + [0]] {
            let outcome = try run(0x100, input, .osaka)
            #expect(outcome.succeeded && outcome.output == [])
            #expect(try costs(0x100, input, 6900, .osaka))
        }
        #expect(try costs(0x100, good, 6900, .osaka))
        #expect(try run(0x100, good, .prague).output == [])
        #expect(try gas(of: Program.op(0x31, 0x100), .osaka) == 3 + 100)
        #expect(try gas(of: Program.op(0x31, 0x100), .prague) == 3 + 2600)
        // The neighbours are ordinary accounts.
        for number in [0x00, 0x12, 0xff, 0x101, 0x200] as [UInt32] {
            #expect(try run(number, good, .osaka).output == [])
            #expect(try gas(of: Program.op(0x31, UInt256(UInt64(number))), .osaka) >= 2600)
        }
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
            #expect(try run(number, [], .osaka).status == .halted(.precompileFailed))
            #expect(try run(number, [], .shanghai).succeeded)
        }
        #expect(try run(0x0b, [], .cancun).succeeded)
        #expect(try run(0x12, []).succeeded)
    }
}
