// Floor 6, Testnet: `testnet up`: start everything, wait for finality, hold the processes or let them go.

/// The whole life of a network's processes under one command.
public struct NetworkLauncher: Sendable {
    public let network: PreparedNetwork

    /// A chain that has finalised nothing in this time has failed to start.
    public static let finalityTimeoutMilliseconds: UInt64 = 60_000

    public init(network: PreparedNetwork) { self.network = network }

    /// Starts every node and waits until all have finalised a block. On failure everything is stopped again.
    ///
    /// - Parameter detached: whether the nodes outlive this process.
    /// - Returns: milliseconds from the start to finality on the first and on all nodes.
    public func start(detached: Bool) throws(TestnetError) -> (first: UInt64, all: UInt64) {
        guard !network.isRunning else {
            throw .failed(
                "the network in \(network.folder.path) runs already; see hyperseq testnet status, stop it with hyperseq testnet down")
        }
        do {
            if !detached { try network.becomeLauncher() }
            let launcher = detached ? nil : ProcessIdentity.current
            for node in network.nodes { try network.start(node.name, launcher: launcher) }
            return try network.awaitFinality(timeoutMilliseconds: NetworkLauncher.finalityTimeoutMilliseconds)
        } catch {
            stop()
            throw error
        }
    }

    /// Calls `tick` about every second until a stop is asked for, then stops everything.
    ///
    /// - Returns: the nodes that had to be killed.
    public func hold(_ tick: (NetworkStatus) -> Void) -> [String] {
        let clients = network.nodes.map { StatusClient(port: $0.rpcPort, timeoutMilliseconds: 500) }
        var next = HostSystem.milliseconds
        while !StopSignal.isRequested {
            ProcessIdentity.reapChildren()
            if HostSystem.milliseconds >= next {
                let reports = zip(network.nodes, clients).map { network.report($0, $1) }
                tick(
                    NetworkStatus(
                        chainId: network.manifest.chainID, name: network.manifest.name, dir: network.folder.path, nodes: reports))
                next = HostSystem.milliseconds + 1_000
            }
            HostSystem.sleep(milliseconds: 100)
        }
        return stop()
    }

    /// Stops everything that was started.
    @discardableResult
    public func stop() -> [String] {
        let killed = network.stopAll()
        network.resignAsLauncher()
        return killed
    }
}
