// Floor 6, EngineBench: a result for programs, with the field names that the other engines' drivers of such folders print.
import Foundation

extension BenchResult {
    private struct Line: Encodable {
        let engine = "hyperseq"
        let name: String
        let loops: UInt64
        let seconds: Double
        let gas: UInt64
        let megagas: Double
        let nanoseconds: Double
        let all: [Double]

        enum CodingKeys: String, CodingKey {
            case engine, gas
            case name = "case"
            case loops = "n"
            case seconds = "cpu_s"
            case megagas = "mgas_s"
            case nanoseconds = "ns_per_iter"
            case all = "all_cpu"
        }
    }

    /// One JSON object on one line.
    public func json() throws -> String {
        func seconds(_ nanoseconds: UInt64) -> Double { Double(nanoseconds) / 1e9 }
        let line = Line(
            name: name, loops: loops, seconds: seconds(bestNanoseconds), gas: gas, megagas: megagasPerSecond,
            nanoseconds: nanosecondsPerLoop, all: cpuNanoseconds.map(seconds))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(line), as: UTF8.self)
    }
}
