// What a manifest says about a run: runners, links, faults, load, expectations; defaults, errors with their places.
import Testing
import Testnet

@Suite struct ScenarioTests {
    private static func parse(_ text: String) throws(ConfigError) -> Manifest { try ManifestTests.parse(text) }

    @Test func anEmptyManifestExpectsAHealthyChain() throws {
        let manifest = try Self.parse("")
        #expect(manifest.runners == [.simulator, .processes])
        #expect(manifest.seed == 1 && manifest.durationMilliseconds == 30_000)
        #expect(manifest.faults.isEmpty && manifest.links.isPlain && manifest.load.ratePerSecond == 0)
        #expect(manifest.expectations == Expectations())
        #expect(manifest.expectations.noFork && manifest.expectations.recoveryAfterFaultMilliseconds == 5_000)
        #expect(manifest.load.nodes == ["v1", "v2", "v3", "v4"])
    }

    @Test func faultsAreATimeline() throws {
        let manifest = try Self.parse(
            """
            [[faults]]
            at = "10s"
            for = "500ms"
            kind = "partition"
            groups = [["v1"], ["v2", "v3"]]
            one_way = true
            [[faults]]
            at = "height:50"
            kind = "kill"
            nodes = ["v2"]
            [[faults]]
            at = "1s"
            every = "2s"
            times = 3
            for = "1s"
            kind = "kill"
            nodes = "any"
            [[faults]]
            at = "0s"
            for = "1m"
            kind = "shape"
            latency = "1500us"
            loss = "2.5%"
            [[faults]]
            at = "3s"
            for = "1s"
            kind = "clock-skew"
            nodes = "all"
            offset = "-1h"
            """)
        let change = LinkChange(latencyMicroseconds: 1_500, lossPerMille: 25)
        let expected: [Fault] = [
            Fault(at: .milliseconds(10_000), durationMilliseconds: 500, kind: .partition(groups: [["v1"], ["v2", "v3"]], oneWay: true)),
            Fault(at: .height(50), durationMilliseconds: nil, kind: .kill(.named(["v2"]))),
            Fault(at: .milliseconds(1_000), durationMilliseconds: 1_000, kind: .kill(.any)),
            Fault(at: .milliseconds(3_000), durationMilliseconds: 1_000, kind: .kill(.any)),
            Fault(at: .milliseconds(5_000), durationMilliseconds: 1_000, kind: .kill(.any)),
            Fault(at: .milliseconds(0), durationMilliseconds: 60_000, kind: .shape(change)),
            Fault(at: .milliseconds(3_000), durationMilliseconds: 1_000, kind: .clockSkew(.all, milliseconds: -3_600_000)),
        ]
        #expect(manifest.faults == expected)
        #expect(manifest.runners == [.simulator])
    }

    @Test func runnersAreThoseThatCanDoAll() throws {
        #expect(try Self.parse("[expect]\nmax_rss = \"512MiB\"\n").runners == [.processes])
        #expect(try Self.parse("[node.v1]\nbyzantine = [\"equivocator\"]\n").runners == [.simulator])
        #expect(try Self.parse("[group.v]\ncount = 100\n").runners == [.simulator])
        #expect(try Self.parse("[[faults]]\nat = \"1s\"\nkind = \"torn-write\"\nnodes = \"any\"\n").runners == [.simulator])
        #expect(try Self.parse("runner = [\"processes\"]\n").runners == [.processes])
    }

    @Test func groupsMakeNodesWithRegionsInTurns() throws {
        let manifest = try Self.parse("[group.v]\ncount = 3\nstake = 7\n[group.f]\ncount = 1\nrole = \"full\"\n[node.late]\nstart_at = \"height:9\"\n")
        #expect(manifest.nodes.map { $0.name } == ["f1", "late", "v1", "v2", "v3"])
        #expect(manifest.nodes.map { $0.stake } == [0, 100, 7, 7, 7])
        #expect(manifest.nodes[1].start == .height(9) && !manifest.nodes[1].startsAtOnce && manifest.nodes[0].startsAtOnce)
    }

