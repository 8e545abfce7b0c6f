// Floor 5, RPC: `eth_createAccessList`.
import Engine
import Primitives

enum AccessListMethod {
    /// Executes with the list found so far until it finds nothing new: a cheaper access may lead elsewhere.
    static func write(_ call: RPCCall, _ writer: inout JSONWriter) throws(RPCError) {
        var arguments = try CallArguments(try call.required(0), chainID: call.backend.chainID)
        let site = try CallSite(call, try call.block(1))
        let deadline = call.executionDeadline
        let database = try site.database(call, try StateOverrides(call.optional(2), argument: 2), deadline: deadline)
        let gas = min(arguments.gas ?? call.limits.callGas, call.limits.callGas)
        let nonce: UInt64
        do throws(StateError) { nonce = try database.account(arguments.from)?.nonce ?? 0 } catch {
            throw database.isTimeUp ? call.executionTimeout : .stateUnreadable
        }
        let sender = arguments.from
        let target = arguments.to ?? ContractAddress.create(sender: sender, nonce: nonce)
        let executor = TransactionExecutor(database: database, environment: site.environment)
        var list = arguments.accessList
        while true {
            let observer = AccessListObserver(list, deadline: deadline) { address in
                address == sender || address == target || site.environment.isPrecompile(address)
            }
            // The observer normalises what the client gave.
            arguments.accessList = observer.list
            executor.observer = observer
            let outcome: TransactionOutcome
            do throws(ExecutionError) { outcome = try executor.call(arguments.request(gas: gas)) } catch {
                switch error {
                case .invalid(let reason): throw .server(reason.message)
                case .interrupted: throw call.executionTimeout
                case .state: throw database.isTimeUp ? call.executionTimeout : .stateUnreadable
                }
            }
            list = observer.list
            guard list == arguments.accessList else { continue }
            return write(list, outcome, &writer)
        }
    }

    private static func write(_ list: [AccessListEntry], _ outcome: TransactionOutcome, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.accessList(list)
        switch outcome.status {
        case .success: break
        case .reverted: writer.field("error", RevertReason.error(outcome.output).message)
        case .halted(let reason): writer.field("error", reason.message)
        }
        writer.field("gasUsed", outcome.gasUsed)
        writer.endObject()
    }
}
