// Floor 6, Testnet: starting, stopping and waiting for the processes of a network.
internal import Glibc
internal import Keys

extension PreparedNetwork {
    /// How long a node may take to close its databases before it is killed.
    private static let stopMilliseconds: UInt64 = 10_000
    private static let pollMilliseconds: UInt64 = 20

    /// The process of a node, if it runs.
    public func process(_ name: String) -> ProcessIdentity? { PidFile.running(folder.pidFile(name)) }

    public var isRunning: Bool { nodes.contains { process($0.name) != nil } }

    /// Starts one node that does not run.
    ///
    /// - Parameter launcher: the node ends when this process does; `nil` lets it outlive everyone.
    public func start(_ name: String, launcher: ProcessIdentity?) throws(TestnetError) {
        guard process(name) == nil else { throw .failed("\(name) runs already") }
        var arguments = ["node", "run", "--config", folder.nodeFile(name)]
        if let launcher { arguments += ["--stop-with", launcher.text] }
        let process = try Spawner.start(arguments, log: folder.log(name), detached: launcher == nil)
        try PidFile.write(process, to: folder.pidFile(name))
    }

    /// The process that holds the network, if a `testnet up` runs in the foreground.
    public var launcher: ProcessIdentity? { PidFile.running(folder.launcher) }

    /// Remembers this process as the holder of the network.
    public func becomeLauncher() throws(TestnetError) {
        guard let own = ProcessIdentity.current else { throw .failed("cannot read /proc/self/stat") }
        try PidFile.write(own, to: folder.launcher)
    }

    public func resignAsLauncher() { HostSystem.remove(folder.launcher) }

    /// Stops these nodes: SIGTERM, then SIGKILL for those that do not end.
    ///
    /// - Returns: the nodes that had to be killed.
    @discardableResult
    public func stop(_ names: [String]) -> [String] {
        var running = names.compactMap { name in process(name).map { (name, $0) } }
        for (_, process) in running { process.signal(SIGTERM) }
        let deadline = HostSystem.milliseconds + PreparedNetwork.stopMilliseconds
        while !running.isEmpty, HostSystem.milliseconds < deadline {
            running.removeAll { PreparedNetwork.hasEnded($0.1) }
            if !running.isEmpty { HostSystem.sleep(milliseconds: PreparedNetwork.pollMilliseconds) }
        }
        for (_, process) in running { process.signal(SIGKILL) }
        for (_, process) in running { PreparedNetwork.awaitEnd(process) }
        for name in names { HostSystem.remove(folder.pidFile(name)) }
        return running.map { $0.0 }
    }

    /// Stops all nodes.
    @discardableResult
    public func stopAll() -> [String] { stop(nodes.map { $0.name }) }

    /// Ends nodes at once, as a crash would.
    public func kill(_ names: [String]) throws(TestnetError) {
        var victims: [ProcessIdentity] = []
        for name in names {
            guard let process = process(name) else { throw .failed("\(name) does not run") }
            victims.append(process)
        }
        for process in victims { process.signal(SIGKILL) }
        for process in victims { PreparedNetwork.awaitEnd(process) }
        for name in names { HostSystem.remove(folder.pidFile(name)) }
    }

    /// Ends the `testnet up` that holds the network, if there is one and it is not this process.
    public func stopLauncher() {
        guard let launcher, launcher != ProcessIdentity.current else { return }
        launcher.signal(SIGTERM)
        PreparedNetwork.awaitEnd(launcher)
    }

    private static func hasEnded(_ process: ProcessIdentity) -> Bool {
        ProcessIdentity.reapChildren()
        return !process.isRunning
    }

    private static func awaitEnd(_ process: ProcessIdentity) {
        let deadline = HostSystem.milliseconds + stopMilliseconds
        while !hasEnded(process), HostSystem.milliseconds < deadline { HostSystem.sleep(milliseconds: pollMilliseconds) }
    }

    /// Waits until every node has finalised a block.
    ///
    /// - Returns: milliseconds until the first node had, and until all had.
    public func awaitFinality(timeoutMilliseconds: UInt64) throws(TestnetError) -> (first: UInt64, all: UInt64) {
        let start = HostSystem.milliseconds
        let clients = nodes.map { StatusClient(port: $0.rpcPort) }
        var waiting = Array(nodes.indices)
        var first: UInt64?
        while true {
            if StopSignal.isRequested { throw .interrupted }
            waiting.removeAll { index in
                guard let facts = clients[index].ask(), facts.finalized.value >= 1 else { return false }
                if first == nil { first = HostSystem.milliseconds - start }
                return true
            }
            let passed = HostSystem.milliseconds - start
            if waiting.isEmpty { return (first ?? passed, passed) }
            ProcessIdentity.reapChildren()
            for index in waiting where process(nodes[index].name) == nil {
                throw .failed("\(nodes[index].name) ended before its first block; its log ends:\n\(logTail(nodes[index].name))")
            }
            if passed > timeoutMilliseconds {
                let name = nodes[waiting[0]].name
                throw .failed("\(name) has finalised nothing after \(timeoutMilliseconds / 1_000) s; its log ends:\n\(logTail(name))")
            }
            HostSystem.sleep(milliseconds: 2 * PreparedNetwork.pollMilliseconds)
        }
    }

    private static let tailByteCount = 2_000

    /// The end of a node's log.
    public func logTail(_ name: String) -> String {
        let descriptor = unsafe Glibc.open(folder.log(name), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "(no log)" }
        defer { close(descriptor) }
        let size = lseek(descriptor, 0, SEEK_END)
        lseek(descriptor, max(0, size - PreparedNetwork.tailByteCount), SEEK_SET)
        var bytes = [UInt8](repeating: 0, count: PreparedNetwork.tailByteCount)
        let count = unsafe read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
