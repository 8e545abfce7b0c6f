// Floor 6, Testnet: what can run a manifest, and which parts of one each can do.

/// A way to run a manifest.
public enum ManifestRunner: String, Equatable, Sendable, CaseIterable {
    /// `hyperseq simulate`: the whole network in one process, in virtual time, from one seed.
    case simulator
    /// `hyperseq testnet run`: every node is a process on this machine.
    case processes

    /// The command that runs a manifest this way.
    var command: String {
        switch self {
        case .simulator: return "hyperseq simulate"
        case .processes: return "hyperseq testnet run"
        }
    }
}

/// Something that a manifest asks for and that not every runner can do.
struct RunnerNeed {
    /// As the user wrote it.
    var what: String
    var runners: [ManifestRunner]
    /// Where it stands.
    var error: (String) -> ConfigError
}

extension ManifestRunner {
    /// The runners of a manifest: those it names, each of which must be able to do all it asks for; without a name, all that can.
    static func choose(_ named: [ManifestRunner]?, _ needs: [RunnerNeed]) throws(ConfigError) -> [ManifestRunner] {
        var able = ManifestRunner.allCases
        for need in needs {
            for runner in named ?? [] where !need.runners.contains(runner) {
                let others = need.runners.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
                throw need.error("\(need.what) cannot be done by the runner \"\(runner.rawValue)\"; only by \(others): remove it, or change runner")
            }
            able.removeAll { !need.runners.contains($0) }
            if named == nil, able.isEmpty { throw need.error("\(need.what) and what stands above need different runners; no runner can do both") }
        }
        return named ?? able
    }

    static func parse(_ root: inout ConfigTable) throws(ConfigError) -> [ManifestRunner]? {
        guard let names = try root.optionalStrings("runner") else { return nil }
        var result: [ManifestRunner] = []
        for name in names {
            guard let runner = ManifestRunner(rawValue: name) else {
                let known = ManifestRunner.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
                throw root.error("runner", "\"\(name)\" is no runner; there are \(known)")
            }
            if !result.contains(runner) { result.append(runner) }
        }
        guard !result.isEmpty else { throw root.error("runner", "names no runner; remove it for all that can") }
        return result
    }
}
