// Random bytecode must never trap, and whatever it does, ether is conserved and gas stays within its limit.
import Engine
import Primitives
import Testing

@Suite("EVM fuzzing")
struct FuzzTests {
    /// SplitMix64.
    struct Random {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
        mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    }

    static let programs = 24_000
    static let addresses = [Fixed.contract, Fixed.other, Address(small: 0x1111), Address(small: 2), Address(small: 0x0b), Address(small: 0x100)]

    /// Opcodes with operands in front, mostly sensible ones, mixed with pure noise.
    static func program(_ random: inout Random) -> [UInt8] {
        var code: [UInt8] = []
        let length = 1 + random.below(60)
        for _ in 0..<length {
            switch random.below(8) {
            case 0: code.append(UInt8(truncatingIfNeeded: random.next()))
            case 1, 2: code += Program.push(UInt256(UInt64(random.below(300))))
            case 3: code += Program.push(UInt256(l0: random.next(), l1: random.next(), l2: random.next(), l3: random.next()))
            case 4: code += Program.push(addresses[random.below(addresses.count)])
            case 5: code.append([0x5b, 0x56, 0x57, 0x5a, 0x80, 0x90][random.below(6)])
            case 6:
                for _ in 0..<7 { code += Program.push(UInt256(UInt64(random.below(70)))) }
                code += Program.push(addresses[random.below(addresses.count)]) + [0x5a]
                code.append([0xf1, 0xf2, 0xf4, 0xfa, 0xf0, 0xf5, 0xa4, 0x5e][random.below(8)])
            default:
                let all: [UInt8] = [0x01, 0x0a, 0x20, 0x37, 0x39, 0x3c, 0x3e, 0x51, 0x52, 0x53, 0x54, 0x55, 0x5c, 0x5d, 0x5e, 0xa1, 0xf3, 0xfd, 0xff]
                code.append(all[random.below(all.count)])
            }
        }
        return code
    }

    @Test("24,000 random programs")
    func randomPrograms() throws {
        var random = Random(state: 0x4879_7065_7273_6571)
        var succeeded = 0
        var halted = 0
        for round in 0..<FuzzTests.programs {
            // Mostly the newest forks: the programs use opcodes that old ones lack.
            let fork = round % 4 == 0 ? Fork.allCases[round / 4 % Fork.allCases.count] : Fork.allCases[Fork.allCases.count - round % 4]
            let codes = (0..<3).map { _ in FuzzTests.program(&random) }
            let world = World(fork) { state in
                for (address, code) in zip(FuzzTests.addresses, codes) { state.put(address, balance: 1000, code: code, storage: [0: 1, 1: 2]) }
            }
            let isCreation = random.below(10) == 0
            var transaction = callTransaction(
                to: isCreation ? nil : Fixed.contract, value: UInt256(UInt64(random.below(50))),
                data: isCreation ? FuzzTests.program(&random) : (0..<random.below(80)).map { UInt8(truncatingIfNeeded: $0) }, gasLimit: 200_000,
                maxFee: 1, tip: 1)
            transaction.type = .legacy
            transaction.chainID = nil
            let outcome = try world.execute(transaction)
            #expect(outcome.gasUsed <= transaction.gasLimit)
            if outcome.succeeded { succeeded += 1 } else if case .halted = outcome.status { halted += 1 }
            world.state.apply(world.executor.changes())
            let total = world.state.accounts.values.reduce(UInt256.zero) { $0 &+ $1.balance }
            // SELFDESTRUCT to oneself may burn; nothing may be minted.
            #expect(total <= Fixed.richBalance &+ 3000)
        }
        // The generator is worth something: neither kind dominates completely.
        #expect(succeeded > FuzzTests.programs / 50)
        #expect(halted > FuzzTests.programs / 50)
    }

    @Test("pure noise as code and as init code")
    func noise() throws {
        var random = Random(state: 7)
        for _ in 0..<4000 {
            let code = (0..<1 + random.below(200)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            #expect(try World(code: code).execute(callTransaction(gasLimit: 100_000)).gasUsed <= 100_000)
            #expect(try World { _ in }.execute(callTransaction(to: nil, data: code, gasLimit: 100_000)).gasUsed <= 100_000)
        }
    }
}
