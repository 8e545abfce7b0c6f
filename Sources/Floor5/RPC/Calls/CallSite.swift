// Floor 5, RPC: the block on whose state a call runs.
import Consensus
import Engine
import Executor
import Primitives

/// A state and the block context that goes with it.
struct CallSite {
    /// The call sees the state after this block.
    let height: UInt64
    var environment: BlockEnvironment

    /// `pending` is the newest state in the environment of the next block.
    init(_ call: RPCCall, _ selector: BlockSelector) throws(RPCError) {
        if selector == .pending {
            height = call.backend.heads().latest
            environment = call.backend.pendingEnvironment()
        } else {
            let record = try call.existingRecord(selector)
            height = record.header.height
            environment = call.backend.environment(of: record)
        }
    }

    func database(
        _ call: RPCCall, _ overrides: StateOverrides, deadline: ContinuousClock.Instant
    ) throws(RPCError) -> OverlayDatabase {
        let database = try call.overlay(height: height, deadline: deadline)
        do throws(StateError) { try database.apply(overrides) } catch {
            throw database.isTimeUp ? call.executionTimeout : .stateUnreadable
        }
        return database
    }
}

extension RPCCall {
    /// When an execution that begins now must be done.
    var executionDeadline: ContinuousClock.Instant { min(deadline, .now + .milliseconds(limits.callTimeMilliseconds)) }

    /// The state after a block, to be changed on the way.
    func overlay(height: UInt64, deadline: ContinuousClock.Instant) throws(RPCError) -> OverlayDatabase {
        do throws(BackendError) {
            return OverlayDatabase(base: try backend.state(height: height), deadline: deadline)
        } catch {
            throw RPCError(error)
        }
    }

    /// What a client hears when an execution took too long.
    var executionTimeout: RPCError { .server("execution aborted (timeout = \(limits.callTimeMilliseconds)ms)") }
}
