// The rows of the fork table: what each fork defines and charges.
import Engine
import Primitives
import Testing

@Suite("Forks")
struct ForkTests {
    /// A legacy transaction without chain ID: valid in every fork.
    func outcome(_ fork: Fork, _ code: [UInt8], gasLimit: UInt64 = 1_000_000, _ fill: (MemoryState) -> Void = { _ in }) throws -> (
        TransactionOutcome, World
    ) {
        let world = World(fork) {
            $0.put(Fixed.contract, code: code)
            fill($0)
        }
        var transaction = callTransaction(gasLimit: gasLimit)
        transaction.type = .legacy
        transaction.chainID = nil
        return (try world.execute(transaction), world)
    }

    @Test("an opcode halts before the fork that defines it, with all gas, and runs from it on")
    func opcodes() throws {
        let introduced: [(UInt8, Fork)] = [
            (0x1b, .constantinople), (0x1c, .constantinople), (0x1d, .constantinople), (0x1e, .osaka), (0x3d, .byzantium), (0x3e, .byzantium),
            (0x3f, .constantinople), (0x46, .istanbul), (0x47, .istanbul), (0x48, .london), (0x49, .cancun), (0x4a, .cancun), (0x5c, .cancun),
            (0x5d, .cancun), (0x5e, .cancun), (0x5f, .shanghai), (0xf4, .homestead), (0xf5, .constantinople), (0xfa, .byzantium),
        ]
        let operands: [UInt8] = (0..<28).map { $0 % 2 == 0 ? 0x60 : 0 }
        for (opcode, fork) in introduced {
            for candidate in Fork.allCases {
                let (result, _) = try outcome(candidate, operands + [opcode, 0x00])
                #expect(result.succeeded == (candidate >= fork), "opcode \(opcode) in \(candidate)")
                if !result.succeeded { #expect(result.gasUsed == 1_000_000) }
            }
        }
        // REVERT never succeeds, but leaves gas where it is defined.
        for candidate in Fork.allCases {
            let (result, _) = try outcome(candidate, [0x60, 0, 0x60, 0, 0xfd])
            #expect((result.status == .reverted) == (candidate >= .byzantium))
        }
    }

    @Test("prices of access follow EIP-150, 1052, 1884 and 2929")
    func accessPrices() throws {
        /// Price of one instruction with its operands at 3 gas each.
        func price(_ fork: Fork, _ opcode: UInt8, operands: Int) throws -> UInt64 {
            let pushes: [UInt8] = (0..<2 * operands).map { $0 % 2 == 0 ? 0x60 : 0x77 }
            return try outcome(fork, pushes + [opcode, 0x00]).0.gasUsed - 21000 - 3 * UInt64(operands)
        }
        for (fork, balance, code, load) in [
            (Fork.frontier, 20, 20, 50), (.tangerineWhistle, 400, 700, 200), (.petersburg, 400, 700, 200), (.istanbul, 700, 700, 800),
            (.berlin, 2600, 2600, 2100), (.osaka, 2600, 2600, 2100),
        ] as [(Fork, UInt64, UInt64, UInt64)] {
            #expect(try price(fork, 0x31, operands: 1) == balance)
            #expect(try price(fork, 0x3b, operands: 1) == code)
            #expect(try price(fork, 0x54, operands: 1) == load)
        }
        #expect(try price(.constantinople, 0x3f, operands: 1) == 400)
        #expect(try price(.istanbul, 0x3f, operands: 1) == 700)
        // EXP with an exponent of one byte (EIP-160).
        #expect(try price(.tangerineWhistle, 0x0a, operands: 2) == 20)
        #expect(try price(.spuriousDragon, 0x0a, operands: 2) == 60)
    }

    @Test("storage: the present value counts alone, then the net change, with refunds of the fork")
    func storage() throws {
        // 0 -> 1 -> 0 in a fresh slot. The refund is at most a half, from London a fifth, of the gas.
        let plain: [UInt8] = [0x60, 1, 0x60, 1, 0x55, 0x60, 0, 0x60, 1, 0x55, 0x00]
        func gas(_ fork: Fork) throws -> (consumed: UInt64, refunded: UInt64) {
            let result = try outcome(fork, plain).0
            return (result.gasUsed + result.gasRefunded, result.gasRefunded)
        }
        for fork in [Fork.frontier, .byzantium, .petersburg] { #expect(try gas(fork) == (21000 + 12 + 25000, 15000)) }
        #expect(try gas(.constantinople) == (21000 + 12 + 20200, 19800))
        #expect(try gas(.istanbul) == (21000 + 12 + 20800, 19200))
        #expect(try gas(.berlin) == (21000 + 12 + 22200, 19900))
        #expect(try gas(.london) == (21000 + 12 + 22200, 43212 / 5))
    }

    @Test("empty accounts exist before EIP-161 and are removed from then on")
    func emptyAccounts() throws {
        // CALL of an absent account without value.
        let call: [UInt8] = [0x60, 0, 0x60, 0, 0x60, 0, 0x60, 0, 0x60, 0, 0x61, 0x70, 0x70, 0x60, 0, 0xf1, 0x00]
        let pushes: UInt64 = 21
        let (frontier, old) = try outcome(.frontier, call)
        #expect(frontier.gasUsed == 21000 + pushes + 40 + 25000)
        let created = old.executor.changes().accounts.first { $0.address == Fixed.other }
        #expect(created == AccountChange(address: Fixed.other, record: AccountRecord()))
        let (dragon, new) = try outcome(.spuriousDragon, call)
        #expect(dragon.gasUsed == 21000 + pushes + 700)
        #expect(!new.executor.changes().accounts.contains { $0.address == Fixed.other })
        // One that the pre-state holds goes when it is touched.
        let (_, cleared) = try outcome(.spuriousDragon, call) { $0.put(Fixed.other) }
        #expect(cleared.executor.changes().accounts.contains { $0.address == Fixed.other && $0.record == nil })
        let (_, kept) = try outcome(.frontier, call) { $0.put(Fixed.other) }
        #expect(!kept.executor.changes().accounts.contains { $0.address == Fixed.other })
    }

    @Test("a call may not ask for more than there is before EIP-150")
    func callGas() throws {
        let call: [UInt8] = [0x60, 0, 0x60, 0, 0x60, 0, 0x60, 0, 0x60, 0, 0x61, 0x70, 0x70, 0x63, 0xff, 0xff, 0xff, 0xff, 0xf1, 0x00]
        #expect(try outcome(.homestead, call) { $0.put(Fixed.other, balance: 1) }.0.status == .halted(.outOfGas))
        #expect(try outcome(.tangerineWhistle, call) { $0.put(Fixed.other, balance: 1) }.0.succeeded)
    }

    @Test("SELFDESTRUCT: removed before Cancun, refunded before London, and an empty account in Frontier leaves for good")
    func selfDestruct() throws {
        let code: [UInt8] = [0x61, 0x70, 0x70, 0xff]
        let (frontier, old) = try outcome(.frontier, code)
        #expect(frontier.gasUsed + frontier.gasRefunded == 21003)
        #expect(frontier.gasRefunded == 21003 / 2)
        #expect(old.executor.changes().accounts.contains { $0.address == Fixed.contract && $0.record == nil })
        #expect(old.executor.changes().accounts.contains { $0.address == Fixed.other && $0.record != nil })
        #expect(try outcome(.tangerineWhistle, code).0.gasUsed + outcome(.tangerineWhistle, code).0.gasRefunded == 21003 + 30000)
        #expect(try outcome(.berlin, code).0.gasRefunded > 0)
        #expect(try outcome(.london, code).0.gasRefunded == 0)
    }

    @Test("creations: price from Homestead, nonce 1 from EIP-161, unpaid code kept only in Frontier")
    func creations() throws {
        // Init code that returns 100 bytes.
        let initCode: [UInt8] = [0x60, 100, 0x60, 0, 0xf3]
        func create(_ fork: Fork, gasLimit: UInt64) throws -> (TransactionOutcome, AccountRecord?) {
            let world = World(fork) { _ in }
            var transaction = callTransaction(to: nil, data: initCode, gasLimit: gasLimit)
            transaction.type = .legacy
            transaction.chainID = nil
            let outcome = try world.execute(transaction)
            let address = ContractAddress.create(sender: Fixed.sender, nonce: 0)
            return (outcome, world.executor.changes().accounts.first { $0.address == address }?.record)
        }
        let (frontier, kept) = try create(.frontier, gasLimit: 22000)
        #expect(frontier.succeeded && kept == AccountRecord())
        #expect(try create(.homestead, gasLimit: 54000).0.status == .halted(.outOfGas))
        #expect(try create(.homestead, gasLimit: 100_000).1?.nonce == 0)
        #expect(try create(.spuriousDragon, gasLimit: 100_000).1?.nonce == 1)
    }

    @Test("transaction types and replay protection begin with their forks")
    func types() throws {
        func rejection(_ fork: Fork, _ type: TransactionType, chainID: UInt64? = 7) -> TransactionInvalidity? {
            var transaction = callTransaction()
            transaction.type = type
            transaction.chainID = chainID
            do {
                _ = try World(fork, code: []).execute(transaction)
                return nil
            } catch ExecutionError.invalid(let invalidity) {
                return invalidity
            } catch { return nil }
        }
        #expect(rejection(.homestead, .legacy) == .wrongChainID(expected: 7, got: 7))
        #expect(rejection(.homestead, .legacy, chainID: nil) == nil)
        #expect(rejection(.spuriousDragon, .legacy) == nil)
        #expect(rejection(.istanbul, .accessList) == .unsupportedType(.accessList))
        #expect(rejection(.berlin, .accessList) == nil)
        #expect(rejection(.berlin, .dynamicFee) == .unsupportedType(.dynamicFee))
        #expect(rejection(.london, .dynamicFee) == nil)
    }
}
