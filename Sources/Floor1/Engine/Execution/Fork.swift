// Floor 1, Engine: Ethereum's rule sets and what each of them changes for the EVM.
//
// The table is `ForkRules.init`: it begins with Frontier's values and has one row per fork, in order of age, that lists what the fork
// changes. Rules that are asked for once per transaction or block compare forks where they stand (`fork >= .prague`).
import Primitives

/// Ethereum's rule sets that the engine knows, in order of age.
public enum Fork: UInt8, Comparable, Sendable, CaseIterable {
    case frontier
    case homestead
    /// EIP-150.
    case tangerineWhistle
    /// EIP-158 and EIP-161.
    case spuriousDragon
    case byzantium
    case constantinople
    /// Constantinople without EIP-1283.
    case petersburg
    case istanbul
    case berlin
    case london
    case paris
    case shanghai
    case cancun
    case prague
    case osaka

    public static func < (a: Fork, b: Fork) -> Bool { a.rawValue < b.rawValue }
}

/// The price of touching an account or slot for the first time in a transaction and later; equal before EIP-2929.
struct AccessPrice {
    let cold: Int64
    let warm: Int64

    init(cold: Int64, warm: Int64) {
        self.cold = cold
        self.warm = warm
    }

    init(flat price: Int64) {
        cold = price
        warm = price
    }
}

/// What the interpreter needs to know of a fork, as plain numbers.
struct ForkRules {
    /// The price of an opcode that the fork does not define: more than any frame has, so the instruction's own check stops it.
    static let undefined = Int64.max

    // MARK: Access
    private(set) var balance = AccessPrice(flat: 20)
    private(set) var externalCode = AccessPrice(flat: 20)
    private(set) var externalCodeHash = AccessPrice(flat: undefined)
    private(set) var call = AccessPrice(flat: 40)
    private(set) var storageLoad = AccessPrice(flat: 50)

    // MARK: SSTORE
    /// Whether the value before the transaction counts (EIP-1283, EIP-2200).
    private(set) var storageIsNet = false
    /// EIP-2200: no change with no more than the call stipend left.
    private(set) var storageNeedsStipend = false
    private(set) var storageUpdate: Int64 = 5000
    /// On top of the price for a slot that is cold (EIP-2929).
    private(set) var storageCold: Int64 = 0
    private(set) var clearRefund: Int64 = 15000

    // MARK: Calls and creations
    /// EIP-150: a frame keeps a 64th of its gas; before, it must have what a call asks for.
    private(set) var keepsSixtyFourth = false
    /// Before EIP-161 a touched account exists even when it is empty.
    private(set) var hasEmptyAccounts = true
    /// Before Homestead a contract whose code cannot be paid for stays, without code.
    private(set) var keepsUnpaidContract = true
    /// The nonce of a new contract (EIP-161).
    private(set) var contractNonce: UInt64 = 0
    /// EIP-170.
    private(set) var codeLimit = Int.max
    /// EIP-3860.
    private(set) var initCodeLimit = Int.max
    private(set) var initCodeWord: Int64 = 0
    private(set) var hasDelegateCall = false
    /// STATICCALL (EIP-214) and return data (EIP-211).
    private(set) var hasStaticCall = false
    private(set) var hasCreate2 = false

    // MARK: SELFDESTRUCT
    private(set) var selfDestruct: Int64 = 0
    private(set) var selfDestructToNewAccount: Int64 = 0
    private(set) var selfDestructRefund: Int64 = 24000

    // MARK: Other opcodes
    private(set) var exponentByte: Int64 = 10
    private(set) var shift = undefined
    private(set) var returnDataSize = undefined
    private(set) var push0 = undefined
    private(set) var hasRevert = false
    private(set) var hasChainID = false
    private(set) var hasBaseFee = false

    // MARK: Precompiles
    private(set) var bn254Add: Int64 = 500
    private(set) var bn254Multiply: Int64 = 40000
    private(set) var bn254Pairing: Int64 = 100_000
    private(set) var bn254Pair: Int64 = 80000

    init(_ fork: Fork) {
        if fork >= .homestead {
            hasDelegateCall = true
            keepsUnpaidContract = false
        }
        if fork >= .tangerineWhistle {  // EIP-150
            balance = AccessPrice(flat: 400)
            externalCode = AccessPrice(flat: 700)
            call = AccessPrice(flat: 700)
            storageLoad = AccessPrice(flat: 200)
            selfDestruct = 5000
            selfDestructToNewAccount = 25000
            keepsSixtyFourth = true
        }
        if fork >= .spuriousDragon {  // EIP-160, 161, 170
            exponentByte = 50
            hasEmptyAccounts = false
            contractNonce = 1
            codeLimit = 24576
        }
        if fork >= .byzantium {  // EIP-140, 211, 214
            hasRevert = true
            returnDataSize = 2
            hasStaticCall = true
        }
        if fork >= .constantinople {  // EIP-145, 1014, 1052
            shift = 3
            hasCreate2 = true
            externalCodeHash = AccessPrice(flat: 400)
        }
        if fork == .constantinople { storageIsNet = true }  // EIP-1283
        if fork >= .istanbul {  // EIP-1108, 1344, 1884, 2200
            balance = AccessPrice(flat: 700)
            externalCodeHash = AccessPrice(flat: 700)
            storageLoad = AccessPrice(flat: 800)
            storageIsNet = true
            storageNeedsStipend = true
            hasChainID = true
            bn254Add = 150
            bn254Multiply = 6000
            bn254Pairing = 45000
            bn254Pair = 34000
        }
        if fork >= .berlin {  // EIP-2929
            let account = AccessPrice(cold: Gas.coldAccount, warm: Gas.warmAccess)
            balance = account
            externalCode = account
            externalCodeHash = account
            call = account
            storageLoad = AccessPrice(cold: Gas.coldSlot, warm: Gas.warmAccess)
            storageUpdate = 2900
            storageCold = Gas.coldSlot
        }
        if fork >= .london {  // EIP-3198, 3529
            hasBaseFee = true
            clearRefund = 4800
            selfDestructRefund = 0
        }
        if fork >= .shanghai {  // EIP-3855, 3860
            push0 = 2
            initCodeLimit = CodeLimit.initCodeBytes
            initCodeWord = 2
        }
    }
}
