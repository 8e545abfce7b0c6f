// Floor 6, Testnet: a process named by its number and its start time, so that a number that the system gave away again is
// never taken for the process that had it before.
internal import Glibc
internal import Keys

/// One run of a program.
public struct ProcessIdentity: Equatable, Sendable {
    public let pid: Int32
    /// Clock ticks since boot at its start (field 22 of /proc/PID/stat).
    public let startTicks: UInt64

    init(pid: Int32, startTicks: UInt64) {
        self.pid = pid
        self.startTicks = startTicks
    }

    /// The process that has this number now.
    init?(pid: Int32) {
        guard let facts = ProcessIdentity.facts(pid) else { return nil }
        self.init(pid: pid, startTicks: facts.startTicks)
    }

    /// `PID:TICKS`, as `text` writes it.
    public init?(text: String) {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let pid = Int32(parts[0]), pid > 1, let ticks = UInt64(parts[1]) else { return nil }
        self.init(pid: pid, startTicks: ticks)
    }

    public var text: String { "\(pid):\(startTicks)" }

    /// The running program itself.
    public static var current: ProcessIdentity? { ProcessIdentity(pid: getpid()) }

    /// Whether it still runs; one that has ended but that nobody has waited for does not.
    public var isRunning: Bool {
        guard let facts = ProcessIdentity.facts(pid) else { return false }
        return facts.startTicks == startTicks && facts.state != 0x5a && facts.state != 0x58
    }

    /// Sends a signal if it still runs.
    @discardableResult
    func signal(_ number: Int32) -> Bool { isRunning && kill(pid, number) == 0 }

    /// Releases the numbers of our children that have ended.
    static func reapChildren() {
        var status: Int32 = 0
        while unsafe waitpid(-1, &status, WNOHANG) > 0 {}
    }

    private static func facts(_ pid: Int32) -> (state: UInt8, startTicks: UInt64)? {
        guard let content = try? SecureFile.read("/proc/\(pid)/stat", limit: 4_096).bytes else { return nil }
        // The name, in parentheses, may hold anything; fields count from behind the last one.
        guard let end = content.lastIndex(of: 0x29) else { return nil }
        let fields = content[(end + 1)...].split(separator: 0x20)
        guard fields.count > 19, let state = fields[0].first,
            let ticks = UInt64(String(decoding: fields[19], as: UTF8.self))
        else { return nil }
        return (state, ticks)
    }
}

/// A file that remembers a process.
enum PidFile {
    static func write(_ process: ProcessIdentity, to path: String) throws(TestnetError) {
        do { try SecureFile.write(Array((process.text + "\n").utf8), to: path, replacing: true) } catch { throw .key(error) }
    }

    /// The process of the file, if it still runs.
    static func running(_ path: String) -> ProcessIdentity? {
        guard let content = try? SecureFile.read(path, limit: 128).bytes else { return nil }
        let text = String(decoding: content.prefix { $0 != 10 }, as: UTF8.self)
        guard let process = ProcessIdentity(text: text), process.isRunning else { return nil }
        return process
    }
}

/// Starts programs.
enum Spawner {
    /// Starts this very program with other arguments, with nothing to read and with its output at the end of a file.
    ///
    /// - Parameter detached: in a session of its own; else in a process group of its own, which a terminal's Ctrl-C does not reach.
    static func start(_ arguments: [String], log: String, detached: Bool) throws(TestnetError) -> ProcessIdentity {
        guard let program = HostSystem.executablePath else { throw .failed("cannot find the program's own file under /proc/self/exe") }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        // Signals that the launcher handles or blocks must reach the child in their default form.
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { unsafe sigaddset(&signals, signal) }
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        let group = detached ? POSIX_SPAWN_SETSID : Int32(POSIX_SPAWN_SETPGROUP)
        unsafe posix_spawnattr_setflags(&attributes, Int16(group | Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)))
        var pointers: [UnsafeMutablePointer<CChar>?] = unsafe ([program] + arguments).map { unsafe strdup($0) }
        unsafe pointers.append(nil)
        defer { for unsafe pointer in unsafe pointers { unsafe free(pointer) } }
        var pid: pid_t = 0
        let result = unsafe posix_spawn(&pid, program, &actions, &attributes, pointers, environ)
        guard result == 0 else { throw .failed("cannot start \(program): \(SecureFile.reason(result))") }
        guard let process = ProcessIdentity(pid: pid) else { throw .failed("the process \(pid) ended at once; see \(log)") }
        return process
    }

    /// glibc's value; not in the imported headers.
    private static let POSIX_SPAWN_SETSID: Int32 = 0x80
}
