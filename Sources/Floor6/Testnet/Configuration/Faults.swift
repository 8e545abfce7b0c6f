// Floor 6, Testnet: the timeline of faults. Each kind knows which runners can do it.

/// Which nodes a fault hits.
public enum NodeChoice: Equatable, Sendable {
    case named([String])
    case all
    /// One, drawn from the manifest's seed.
    case any
    /// The leader; only for `isolate`.
    case leader
}

/// What happens. Faults with an end are undone after the fault's duration.
public enum FaultKind: Equatable, Sendable {
    /// Ended as by SIGKILL; started again at the fault's end.
    case kill(NodeChoice)
    /// Ended as by SIGTERM; started again at the fault's end.
    case stop(NodeChoice)
    /// Ended as by SIGTERM and started again at once.
    case restart(NodeChoice)
    /// Frozen, as by SIGSTOP, until the fault's end.
    case pause(NodeChoice)
    /// No message passes to it or from it. For the leader: whoever leads, view after view.
    case isolate(NodeChoice)
    /// No message passes between nodes of different groups; with `oneWay`, none from the first group to the second.
    case partition(groups: [[String]], oneWay: Bool)
    /// All links get worse.
    case shape(LinkChange)
    /// The wall clock is off by so much until the fault's end.
    case clockSkew(NodeChoice, milliseconds: Int64)
    /// Ended as by SIGKILL; its databases are gone when it starts again at the fault's end.
    case wipeData(NodeChoice)
    /// A crash in the middle of a write: the validator must refuse to start, and comes back without a vote.
    case tornWrite(NodeChoice)
    /// Each durable commit takes so long until the fault's end.
    case fsyncDelay(NodeChoice, microseconds: UInt64)
    /// A crash, and a restart without a vote and with the disk as it was so long before.
    case oldDisk(NodeChoice, ageMilliseconds: UInt64)
    /// A mix of faults drawn from the seed until the fault's end.
    case swarm
}

/// One entry of the timeline.
public struct Fault: Equatable, Sendable {
    public var at: TimelinePoint
    /// `nil` for kinds without an end, and for nodes that never come back.
    public var durationMilliseconds: UInt64?
    public var kind: FaultKind

    public init(at: TimelinePoint, durationMilliseconds: UInt64?, kind: FaultKind) {
        self.at = at
        self.durationMilliseconds = durationMilliseconds
        self.kind = kind
    }
}

/// The kinds by name.
enum FaultName: String, CaseIterable {
    case kill, stop, restart, pause, isolate, partition, shape
    case clockSkew = "clock-skew"
    case wipeData = "wipe-data"
    case tornWrite = "torn-write"
    case fsyncDelay = "fsync-delay"
    case oldDisk = "old-disk"
    case swarm

    var runners: [ManifestRunner] {
        switch self {
        case .kill, .pause: return ManifestRunner.allCases
        case .stop, .restart, .wipeData: return [.processes]
        case .isolate, .partition, .shape, .clockSkew, .tornWrite, .fsyncDelay, .oldDisk, .swarm: return [.simulator]
        }
    }

    /// What `for` means to the kind.
    enum Length { case required, optional, none }

    var length: Length {
        switch self {
        case .pause, .isolate, .partition, .shape, .clockSkew, .fsyncDelay, .swarm: return .required
        case .kill, .stop, .wipeData, .tornWrite, .oldDisk: return .optional
        case .restart: return .none
        }
    }
}

extension Fault {
    /// A timeline that is longer is a mistake.
    static let limit = 1_000

    /// Reads `[[faults]]`. An entry with `times` stands for as many faults, `every` apart.
    static func parse(_ sections: [ConfigTable], nodes: [ManifestNode], needs: inout [RunnerNeed]) throws(ConfigError) -> [Fault] {
        var faults: [Fault] = []
        for section in sections {
            var section = section
            let name = try kind(&section)
            let table = section
            needs.append(
                RunnerNeed(what: "the fault \"\(name.rawValue)\"", runners: name.runners, error: { table.error("kind", $0) }))
            let at = try TimelinePoint.parse("at", &section)
            let duration = try length(name, &section)
            let kind = try details(name, &section, nodes)
            let times = try section.integer("times", default: 1, in: 1...UInt64(limit))
            let every = try section.optionalDuration("every")
            try section.finish()
            if times > 1, every == nil { throw section.error("times", "needs every, the time from one to the next, such as \"5s\"") }
            guard times == 1 || every == nil || name.length == .none || (duration ?? 0) <= (every ?? 0) else {
                throw section.error("every", "must not be less than for: the fault would hit again before its end")
            }
            for index in 0..<times {
                var start = at
                if case .milliseconds(let first) = at { start = .milliseconds(first + index * (every ?? 0)) }
                if case .height = at, index > 0 { throw section.error("times", "needs at as a time, not as a height") }
                faults.append(Fault(at: start, durationMilliseconds: duration, kind: kind))
            }
            guard faults.count <= limit else { throw section.error(nil, "more than \(limit) faults") }
        }
        return faults
    }

