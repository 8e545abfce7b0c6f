// A table of round-trip times between regions, from a CSV file: a head line with the regions' names, then a line for each region. Lines that begin
// with `#` say where it is from. The last word of a name is the region's code.

public struct RegionMatrix: Equatable, Sendable {
    public let regions: [String]
    /// From row to column, in microseconds.
    public let roundTripMicroseconds: [[UInt64]]

    public enum Problem: Error, Equatable, Sendable {
        case noRegions
        /// A line has another number of values than there are regions, or a value is no number from 0 to 60,000 ms.
        case badLine(Int)
        case unknownRegion(String)
    }

    /// A minute: no link of this planet takes longer.
    private static let limitMilliseconds = 60_000.0
    private static let regionLimit = 256

    public init(csv: String) throws(Problem) {
        var regions: [String] = []
        var rows: [[UInt64]] = []
        for (number, line) in csv.split(whereSeparator: \.isNewline).enumerated() where !line.hasPrefix("#") {
            let cells = line.split(separator: ",", omittingEmptySubsequences: false)
            if regions.isEmpty {
                regions = cells.dropFirst().map { String($0.split(separator: " ").last ?? "") }
                guard !regions.isEmpty, regions.count <= RegionMatrix.regionLimit else { throw .noRegions }
                continue
            }
            guard cells.count == regions.count + 1 else { throw .badLine(number + 1) }
            var row: [UInt64] = []
            for cell in cells.dropFirst() {
                guard let value = Double(cell), value >= 0, value <= RegionMatrix.limitMilliseconds else { throw .badLine(number + 1) }
                row.append(UInt64((value * 1_000).rounded()))
            }
            rows.append(row)
        }
        guard !regions.isEmpty, rows.count == regions.count else { throw .noRegions }
        self.regions = regions
        roundTripMicroseconds = rows
    }

    /// One-way delays between nodes that are spread over the regions in turn: half of the round trip.
    public func delays(nodes count: Int, over chosen: [String]) throws(Problem) -> [[UInt64]] {
        var places: [Int] = []
        for name in chosen {
            guard let place = regions.firstIndex(of: name) else { throw .unknownRegion(name) }
            places.append(place)
        }
        guard !places.isEmpty else { throw .noRegions }
        return (0..<count).map { from in
            (0..<count).map { to in from == to ? 0 : roundTripMicroseconds[places[from % places.count]][places[to % places.count]] / 2 }
        }
    }
}
