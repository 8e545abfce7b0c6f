// Floor 1, Engine: every byte as an instruction, by the yellow paper's names.
//
// All 256 values are cases, in order, so that a byte of code is an `Opcode` without a check and a switch over them is one jump table.
// Which of them a fork defines is the interpreter's business; those that no fork defines have only a number.
import Primitives

enum Opcode: UInt8 {
    case stop, add, mul, sub, div, sdiv, mod, smod
    case addmod, mulmod, exp, signextend, undefined0c, undefined0d, undefined0e, undefined0f
    case lt, gt, slt, sgt, eq, iszero, and, or
    case xor, not, byte, shl, shr, sar, clz, undefined1f
    case keccak256, undefined21, undefined22, undefined23, undefined24, undefined25, undefined26, undefined27
    case undefined28, undefined29, undefined2a, undefined2b, undefined2c, undefined2d, undefined2e, undefined2f
    case address, balance, origin, caller, callvalue, calldataload, calldatasize, calldatacopy
    case codesize, codecopy, gasprice, extcodesize, extcodecopy, returndatasize, returndatacopy, extcodehash
    case blockhash, coinbase, timestamp, number, prevrandao, gaslimit, chainid, selfbalance
    case basefee, blobhash, blobbasefee, undefined4b, undefined4c, undefined4d, undefined4e, undefined4f
    case pop, mload, mstore, mstore8, sload, sstore, jump, jumpi
    case pc, msize, gas, jumpdest, tload, tstore, mcopy, push0
    case push1, push2, push3, push4, push5, push6, push7, push8
    case push9, push10, push11, push12, push13, push14, push15, push16
    case push17, push18, push19, push20, push21, push22, push23, push24
    case push25, push26, push27, push28, push29, push30, push31, push32
    case dup1, dup2, dup3, dup4, dup5, dup6, dup7, dup8
    case dup9, dup10, dup11, dup12, dup13, dup14, dup15, dup16
    case swap1, swap2, swap3, swap4, swap5, swap6, swap7, swap8
    case swap9, swap10, swap11, swap12, swap13, swap14, swap15, swap16
    case log0, log1, log2, log3, log4, undefineda5, undefineda6, undefineda7
    case undefineda8, undefineda9, undefinedaa, undefinedab, undefinedac, undefinedad, undefinedae, undefinedaf
    case undefinedb0, undefinedb1, undefinedb2, undefinedb3, undefinedb4, undefinedb5, undefinedb6, undefinedb7
    case undefinedb8, undefinedb9, undefinedba, undefinedbb, undefinedbc, undefinedbd, undefinedbe, undefinedbf
    case undefinedc0, undefinedc1, undefinedc2, undefinedc3, undefinedc4, undefinedc5, undefinedc6, undefinedc7
    case undefinedc8, undefinedc9, undefinedca, undefinedcb, undefinedcc, undefinedcd, undefinedce, undefinedcf
    case undefinedd0, undefinedd1, undefinedd2, undefinedd3, undefinedd4, undefinedd5, undefinedd6, undefinedd7
    case undefinedd8, undefinedd9, undefinedda, undefineddb, undefineddc, undefineddd, undefinedde, undefineddf
    case undefinede0, undefinede1, undefinede2, undefinede3, undefinede4, undefinede5, undefinede6, undefinede7
    case undefinede8, undefinede9, undefinedea, undefinedeb, undefinedec, undefineded, undefinedee, undefinedef
    case create, call, callcode, `return`, delegatecall, create2, undefinedf6, undefinedf7
    case undefinedf8, undefinedf9, staticcall, undefinedfb, undefinedfc, revert, invalid, selfdestruct

    /// The instruction at a place in code.
    @inline(__always)
    init(at pointer: UnsafePointer<UInt8>) {
        // Every byte is a case, and a raw value is the case's number.
        self = unsafe unsafeBitCast(pointer.pointee, to: Opcode.self)
    }
}
