// Floor 1, Engine: the difficulty that a header before Paris must state (yellow paper, section 4.3.4; EIP-2, 100, 649, 1234, 2384, 3554).
//
// Only the number is checked; the seal itself is not, for blocks under proof of work are not executed here.
public import Primitives

/// The difficulty rules of proof of work.
public enum ProofOfWorkDifficulty {
    private static let least: UInt256 = 131_072
    private static let quotient: UInt256 = 2048
    /// From Homestead on, the greatest number of steps down.
    private static let mostStepsDown: UInt64 = 99
    private static let bombPeriod: UInt64 = 100_000

    /// Blocks by which a fork puts the difficulty bomb off.
    private static func bombDelay(_ fork: Fork) -> UInt64 {
        if fork >= .london { return 9_700_000 }
        if fork >= .berlin { return 9_000_000 }
        if fork >= .constantinople { return 5_000_000 }
        return fork >= .byzantium ? 3_000_000 : 0
    }

    /// The difficulty of a block on its parent. The block's time is above the parent's.
    public static func next(
        parentDifficulty: UInt256, parentTimestampSeconds: UInt64, parentHasOmmers: Bool, number: UInt64, timestampSeconds: UInt64, fork: Fork
    ) -> UInt256 {
        let elapsed = timestampSeconds > parentTimestampSeconds ? timestampSeconds - parentTimestampSeconds : 0
        let up: UInt64
        let down: UInt64
        if fork >= .byzantium {
            (up, down) = (parentHasOmmers ? 2 : 1, elapsed / 9)
        } else if fork >= .homestead {
            (up, down) = (1, elapsed / 10)
        } else {
            (up, down) = elapsed < 13 ? (1, 0) : (0, 1)
        }
        let step = parentDifficulty / quotient
        var difficulty: UInt256
        if up >= down {
            difficulty = parentDifficulty.adding(step &* UInt256(up - down)) ?? .max
        } else {
            difficulty = parentDifficulty.subtracting(step &* UInt256(min(down - up, mostStepsDown))) ?? .zero
        }
        let delay = bombDelay(fork)
        let periods = (number > delay ? number - delay : 0) / bombPeriod
        if periods >= 2 {
            let bomb = periods - 2 < 256 ? UInt256.one &<< Int(truncatingIfNeeded: periods - 2) : .max
            difficulty = difficulty.adding(bomb) ?? .max
        }
        return max(difficulty, least)
    }
}