    @Test func linksComeTogetherInOnePlace() throws {
        let matrix = try LatencyMatrix.parse(text: Array("# made up\n,Europe (X) eu-1,us-1\nEurope (X) eu-1,1,80.5\nus-1,82,2\n".utf8), file: "m.csv")
        #expect(matrix.regions == ["eu-1", "us-1"])
        #expect(matrix.roundTripMicroseconds(from: "eu-1", to: "us-1") == 80_500)
        #expect(matrix.roundTripMicroseconds(from: "us-1", to: "eu-1") == 82_000)
        #expect(matrix.roundTripMicroseconds(from: "us-1", to: "mars") == nil)
        var manifest = try Self.parse(
            """
            [links]
            latency = "20ms"
            loss = "1%"
            overrides = [{ from = "v1", to = "*", latency = "300ms", one_way = true }, { from = ["v2"], to = "v3", jitter = "5ms" }]
            """)
        func quality(_ a: Int, _ b: Int) -> LinkQuality { manifest.linkQuality(from: manifest.nodes[a - 1], to: manifest.nodes[b - 1]) }
        #expect(quality(4, 3) == LinkQuality(latencyMicroseconds: 20_000, lossPerMille: 10))
        #expect(quality(1, 3) == LinkQuality(latencyMicroseconds: 300_000, lossPerMille: 10))
        #expect(quality(3, 1) == LinkQuality(latencyMicroseconds: 20_000, lossPerMille: 10))
        #expect(quality(3, 2) == LinkQuality(latencyMicroseconds: 20_000, jitterMicroseconds: 5_000, lossPerMille: 10))
        manifest.links.matrix = matrix
        manifest.nodes[3].region = "eu-1"
        manifest.nodes[2].region = "us-1"
        #expect(quality(4, 3).latencyMicroseconds == 40_250)
    }

    @Test func damagedMatricesAreRefused() {
        for text in ["", "a", ",a,b\na,1,2\n", ",a\nb,1\n", ",a\na,x\n", ",a\na,1\na,1\n", ",a,a\na,1,1\na,1,1\n", ",a\na,-1\n", ",a\na,1,2\n", ",a\na,nan\n"] {
            #expect(throws: ConfigError.self, "\(text)") { _ = try LatencyMatrix.parse(text: Array(text.utf8), file: "m.csv") }
        }
    }

