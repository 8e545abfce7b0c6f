// The links: which messages arrive, when, and how often. Pure apart from its generator.
internal import Consensus

/// A message on its way, shared by all its receivers.
final class Parcel: Sendable {
    let message: ConsensusMessage
    /// Its encoding, when the run uses the wire.
    let bytes: [UInt8]?

    init(_ message: ConsensusMessage, usesWire: Bool) {
        self.message = message
        bytes = usesWire ? message.encoded : nil
    }
}

struct VirtualNetwork {
    private let count: Int
    private var random: SeededRandom
    private let plan: LinkPlan
    /// From row to column: the quality that holds now.
    private var qualities: [LinkQuality]
    private var isCut: [Bool]
    /// When the last message of a link arrives: links that keep the order deliver no later one before.
    private var lastArrival: [UInt64]
    private(set) var sentCount: UInt64 = 0

    init(count: Int, plan: LinkPlan, random: SeededRandom) {
        self.count = count
        self.plan = plan
        self.random = random
        qualities = Array(repeating: plan.quality, count: count * count)
        isCut = Array(repeating: false, count: count * count)
        lastArrival = Array(repeating: 0, count: count * count)
        setQuality(nil)
    }

    /// All links of one quality; `nil` for the plan's.
    mutating func setQuality(_ quality: LinkQuality?) {
        for from in 0..<count {
            for to in 0..<count {
                var chosen = quality ?? plan.quality
                if !plan.delayMicroseconds.isEmpty { chosen.delayMicroseconds = plan.delayMicroseconds[from][to] }
                qualities[from * count + to] = chosen
            }
        }
        guard quality == nil else { return }
        for item in plan.overrides where item.from < count && item.to < count { qualities[item.from * count + item.to] = item.quality }
    }

    mutating func clearCuts() { for index in isCut.indices { isCut[index] = false } }

    mutating func cut(from: Int, to: Int) { isCut[from * count + to] = true }

    /// Only members of one group hear each other.
    mutating func partition(_ groups: [[Int]]) {
        var group = Array(repeating: -1, count: count)
        for (number, members) in groups.enumerated() { for node in members where node < count { group[node] = number } }
        for from in 0..<count {
            for to in 0..<count where from != to && (group[from] < 0 || group[from] != group[to]) { isCut[from * count + to] = true }
        }
    }

    /// When the copies of a message arrive: none when it is lost, two when it is duplicated.
    @inline(__always)
    mutating func arrivals(from: Int, to: Int, now: UInt64) -> (first: UInt64?, second: UInt64?) {
        sentCount &+= 1
        let link = from * count + to
        guard !isCut[link] else { return (nil, nil) }
        let quality = qualities[link]
        if quality.lossPercent > 0, random.chance(quality.lossPercent) { return (nil, nil) }
        let first = arrival(quality, link, now)
        guard quality.duplicatePercent > 0, random.chance(quality.duplicatePercent) else { return (first, nil) }
        return (first, arrival(quality, link, now))
    }

    private mutating func arrival(_ quality: LinkQuality, _ link: Int, _ now: UInt64) -> UInt64 {
        var time = now + quality.delayMicroseconds
        if quality.jitterMicroseconds > 0 { time += random.below(quality.jitterMicroseconds + 1) }
        if quality.clogPerMille > 0, random.chance(perMille: quality.clogPerMille) { time += quality.clogMicroseconds }
        if !quality.isReordering { time = max(time, lastArrival[link]) }
        lastArrival[link] = max(lastArrival[link], time)
        return time
    }
}
