// Creations: addresses, prices, limits, collisions.
import Engine
import Primitives
import Testing

@Suite("EVM creations")
struct CreationTests {
    @Test("addresses of CREATE and CREATE2 are those of the yellow paper and EIP-1014")
    func addresses() throws {
        let sender = try #require(Address(hex: "0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0"))
        #expect(ContractAddress.create(sender: sender, nonce: 0).hex == "0xcd234a471b72ba2f1ccf0a70fcaba648a5eecd8d")
        #expect(ContractAddress.create(sender: sender, nonce: 1).hex == "0x343c43a37d37dff08ae8c4a11544c718abb4fcf8")
        let zero = ContractAddress.create2(sender: .zero, salt: 0, initCodeHash: Keccak256.hash([0x00]))
        #expect(zero.hex == "0x4d1a2e2bb4f88f0250f26ffff098b0b30b26bf38")
    }

    @Test("a creation transaction deploys what its init code returns")
    func transaction() throws {
        let world = World { _ in }
        let code: [UInt8] = [0x60, 0x01, 0x00]
        let outcome = try world.execute(callTransaction(to: nil, data: Program.deploy(code)))
        #expect(outcome.succeeded && outcome.output == code)
        #expect(outcome.createdAddress == ContractAddress.create(sender: Fixed.sender, nonce: 0))
        let address = try #require(outcome.createdAddress)
        #expect(try world.executor.account(address) == AccountRecord(nonce: 1, codeHash: Keccak256.hash(code)))
        #expect(world.executor.changes().code == [CodeChange(hash: Keccak256.hash(code), code: code)])
    }

    @Test("code may not begin with 0xef (EIP-3541) nor exceed 24,576 bytes (EIP-170)")
    func limits() throws {
        func status(_ code: [UInt8]) throws -> OutcomeStatus {
            try World { _ in }.execute(callTransaction(to: nil, data: Program.deploy(code), gasLimit: 10_000_000)).status
        }
        #expect(try status([0xef, 0]) == .halted(.invalidCodePrefix))
        #expect(try status([UInt8](repeating: 1, count: 24576)) == .success)
        #expect(try status([UInt8](repeating: 1, count: 24577)) == .halted(.codeTooLarge))
    }

    @Test("the deposit of 200 per byte must be paid")
    func deposit() throws {
        let data = Program.deploy([UInt8](repeating: 1, count: 100))
        let world = World { _ in }
        let enough = try world.execute(callTransaction(to: nil, data: data)).gasUsed
        let short = try world.execute(callTransaction(to: nil, data: data, gasLimit: enough - 1, nonce: 1))
        #expect(short.status == .halted(.outOfGas))
        #expect(try world.execute(callTransaction(to: nil, data: data, gasLimit: enough, nonce: 2)).succeeded)
    }

    /// Runs CREATE2 of empty init code with salt 0 from the contract and returns the word it pushes.
    func create2(_ fill: (MemoryState, Address) -> Void) throws -> (UInt256, World) {
        let address = ContractAddress.create2(sender: Fixed.contract, salt: 0, initCodeHash: Keccak256.empty)
        let world = World { state in
            state.put(Fixed.contract, nonce: 1, code: Program.op(0xf5, 0, 0, 0, 0) + Program.returnTop)
            fill(state, address)
        }
        let outcome = try world.execute()
        return (UInt256(bigEndianBytes: outcome.output), world)
    }

    @Test("collisions: nonce or code (EIP-684), storage (EIP-7610); a balance is no obstacle")
    func collisions() throws {
        let address = ContractAddress.create2(sender: Fixed.contract, salt: 0, initCodeHash: Keccak256.empty)
        #expect(try create2 { _, _ in }.0 == address.word)
        #expect(try create2 { $0.put($1, balance: 3) }.0 == address.word)
        #expect(try create2 { $0.put($1, nonce: 1) }.0 == 0)
        #expect(try create2 { $0.put($1, code: [0]) }.0 == 0)
        let (stored, world) = try create2 { $0.put($1, balance: 1, storage: [1: 1]) }
        #expect(stored == 0)
        #expect(try world.executor.account(Fixed.contract)?.nonce == 2)
    }

    @Test("init code costs 2 per word and has a limit of 49,152 bytes (EIP-3860)")
    func initCode() throws {
        let base = try gas(of: Program.op(0xf0, 0, 0, 32))
        #expect(base == 2 + 2 + 3 + 32000 + 2 + 3)
        #expect(try gas(of: Program.op(0xf5, 0, 0, 32, 0)) == base + 2 + 6)
        #expect(try World(code: Program.op(0xf0, 0, 0, 49153)).execute().status == .halted(.initCodeTooLarge))
        #expect(try World(code: Program.op(0xf0, 0, 0, 49152)).execute().succeeded)
    }

    @Test("a failed creation raises the creator's nonce and leaves revert data")
    func failure() throws {
        // Init code 0x60aa5f5360015ffd: revert with one byte 0xaa.
        let initCode = UInt256(bigEndianBytes: [0x60, 0xaa, 0x5f, 0x53, 0x60, 0x01, 0x5f, 0xfd])
        let code = Program.op(0x52, 0, initCode) + Program.op(0xf0, 0, 24, 8) + [0x50, 0x3d] + Program.returnTop
        let world = World { $0.put(Fixed.contract, nonce: 1, code: code) }
        #expect(try world.execute().output == UInt256.one.bigEndianBytes)
        #expect(try world.executor.account(Fixed.contract)?.nonce == 2)
        #expect(world.executor.changes().accounts.count == 2)
    }

    @Test("a creator without funds or nonce creates nothing")
    func refusals() throws {
        let noFunds = World(code: Program.op(0xf0, 1, 0, 0) + Program.returnTop)
        #expect(try noFunds.execute().output == UInt256.zero.bigEndianBytes)
        let noNonce = World { $0.put(Fixed.contract, nonce: .max, code: Program.op(0xf0, 0, 0, 0) + Program.returnTop) }
        #expect(try noNonce.execute().output == UInt256.zero.bigEndianBytes)
        #expect(try noNonce.executor.account(Fixed.contract)?.nonce == .max)
    }
}
