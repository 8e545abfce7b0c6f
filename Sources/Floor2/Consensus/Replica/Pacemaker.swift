// When to give up a view. Liveness only: nothing here can break safety.
import Primitives

struct Pacemaker: Sendable {
    private let timing: ConsensusTiming
    /// k: views that failed since the last commit.
    private var failedViews: UInt64 = 0
    private var viewStart: UInt64 = 0
    /// When to give up the view.
    private(set) var deadline: UInt64 = .max
    /// When to send the timeout again; `nil` while the view is not given up.
    private(set) var resendAt: UInt64?
    /// The wait of the current view, without idle time.
    private var wait: UInt64 = 0
    private var isIdle: Bool?
    /// For each validator the number of its last turns without a proposal.
    private var silentTurns: [UInt8]
    /// For each validator when it was last helped.
    private var helpedAt: [UInt64?]
    private(set) var timerWasSetTo: UInt64?
    private let breakage: Breakage

    /// Doublings after which the timeout stays.
    static let maximumDoublings: UInt64 = 32
    /// A leader that was silent in this many of its last turns gets a quarter of the time.
    static let silentTurnsForHaste: UInt8 = 2

    init(timing: ConsensusTiming, validatorCount: Int, breakage: Breakage) {
        self.timing = timing
        self.breakage = breakage
        silentTurns = Array(repeating: 0, count: validatorCount)
        helpedAt = Array(repeating: nil, count: validatorCount)
    }

    // MARK: Events

    mutating func enterView(now: UInt64) {
        viewStart = now
        deadline = .max
        resendAt = nil
        isIdle = nil
    }

    mutating func viewFailed() {
        if breakage.is(.timeoutNeverGrows) { return }
        failedViews = min(failedViews + 1, Pacemaker.maximumDoublings)
    }
    mutating func committed() { failedViews = 0 }

    mutating func leaderSpoke(_ leader: UInt16) {
        if silentTurns.indices.contains(Int(leader)) { silentTurns[Int(leader)] = 0 }
    }

    mutating func leaderWasSilent(_ leader: UInt16) {
        guard silentTurns.indices.contains(Int(leader)) else { return }
        silentTurns[Int(leader)] = min(silentTurns[Int(leader)] + 1, Pacemaker.silentTurnsForHaste)
    }

    func isSilent(_ leader: UInt16) -> Bool {
        silentTurns.indices.contains(Int(leader)) && silentTurns[Int(leader)] >= Pacemaker.silentTurnsForHaste
    }

    // MARK: Times

    /// base · 2^k, at most the maximum; a quarter for a leader that has been silent; and the pause that every leader makes between blocks.
    func timeout(leader: UInt16) -> UInt64 {
        let base = isSilent(leader) ? max(1, timing.baseTimeoutMilliseconds / 4) : timing.baseTimeoutMilliseconds
        if breakage.is(.exponentOverflow) { return UInt64(truncatingIfNeeded: UInt8(truncatingIfNeeded: base &<< failedViews)) }
        let (product, overflow) = base.multipliedReportingOverflow(by: 1 << failedViews)
        let grown = overflow ? timing.maximumTimeoutMilliseconds : min(product, timing.maximumTimeoutMilliseconds)
        return grown.saturatingAdd(timing.minimumBlockIntervalMilliseconds)
    }

    /// Sets the deadline of the view. While nothing is to be done a leader may wait for the idle interval too; when work comes the deadline
    /// shrinks to one timeout from now. The idle time counts from the start of the view, so it cannot be drawn out.
    mutating func update(now: UInt64, isIdle: Bool, leader: UInt16) {
        guard isIdle != self.isIdle else { return }
        if self.isIdle == nil { wait = timeout(leader: leader) }
        let longest = viewStart.saturatingAdd(wait).saturatingAdd(timing.idleBlockIntervalMilliseconds)
        deadline = isIdle ? longest : min(self.isIdle == nil ? .max : deadline, now.saturatingAdd(wait))
        self.isIdle = isIdle
    }

    /// Timeouts go out again at this pace.
    mutating func scheduleResend(now: UInt64) {
        resendAt = now.saturatingAdd(timing.baseTimeoutMilliseconds)
    }

    /// Whether a peer may be sent a certificate again: at most twice per base timeout. Notes that it is.
    mutating func mayHelp(_ validator: UInt16, now: UInt64) -> Bool {
        guard helpedAt.indices.contains(Int(validator)) else { return false }
        if let last = helpedAt[Int(validator)], now.saturatingSubtract(last) < timing.baseTimeoutMilliseconds / 2 { return false }
        helpedAt[Int(validator)] = now
        return true
    }

    mutating func timerFired() { timerWasSetTo = nil }
    mutating func timerSet(_ time: UInt64) { timerWasSetTo = time }
}
