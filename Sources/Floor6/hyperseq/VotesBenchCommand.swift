// Floor 6, hyperseq: `hyperseq bench votes`.
internal import ArgumentParser
internal import ConsensusBench
internal import Foundation

struct VotesBenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "votes",
        abstract: "Feed a replica with signed votes and compare its processor time with that of bare libsecp256k1.",
        discussion: "Decoding, rules, tallies and finality count for the replica; one thread, no network.")

    @Option(help: "How many validators.") var validators = 4
    @Option(help: "How many views.") var views = 2_000
    @Flag(help: "One JSON object.") var json = false

    func validate() throws {
        guard (1...128).contains(validators) else { throw ValidationError("--validators must be from 1 to 128") }
        guard (1...100_000).contains(views) else { throw ValidationError("--views must be from 1 to 100000") }
    }

    func run() throws {
        let result = try VotesBenchmark(validators: validators, views: views).run()
        if json { return Terminal.json(result) }
        Terminal.line(
            String(
                format: "%d validators: %.0f verified votes/s, %.1f us each with all that a replica does for the %d votes that came for %d verified",
                result.validators, result.verifiedPerSecond, result.replicaMicroseconds, result.messages, result.verified))
        Terminal.line(
            String(
                format: "  bare recovery %.1f us (overhead %.1f %%), bare verification without the parity %.1f us (overhead %.1f %%)",
                result.recoverMicroseconds, result.overheadOverRecover * 100, result.verifyMicroseconds, result.overheadOverVerify * 100))
    }
}
