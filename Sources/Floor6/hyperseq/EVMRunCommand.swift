// Floor 6, hyperseq: `hyperseq evm run`, which executes cases given as JSON; the peers of differential fuzzing speak to it.
import ArgumentParser
import Foundation
import StateTests

struct EVMRunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Execute transactions on a state given as JSON.",
        discussion: """
            A case is one JSON object: fork, env, pre and transactions, with the field names of Ethereum's state tests. The answer
            has status, gas, output and logs of every transaction and the accounts that differ afterwards. Without files, cases are
            read from standard input, one per line, and answered with one line each, until the input ends.
            """)

    @Argument(help: ArgumentHelp("Files with one case each; the answer is printed for reading.", valueName: "file"))
    var files: [String] = []

    func run() throws {
        if files.isEmpty { return try EVMRunCommand.answerLines() }
        for file in files {
            guard let data = FileManager.default.contents(atPath: file) else { throw ValidationError("Cannot read \(file).") }
            let answer = Data(EVMCaseRunner.run(line: [UInt8](data)))
            let object = try JSONSerialization.jsonObject(with: answer)
            let text = try JSONSerialization.data(withJSONObject: object, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
            print(String(decoding: text, as: UTF8.self))
        }
    }

    /// Answers the complete lines of every read together, so that neither side waits for single lines.
    private static func answerLines() throws {
        var pending = Data()
        while true {
            let data = FileHandle.standardInput.availableData
            guard !data.isEmpty else { break }
            pending.append(data)
            guard let end = pending.lastIndex(of: UInt8(ascii: "\n")) else { continue }
            var output = Data()
            for line in pending[..<end].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true) {
                output.append(contentsOf: EVMCaseRunner.run(line: [UInt8](line)))
                output.append(UInt8(ascii: "\n"))
            }
            pending = Data(pending[(end + 1)...])
            try FileHandle.standardOutput.write(contentsOf: output)
        }
        guard pending.isEmpty else { throw ValidationError("The last case has no line end.") }
    }
}
