// Floor 6, ConsensusBench: commands per second and time to finality of the ordering layer: real replicas, network and signatures,
// one process per validator on this machine, and opaque commands in place of transactions.
internal import Dispatch
internal import Glibc
internal import Network
internal import Synchronization

/// What a measurement found.
public struct ConsensusBenchmarkResult: Codable, Sendable {
    public var plan: ConsensusBenchmarkPlan
    public var seconds: Double
    public var commands: Int
    public var commandsPerSecond: Double
    /// From the client's sending to F + 1 replicas' word, in milliseconds.
    public var finalMedianMilliseconds: Double
    public var final99thPercentileMilliseconds: Double
    public var blocksPerSecond: Double
    public var viewsPerSecond: Double
    /// Processor seconds per second of each replica, then of the client.
    public var replicaProcessorShares: [Double]
    public var clientProcessorShare: Double
    /// Of all replicas together, between each other.
    public var networkBytesPerSecond: Double
    public var messagesPerView: Double
    public var durableCommitsPerSecond: Double
    public var durableCommitMicroseconds: Double
    /// Commands that a block carried although they were final, and breaches of the rules; both should be 0.
    public var repeatedCommands: UInt64
    public var misbehaviours: UInt64
}

public struct ConsensusBenchmark {
    private let plan: ConsensusBenchmarkPlan
    /// The first arguments with which this program runs `runReplica`.
    private let replicaArguments: [String]

    public init(plan: ConsensusBenchmarkPlan, replicaArguments: [String]) {
        self.plan = plan
        self.replicaArguments = replicaArguments
    }

    /// - Parameter parent: the folder in which a temporary one is made.
    public func run(in parent: String) throws(ConsensusBenchmarkError) -> ConsensusBenchmarkResult {
        let folder = try HostProcess.makeFolder(in: parent)
        defer { HostProcess.removeFolder(folder) }
        let ports = try HostProcess.freePorts(plan.validators)
        var processes: [pid_t] = []
        defer { for process in processes { HostProcess.end(process) } }
        for index in 0..<plan.validators {
            processes.append(
                try HostProcess.spawnSelf(
                    replicaArguments + [
                        "--index", "\(index)", "--validators", "\(plan.validators)",
                        "--ports", ports.map(String.init).joined(separator: ","), "--folder", folder,
                        "--payload", "\(plan.payloadBytes)", "--block-size", "\(plan.blockCommands)", "--in-flight", "\(plan.inFlight)",
                    ] + (plan.isDurable ? ["--durable"] : [])))
        }
        return result(try measure(folder).get())
    }

    private func measure(_ folder: String) -> Result<BenchmarkClient.Measurement, ConsensusBenchmarkError> {
        let plan = plan
        let outcome = Mutex<Result<BenchmarkClient.Measurement, ConsensusBenchmarkError>?>(nil)
        let semaphore = DispatchSemaphore(value: 0)
        let holder = Holder()
        LoopActor.run {
            holder.client = BenchmarkClient(plan: plan, folder: folder) { result in
                outcome.withLock { $0 = result }
                semaphore.signal()
            }
            holder.client?.start()
        }
        semaphore.wait()
        return outcome.withLock { $0 } ?? .failure(ConsensusBenchmarkError(description: "no result"))
    }

    private final class Holder: Sendable {
        @LoopActor var client: BenchmarkClient?
        nonisolated init() {}
    }

    private func result(_ seen: BenchmarkClient.Measurement) -> ConsensusBenchmarkResult {
        let seconds = Double(seen.microseconds) / 1_000_000
        let latencies = seen.latencies.sorted()
        func percentile(_ share: Double) -> Double {
            latencies.isEmpty ? 0 : Double(latencies[min(latencies.count - 1, Int(share * Double(latencies.count)))]) / 1_000
        }
        func gains(_ field: KeyPath<ReplicaReport, UInt64>) -> [Double] {
            zip(seen.before, seen.after).map { Double($1[keyPath: field] &- $0[keyPath: field]) }
        }
        func total(_ field: KeyPath<ReplicaReport, UInt64>) -> Double { gains(field).reduce(0, +) }
        let count = Double(plan.validators)
        let views = total(\.view) / count
        let commits = total(\.durableCommits)
        return ConsensusBenchmarkResult(
            plan: plan, seconds: seconds, commands: latencies.count, commandsPerSecond: Double(latencies.count) / seconds,
            finalMedianMilliseconds: percentile(0.5), final99thPercentileMilliseconds: percentile(0.99),
            blocksPerSecond: total(\.finalisedHeight) / count / seconds, viewsPerSecond: views / seconds,
            replicaProcessorShares: gains(\.processorMicroseconds).map { $0 / 1_000_000 / seconds },
            clientProcessorShare: Double(seen.clientProcessorMicroseconds) / 1_000_000 / seconds,
            networkBytesPerSecond: total(\.bytesOut) / seconds, messagesPerView: views > 0 ? total(\.messagesOut) / views : 0,
            durableCommitsPerSecond: commits / count / seconds,
            durableCommitMicroseconds: commits > 0 ? total(\.durableCommitMicroseconds) / commits : 0,
            repeatedCommands: seen.after.map(\.repeatedCommands).max() ?? 0, misbehaviours: seen.after.map(\.misbehaviours).reduce(0, +))
    }
}
