// Floor 6, Testnet: what the links of a test network are like: one quality for all, latencies by region from a matrix, and
// overrides for single links. `Manifest.linkQuality` is the one place where these come together.

/// What happens to messages on a link, in one direction.
public struct LinkQuality: Equatable, Sendable {
    /// One way.
    public var latencyMicroseconds: UInt64
    /// Drawn evenly from 0 to this and added to the latency of each message.
    public var jitterMicroseconds: UInt64
    public var lossPerMille: UInt64
    public var duplicatePerMille: UInt64
    /// Messages that may be overtaken by later ones.
    public var reorderPerMille: UInt64

    public init(
        latencyMicroseconds: UInt64 = 0, jitterMicroseconds: UInt64 = 0, lossPerMille: UInt64 = 0, duplicatePerMille: UInt64 = 0,
        reorderPerMille: UInt64 = 0
    ) {
        self.latencyMicroseconds = latencyMicroseconds
        self.jitterMicroseconds = jitterMicroseconds
        self.lossPerMille = lossPerMille
        self.duplicatePerMille = duplicatePerMille
        self.reorderPerMille = reorderPerMille
    }
}

/// Changes of a link's quality; what is `nil` stays.
public struct LinkChange: Equatable, Sendable {
    public var latencyMicroseconds: UInt64?
    public var jitterMicroseconds: UInt64?
    public var lossPerMille: UInt64?
    public var duplicatePerMille: UInt64?
    public var reorderPerMille: UInt64?

    public init(
        latencyMicroseconds: UInt64? = nil, jitterMicroseconds: UInt64? = nil, lossPerMille: UInt64? = nil,
        duplicatePerMille: UInt64? = nil, reorderPerMille: UInt64? = nil
    ) {
        self.latencyMicroseconds = latencyMicroseconds
        self.jitterMicroseconds = jitterMicroseconds
        self.lossPerMille = lossPerMille
        self.duplicatePerMille = duplicatePerMille
        self.reorderPerMille = reorderPerMille
    }

    public func applied(to quality: LinkQuality) -> LinkQuality {
        LinkQuality(
            latencyMicroseconds: latencyMicroseconds ?? quality.latencyMicroseconds,
            jitterMicroseconds: jitterMicroseconds ?? quality.jitterMicroseconds, lossPerMille: lossPerMille ?? quality.lossPerMille,
            duplicatePerMille: duplicatePerMille ?? quality.duplicatePerMille,
            reorderPerMille: reorderPerMille ?? quality.reorderPerMille)
    }
}

/// An override for some links.
public struct LinkOverride: Equatable, Sendable {
    /// `nil`: every node.
    public var from: [String]?
    public var to: [String]?
    /// Whether only the direction from `from` to `to` is meant.
    public var oneWay: Bool
    public var change: LinkChange

    func covers(from source: String, to target: String) -> Bool {
        func matches(_ names: [String]?, _ name: String) -> Bool { names.map { $0.contains(name) } ?? true }
        if matches(from, source), matches(to, target) { return true }
        return !oneWay && matches(from, target) && matches(to, source)
    }
}

/// The section `[links]`.
public struct LinkPlan: Equatable, Sendable {
    public var standard = LinkQuality()
    /// The file with round trips between regions, as the manifest names it.
    public var matrixFile: String?
    public var matrix: LatencyMatrix?
    /// Later ones win.
    public var overrides: [LinkOverride] = []

    /// Whether links are as this machine has them.
    public var isPlain: Bool { standard == LinkQuality() && matrix == nil && overrides.isEmpty }
}

extension Manifest {
    /// What the link from one node to another is like while no fault touches it.
    public func linkQuality(from source: ManifestNode, to target: ManifestNode) -> LinkQuality {
        var quality = links.standard
        if let matrix = links.matrix, let a = source.region, let b = target.region,
            let roundTrip = matrix.roundTripMicroseconds(from: a, to: b)
        {
            quality.latencyMicroseconds = roundTrip / 2
        }
        for override in links.overrides where override.covers(from: source.name, to: target.name) {
            quality = override.change.applied(to: quality)
        }
        return quality
    }
}

extension LinkChange {
    /// The keys of a link's quality; at least one when `isRequired`.
    static func parse(_ section: inout ConfigTable, isRequired: Bool) throws(ConfigError) -> LinkChange {
        let change = LinkChange(
            latencyMicroseconds: try section.optionalDelay("latency"), jitterMicroseconds: try section.optionalDelay("jitter"),
            lossPerMille: try section.optionalShare("loss"), duplicatePerMille: try section.optionalShare("duplicate"),
            reorderPerMille: try section.optionalShare("reorder"))
        if isRequired, change == LinkChange() {
            throw section.error(nil, "changes nothing; give latency, jitter, loss, duplicate, or reorder")
        }
        return change
    }
}

extension LinkPlan {
    /// - Parameter readMatrix: opens the matrix that the manifest names.
    static func parse(
        _ section: ConfigTable, nodes: [ManifestNode], needs: inout [RunnerNeed], readMatrix: (String) throws(ConfigError) -> LatencyMatrix
    ) throws(ConfigError) -> LinkPlan {
        var section = section
        var plan = LinkPlan()
        plan.standard = try LinkChange.parse(&section, isRequired: false).applied(to: LinkQuality())
        if let file = try section.optionalString("matrix") {
            guard !file.isEmpty, !file.hasPrefix("/"), !file.split(separator: "/").contains("..") else {
                throw section.error("matrix", "must be a file in the manifest's folder or below")
            }
            plan.matrixFile = file
            plan.matrix = try readMatrix(file)
        }
        for entry in try section.tables("overrides") {
            var entry = entry
            let from = try ends("from", &entry, nodes)
            let to = try ends("to", &entry, nodes)
            let oneWay = try entry.boolean("one_way", default: false)
            plan.overrides.append(LinkOverride(from: from, to: to, oneWay: oneWay, change: try LinkChange.parse(&entry, isRequired: true)))
            try entry.finish()
        }
        try section.finish()
        let table = section
        if !plan.isPlain { needs.append(RunnerNeed(what: "shaping links", runners: [.simulator], error: { table.error(nil, $0) })) }
        for node in nodes {
            guard let matrix = plan.matrix else {
                guard node.region == nil else { throw section.error("matrix", "is missing: \(node.name) has a region") }
                continue
            }
            guard let region = node.region else { throw section.error("matrix", "\(node.name) has no region in it; give every node one") }
            guard matrix.regions.contains(region) else { throw section.error("matrix", "has no region \"\(region)\" (of \(node.name))") }
        }
        return plan
    }

    /// A name, names, or `"*"` for every node, which is also the default.
    private static func ends(_ key: String, _ entry: inout ConfigTable, _ nodes: [ManifestNode]) throws(ConfigError) -> [String]? {
        guard let (word, list) = try entry.stringOrStrings(key), word != "*" else { return nil }
        let names = word.map { [$0] } ?? list
        if let unknown = names.first(where: { name in !nodes.contains { $0.name == name } }) {
            throw entry.error(key, "there is no node \"\(unknown)\"")
        }
        return names
    }
}
