// Floor 6, StateTests: one upstream difficulty test: the difficulty that a header under proof of work must state.
import Engine
import Primitives

enum DifficultyTest {
    static func run(_ json: JSONValue, _ recorder: inout TestRecorder) {
        let file = recorder.file
        recorder.record { () throws(StateTestFormatError) in
            let number = try Field.uint64(json["currentBlockNumber"], "currentBlockNumber")
            let ommers = json["parentUncles"] == nil ? .zero : try Field.uint256(json["parentUncles"], "parentUncles")
            let difficulty = ProofOfWorkDifficulty.next(
                parentDifficulty: try Field.uint256(json["parentDifficulty"], "parentDifficulty"),
                parentTimestampSeconds: try Field.uint64(json["parentTimestamp"], "parentTimestamp"),
                parentHasOmmers: !ommers.isZero && Hash256(ommers) != EthereumHeader.noOmmers, number: number,
                timestampSeconds: try Field.uint64(json["currentTimestamp"], "currentTimestamp"), fork: fork(file, number))
            let expected = try Field.uint256(json["currentDifficulty"], "currentDifficulty")
            return difficulty == expected ? nil : "difficulty \(difficulty.decimal), expected \(expected.decimal)"
        }
    }

    /// The fork of the network that the file names, at this block: Ropsten, one that stays at Homestead, or the main network.
    private static func fork(_ file: String, _ number: UInt64) -> Fork {
        let name = file.split(separator: "/").last ?? ""
        if name.contains("Homestead") { return .homestead }
        if name.contains("Ropsten") { return number < 1_700_000 ? .homestead : (number < 4_230_000 ? .byzantium : .constantinople) }
        if number < 1_150_000 { return .frontier }
        if number < 4_370_000 { return .homestead }
        return number < 7_280_000 ? .byzantium : .constantinople
    }
}
