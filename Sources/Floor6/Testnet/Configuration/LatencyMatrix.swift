// Floor 6, Testnet: round trips between regions, from a table of comma-separated values. Lines that begin with `#` are comments;
// the first row names the columns, the first column the rows; a region is named by the last word of its heading.
internal import Keys

/// Round trips between regions.
public struct LatencyMatrix: Equatable, Sendable {
    /// In the order of the file.
    public let regions: [String]
    /// Row by row, in microseconds.
    private let roundTrips: [UInt64]

    private static let regionLimit = 256
    static let sizeLimit = 1 << 20

    /// From one region to another or within one; `nil` for an unknown region.
    public func roundTripMicroseconds(from source: String, to target: String) -> UInt64? {
        guard let row = regions.firstIndex(of: source), let column = regions.firstIndex(of: target) else { return nil }
        return roundTrips[row * regions.count + column]
    }

    public static func load(path: String) throws(ConfigError) -> LatencyMatrix {
        let bytes: [UInt8]
        do { bytes = try SecureFile.read(path, limit: sizeLimit).bytes } catch {
            throw ConfigError(file: path, message: error.description)
        }
        return try parse(text: bytes, file: path)
    }

    public static func parse(text: [UInt8], file: String) throws(ConfigError) -> LatencyMatrix {
        func failure(_ line: Int, _ message: String) -> ConfigError { ConfigError(file: file, line: line, message: message) }
        guard let text = String(validating: text, as: UTF8.self) else { throw ConfigError(file: file, message: "not UTF-8 text") }
        var regions: [String]?
        var rows = 0
        var roundTrips: [UInt64] = []
        for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = raw.last == "\r" ? raw.dropLast() : raw
            if line.isEmpty || line.hasPrefix("#") { continue }
            let cells = line.split(separator: ",", omittingEmptySubsequences: false)
            guard let known = regions else {
                let names = cells.dropFirst().map { lastWord($0) }
                guard (1...regionLimit).contains(names.count), Set(names).count == names.count, !names.contains("") else {
                    throw failure(index + 1, "must name 1 to \(regionLimit) distinct regions behind an empty first cell")
                }
                regions = names
                continue
            }
            guard rows < known.count, lastWord(cells[0]) == known[rows], cells.count == known.count + 1 else {
                throw failure(index + 1, "the rows must name the same regions in the same order, each with \(known.count) numbers")
            }
            for cell in cells.dropFirst() {
                guard let milliseconds = Double(cell), milliseconds >= 0, milliseconds <= 60_000 else {
                    throw failure(index + 1, "\"\(cell)\" is no round trip in milliseconds")
                }
                roundTrips.append(UInt64(milliseconds * 1_000))
            }
            rows += 1
        }
        guard let regions, rows == regions.count else { throw ConfigError(file: file, message: "has not as many rows as columns") }
        return LatencyMatrix(regions: regions, roundTrips: roundTrips)
    }

    private static func lastWord(_ cell: Substring) -> String { cell.split(separator: " ").last.map(String.init) ?? "" }
}
