// Floor 6, Simulator: what may never happen in a twins scenario within the fault weight: a fork, an honest signer that could be slashed, an
// honest node that is accused.
internal import Consensus
internal import Primitives

/// What a scenario showed to be broken.
public enum TwinsViolation: Equatable, Sendable {
    /// Two nodes finalised different blocks of this height.
    case fork(height: UInt64)
    /// A key that runs once signed two statements that convict it.
    case slashable(String)
    /// A node accuses a key that runs once, or takes an honest message for an invalid one.
    case falseAccusation(by: Int)
    /// A node saw two commit certificates that contradict each other.
    case conflictingCertificates
    /// No progress after the partitions are over.
    case stuck

    /// Whether two branches became final.
    public var isFork: Bool {
        switch self {
        case .fork, .conflictingCertificates: true
        default: false
        }
    }
}

struct TwinsWatch {
    private let setting: TwinsSetting
    private var slashable: SlashableCheck
    private var chain: [Hash256] = []

    init(setting: TwinsSetting) {
        self.setting = setting
        slashable = SlashableCheck(validatorCount: setting.keys)
    }

    /// Blocks became final at a node: the last `count` of its store.
    mutating func finalised(_ store: TwinsStore, count: Int, node: Int) -> TwinsViolation? {
        for height in (store.final.count - count)..<store.final.count {
            if height < chain.count {
                if chain[height] != store.final[height] { return .fork(height: UInt64(height + 1)) }
            } else {
                chain.append(store.final[height])
            }
        }
        return nil
    }

    func blamed(_ what: Misbehaviour, by node: Int) -> TwinsViolation? {
        switch what {
        case .equivocation(let validator, _): Int(validator) < setting.twins ? nil : .falseAccusation(by: node)
        case .conflictingFinality: .conflictingCertificates
        default: .falseAccusation(by: node)
        }
    }

    /// A node sent a message; keys that run twice may contradict themselves.
    mutating func sent(_ message: ConsensusMessage, by key: Int) -> TwinsViolation? {
        guard key >= setting.twins else { return nil }
        slashable.sent(message, by: key)
        return slashable.problems.first.map { .slashable($0) }
    }
}