    private static func kind(_ section: inout ConfigTable) throws(ConfigError) -> FaultName {
        let text = try section.string("kind")
        guard let name = FaultName(rawValue: text) else {
            let known = FaultName.allCases.map { $0.rawValue }.joined(separator: ", ")
            throw section.error("kind", "\"\(text)\" is no kind of fault; there are \(known)")
        }
        return name
    }

    private static func length(_ name: FaultName, _ section: inout ConfigTable) throws(ConfigError) -> UInt64? {
        switch name.length {
        case .required: return try section.duration("for")
        case .optional: return try section.optionalDuration("for")
        case .none:
            if try section.optionalDuration("for") != nil { throw section.error("for", "has no meaning for \"\(name.rawValue)\"; remove it") }
            return nil
        }
    }

    private static func details(
        _ name: FaultName, _ section: inout ConfigTable, _ nodes: [ManifestNode]
    ) throws(ConfigError) -> FaultKind {
        switch name {
        case .kill: return .kill(try NodeChoice.parse("nodes", &section, nodes))
        case .stop: return .stop(try NodeChoice.parse("nodes", &section, nodes))
        case .restart: return .restart(try NodeChoice.parse("nodes", &section, nodes))
        case .pause: return .pause(try NodeChoice.parse("nodes", &section, nodes))
        case .isolate: return .isolate(try NodeChoice.parse("nodes", &section, nodes, allowsLeader: true))
        case .wipeData: return .wipeData(try NodeChoice.parse("nodes", &section, nodes))
        case .tornWrite: return .tornWrite(try NodeChoice.parse("nodes", &section, nodes))
        case .oldDisk: return .oldDisk(try NodeChoice.parse("nodes", &section, nodes), ageMilliseconds: try section.duration("age"))
        case .swarm: return .swarm
        case .partition: return try partition(&section, nodes)
        case .shape: return .shape(try LinkChange.parse(&section, isRequired: true))
        case .clockSkew:
            let text = try section.string("offset")
            let isNegative = text.hasPrefix("-")
            guard let size = UnitText.milliseconds(isNegative ? String(text.dropFirst()) : text), size <= ConfigTable.longestMilliseconds else {
                throw section.error("offset", "must be a length of time such as \"1h\" or \"-500ms\", not \"\(text)\"")
            }
            let nodes = try NodeChoice.parse("nodes", &section, nodes)
            return .clockSkew(nodes, milliseconds: isNegative ? -Int64(size) : Int64(size))
        case .fsyncDelay:
            guard let delay = try section.optionalDelay("delay") else { throw section.error("delay", "is missing; give one such as \"50ms\"") }
            return .fsyncDelay(try NodeChoice.parse("nodes", &section, nodes), microseconds: delay)
        }
    }

    private static func partition(_ section: inout ConfigTable, _ nodes: [ManifestNode]) throws(ConfigError) -> FaultKind {
        let groups = try section.stringGroups("groups")
        let oneWay = try section.boolean("one_way", default: false)
        var seen: Set<String> = []
        for name in groups.joined() {
            guard nodes.contains(where: { $0.name == name }) else { throw section.error("groups", "there is no node \"\(name)\"") }
            guard seen.insert(name).inserted else { throw section.error("groups", "\"\(name)\" is in two groups") }
        }
        guard !groups.isEmpty, !groups.contains([]) else { throw section.error("groups", "a group is empty") }
        if oneWay, groups.count != 2 { throw section.error("one_way", "needs two groups: nothing passes from the first to the second") }
        return .partition(groups: groups, oneWay: oneWay)
    }
}

extension NodeChoice {
    /// A name, names, or one of the words `"all"`, `"any"` and, where it is allowed, `"leader"`.
    static func parse(
        _ key: String, _ section: inout ConfigTable, _ nodes: [ManifestNode], allowsLeader: Bool = false
    ) throws(ConfigError) -> NodeChoice {
        guard let (word, list) = try section.stringOrStrings(key) else {
            throw section.error(key, "is missing; give node names, \"all\" or \"any\"")
        }
        switch word {
        case "all": return .all
        case "any": return .any
        case "leader":
            guard allowsLeader else { throw section.error(key, "\"leader\" is only for isolate; give node names, \"all\" or \"any\"") }
            return .leader
        default: break
        }
        let names = word.map { [$0] } ?? list
        guard !names.isEmpty else { throw section.error(key, "names no node") }
        for (index, name) in names.enumerated() {
            guard nodes.contains(where: { $0.name == name }) else {
                throw section.error(key, "there is no node \"\(name)\"; there are \(nodes.map { $0.name }.joined(separator: ", "))")
            }
            if names[..<index].contains(name) { throw section.error(key, "names \"\(name)\" twice") }
        }
        return .named(names)
    }
}
