// Floor 5, Node: how much work a leader puts into a block, so that blocks keep coming under any load.
//
// A block that fills the gas limit may take longer to pass on, check and execute than blocks should be apart. Every node sees
// from the chain how long blocks of a given size took and sizes its own by it. A pure value; it affects pace, never validity.

package struct BlockPacing: Equatable {
    /// Blocks under load should not be farther apart: 5 per second.
    package static let targetIntervalMilliseconds: UInt64 = 200
    /// The allowance never falls below this share of the gas limit.
    private static let minimumShare: UInt64 = 64
    /// Growth per block while blocks come in time: an eighth.
    private static let growthShare: UInt64 = 8

    private let gasLimit: UInt64
    /// Gas, by the limits of the transactions, that the next block should not exceed.
    package private(set) var allowance: UInt64

    package init(gasLimit: UInt64) {
        self.gasLimit = gasLimit
        allowance = gasLimit
    }

    /// A block with transactions of `gas` came `interval` after its parent, in the view after it.
    package mutating func observe(intervalMilliseconds interval: UInt64, gas: UInt64) {
        // A block far below the allowance says nothing about it.
        guard gas >= allowance / 2 else { return }
        if interval > Self.targetIntervalMilliseconds {
            // At most halved at once: one slow block may have had other reasons.
            let (scaled, overflow) = allowance.multipliedReportingOverflow(by: Self.targetIntervalMilliseconds)
            let fitting = overflow ? allowance / 2 : scaled / interval
            allowance = max(fitting, allowance / 2, gasLimit / Self.minimumShare)
        } else {
            allowance = min(gasLimit, allowance + max(allowance / Self.growthShare, 1))
        }
    }
}
