// What an observer is told, and that being observed changes no result.
import Engine
import Primitives
import Testing

/// Looks at everything there is and keeps a short account of it.
private final class Recorder: ExecutionObserver {
    struct Entry: Equatable {
        var opcode: UInt8
        var counter: Int
        var depth: Int
        var gas: UInt64
        var cost: UInt64 = 0
        var halt: HaltReason?
    }

    var steps: [Entry] = []
    var starts: [FrameStart] = []
    var ends: [FrameEnd] = []
    var logs: [Log] = []
    var destroyed: [(Address, Address, UInt256)] = []
    var openFrames = 0
    var deepest = 0
    var isOrderly = true
    private var isInStep = false

    init() { super.init(opcodes: .all, seesFrames: true) }

    override func step(_ step: Step) {
        isOrderly = isOrderly && !isInStep && step.depth == openFrames - 1 && step.stack.count == step.stackCount
            && step.memory.count == step.memoryByteCount && step.word(step.stackCount) == nil
        isInStep = true
        if step.opcode == 0x54, let key = step.word(0) { _ = step.storage(key) }
        _ = step.returnData
        steps.append(Entry(opcode: step.opcode, counter: step.programCounter, depth: step.depth, gas: step.gas))
    }

    override func stepEnded(costGas: UInt64, halt: HaltReason?) {
        isOrderly = isOrderly && isInStep
        isInStep = false
        steps[steps.count - 1].cost = costGas
        steps[steps.count - 1].halt = halt
    }

    override func enter(_ frame: FrameStart) {
        isOrderly = isOrderly && !isInStep && frame.depth == openFrames
        openFrames += 1
        deepest = max(deepest, openFrames)
        starts.append(frame)
    }

    override func leave(_ frame: FrameEnd) {
        isOrderly = isOrderly && !isInStep
        openFrames -= 1
        ends.append(frame)
    }

    override func logged(_ log: Log) { logs.append(log) }

    override func selfDestructed(_ contract: Address, heir: Address, balance: UInt256) { destroyed.append((contract, heir, balance)) }
}

/// Stops at the first question.
private final class Stopper: ExecutionObserver {
    override func shouldStop() -> Bool { true }
}

@Suite("observers")
struct ObserverTests {
    @Test("observed and unobserved execution give the same: 6,000 random programs")
    func observationChangesNothing() throws {
        var random = FuzzTests.Random(state: 0x7472_6163_6572)
        var innerFrames = 0
        for round in 0..<6000 {
            let fork = [Fork.shanghai, .cancun, .prague, .osaka][round % 4]
            let codes = (0..<3).map { _ in FuzzTests.program(&random) }
            func world() -> World {
                World(fork) { state in
                    for (address, code) in zip(FuzzTests.addresses, codes) {
                        state.put(address, balance: 1000, code: code, storage: [0: 1, 1: 2])
                    }
                }
            }
            let isCreation = random.below(10) == 0
            let transaction = callTransaction(
                to: isCreation ? nil : Fixed.contract, value: UInt256(UInt64(random.below(50))),
                data: isCreation ? FuzzTests.program(&random) : (0..<random.below(80)).map { UInt8(truncatingIfNeeded: $0) },
                gasLimit: 200_000, maxFee: 1, tip: 1)
            let plain = world()
            let expected = try plain.execute(transaction)
            let watched = world()
            let recorder = Recorder()
            watched.executor.observer = recorder
            let outcome = try watched.execute(transaction)
            #expect(outcome == expected)
            #expect(watched.executor.changes() == plain.executor.changes())

            #expect(recorder.isOrderly)
            #expect(recorder.openFrames == 0 && recorder.starts.count == recorder.ends.count && !recorder.starts.isEmpty)
            #expect(recorder.steps.allSatisfy { $0.halt != nil || $0.cost <= $0.gas })
            #expect(recorder.ends.last?.output == outcome.output)
            #expect(outcome.logs.isEmpty || recorder.logs.count >= outcome.logs.count)
            innerFrames += recorder.starts.count - 1
        }
        #expect(innerFrames > 500)
    }

    @Test("steps carry position, gas and cost; JUMPDEST is a step of its own")
    func steps() throws {
        // PUSH1 4, JUMP, INVALID, JUMPDEST, STOP
        let world = World(code: [0x60, 4, 0x56, 0xfe, 0x5b, 0x00])
        let recorder = Recorder()
        world.executor.observer = recorder
        _ = try world.execute(callTransaction(gasLimit: 30_000))
        #expect(recorder.steps.map(\.opcode) == [0x60, 0x56, 0x5b, 0x00])
        #expect(recorder.steps.map(\.counter) == [0, 2, 4, 5])
        #expect(recorder.steps.map(\.gas) == [9000, 8997, 8989, 8988])
        #expect(recorder.steps.map(\.cost) == [3, 8, 1, 0])
    }

