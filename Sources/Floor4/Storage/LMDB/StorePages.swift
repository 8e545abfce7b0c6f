// Floor 4, Storage: checks the pages of a data file before LMDB maps it. LMDB follows its pages without checking them, so a
// damaged one could end the process; here every page is looked at with bounds. The format is LMDB's data version 1 on
// 64-bit machines, as `lmdb.h` and the comments of `mdb.c` describe it.
//
// Invariants that are checked: pages name themselves, are reached once, and hold nodes that lie inside, do not overlap,
// ascend by key and fill the space that the header states; all leaves of a tree are equally deep; overflow runs and free
// pages lie in the file.

/// Why a page is not as LMDB wrote it.
struct PageDamage: Error {
    var page: UInt64
    var reason: String
}

/// One of LMDB's trees as its parent describes it (`MDB_db`).
struct PageTree {
    static let byteCount = 48
    static let integerKeyFlag: UInt16 = 0x08
    var flags: UInt16
    var depth: Int
    var leafPages: UInt64
    /// `nil` when empty.
    var root: UInt64?

    init(_ bytes: RawBytes, _ offset: Int) {
        flags = bytes.u16(offset + 4)
        depth = Int(bytes.u16(offset + 6))
        leafPages = bytes.u64(offset + 16)
        let page = bytes.u64(offset + 40)
        root = page == .max ? nil : page
    }
}

/// Walks the trees of one data file.
struct StorePages {
    private let bytes: RawBytes
    private let pageSize: Int
    private let lastPage: UInt64
    /// Tables with more leaf pages are checked down to the pages above the leaves only.
    private let leafPageLimit: UInt64
    private var includesLeaves = true
    private var seen: [UInt64]

    private static let headerByteCount = 16
    private static let nodeByteCount = 8
    private static let branchFlag: UInt16 = 1
    private static let leafFlag: UInt16 = 2
    private static let overflowFlag: UInt16 = 4
    private static let bigDataFlag: UInt16 = 1
    private static let subTreeFlag: UInt16 = 2
    /// LMDB's own limits: `CURSOR_STACK` and `MDB_MAXKEYSIZE`.
    private static let maximumDepth = 32
    private static let maximumKeyByteCount = 511

    /// The caller has checked that the file holds all pages up to `lastPage`.
    init(_ bytes: RawBytes, pageSize: Int, lastPage: UInt64, leafPageLimit: UInt64) {
        self.bytes = bytes
        self.pageSize = pageSize
        self.lastPage = lastPage
        self.leafPageLimit = leafPageLimit
        seen = [UInt64](repeating: 0, count: Int(lastPage / 64) + 1)
    }

    private enum Kind { case free, main, table }

    /// Checks the tree of free pages and the tree of tables with all tables.
    mutating func check(free: PageTree, main: PageTree) throws(PageDamage) {
        guard free.flags == PageTree.integerKeyFlag, main.flags == 0 else { throw PageDamage(page: 0, reason: "its trees have unknown flags") }
        try check(main, .main)
        try check(free, .free)
    }

    private mutating func check(_ tree: PageTree, _ kind: Kind) throws(PageDamage) {
        guard let root = tree.root else {
            guard tree.depth == 0 else { throw PageDamage(page: 0, reason: "an empty tree has a depth") }
            return
        }
        guard tree.depth >= 1, tree.depth <= StorePages.maximumDepth else { throw PageDamage(page: root, reason: "its tree has an impossible depth") }
        try visit(root)
        if kind == .table { includesLeaves = tree.leafPages <= leafPageLimit }
        try checkPage(root, levels: tree.depth, kind)
    }

    /// Marks a page as used; no page is used twice.
    private mutating func visit(_ page: UInt64) throws(PageDamage) {
        guard page >= 2, page <= lastPage else { throw PageDamage(page: page, reason: "it lies outside the file") }
        let bit: UInt64 = 1 << (page % 64)
        guard seen[Int(page / 64)] & bit == 0 else { throw PageDamage(page: page, reason: "it is used twice") }
        seen[Int(page / 64)] |= bit
    }

    private mutating func checkPage(_ page: UInt64, levels: Int, _ kind: Kind) throws(PageDamage) {
        let isLeaf = levels == 1
        if isLeaf, !includesLeaves, kind == .table { return }
        let start = Int(page) * pageSize
        let lower = Int(bytes.u16(start + 12))
        let upper = Int(bytes.u16(start + 14))
        guard bytes.u64(start) == page else { throw PageDamage(page: page, reason: "it is another page") }
        guard bytes.u16(start + 10) == (isLeaf ? StorePages.leafFlag : StorePages.branchFlag) else {
            throw PageDamage(page: page, reason: "it is of another kind")
        }
        guard lower >= StorePages.headerByteCount, lower % 2 == 0, lower <= upper, upper <= pageSize else {
            throw PageDamage(page: page, reason: "its bounds are impossible")
        }
        let count = (lower - StorePages.headerByteCount) / 2
        guard count >= 1, isLeaf || kind == .free || count >= 2 else { throw PageDamage(page: page, reason: "it has too few nodes") }
        var occupied: [(start: Int, end: Int)] = []
        occupied.reserveCapacity(count)
        var previous: (offset: Int, count: Int)?
        for index in 0..<count {
            let node = Int(bytes.u16(start + StorePages.headerByteCount + 2 * index))
            guard node >= upper, node % 2 == 0, node + StorePages.nodeByteCount <= pageSize else {
                throw PageDamage(page: page, reason: "a node lies outside")
            }
            let key = (offset: start + node + StorePages.nodeByteCount, count: Int(bytes.u16(start + node + 6)))
            let end = try checkNode(start + node, key, page, levels: levels, kind) - start
            guard end <= pageSize else { throw PageDamage(page: page, reason: "a node lies outside") }
            occupied.append((node, end + end % 2))
            // The first key of a branch page is not used.
            if !isLeaf, index == 0 { continue }
            if let previous, !isAscending(previous, key, kind) { throw PageDamage(page: page, reason: "its keys are not in order") }
            previous = key
        }
        occupied.sort { $0.start < $1.start }
        var place = upper
        for node in occupied {
            guard node.start == place else { throw PageDamage(page: page, reason: "its nodes overlap or leave gaps") }
            place = node.end
        }
        guard place == pageSize else { throw PageDamage(page: page, reason: "its nodes overlap or leave gaps") }
    }

