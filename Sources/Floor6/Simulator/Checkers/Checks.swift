// All checkers of one run.
internal import Primitives

struct Checks {
    var agreement = AgreementCheck()
    var certified = CertifiedNotRevertedCheck()
    /// Whether the plan promises that certified blocks stay.
    var certifiedStays: Bool
    var durability = DurabilityCheck()
    var slashable: SlashableCheck
    var storage = StorageCheck()
    var blame = BlameCheck()
    var machines = MachineStatesCheck()
    var inclusion = InclusionCheck()
    var liveness = LivenessCheck()

    init(plan: SimulationPlan) {
        slashable = SlashableCheck(validatorCount: plan.weights.count)
        certifiedStays = plan.expectations.certifiedStays
    }

    /// Whether anything is wrong already.
    var hasProblems: Bool { !all.allSatisfy { $0.problems.isEmpty } }

    private var all: [any Checker] {
        var all: [any Checker] = [agreement, durability, slashable, storage, blame, machines, inclusion, liveness]
        if certifiedStays { all.append(certified) }
        return all
    }

    func violations(atMilliseconds time: UInt64) -> [Violation] {
        all.flatMap { checker in
            checker.problems.map { Violation(check: "\(type(of: checker))", what: $0, atMilliseconds: time) }
        }
    }
}