    /// Text, line and key of the error, and a word of its message.
    static let mistakes: [(String, Int?, String?, String)] = [
        ("runner = [\"cloud\"]\n", 1, "runner", "no runner"),
        ("runner = []\n", 1, "runner", "names no runner"),
        ("duration = 10\n", 1, "duration", "a string"),
        ("duration = \"10\"\n", 1, "duration", "such as"),
        ("duration = \"1us\"\n", 1, "duration", "such as"),
        ("seed = -1\n", 1, "seed", "from 0"),
        ("[[faults]]\nat = \"soon\"\nkind = \"restart\"\nnodes = \"any\"\n", 2, "faults.0.at", "height:50"),
        ("[[faults]]\nkind = \"restart\"\nnodes = \"any\"\n", 1, "faults.0.at", "missing"),
        ("[[faults]]\nat = \"1s\"\nkind = \"pause\"\nnodes = \"any\"\n", 1, "faults.0.for", "missing"),
        ("[[faults]]\nat = \"1s\"\nfor = \"1s\"\nkind = \"restart\"\nnodes = \"any\"\n", 3, "faults.0.for", "no meaning"),
        ("[[faults]]\nat = \"1s\"\nkind = \"restart\"\nnodes = [\"v9\"]\n", 4, "faults.0.nodes", "no node \"v9\""),
        ("[[faults]]\nat = \"1s\"\nkind = \"restart\"\nnodes = []\n", 4, "faults.0.nodes", "names no node"),
        ("[[faults]]\nat = \"1s\"\nkind = \"restart\"\nnodes = [\"v1\", \"v1\"]\n", 4, "faults.0.nodes", "twice"),
        ("[[faults]]\nat = \"1s\"\nkind = \"restart\"\nnodes = \"v1\"\ntimes = 2\n", 5, "faults.0.times", "every"),
        ("[[faults]]\nat = \"1s\"\nfor = \"3s\"\nkind = \"pause\"\nnodes = \"v1\"\ntimes = 2\nevery = \"2s\"\n", 7, "faults.0.every", "before its end"),
        ("[[faults]]\nat = \"1s\"\nkind = \"restart\"\nnodes = \"v1\"\nfast = true\n", 5, "faults.0.fast", "unknown key"),
        ("[[faults]]\nat = \"1s\"\nfor = \"1s\"\nkind = \"partition\"\ngroups = [[\"v1\"], [\"v1\"]]\n", 5, "faults.0.groups", "two groups"),
        ("[[faults]]\nat = \"1s\"\nfor = \"1s\"\nkind = \"partition\"\ngroups = [[\"v1\"]]\none_way = true\n", 6, "faults.0.one_way", "two groups"),
        ("[[faults]]\nat = \"1s\"\nfor = \"1s\"\nkind = \"clock-skew\"\nnodes = \"any\"\noffset = \"1 h\"\n", 6, "faults.0.offset", "-500ms"),
        ("runner = [\"processes\"]\n[[faults]]\nat = \"1s\"\nkind = \"torn-write\"\nnodes = \"any\"\n", 4, "faults.0.kind", "runner \"processes\""),
        ("runner = [\"simulator\"]\n[expect]\nmax_rss = \"1GiB\"\n", 3, "expect.max_rss", "runner \"simulator\""),
        ("[node.a]\nbyzantine = [\"liar\"]\n[expect]\nmax_rss = \"1GiB\"\n", 4, "expect.max_rss", "different runners"),
        ("[expect]\nmax_rss = \"1GB\"\n", 2, "expect.max_rss", "512KiB"),
        ("[expect]\nmin_blocks_per_second = \"2\"\n", 2, "expect.min_blocks_per_second", "a number"),
        ("[load]\nstart = \"5s\"\nstop = \"5s\"\n", 3, "load.stop", "later"),
        ("[load]\nnodes = [\"x\"]\n", 2, "load.nodes", "no node"),
        ("[links]\nloss = \"101%\"\n", 2, "links.loss", "share"),
        ("[links]\nlatency = \"61s\"\n", 2, "links.latency", "minute"),
        ("[links]\nmatrix = \"../x.csv\"\n", 2, "links.matrix", "folder"),
        ("[links]\noverrides = [{ from = \"v1\" }]\n", 2, "links.overrides.0", "changes nothing"),
        ("[node.v1]\nregion = \"x\"\n", nil, "links.matrix", "v1 has a region"),
        ("[group.v]\ncount = 2\n[stake]\nv2 = 1\n", 1, "group.v", "there already"),
        ("[group.v]\ncount = 500\n", 2, "group.v.count", "from 1"),
        ("[[faults]]\nat = \"1s\"\nkind = \"meteor\"\n", 3, "faults.0.kind", "torn-write"),
        ("[[faults]]\nat = \"1s\"\nkind = \"restart\"\nnodes = \"leader\"\n", 4, "faults.0.nodes", "only for isolate"),
        ("[[faults]]\nat = \"1s\"\nfor = \"1s\"\nkind = \"shape\"\n", 1, "faults.0", "changes nothing"),
        ("[load]\nrate = 1\nsenders = 11\n", 3, "load.senders", "extra_accounts"),
        ("runner = [\"processes\"]\n[links]\nlatency = \"1ms\"\n", 2, "links", "runner \"processes\""),
        ("[report]\nartefacts = \"never\"\n", 2, "report.artefacts", "on-failure"),
    ]

    @Test func mistakesAreNamed() throws {
        for (text, line, key, word) in Self.mistakes {
            let error = try #require(throws: ConfigError.self, "\(text)") { _ = try Self.parse(text) }
            #expect(error.line == line && error.key == key && error.message.contains(word), "\(text) gives \(error)")
        }
    }
}
