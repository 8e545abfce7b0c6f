// Floor 3, Mempool: why the pool refuses a transaction, in the words that wallets and libraries parse.
public import Primitives

public enum MempoolError: Error, Equatable, Sendable {
    case alreadyKnown
    case nonceTooLow(next: UInt64, got: UInt64)
    case nonceTooHigh
    case insufficientFunds(balance: UInt256, cost: UInt256)
    case intrinsicGas(have: UInt64, want: UInt64)
    case gasLimit(UInt64)
    case tipAboveFeeCap
    case underpriced
    case replacementUnderpriced
    case accountLimit
    case poolFull

    /// go-ethereum's words.
    public var message: String {
        switch self {
        case .alreadyKnown: return "already known"
        case .nonceTooLow(let next, let got): return "nonce too low: next nonce \(next), tx nonce \(got)"
        case .nonceTooHigh: return "nonce too high"
        case .insufficientFunds(let balance, let cost):
            return "insufficient funds for gas * price + value: balance \(balance.decimal), tx cost \(cost.decimal)"
        case .intrinsicGas(let have, let want): return "intrinsic gas too low: gas \(have), minimum needed \(want)"
        case .gasLimit(let limit): return "exceeds block gas limit: \(limit)"
        case .tipAboveFeeCap: return "max priority fee per gas higher than max fee per gas"
        case .underpriced: return "transaction underpriced"
        case .replacementUnderpriced: return "replacement transaction underpriced"
        case .accountLimit: return "account limit exceeded"
        case .poolFull: return "txpool is full"
        }
    }
}
