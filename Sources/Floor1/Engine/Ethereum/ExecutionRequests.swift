// Floor 1, Engine: what a block asks of the beacon chain (EIP-7685): deposits, withdrawals and consolidations.
import Primitives

/// The requests of one block, each kind as its type byte and the bytes behind it.
struct ExecutionRequests {
    private static let depositType: UInt8 = 0
    private static let withdrawalType: UInt8 = 1
    private static let consolidationType: UInt8 = 2

    /// EIP-6110.
    private static let depositContract = Address(w0: 0x0000_0000_219a_b540, w1: 0x356c_bb83_9cbe_0530, w2: 0x3d77_05fa)
    private static let depositEvent = Hash256(
        w0: 0x649b_bc62_d0e3_1342, w1: 0xafea_4e5c_d82d_4049, w2: 0xe7e1_ee91_2fc0_889a, w3: 0xa790_803b_e390_38c5)
    /// Of a deposit's log: five offsets, then public key, withdrawal credentials, amount, signature, index, each behind its length.
    private static let depositLogLength = 576
    private static let depositParts: [(position: Int, length: Int)] = [(160, 48), (256, 32), (320, 8), (384, 96), (512, 8)]

    private var encoded: [[UInt8]] = []

    /// Collects the requests at the end of a block whose transactions and withdrawals are done.
    init(_ receipts: [Receipt], _ executor: TransactionExecutor) throws(EthereumBlockError) {
        var deposits: [UInt8] = []
        for receipt in receipts {
            for log in receipt.logs where log.address == ExecutionRequests.depositContract {
                guard log.topics.first == ExecutionRequests.depositEvent else { continue }
                deposits += try ExecutionRequests.deposit(log.data)
            }
        }
        add(ExecutionRequests.depositType, deposits)
        add(ExecutionRequests.withdrawalType, try ExecutionRequests.ask(SystemContract.withdrawalRequests, executor))
        add(ExecutionRequests.consolidationType, try ExecutionRequests.ask(SystemContract.consolidationRequests, executor))
    }

    private mutating func add(_ type: UInt8, _ data: [UInt8]) {
        if !data.isEmpty { encoded.append([type] + data) }
    }

    private static func ask(_ contract: Address, _ executor: TransactionExecutor) throws(EthereumBlockError) -> [UInt8] {
        let result: SystemCallResult
        do throws(StateError) {
            result = try executor.callSystem(contract, [])
        } catch {
            throw .state(error)
        }
        guard case .output(let data) = result else { throw .systemCallFailed(contract) }
        return data
    }

    /// A deposit's log without its lengths and padding.
    private static func deposit(_ data: [UInt8]) throws(EthereumBlockError) -> [UInt8] {
        guard data.count == depositLogLength else { throw .malformedDeposit }
        func word(_ start: Int) -> UInt256 { UInt256(bigEndianBytes: Array(data[start..<start + 32])) }
        var output: [UInt8] = []
        for (index, part) in depositParts.enumerated() {
            guard word(32 * index) == UInt256(UInt64(part.position)), word(part.position) == UInt256(UInt64(part.length)) else {
                throw .malformedDeposit
            }
            let start = part.position + 32
            output += data[start..<start + part.length]
        }
        return output
    }

    /// SHA-256 over the SHA-256 of each kind.
    var hash: Hash256 {
        var hashes: [UInt8] = []
        for request in encoded { hashes += SHA256.hash(request).bytes }
        return SHA256.hash(hashes)
    }
}
