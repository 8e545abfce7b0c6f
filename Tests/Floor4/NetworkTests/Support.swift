// Shared helpers of the network tests.

import Network
import Testing

struct TimedOut: Error {}

/// Waits on the loop until `condition` holds; fails after the deadline.
@LoopActor
func eventually(
    withinMilliseconds limit: UInt64 = 15_000,
    _ condition: @LoopActor () -> Bool,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let deadline = monotonicMilliseconds() + limit
    while !condition() {
        guard monotonicMilliseconds() < deadline else {
            Issue.record("the condition did not come true in time", sourceLocation: sourceLocation)
            throw TimedOut()
        }
        try await Task.sleep(nanoseconds: 2_000_000)
    }
}
