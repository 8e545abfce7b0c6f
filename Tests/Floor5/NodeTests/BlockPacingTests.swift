import Node
import Testing

@Suite struct BlockPacingTests {
    @Test func slowFullBlocksShrinkAndQuickOnesGrow() {
        var pacing = BlockPacing(gasLimit: 32_000_000)
        #expect(pacing.allowance == 32_000_000)
        pacing.observe(intervalMilliseconds: 320, gas: 32_000_000)
        #expect(pacing.allowance == 20_000_000, "in proportion to the time over the target")
        pacing.observe(intervalMilliseconds: 10_000, gas: 20_000_000)
        #expect(pacing.allowance == 10_000_000, "at most halved at once")
        pacing.observe(intervalMilliseconds: 10_000, gas: 4_999_999)
        #expect(pacing.allowance == 10_000_000, "a block far below the allowance says nothing")
        pacing.observe(intervalMilliseconds: BlockPacing.targetIntervalMilliseconds, gas: 10_000_000)
        #expect(pacing.allowance == 11_250_000)
        for _ in 0..<100 { pacing.observe(intervalMilliseconds: 50, gas: pacing.allowance) }
        #expect(pacing.allowance == 32_000_000, "never above the gas limit")
        for _ in 0..<100 { pacing.observe(intervalMilliseconds: .max, gas: pacing.allowance) }
        #expect(pacing.allowance == 500_000, "never below its least share")
    }

    @Test func extremeLimitsDoNotTrap() {
        for limit: UInt64 in [0, 1, 63, .max / 2] {
            var pacing = BlockPacing(gasLimit: limit)
            for interval: UInt64 in [1, 201, .max] { pacing.observe(intervalMilliseconds: interval, gas: pacing.allowance) }
            #expect(pacing.allowance <= limit)
        }
    }
}
