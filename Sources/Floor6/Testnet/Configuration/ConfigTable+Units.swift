// Floor 6, Testnet: the units of manifests: lengths of time, sizes, shares and lists of names.

/// Text with a unit, as manifests write it. Whole numbers only, except in shares; `nil` for anything else.
enum UnitText {
    private static func number(_ text: Substring, times factor: UInt64) -> UInt64? {
        guard !text.isEmpty, text.utf8.count <= 18, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt64(text)
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow ? nil : product
    }

    /// `250us`, `20ms`, `10s`, `5m`, `2h`, in microseconds.
    static func microseconds(_ text: String) -> UInt64? {
        let units: [(String, UInt64)] = [("us", 1), ("ms", 1_000), ("s", 1_000_000), ("m", 60_000_000), ("h", 3_600_000_000)]
        for (unit, factor) in units where text.hasSuffix(unit) {
            if let value = number(text.dropLast(unit.count), times: factor) { return value }
        }
        return nil
    }

    /// The same in milliseconds; less than a whole one is refused.
    static func milliseconds(_ text: String) -> UInt64? {
        guard let value = microseconds(text), value % 1_000 == 0 else { return nil }
        return value / 1_000
    }

    /// `512KiB`, `64MiB`, `1GiB`.
    static func bytes(_ text: String) -> UInt64? {
        for (unit, shift) in [("KiB", 10), ("MiB", 20), ("GiB", 30)] as [(String, UInt64)] where text.hasSuffix(unit) {
            return number(text.dropLast(unit.count), times: 1 << shift)
        }
        return nil
    }

    /// `30%` or `2.5%`, in thousandths.
    static func perMille(_ text: String) -> UInt64? {
        guard text.hasSuffix("%") else { return nil }
        let parts = text.dropLast().split(separator: ".", omittingEmptySubsequences: false)
        guard let whole = parts.first, parts.count <= 2, let percent = number(whole, times: 10) else { return nil }
        guard parts.count == 2 else { return percent <= 1_000 ? percent : nil }
        guard parts[1].utf8.count == 1, let tenths = number(parts[1], times: 1), percent + tenths <= 1_000 else { return nil }
        return percent + tenths
    }
}

extension ConfigTable {
    /// No test network is asked to run longer than a week.
    static let longestMilliseconds: UInt64 = 7 * 24 * 3_600_000

    /// A length of time in milliseconds.
    mutating func optionalDuration(_ key: String) throws(ConfigError) -> UInt64? {
        guard let text = try optionalString(key) else { return nil }
        guard let value = UnitText.milliseconds(text), value <= ConfigTable.longestMilliseconds else {
            throw error(key, "must be a length of time such as \"500ms\", \"10s\" or \"2m\", not \"\(text)\"")
        }
        return value
    }

    mutating func duration(_ key: String, default fallback: UInt64? = nil) throws(ConfigError) -> UInt64 {
        if let value = try optionalDuration(key) { return value }
        guard let fallback else { throw error(key, "is missing; give a length of time such as \"10s\"") }
        return fallback
    }

    /// A delay in microseconds, at most a minute.
    mutating func optionalDelay(_ key: String) throws(ConfigError) -> UInt64? {
        guard let text = try optionalString(key) else { return nil }
        guard let value = UnitText.microseconds(text), value <= 60_000_000 else {
            throw error(key, "must be a delay up to a minute such as \"800us\", \"20ms\" or \"1s\", not \"\(text)\"")
        }
        return value
    }

    /// A share in thousandths.
    mutating func optionalShare(_ key: String) throws(ConfigError) -> UInt64? {
        guard let text = try optionalString(key) else { return nil }
        guard let value = UnitText.perMille(text) else {
            throw error(key, "must be a share such as \"30%\" or \"0.5%\", not \"\(text)\"")
        }
        return value
    }

    mutating func optionalSize(_ key: String) throws(ConfigError) -> UInt64? {
        guard let text = try optionalString(key) else { return nil }
        guard let value = UnitText.bytes(text), value > 0 else {
            throw error(key, "must be a size such as \"512KiB\", \"64MiB\" or \"1GiB\", not \"\(text)\"")
        }
        return value
    }

    /// A whole or broken number.
    mutating func optionalNumber(_ key: String, in range: ClosedRange<Double>) throws(ConfigError) -> Double? {
        guard let value = value(key) else { return nil }
        let number: Double
        switch value {
        case .integer(let integer): number = Double(integer)
        case .float(let float): number = float
        default: throw mismatch(key, wanted: "a number", found: value)
        }
        guard range.contains(number) else { throw error(key, "must be from \(range.lowerBound) to \(range.upperBound)") }
        return number
    }

    private func strings(_ key: String, _ elements: [TOMLValue]) throws(ConfigError) -> [String] {
        var result: [String] = []
        for element in elements {
            guard case .string(let text) = element else { throw mismatch(key, wanted: "an array of strings", found: element) }
            result.append(text)
        }
        return result
    }

    /// An array of strings.
    mutating func optionalStrings(_ key: String) throws(ConfigError) -> [String]? {
        guard let value = value(key) else { return nil }
        guard case .array(let elements) = value else { throw mismatch(key, wanted: "an array of strings", found: value) }
        return try strings(key, elements)
    }

    /// A string, or an array of them.
    mutating func stringOrStrings(_ key: String) throws(ConfigError) -> (word: String?, list: [String])? {
        guard let value = value(key) else { return nil }
        switch value {
        case .string(let text): return (text, [])
        case .array(let elements): return (nil, try strings(key, elements))
        default: throw mismatch(key, wanted: "a string or an array of strings", found: value)
        }
    }

    /// An array of arrays of strings.
    mutating func stringGroups(_ key: String) throws(ConfigError) -> [[String]] {
        guard let value = value(key) else { throw error(key, "is missing; give arrays of node names") }
        guard case .array(let groups) = value else { throw mismatch(key, wanted: "an array of arrays of strings", found: value) }
        var result: [[String]] = []
        for group in groups {
            guard case .array(let elements) = group else { throw mismatch(key, wanted: "an array of arrays of strings", found: group) }
            result.append(try strings(key, elements))
        }
        return result
    }
}