    /// Checks a node with what it points to and returns where it ends.
    private mutating func checkNode(
        _ node: Int, _ key: (offset: Int, count: Int), _ page: UInt64, levels: Int, _ kind: Kind
    ) throws(PageDamage) -> Int {
        let low = UInt64(bytes.u16(node)) | UInt64(bytes.u16(node + 2)) << 16
        let flags = bytes.u16(node + 4)
        let pageEnd = (Int(page) + 1) * pageSize
        guard key.count <= StorePages.maximumKeyByteCount, key.offset + key.count <= pageEnd else {
            throw PageDamage(page: page, reason: "a key is too long")
        }
        let data = key.offset + key.count
        if levels > 1 {
            let child = low | UInt64(flags) << 32
            try visit(child)
            try checkPage(child, levels: levels - 1, kind)
            return data
        }
        guard kind != .free || key.count == 8 else { throw PageDamage(page: page, reason: "a key of the free list is not a number") }
        switch flags {
        case 0 where kind != .main:
            guard data + Int(low) <= pageEnd else { throw PageDamage(page: page, reason: "a value lies outside") }
            if kind == .free { try checkFreeList(data, Int(low), page) }
            return data + Int(low)
        case StorePages.bigDataFlag where kind != .main:
            guard data + 8 <= pageEnd else { throw PageDamage(page: page, reason: "a value lies outside") }
            let content = try checkOverflow(bytes.u64(data), byteCount: Int(low))
            if kind == .free { try checkFreeList(content, Int(low), page) }
            return data + 8
        case StorePages.subTreeFlag where kind == .main:
            guard low == UInt64(PageTree.byteCount), data + PageTree.byteCount <= pageEnd else {
                throw PageDamage(page: page, reason: "a table is not described")
            }
            let tree = PageTree(bytes, data)
            guard tree.flags == 0 else { throw PageDamage(page: page, reason: "a table has unknown flags") }
            try check(tree, .table)
            return data + PageTree.byteCount
        default:
            throw PageDamage(page: page, reason: "a node is of an unknown kind")
        }
    }

    /// Checks a run of overflow pages and returns where its content starts.
    private mutating func checkOverflow(_ first: UInt64, byteCount: Int) throws(PageDamage) -> Int {
        // A shorter value that replaced a longer one keeps all pages of the run.
        let needed = UInt64((StorePages.headerByteCount - 1 + byteCount) / pageSize + 1)
        guard first >= 2, first <= lastPage else { throw PageDamage(page: first, reason: "it lies outside the file") }
        let start = Int(first) * pageSize
        let count = UInt64(bytes.u32(start + 12))
        guard bytes.u64(start) == first, bytes.u16(start + 10) == StorePages.overflowFlag, count >= needed,
            count <= lastPage - first + 1
        else { throw PageDamage(page: first, reason: "it does not start a long value") }
        for page in first..<first + count { try visit(page) }
        return start + StorePages.headerByteCount
    }

    /// A count and that many page numbers, descending.
    private mutating func checkFreeList(_ offset: Int, _ byteCount: Int, _ page: UInt64) throws(PageDamage) {
        guard byteCount >= 8, bytes.u64(offset) <= UInt64(byteCount / 8 - 1) else { throw PageDamage(page: page, reason: "a free list is too short") }
        var previous = UInt64.max
        for index in 0..<Int(bytes.u64(offset)) {
            let free = bytes.u64(offset + 8 * (index + 1))
            guard free < previous else { throw PageDamage(page: page, reason: "a free list is not in order") }
            try visit(free)
            previous = free
        }
    }

    private func isAscending(_ a: (offset: Int, count: Int), _ b: (offset: Int, count: Int), _ kind: Kind) -> Bool {
        if kind == .free { return a.count == 8 && b.count == 8 && bytes.u64(a.offset) < bytes.u64(b.offset) }
        for index in 0..<min(a.count, b.count) {
            let x = bytes[a.offset + index]
            let y = bytes[b.offset + index]
            if x != y { return x < y }
        }
        return a.count < b.count
    }
}

/// The bytes of a mapped file, read in the machine's own byte order. Reads outside give zero, which no check accepts.
@safe
struct RawBytes {
    private let buffer: UnsafeRawBufferPointer

    init(_ buffer: UnsafeRawBufferPointer) { unsafe self.buffer = buffer }

    subscript(_ offset: Int) -> UInt8 { load(offset, UInt8.self) }

    func u16(_ offset: Int) -> UInt16 { load(offset, UInt16.self) }
    func u32(_ offset: Int) -> UInt32 { load(offset, UInt32.self) }
    func u64(_ offset: Int) -> UInt64 { load(offset, UInt64.self) }

    @inline(__always)
    private func load<T: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _ type: T.Type) -> T {
        guard unsafe offset >= 0 && offset <= buffer.count - MemoryLayout<T>.size else { return 0 }
        return unsafe buffer.loadUnaligned(fromByteOffset: offset, as: T.self)
    }
}
