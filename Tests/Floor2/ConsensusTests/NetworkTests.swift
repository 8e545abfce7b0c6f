// Networks of several sizes under seeded faults: agreement always, progress once the faults stop.
import Consensus
import Primitives
import Testing

@Suite struct NetworkTests {
    static let sizes: [Int] = [1, 4, 5, 7]
    /// Seeds of the fault runs, for each size.
    static let seedsPerSize: UInt64 = 80
    /// Seeds in one test case, so that cases run beside each other.
    static let seedsPerCase: UInt64 = 10

    static let cases: [(Int, UInt64)] = sizes.flatMap { size in
        stride(from: 0, to: seedsPerSize, by: Int(seedsPerCase)).map { (size, $0) }
    }

    @Test(arguments: [[5], [1, 1, 1, 1], [1, 2, 3, 4, 5], [3, 1, 1, 2, 2, 1, 4]] as [[UInt64]])
    func quietNetworkFinalises(weights: [UInt64]) {
        let cluster = Cluster(weights: weights, seed: 7)
        cluster.startAll()
        cluster.run(until: 2_000)
        #expect(cluster.monitor.problems.isEmpty)
        #expect(cluster.misbehaviour.isEmpty)
        #expect(cluster.lowest > 50)
        for node in cluster.nodes { #expect(node.replica?.view ?? 0 <= cluster.highest + 3) }
    }

    /// Links slower than the base timeout allows: every view is certified just after it was given up. The timeouts must grow all the same.
    @Test(arguments: [110, 150, 400] as [UInt64])
    func slowLinksFinalise(delay: UInt64) {
        let cluster = Cluster(weights: [1, 1, 1, 1], seed: 3)
        cluster.faults.delayMilliseconds = delay...delay
        cluster.startAll()
        cluster.run(until: 40_000)
        #expect(cluster.monitor.problems.isEmpty)
        #expect(cluster.lowest > 8)
    }

    @Test func aSeedRepeats() {
        func trace(_ seed: UInt64) -> [UInt64] {
            let cluster = faultyCluster(size: 4, seed: seed)
            chaos(cluster, milliseconds: 1_500)
            return [UInt64(cluster.steps), cluster.highest, cluster.lowest] + cluster.nodes.map { $0.disk.final.last!.w0 }
        }
        #expect(trace(3) == trace(3))
        #expect(trace(3) != trace(4))
    }

    @Test(arguments: cases)
    func agreementAndProgress(size: Int, firstSeed: UInt64) {
        for seed in firstSeed..<firstSeed + NetworkTests.seedsPerCase {
            let cluster = faultyCluster(size: size, seed: seed)
            chaos(cluster, milliseconds: 2_500)
            heal(cluster)
            let goal = cluster.highest + 3
            let healedAt = cluster.now
            cluster.run(until: healedAt + 60_000) { cluster.lowest >= goal }
            cluster.monitor.checkHidden()
            #expect(cluster.lowest >= goal, "no progress: size \(size), seed \(seed)")
            #expect(cluster.monitor.problems.isEmpty, "size \(size), seed \(seed): \(cluster.monitor.problems.prefix(3))")
            #expect(cluster.misbehaviour.isEmpty, "size \(size), seed \(seed): \(cluster.misbehaviour.prefix(2))")
        }
    }

    /// One key runs twice, a weight of at most F: it equivocates in every way an honest program can. The others must agree and go on.
    @Test(arguments: stride(from: 0, to: 60, by: 10).map { UInt64($0) })
    func twins(firstSeed: UInt64) {
        for seed in firstSeed..<firstSeed + 10 {
            var random = Random(seed: seed &+ 1_000)
            let weights: [UInt64] = seed % 2 == 0 ? [1, 1, 1, 1] : [2, 2, 2, 2, 1, 1]
            let cluster = Cluster(weights: weights, seed: seed, twins: [random.index(4)])
            drawFaults(cluster, &random)
            cluster.startAll()
            chaos(cluster, milliseconds: 2_500)
            heal(cluster)
            let twin = cluster.nodes.last!.signer
            let goal = cluster.highest + 3
            func honestLowest() -> UInt64 { cluster.nodes.indices.filter { cluster.nodes[$0].signer != twin }.map(cluster.finalisedHeight).min()! }
            let healedAt = cluster.now
            cluster.run(until: healedAt + 60_000) { honestLowest() >= goal }
            cluster.monitor.checkHidden()
            #expect(honestLowest() >= goal, "no progress: seed \(seed)")
            #expect(cluster.monitor.problems.isEmpty, "seed \(seed): \(cluster.monitor.problems.prefix(3))")
            for what in cluster.misbehaviour {
                if case .equivocation(let validator, let evidence) = what {
                    #expect(Int(validator) == twin, "seed \(seed)")
                    #expect(throws: Never.self, "seed \(seed)") { try evidence.verify(cluster.set, cluster.domain) }
                } else {
                    Issue.record("seed \(seed): \(what)")
                }
            }
        }
    }

    /// A validator of weight at most F lies in every way that signatures allow, during the faults and after them.
    @Test(arguments: stride(from: 0, to: 100, by: 10).map { UInt64($0) })
    func liars(firstSeed: UInt64) {
        for seed in firstSeed..<firstSeed + 10 {
            var random = Random(seed: seed &+ 2_000)
            let weights: [UInt64] = [[1, 1, 1, 1], [2, 2, 2, 2, 1, 1], [3, 2, 2, 2, 1]][random.index(3)]
            let cluster = Cluster(weights: weights, seed: seed)
            let liar = cluster.set.validators.indices.filter { cluster.set.validators[$0].weight <= cluster.set.faultWeight }
            let index = liar[random.index(liar.count)]
            cluster.replaceByLiar(index, seed: seed)
            drawFaults(cluster, &random)
            cluster.startAll()
            chaos(cluster, milliseconds: 2_500)
            heal(cluster)
            let goal = cluster.highest + 3
            let healedAt = cluster.now
            cluster.run(until: healedAt + 60_000) { cluster.lowest >= goal }
            cluster.monitor.checkHidden()
            #expect(cluster.lowest >= goal, "no progress: seed \(seed)")
            #expect(cluster.monitor.problems.isEmpty, "seed \(seed): \(cluster.monitor.problems.prefix(3))")
            for what in cluster.misbehaviour {
                switch what {
                case .equivocation(let validator, let evidence):
                    #expect(Int(validator) == index, "seed \(seed)")
                    #expect(throws: Never.self, "seed \(seed)") { try evidence.verify(cluster.set, cluster.domain) }
                case .invalidMessage(let peer): #expect(Int(peer.rawValue) == index, "seed \(seed)")
                default: Issue.record("seed \(seed): \(what)")
                }
            }
        }
    }

    // MARK: Plans

    func faultyCluster(size: Int, seed: UInt64) -> Cluster {
        var random = Random(seed: seed &* 31 &+ UInt64(size))
        let weights = (0..<size).map { _ in random.within(1...5) }
        let cluster = Cluster(weights: weights, seed: seed, followers: random.chance(30) ? 1 : 0)
        drawFaults(cluster, &random)
        if random.chance(30) {
            let candidate = random.index(size)
            if cluster.set.validators[candidate].weight <= cluster.set.faultWeight { cluster.nodes[candidate].isSilent = true }
        }
        for node in cluster.nodes.indices { cluster.nodes[node].work = random.chance(80) }
        cluster.startAll()
        return cluster
    }

    func drawFaults(_ cluster: Cluster, _ random: inout Random) {
        cluster.faults.lossPercent = random.chance(50) ? random.below(30) : 0
        cluster.faults.duplicatePercent = random.below(10)
        let slowest = random.within(5...60)
        cluster.faults.delayMilliseconds = 1...slowest
        cluster.faults.spikeMilliseconds = random.chance(30) ? 1_000 : 0
        cluster.faults.crashPerMille = random.chance(60) ? random.within(1...12) : 0
        cluster.faults.usesWire = random.chance(50)
    }

    /// A time of faults with changing partitions and work.
    func chaos(_ cluster: Cluster, milliseconds: UInt64) {
        let end = cluster.now + milliseconds
        while cluster.now < end {
            let splits = cluster.random.chance(40)
            for node in cluster.nodes.indices { cluster.nodes[node].group = splits ? cluster.random.index(2) : 0 }
            cluster.setWork(cluster.random.index(cluster.nodes.count), cluster.random.chance(70))
            cluster.run(until: min(end, cluster.now + cluster.random.within(50...600)))
        }
    }

    func heal(_ cluster: Cluster) {
        cluster.faults = Faults()
        for node in cluster.nodes.indices {
            cluster.nodes[node].group = 0
            if cluster.nodes[node].replica == nil { cluster.start(node) }
        }
    }
}
