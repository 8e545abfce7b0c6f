// Floor 6, Testnet: the processes of a run, and faults carried out on them. For one thread.
internal import Foundation
internal import Glibc

/// The nodes of a run with what is wrong with each.
final class RunningNodes {
    let network: PreparedNetwork
    /// Positions of nodes that should run and take part now.
    private(set) var healthy: [Int] = []
    /// The nodes that each fault hit, while it lasts.
    private var hit: [Int: [Int]] = [:]
    private var random: UInt64
    /// The most that each node was seen to hold.
    private(set) var residentBytes: [UInt64]

    init(network: PreparedNetwork, seed: UInt64) {
        self.network = network
        random = seed
        residentBytes = [UInt64](repeating: 0, count: network.nodes.count)
    }

    /// Starts the nodes that are there from the beginning and waits until each has finalised a block.
    func startAll() throws(TestnetError) {
        try network.becomeLauncher()
        for (index, node) in network.manifest.nodes.enumerated() where node.startsAtOnce { try start(index) }
        var first = network
        first.nodes = healthy.map { network.nodes[$0] }
        _ = try first.awaitFinality(timeoutMilliseconds: NetworkLauncher.finalityTimeoutMilliseconds)
    }

    /// Wakes frozen nodes and stops all.
    func stopAll() {
        for node in network.nodes { network.process(node.name)?.signal(SIGCONT) }
        network.stopAll()
        network.resignAsLauncher()
    }

    private func start(_ index: Int) throws(TestnetError) {
        try network.start(network.nodes[index].name, launcher: ProcessIdentity.current)
        healthy = (healthy + [index]).sorted()
    }

    /// SplitMix64.
    private func draw(below bound: Int) -> Int {
        random &+= 0x9e37_79b9_7f4a_7c15
        var z = random
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return Int((z ^ (z >> 31)) % UInt64(max(1, bound)))
    }

    /// Those of the chosen nodes that are healthy now: a node that another fault has hit is left to that.
    private func choose(_ choice: NodeChoice) -> [Int] {
        switch choice {
        case .all: return healthy
        case .named(let names): return healthy.filter { names.contains(network.nodes[$0].name) }
        case .any, .leader: return healthy.isEmpty ? [] : [healthy[draw(below: healthy.count)]]
        }
    }

    func carryOut(_ step: TimelineStep, _ manifest: Manifest) throws(TestnetError) {
        switch step {
        case .join(let index): try start(index)
        case .begin(let fault): try begin(fault, manifest.faults[fault])
        case .end(let fault): try end(fault, manifest.faults[fault])
        }
    }

    private func begin(_ number: Int, _ fault: Fault) throws(TestnetError) {
        let nodes = choose(fault.kind.nodes)
        let names = nodes.map { network.nodes[$0].name }
        hit[number] = nodes
        if case .restart = fault.kind {} else { healthy.removeAll { nodes.contains($0) } }
        switch fault.kind {
        case .kill: try network.kill(names)
        case .wipeData:
            try network.kill(names)
            for name in names {
                do { try FileManager.default.removeItem(atPath: network.folder.node(name) + "/data") } catch {
                    throw .failed("cannot remove the databases of \(name): \(error)")
                }
            }
            // Without a length it comes back at once.
            if fault.durationMilliseconds == nil { for index in nodes { try start(index) } }
        case .stop: network.stop(names)
        case .restart:
            network.stop(names)
            for name in names { try network.start(name, launcher: ProcessIdentity.current) }
        case .pause: for name in names { network.process(name)?.signal(SIGSTOP) }
        default: throw .failed("processes cannot do this fault: \(fault.kind)")
        }
    }

    private func end(_ number: Int, _ fault: Fault) throws(TestnetError) {
        for index in hit.removeValue(forKey: number) ?? [] {
            guard case .pause = fault.kind else {
                try start(index)
                continue
            }
            network.process(network.nodes[index].name)?.signal(SIGCONT)
            healthy = (healthy + [index]).sorted()
        }
    }

    func sample(_ monitors: [NodeMonitor]) {
        for (index, monitor) in monitors.enumerated() { residentBytes[index] = max(residentBytes[index], monitor.residentBytes) }
    }

    /// A healthy node that has ended has crashed.
    func checkAlive() throws(TestnetError) {
        ProcessIdentity.reapChildren()
        for index in healthy where network.process(network.nodes[index].name) == nil {
            let name = network.nodes[index].name
            throw .failed("\(name) ended by itself; its log ends:\n\(network.logTail(name))")
        }
    }

    /// Bytes of a node's databases, as the disk counts them.
    func diskBytes(_ index: Int) -> UInt64 {
        let folder = network.folder.node(network.nodes[index].name) + "/data"
        var total: UInt64 = 0
        for case let name as String in FileManager.default.enumerator(atPath: folder) ?? .init() {
            var facts = stat()
            if unsafe lstat(folder + "/" + name, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG { total += UInt64(facts.st_blocks) * 512 }
        }
        return total
    }
}

extension FaultKind {
    /// The nodes it hits; none for faults of links.
    var nodes: NodeChoice {
        switch self {
        case .kill(let nodes), .stop(let nodes), .restart(let nodes), .pause(let nodes), .isolate(let nodes), .wipeData(let nodes),
            .tornWrite(let nodes), .clockSkew(let nodes, _), .fsyncDelay(let nodes, _), .oldDisk(let nodes, _):
            return nodes
        case .partition, .shape, .swarm: return .named([])
        }
    }

    /// A word for reports.
    var name: String {
        switch self {
        case .kill: return "kill"
        case .stop: return "stop"
        case .restart: return "restart"
        case .pause: return "pause"
        case .isolate: return "isolate"
        case .partition: return "partition"
        case .shape: return "shape"
        case .clockSkew: return "clock-skew"
        case .wipeData: return "wipe-data"
        case .tornWrite: return "torn-write"
        case .fsyncDelay: return "fsync-delay"
        case .oldDisk: return "old-disk"
        case .swarm: return "swarm"
        }
    }
}
