// Floor 5, RPC: the names of instructions in struct logs.

enum OpcodeNames {
    /// The name of an instruction, in the words of go-ethereum for undefined ones.
    static func name(_ opcode: UInt8) -> String {
        switch opcode {
        case 0x60...0x7f: return "PUSH\(opcode - 0x5f)"
        case 0x80...0x8f: return "DUP\(opcode - 0x7f)"
        case 0x90...0x9f: return "SWAP\(opcode - 0x8f)"
        case 0xa0...0xa4: return "LOG\(opcode - 0xa0)"
        default:
            guard let name = single[Int(opcode)] else {
                return "opcode 0x\(String(opcode, radix: 16)) not defined"
            }
            return name
        }
    }

    private static let single: [String?] = {
        var names = [String?](repeating: nil, count: 256)
        func put(_ first: Int, _ list: [String]) {
            for (offset, name) in list.enumerated() { names[first + offset] = name }
        }
        put(0x00, ["STOP", "ADD", "MUL", "SUB", "DIV", "SDIV", "MOD", "SMOD", "ADDMOD", "MULMOD", "EXP", "SIGNEXTEND"])
        put(0x10, ["LT", "GT", "SLT", "SGT", "EQ", "ISZERO", "AND", "OR", "XOR", "NOT", "BYTE", "SHL", "SHR", "SAR", "CLZ"])
        put(0x20, ["KECCAK256"])
        put(
            0x30,
            [
                "ADDRESS", "BALANCE", "ORIGIN", "CALLER", "CALLVALUE", "CALLDATALOAD", "CALLDATASIZE", "CALLDATACOPY", "CODESIZE",
                "CODECOPY", "GASPRICE", "EXTCODESIZE", "EXTCODECOPY", "RETURNDATASIZE", "RETURNDATACOPY", "EXTCODEHASH",
            ])
        put(
            0x40,
            [
                "BLOCKHASH", "COINBASE", "TIMESTAMP", "NUMBER", "PREVRANDAO", "GASLIMIT", "CHAINID", "SELFBALANCE", "BASEFEE",
                "BLOBHASH", "BLOBBASEFEE",
            ])
        put(
            0x50,
            [
                "POP", "MLOAD", "MSTORE", "MSTORE8", "SLOAD", "SSTORE", "JUMP", "JUMPI", "PC", "MSIZE", "GAS", "JUMPDEST", "TLOAD",
                "TSTORE", "MCOPY", "PUSH0",
            ])
        put(0xf0, ["CREATE", "CALL", "CALLCODE", "RETURN", "DELEGATECALL", "CREATE2"])
        put(0xfa, ["STATICCALL"])
        put(0xfd, ["REVERT", "INVALID", "SELFDESTRUCT"])
        return names
    }()
}
