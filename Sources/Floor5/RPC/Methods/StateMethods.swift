// Floor 5, RPC: reads of accounts and storage at a block.
import Engine
import Primitives

/// Methods about state.
enum StateMethods {
    static let table: [Method] = [
        Method("eth_getBalance", .light, parameters: 2) { call, writer throws(RPCError) in
            let address = try call.address(0)
            let account = try read(call, 1) { state throws(StateError) in try state.account(address) }
            writer.quantity(account?.balance ?? .zero)
        },
        Method("eth_getTransactionCount", .light, parameters: 2) { call, writer throws(RPCError) in
            let address = try call.address(0)
            if try call.block(1) == .pending {
                do throws(BackendError) {
                    return writer.quantity(try call.backend.pendingNonce(address))
                } catch {
                    throw RPCError(error)
                }
            }
            let account = try read(call, 1) { state throws(StateError) in try state.account(address) }
            writer.quantity(account?.nonce ?? 0)
        },
        Method("eth_getCode", .light, parameters: 2) { call, writer throws(RPCError) in
            let address = try call.address(0)
            let code: [UInt8] = try read(call, 1) { state throws(StateError) in
                guard let account = try state.account(address), account.codeHash != Keccak256.empty else { return [] }
                return try state.code(account.codeHash)
            }
            writer.data(code)
        },
        Method("eth_getStorageAt", .light, parameters: 3) { call, writer throws(RPCError) in
            let address = try call.address(0)
            let slot = try call.word(1)
            writer.hash(Hash256(try read(call, 2) { state throws(StateError) in try state.storage(address, slot) }))
        },
        Method("eth_getProof", .instant, parameters: 3) { _, _ throws(RPCError) in
            throw RPCError(
                code: -32601,
                message: "the method eth_getProof is not available: this chain's state root is of an indexed Poseidon2 tree, "
                    + "the proofs are of Ethereum's Merkle-Patricia trie")
        },
    ]

    /// Reads from the state after the block that the parameter at `index` names.
    private static func read<T>(
        _ call: RPCCall, _ index: Int, _ body: (StateDatabase) throws(StateError) -> T
    ) throws(RPCError) -> T {
        let height = try call.stateHeight(try call.block(index))
        let state: StateDatabase
        do throws(BackendError) { state = try call.backend.state(height: height) } catch { throw RPCError(error) }
        do throws(StateError) { return try body(state) } catch { throw .stateUnreadable }
    }
}
