// Floor 5, RPC: errors as JSON-RPC 2.0 and Ethereum clients know them.
import Primitives

/// An error object of a response.
package struct RPCError: Error, Equatable, Sendable {
    package var code: Int
    package var message: String
    /// Return data of a reverted call.
    package var data: [UInt8]?

    package init(code: Int, message: String, data: [UInt8]? = nil) {
        self.code = code
        self.message = message
        self.data = data
    }

    package static func parse(_ message: String) -> RPCError { RPCError(code: -32700, message: "parse error: \(message)") }

    package static func invalidRequest(_ message: String) -> RPCError { RPCError(code: -32600, message: message) }

    package static func methodNotFound(_ name: String) -> RPCError {
        RPCError(code: -32601, message: "the method \(name) does not exist/is not available")
    }

    package static func invalidParameters(_ message: String) -> RPCError { RPCError(code: -32602, message: message) }

    package static func invalidArgument(_ index: Int, _ message: String) -> RPCError {
        RPCError(code: -32602, message: "invalid argument \(index): \(message)")
    }

    /// An execution or pool error.
    package static func server(_ message: String) -> RPCError { RPCError(code: -32000, message: message) }

    package static func limitExceeded(_ message: String) -> RPCError { RPCError(code: -32005, message: message) }

    package static var responseTooLarge: RPCError { RPCError(code: -32003, message: "response too large") }

    package static var timedOut: RPCError { RPCError(code: -32002, message: "request timed out") }

    package static var stateUnreadable: RPCError { RPCError(code: -32603, message: "the state could not be read") }

    package static var headerNotFound: RPCError { .server("header not found") }

    package init(_ error: BackendError) {
        switch error {
        case .stateUnavailable(let height):
            self = .server("the state of block \(height) is not available on this node")
        case .statePruned(let height, let historyBlocks):
            self = .server("state at height \(height) is pruned (window is \(historyBlocks) blocks)")
        case .storage(let message):
            self = RPCError(code: -32603, message: "storage error: \(message)")
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("code")
        writer.integer(code)
        writer.field("message", message)
        if let data { writer.field("data", data: data) }
        writer.endObject()
    }
}

/// The reason that Solidity and Vyper put into the return data of a revert.
package enum RevertReason {
    /// Longest reason that is decoded into a message.
    private static let textByteLimit = 4_096

    /// The error for a reverted call, with its data.
    package static func error(_ output: [UInt8]) -> RPCError {
        guard let reason = text(output) else { return RPCError(code: 3, message: "execution reverted", data: output) }
        return RPCError(code: 3, message: "execution reverted: \(reason)", data: output)
    }

    /// `Error(string)` gives its string, `Panic(uint256)` go-ethereum's words for its code, anything else `nil`.
    package static func text(_ output: [UInt8]) -> String? {
        guard output.count >= 36 else { return nil }
        let arguments = Array(output[4...])
        switch (output[0], output[1], output[2], output[3]) {
        case (0x08, 0xc3, 0x79, 0xa0): return string(arguments)
        case (0x4e, 0x48, 0x7b, 0x71): return panic(word(arguments, 0))
        default: return nil
        }
    }

    private static func word(_ bytes: [UInt8], _ offset: Int) -> UInt256? {
        guard offset >= 0, bytes.count >= 32, offset <= bytes.count - 32 else { return nil }
        return UInt256(bigEndianBytes: Array(bytes[offset..<offset + 32]))
    }

    private static func string(_ arguments: [UInt8]) -> String? {
        guard let start = word(arguments, 0)?.asInt, let count = word(arguments, start)?.asInt else { return nil }
        guard count <= textByteLimit, arguments.count - start - 32 >= count else { return nil }
        return String(decoding: arguments[(start + 32)..<(start + 32 + count)], as: UTF8.self)
    }

    private static func panic(_ code: UInt256?) -> String? {
        guard let code else { return nil }
        switch code.asUInt64 {
        case 0x00: return "generic panic"
        case 0x01: return "assert(false)"
        case 0x11: return "arithmetic underflow or overflow"
        case 0x12: return "division or modulo by zero"
        case 0x21: return "enum overflow"
        case 0x22: return "invalid encoded storage byte array accessed"
        case 0x31: return "out-of-bounds array access; popping on an empty array"
        case 0x32: return "out-of-bounds access of an array or bytesN"
        case 0x41: return "out of memory"
        case 0x51: return "uninitialized function"
        default: return "unknown panic code: \(code.quantityHex)"
        }
    }
}
