// The matrix reader, and the latency of networks whose delays are known.
import Simulator
import Testing

@Suite struct LatencyTests {
    @Test func certifiedAfterTwoDelaysAndFinalAfterThree() throws {
        let matrix = try RegionMatrix(csv: "# two places\n,here a,there b\nhere a,10,10\nthere b,10,10\n")
        let scenario = LatencyScenario(name: "equal", regions: ["a", "b"], validators: 7, floorCertified: 10, floorFinal: 15)
        let result = try LatencyStudy(matrix: matrix, seed: 1, views: 40).run(scenario)
        #expect(result.violations.isEmpty)
        #expect(result.views >= 35)
        #expect(result.certified == 10)
        #expect(result.final == 15)
    }

    @Test func theMatrixIsChecked() {
        #expect(throws: RegionMatrix.Problem.noRegions) { try RegionMatrix(csv: "") }
        #expect(throws: RegionMatrix.Problem.noRegions) { try RegionMatrix(csv: ",a,b\na,1,2\n") }
        #expect(throws: RegionMatrix.Problem.badLine(2)) { try RegionMatrix(csv: ",a,b\na,1\nb,1,2\n") }
        #expect(throws: RegionMatrix.Problem.badLine(2)) { try RegionMatrix(csv: ",a\na,-1\n") }
        #expect(throws: RegionMatrix.Problem.badLine(2)) { try RegionMatrix(csv: ",a\na,nan\n") }
        #expect(throws: RegionMatrix.Problem.unknownRegion("c")) { try RegionMatrix(csv: ",a\na,1\n").delays(nodes: 2, over: ["c"]) }
    }
}
