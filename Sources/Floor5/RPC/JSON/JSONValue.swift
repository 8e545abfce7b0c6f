// Floor 5, RPC: a parsed JSON value. Text is kept as UTF-8 bytes and numbers as their digits, so that hexadecimal
// parameters are decoded without a detour through `String` and an id is echoed exactly as it came.

/// One JSON value (RFC 8259).
package indirect enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    /// The number as it was written; its grammar has been checked.
    case number([UInt8])
    /// Valid UTF-8 with escapes resolved.
    case string([UInt8])
    case array([JSONValue])
    case object([Member])

    /// One name with its value. A repeated name is allowed; the last one counts.
    package struct Member: Equatable, Sendable {
        package var name: [UInt8]
        package var value: JSONValue

        package init(name: [UInt8], value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    package var isNull: Bool {
        if case .null = self { return true }
        return false
    }

    /// The member of an object, `nil` when this is no object or has no such member.
    package subscript(_ name: StaticString) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { JSONValue.equal($0.name, name) }?.value
    }

    /// The same, with an explicit `null` taken as absent.
    package func present(_ name: StaticString) -> JSONValue? {
        guard let value = self[name], !value.isNull else { return nil }
        return value
    }

    /// The bytes of a string value.
    package var text: [UInt8]? {
        guard case .string(let bytes) = self else { return nil }
        return bytes
    }

    /// Compares UTF-8 bytes with a literal.
    package static func equal(_ bytes: [UInt8], _ literal: StaticString) -> Bool {
        guard bytes.count == literal.utf8CodeUnitCount else { return false }
        return literal.withUTF8Buffer { buffer in
            unsafe bytes.elementsEqual(buffer)
        }
    }

    /// Compares a string value with a literal.
    package func isText(_ literal: StaticString) -> Bool {
        guard case .string(let bytes) = self else { return false }
        return JSONValue.equal(bytes, literal)
    }

    /// The kind of the value in the words of error messages.
    package var kind: String {
        switch self {
        case .null: return "null"
        case .bool: return "boolean"
        case .number: return "number"
        case .string: return "string"
        case .array: return "array"
        case .object: return "object"
        }
    }
}
