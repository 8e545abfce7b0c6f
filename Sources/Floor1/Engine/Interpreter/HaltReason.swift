// Floor 1, Engine: why a frame ended exceptionally. All its gas is consumed and its effects are undone.

public enum HaltReason: UInt8, Equatable, Sendable {
    case outOfGas
    case stackUnderflow
    case stackOverflow
    case invalidJump
    case undefinedInstruction
    /// State was to be changed inside a STATICCALL.
    case staticViolation
    case returnDataOutOfBounds
    case initCodeTooLarge
    case codeTooLarge
    /// New code begins with 0xef (EIP-3541).
    case invalidCodePrefix
    case addressCollision
    case precompileFailed

    /// go-ethereum's words.
    public var message: String {
        switch self {
        case .outOfGas: "out of gas"
        case .stackUnderflow: "stack underflow"
        case .stackOverflow: "stack limit reached 1024"
        case .invalidJump: "invalid jump destination"
        case .undefinedInstruction: "invalid opcode"
        case .staticViolation: "write protection"
        case .returnDataOutOfBounds: "return data out of bounds"
        case .initCodeTooLarge: "max initcode size exceeded"
        case .codeTooLarge: "max code size exceeded"
        case .invalidCodePrefix: "invalid code: must not begin with 0xef"
        case .addressCollision: "contract address collision"
        case .precompileFailed: "precompiled contract failed"
        }
    }
}
