// Floor 6, GuestChecks: runs the guest program on a batch and says what came of it.
public import Engine
import Foundation
import Primitives
public import ZKVM

/// One execution of the guest.
public struct GuestRun: Sendable {
    public var stop: StopReason
    public var cycleCount: UInt64
    public var output: [UInt8]
    /// Process CPU seconds.
    public var seconds: Double
    public var profile: [FunctionProfile]

    /// The statement, when the guest made one.
    public var statement: BatchStatement? {
        stop == .halted(code: 0) ? try? BatchStatement.decode(output) : nil
    }
}

public struct GuestProgram: Sendable {
    public let image: ProgramImage

    /// Where `make guest` puts the program, from the project's folder.
    public static let path = ".build/guest/hyperseq-guest.elf"

    /// More than any batch of the checks needs: a guest that runs on is stopped.
    public static let cycleLimit: UInt64 = 1 << 36

    public init(elf: [UInt8]) throws { image = try ProgramImage(elf: elf) }

    public init(path: String) throws { try self.init(elf: [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))) }

    public func run(tape: [UInt8], keepsProfile: Bool = false) -> GuestRun {
        let start = threadSeconds()
        let machine = GuestMachine(program: image, input: tape, keepsProfile: keepsProfile)
        let stop = machine.run(cycleLimit: GuestProgram.cycleLimit)
        return GuestRun(
            stop: stop, cycleCount: machine.state.cycleCount, output: machine.tapes.output, seconds: threadSeconds() - start,
            profile: machine.profile)
    }

    private func threadSeconds() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