    @Test("a call's cost holds the callee's gas without the stipend, a creation's does not")
    func frameCosts() throws {
        let world = World { state in
            state.put(Fixed.other, code: [0x00])
            state.put(Fixed.contract, balance: 5, code: Program.call(Fixed.other, value: 1, gas: 700) + Program.op(0xf0, 0, 0, 0) + [0])
        }
        let recorder = Recorder()
        world.executor.observer = recorder
        _ = try world.execute()
        let call = try #require(recorder.steps.first { $0.opcode == 0xf1 })
        #expect(call.cost == 2600 + 9000 + 700)
        let creation = try #require(recorder.steps.first { $0.opcode == 0xf0 })
        #expect(creation.cost == 32_000)
        #expect(recorder.starts.map(\.origin) == [.call, .call, .create])
        #expect(recorder.starts[1].gas == 3000)
        #expect(recorder.ends.map(\.result) == [.success, .success, .success])
    }

    @Test("calls that fail at once are frames, and so are precompiles and accounts without code")
    func atOnce() throws {
        let code =
            Program.call(Fixed.other, value: 1000, gas: 500) + Program.call(Address(small: 4), gas: 500)
            + Program.call(Address(small: 9), gas: 500) + Program.call(Address(small: 0x4444), gas: 500)
            + Program.op(0xf0, 77, 0, 0) + [0]
        let world = World(code: code)
        let recorder = Recorder()
        world.executor.observer = recorder
        _ = try world.execute()
        // The transaction's own frame ends last.
        #expect(recorder.ends.map(\.result) == [
            .refused(.insufficientBalance), .success, .halted(.precompileFailed), .success, .refused(.insufficientBalance), .success,
        ])
        #expect(recorder.ends[0].gasLeft == 2800)
        #expect(recorder.ends[2].gasLeft == 0)
        #expect(recorder.starts.last?.to == ContractAddress.create(sender: Fixed.contract, nonce: 0))
    }

    @Test("a call below the deepest frame is refused for its depth")
    func depth() throws {
        // Calls itself with all gas for ever.
        let code = Program.op(0xf1, .max, Fixed.contract.word, 0, 0, 0, 0, 0)
        let world = World(code: code)
        let recorder = Recorder()
        world.executor.observer = recorder
        _ = try world.executor.call(CallRequest(from: Fixed.sender, to: Fixed.contract, gasLimit: 1 << 55))
        #expect(recorder.deepest == 1026)
        #expect(recorder.ends.first?.result == .refused(.tooDeep))
    }

    @Test("logs and self-destructions are reported")
    func events() throws {
        let world = World { state in
            state.put(Fixed.contract, balance: 9, code: Program.op(0xa1, 0, 0, 42) + Program.op(0xff, Fixed.other.word))
        }
        let recorder = Recorder()
        world.executor.observer = recorder
        let outcome = try world.execute()
        #expect(recorder.logs == outcome.logs && outcome.logs.count == 1)
        #expect(recorder.destroyed.count == 1)
        #expect(recorder.destroyed.first?.0 == Fixed.contract && recorder.destroyed.first?.1 == Fixed.other)
        #expect(recorder.destroyed.first?.2 == 9)
    }

    @Test("an observer ends endless loops, inside a frame and over precompiles, and nothing has changed")
    func interruption() throws {
        let loop: [UInt8] = [0x5b, 0x5f, 0x56]
        let calls: [UInt8] = [0x5b] + Program.call(Address(small: 4), gas: 100) + [0x50, 0x5f, 0x56]
        for code in [loop, calls] {
            let world = World(code: code)
            world.executor.observer = Stopper()
            #expect(throws: ExecutionError.interrupted) {
                try world.executor.call(CallRequest(from: Fixed.sender, to: Fixed.contract, gasLimit: 1 << 50))
            }
            #expect(throws: ExecutionError.interrupted) { try world.execute(callTransaction(gasLimit: 30_000_000, maxFee: 1, tip: 1)) }
            #expect(world.executor.changes() == StateChanges())
            // The executor goes on.
            world.executor.observer = nil
            #expect(try world.execute(callTransaction(to: Fixed.other, gasLimit: 21_000)).succeeded)
        }
    }
}

@Suite("calls with effects")
struct AppliedCallTests {
    @Test("the effects of an applied call stay; without a price no fee is paid and BASEFEE is the block's")
    func effectsStay() throws {
        let world = World(baseFee: 10) { $0.put(Fixed.contract, code: [0x48] + Program.store(1) + [0]) }
        let request = CallRequest(from: Fixed.sender, to: Fixed.contract, gasLimit: 100_000, value: 3)
        #expect(try world.executor.call(request).succeeded)
        #expect(world.executor.changes() == StateChanges())
        #expect(try world.executor.apply(request).succeeded)
        #expect(world.slot(1) == 10)
        #expect(try world.executor.account(Fixed.sender) == AccountRecord(nonce: 1, balance: Fixed.richBalance &- 3))
        #expect(try world.executor.account(Fixed.coinbase) == nil)
        #expect(try world.executor.storage(Fixed.contract, 1) == 10)
        #expect(try world.executor.code(Fixed.contract).first == 0x48)
    }
}
