// Floor 1, Engine: everything that one block's execution owns besides the state: stack slab, memory, frames, return data.
//
// Lives behind an unsafe pointer that `TransactionExecutor` owns: the interpreter reaches it without reference counting.
// Invariants: only the last frame's memory grows, so one buffer serves all frames; a frame always has room for 1024 words
// above its stack base; `returned` is the return data of the running frame.
import Primitives

typealias MachinePointer = UnsafeMutablePointer<Machine>
typealias FramePointer = UnsafeMutablePointer<Frame>
typealias StackPointer = UnsafeMutablePointer<UInt256>

@safe
struct Machine: ~Copyable {
    /// Yellow paper: words on a frame's stack.
    static let stackLimit = 1024
    /// Yellow paper: calls and creations below the transaction's own frame.
    static let depthLimit = 1024
    /// Largest memory of a frame in bytes. Reaching it costs 2.2e12 gas, more than any block holds.
    static let memoryLimit: UInt64 = 1 << 30

    var journal: Journal
    var environment: BlockEnvironment
    let rules: ForkRules
    let hasCancun: Bool
    let hasPrague: Bool
    let hasOsaka: Bool

    /// Set while an observer watches.
    private(set) var observation: ObservationPointer?

    // MARK: The transaction
    var origin: Address = .zero
    var gasPrice: UInt256 = .zero
    var blobHashes: [Hash256] = []

    // MARK: Buffers
    private(set) var stack: StackPointer
    private var stackCapacity: Int
    private(set) var memory: UnsafeMutablePointer<UInt8>
    private var memoryCapacity: Int
    private(set) var frames: FramePointer
    private(set) var frameCount = 0
    private var frameCapacity: Int
    private(set) var returned: UnsafeMutablePointer<UInt8>
    var returnedCount = 0
    private var returnedCapacity: Int

    init(database: StateDatabase, environment: BlockEnvironment, seed: Hash256) {
        journal = Journal(
            database: database, seed: seed, hasEmptyAccounts: environment.fork < .spuriousDragon, alwaysWarm: AlwaysWarm(environment))
        self.environment = environment
        rules = ForkRules(environment.fork)
        hasCancun = environment.fork >= .cancun
        hasPrague = environment.fork >= .prague
        hasOsaka = environment.fork >= .osaka
        stackCapacity = 4 * Machine.stackLimit
        unsafe stack = StackPointer.allocate(capacity: stackCapacity)
        memoryCapacity = 1 << 16
        unsafe memory = UnsafeMutablePointer<UInt8>.allocate(capacity: memoryCapacity)
        frameCapacity = 16
        unsafe frames = FramePointer.allocate(capacity: frameCapacity)
        returnedCapacity = 1024
        unsafe returned = UnsafeMutablePointer<UInt8>.allocate(capacity: returnedCapacity)
    }

    deinit {
        if let observation = unsafe observation {
            unsafe observation.deinitialize(count: 1)
            unsafe observation.deallocate()
        }
        unsafe stack.deallocate()
        unsafe memory.deallocate()
        unsafe frames.deallocate()
        unsafe returned.deallocate()
    }

    /// From now on this observer watches, or none.
    mutating func observe(_ observer: ExecutionObserver?) {
        if let old = unsafe observation {
            unsafe old.deinitialize(count: 1)
            unsafe old.deallocate()
            unsafe observation = nil
        }
        guard let observer else { return }
        let new = ObservationPointer.allocate(capacity: 1)
        unsafe new.initialize(to: Observation(observer))
        unsafe observation = new
    }

    // MARK: - Frames

    /// The running frame. Inlined, as all reads through the machine's pointer: otherwise the compiler lends a copy of the machine.
    var top: FramePointer {
        @inline(__always) get { unsafe frames + (frameCount &- 1) }
    }

    /// Adds a frame above the last one; gives it room on the stack and no memory.
    mutating func push(_ frame: Frame) {
        var frame = frame
        if frameCount > 0 {
            let below = unsafe top.pointee
            frame.stackBase = below.stackTop
            frame.memoryBase = below.memoryBase + below.memorySize
        } else {
            frame.stackBase = 0
            frame.memoryBase = 0
        }
        frame.stackTop = frame.stackBase
        frame.memorySize = 0
        reserveStack(frame.stackBase + Machine.stackLimit)
        if frameCount == frameCapacity {
            let grown = FramePointer.allocate(capacity: frameCapacity * 2)
            unsafe grown.moveInitialize(from: frames, count: frameCount)
            unsafe frames.deallocate()
            unsafe frames = grown
            frameCapacity *= 2
        }
        unsafe (frames + frameCount).initialize(to: frame)
        frameCount += 1
        returnedCount = 0
    }

    /// Removes the last frame.
    mutating func pop() -> Frame {
        frameCount -= 1
        let frame = unsafe (frames + frameCount).move()
        frame.ownedCode?.deallocate()
        return frame
    }

    private mutating func reserveStack(_ words: Int) {
        guard words > stackCapacity else { return }
        let capacity = max(words, stackCapacity * 2)
        let grown = StackPointer.allocate(capacity: capacity)
        unsafe grown.update(from: stack, count: words - Machine.stackLimit)
        unsafe stack.deallocate()
        unsafe stack = grown
        stackCapacity = capacity
    }

    // MARK: - Memory

    /// Makes the running frame's memory at least `size` bytes (a multiple of 32), zeroed. Moves inputs that lie in memory.
    mutating func growMemory(_ size: Int) {
        let frame = unsafe top
        let end = unsafe frame.pointee.memoryBase + size
        if end > memoryCapacity {
            let capacity = max(end, memoryCapacity * 2)
            let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
            let used = unsafe frame.pointee.memoryBase + frame.pointee.memorySize
            unsafe grown.update(from: memory, count: used)
            for index in 0..<frameCount where unsafe frames[index].inputIsMemory {
                guard let input = unsafe frames[index].input else { continue }
                unsafe frames[index].input = UnsafePointer(grown + (input - UnsafePointer(memory)))
            }
            unsafe memory.deallocate()
            unsafe memory = grown
            memoryCapacity = capacity
        }
        let old = unsafe frame.pointee.memorySize
        unsafe (memory + frame.pointee.memoryBase + old).update(repeating: 0, count: size - old)
        unsafe frame.pointee.memorySize = size
    }

    // MARK: - Return data

    /// Makes `count` bytes of the parent's or caller's data the return data.
    mutating func setReturned(_ source: UnsafePointer<UInt8>?, count: Int) {
        reserveReturned(count)
        if let source = unsafe source, count > 0 { unsafe returned.update(from: source, count: count) }
        returnedCount = count
    }

    mutating func setReturned(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBufferPointer { unsafe setReturned($0.baseAddress, count: $0.count) }
    }

    private mutating func reserveReturned(_ count: Int) {
        guard count > returnedCapacity else { return }
        unsafe returned.deallocate()
        returnedCapacity = max(count, returnedCapacity * 2)
        unsafe returned = UnsafeMutablePointer<UInt8>.allocate(capacity: returnedCapacity)
    }

    var returnedBytes: [UInt8] { unsafe Array(UnsafeBufferPointer(start: returned, count: returnedCount)) }
}
