// Floor 6, Simulator: one twins scenario as a value and as one line of text, so that a failing one can be run again.

/// Who leads, and who can talk to whom, in each of the first views; later leaders are drawn and all can talk to all.
public struct TwinsScenario: Equatable, Sendable {
    public var setting: TwinsSetting
    /// For each view from 1 on the key that leads.
    public var leaders: [UInt8]
    /// For each view from 1 on the group of each node; nodes of one group can talk.
    public var partitions: [[UInt8]]

    public init(setting: TwinsSetting, leaders: [UInt8], partitions: [[UInt8]]) {
        self.setting = setting
        self.leaders = leaders
        self.partitions = partitions
    }

    /// `weights/twins/rounds`, a round being `leader:group of each node`; for instance `1,1,1,1/1/0:00110,3:01010`.
    public var line: String {
        let weights = setting.weights.map(String.init).joined(separator: ",")
        let rounds = zip(leaders, partitions).map { "\($0):" + $1.map(String.init).joined() }.joined(separator: ",")
        return "\(weights)/\(setting.twins)/\(rounds)"
    }

    /// `nil` when the text is not one of a scenario.
    public init?(line: String) {
        let parts = line.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, let twins = Int(parts[1]) else { return nil }
        let weights = parts[0].split(separator: ",").map { UInt64($0) ?? 0 }
        let rounds = parts[2].split(separator: ",").map { $0.split(separator: ":", omittingEmptySubsequences: false) }
        guard let setting = TwinsSetting(weights: weights, twins: twins, rounds: rounds.count), rounds.allSatisfy({ $0.count == 2 })
        else { return nil }
        let leaders = rounds.compactMap { UInt8($0[0]) }
        let partitions = rounds.map { $0[1].compactMap { $0.wholeNumberValue.map { UInt8(clamping: $0) } } }
        guard leaders.count == rounds.count, leaders.allSatisfy({ $0 < setting.keys }),
            partitions.allSatisfy({ $0.count == setting.nodes })
        else { return nil }
        self.init(setting: setting, leaders: leaders, partitions: partitions)
    }
}
