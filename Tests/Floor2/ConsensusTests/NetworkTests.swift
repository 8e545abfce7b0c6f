// Networks of several sizes under seeded faults: agreement always, progress once the faults stop.
import Consensus
import Primitives
import Testing

@Suite struct NetworkTests {
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
}
