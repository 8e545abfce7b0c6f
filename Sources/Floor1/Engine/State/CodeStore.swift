// Floor 1, Engine: contract code prepared for the interpreter.
//
// One allocation holds a copy of the code, 33 zero bytes (so that a PUSH32 at the end reads zeros and a STOP always ends the
// loop) and a bitset of the valid JUMPDESTs. Blocks are shared by all accounts with the same code hash and live as long as the store.
import Primitives

/// Code that can be run. `bytes[count ..< count + 33]` are zero.
@safe
struct CodeBlock {
    static let padding = 33
    /// EIP-7702: 0xef0100 and an address.
    static let delegationLength = 23

    let bytes: UnsafeMutablePointer<UInt8>
    let count: Int
    let jumpDestinations: UnsafeMutablePointer<UInt8>
    let hash: Hash256

    /// Copies and analyses `count` bytes.
    init(copying source: UnsafePointer<UInt8>?, count: Int, hash: Hash256) {
        let padded = count + CodeBlock.padding
        let total = padded + (padded + 7) / 8
        unsafe bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: total)
        if let source = unsafe source, count > 0 { unsafe bytes.initialize(from: source, count: count) }
        unsafe (bytes + count).initialize(repeating: 0, count: total - count)
        unsafe jumpDestinations = bytes + padded
        self.count = count
        self.hash = hash
        analyse()
    }

    init(_ code: [UInt8], hash: Hash256) {
        self = unsafe code.withUnsafeBufferPointer { unsafe CodeBlock(copying: $0.baseAddress, count: $0.count, hash: hash) }
    }

    func deallocate() { unsafe bytes.deallocate() }

    /// Marks every 0x5b that is not inside the data of a PUSH.
    private func analyse() {
        var index = 0
        while index < count {
            let opcode = unsafe bytes[index]
            if opcode == 0x5b {
                unsafe jumpDestinations[index >> 3] |= 1 << UInt8(index & 7)
            } else if opcode >= 0x60 && opcode <= 0x7f {
                index += Int(opcode) - 0x5f
            }
            index += 1
        }
    }

    /// The address that an EIP-7702 designator names.
    var delegate: Address? {
        guard count == CodeBlock.delegationLength, unsafe bytes[0] == 0xef && bytes[1] == 0x01 && bytes[2] == 0x00 else { return nil }
        return unsafe Address(loading: UnsafeRawPointer(bytes + 3))
    }

    var copy: [UInt8] { unsafe Array(UnsafeBufferPointer(start: bytes, count: count)) }
}

/// All code that a block's execution has seen. Number 0 is the empty code.
@safe
struct CodeStore: ~Copyable {
    private(set) var blocks: [CodeBlock]
    private var index: IndexTable

    init() {
        blocks = []
        index = IndexTable(capacity: 64)
        _ = add(CodeBlock([], hash: Keccak256.empty))
    }

    deinit {
        for block in blocks { block.deallocate() }
    }

    /// The number of the code with this hash, if it is here.
    func find(_ hash: Hash256) -> Int? {
        var cell = index.start(hash.w3)
        while true {
            let entry = index.entry(at: cell)
            if entry < 0 { return nil }
            if blocks[entry].hash == hash { return entry }
            cell = index.next(cell)
        }
    }

    /// Adds a block whose hash is not here yet, and takes ownership of its memory.
    mutating func add(_ block: CodeBlock) -> Int {
        var cell = index.start(block.hash.w3)
        while index.entry(at: cell) >= 0 { cell = index.next(cell) }
        let number = blocks.count
        blocks.append(block)
        index.put(number, at: cell)
        if index.needsGrowth { growIndex() }
        return number
    }

    private mutating func growIndex() {
        let all = blocks
        index.grow { all[$0].hash.w3 }
    }
}
