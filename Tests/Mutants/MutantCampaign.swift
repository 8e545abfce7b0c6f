// Must-fail tests: replicas that break one named rule (`Mutant`), which the simulator or the twins must find out within a stated number of tries.
// The replica that breaks none must pass all the same tries. Built only with MUTANTS in the environment: `make mutants`.
import Consensus
import Dispatch
import Glibc
import Simulator
import Synchronization

/// One way of searching for a violation, with the number of tries it is given.
struct Search: Sendable {
    let name: String
    let tries: Int
    /// What try number `index` broke; `nil` when nothing.
    let attempt: @Sendable (Mutant?, _ index: Int) -> String?
}

extension Search {
    /// Networks under drawn faults, adversaries among them; one seed each.
    static func swarm(_ name: String, weights: [UInt64], tries: Int) -> Search {
        Search(name: name, tries: tries) { mutant, index in
            var plan = SimulationPlan(weights: weights)
            plan.swarm = SwarmRanges()
            plan.mutant = mutant
            return SimulationRun(plan: plan, seed: UInt64(index)).run().violations.first.map { "\($0)" }
        }
    }

    /// One adversary in an otherwise quiet network.
    static func adversary(_ kind: AdversaryKind, tries: Int) -> Search {
        Search(name: kind.rawValue, tries: tries) { mutant, index in
            var plan = SimulationPlan(weights: [1, 1, 1, 1])
            plan.adversaries = [AdversaryPlan(validator: index % 4, kind: kind)]
            plan.mutant = mutant
            return SimulationRun(plan: plan, seed: UInt64(index)).run().violations.first.map { "\($0)" }
        }
    }

    /// Links so slow that the base timeout is not enough for a block.
    static func slowLinks(tries: Int) -> Search {
        Search(name: "slow links", tries: tries) { mutant, index in
            var plan = SimulationPlan(weights: [1, 1, 1, 1])
            plan.links.quality.delayMicroseconds = 150_000
            plan.mutant = mutant
            return SimulationRun(plan: plan, seed: UInt64(index)).run().violations.first.map { "\($0)" }
        }
    }

    /// Blocks of random twins scenarios; one seed each.
    static func twins(_ name: String, weights: [UInt64], twins: Int, rounds: Int, tries: Int) -> Search? {
        guard let setting = TwinsSetting(weights: weights, twins: twins, rounds: rounds) else { return nil }
        let search = TwinsSearch(setting, maximumGroups: 2)
        return Search(name: name, tries: tries) { mutant, index in
            var broken = search
            broken.breakage.mutant = mutant
            let report = broken.sample(seed: UInt64(index), count: 1) { false }
            return report.examples.first.map { "\($0.violation)" }
        }
    }

    /// The first try that broke something, and what.
    func first(_ mutant: Mutant?) -> (tries: Int, what: String)? {
        for index in 0..<tries { if let what = attempt(mutant, index) { return (index + 1, what) } }
        return nil
    }
}

@main struct MutantCampaign {
    /// One after another, until one finds something.
    static let searches: [Search] =
        [
            .twins("twins n=4", weights: [1, 1, 1, 1], twins: 1, rounds: 7, tries: 400),
            .swarm("swarm n=4", weights: [1, 1, 1, 1], tries: 12_000), .swarm("swarm n=7", weights: [3, 1, 1, 2, 2, 1, 4], tries: 40),
            .twins("twins n=7", weights: [1, 1, 1, 1, 1, 1, 1], twins: 2, rounds: 7, tries: 40),
            .slowLinks(tries: 4),
        ].compactMap { $0 } + AdversaryKind.allCases.map { .adversary($0, tries: 16) }

    static func main() {
        let names = CommandLine.arguments.dropFirst()
        let mutants: [Mutant?] = [nil] + Mutant.allCases.filter { names.isEmpty || names.contains($0.rawValue) }
        let failed = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: mutants.count) { index in
            let found = judge(mutants[index])
            guard let mutant = mutants[index] else {
                write("unmutated replica", found.map { "FAILS: " + $0 } ?? "passes all tries")
                return failed.withLock { if found != nil { $0.append("the unmutated replica fails") } }
            }
            write(mutant.rawValue, found ?? "SURVIVES")
            failed.withLock { if found == nil { $0.append(mutant.rawValue + " survives") } }
        }
        let problems = failed.withLock { $0.sorted() }
        guard problems.isEmpty else {
            write("FAILED:", problems.joined(separator: ", "))
            exit(1)
        }
        write("\(mutants.count - 1) mutants:", "all caught")
    }

    /// What the first search that found something found.
    static func judge(_ mutant: Mutant?) -> String? {
        for search in searches {
            if let found = search.first(mutant) { return "\(search.name), try \(found.tries): \(found.what)" }
        }
        return nil
    }

    private static let output = Mutex<Void>(())

    /// One line in one piece, at once.
    static func write(_ name: String, _ text: String) {
        output.withLock { _ in
            print(name + String(repeating: " ", count: max(1, 30 - name.utf8.count)) + text)
            fflush(nil)
        }
    }
}
