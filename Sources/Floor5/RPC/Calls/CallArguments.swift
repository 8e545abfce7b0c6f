// Floor 5, RPC: the transaction object of `eth_call` and `eth_estimateGas` (execution-apis `GenericTransaction`).
package import Engine
package import Primitives

/// What a client wants executed.
package struct CallArguments: Equatable, Sendable {
    package var from = Address.zero
    package var to: Address?
    package var gas: UInt64?
    /// Only simulations look at it.
    package var nonce: UInt64?
    /// Zero when no price was given.
    package var maxFeePerGas = UInt256.zero
    package var maxPriorityFeePerGas = UInt256.zero
    package var value = UInt256.zero
    package var data: [UInt8] = []
    package var accessList: [AccessListEntry] = []
    package var authorizations: [Authorization] = []

    package init(_ value: JSONValue, chainID: UInt64) throws(RPCError) {
        guard case .object = value else { throw .invalidArgument(0, "a transaction object is expected, not \(value.kind)") }
        let object = FieldReader(value)
        if let from = try object.address("from") { self.from = from }
        to = try object.address("to")
        gas = try object.quantity("gas").map(\.saturatedUInt64)
        if let nonce = try object.quantity("nonce") {
            guard let small = nonce.asUInt64 else { throw .invalidArgument(0, "nonce: hex number > 64 bits") }
            self.nonce = small
        }
        self.value = try object.quantity("value") ?? .zero
        try readFees(object)
        try readData(object)
        if let id = try object.quantity("chainId"), id != UInt256(chainID) {
            throw .server("chainId does not match node's (have=\(id.decimal), want=\(chainID))")
        }
        accessList = try object.list("accessList").map { entry throws(RPCError) in
            let entry = FieldReader(entry)
            let keys = try entry.list("storageKeys").map { key throws(RPCError) in try FieldReader.word(key, "storageKeys") }
            return AccessListEntry(address: try entry.requiredAddress("address"), storageKeys: keys)
        }
        authorizations = try object.list("authorizationList").map { tuple throws(RPCError) in
            try CallArguments.authorization(FieldReader(tuple))
        }
    }

    /// The call with this gas limit.
    package func request(gas: UInt64) -> CallRequest {
        CallRequest(
            from: from, to: to, gasLimit: gas, maxFeePerGas: maxFeePerGas, maxPriorityFeePerGas: maxPriorityFeePerGas, value: value,
            data: data, accessList: accessList, authorizations: authorizations)
    }

    private mutating func readFees(_ object: FieldReader) throws(RPCError) {
        let price = try object.quantity("gasPrice")
        let cap = try object.quantity("maxFeePerGas")
        let tip = try object.quantity("maxPriorityFeePerGas")
        if let price {
            guard cap == nil, tip == nil else {
                throw .server("both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified")
            }
            (maxFeePerGas, maxPriorityFeePerGas) = (price, price)
        } else {
            maxFeePerGas = cap ?? .zero
            maxPriorityFeePerGas = tip ?? .zero
            // A tip alone names no price: as in go-ethereum it then plays no part.
            if maxFeePerGas.isZero { maxPriorityFeePerGas = .zero }
            if maxPriorityFeePerGas > maxFeePerGas {
                throw .server("maxFeePerGas (\(maxFeePerGas.decimal)) < maxPriorityFeePerGas (\(maxPriorityFeePerGas.decimal))")
            }
        }
    }

    private mutating func readData(_ object: FieldReader) throws(RPCError) {
        let input = try object.data("input")
        let data = try object.data("data")
        if let input, let data, input != data {
            throw .server(
                "both \"data\" and \"input\" are set and not equal. Please use \"input\" to pass transaction call data")
        }
        self.data = input ?? data ?? []
    }

    private static func authorization(_ tuple: FieldReader) throws(RPCError) -> Authorization {
        guard let nonce = (try tuple.quantity("nonce") ?? .zero).asUInt64 else {
            throw .invalidArgument(0, "nonce: hex number > 64 bits")
        }
        let yParity = try tuple.quantity("yParity", or: "v") ?? .zero
        return Authorization(
            chainID: try tuple.quantity("chainId") ?? .zero, address: try tuple.requiredAddress("address"), nonce: nonce,
            yParity: UInt8(truncatingIfNeeded: min(yParity, 255).l0), r: try tuple.quantity("r") ?? .zero,
            s: try tuple.quantity("s") ?? .zero)
    }
}

/// Reads the members of an object parameter; errors name the member.
package struct FieldReader {
    private let object: JSONValue
    /// Which argument of the method the object belongs to.
    private let argument: Int

    package init(_ object: JSONValue, argument: Int = 0) {
        self.object = object
        self.argument = argument
    }

    private func read<T>(_ name: StaticString, _ body: ([UInt8]) throws(HexText.Failure) -> T) throws(RPCError) -> T? {
        guard let value = object.present(name) else { return nil }
        guard let text = value.text else { throw .invalidArgument(argument, "\(name): a string is expected, not \(value.kind)") }
        do throws(HexText.Failure) { return try body(text) } catch {
            throw .invalidArgument(argument, "\(name): \(error.message)")
        }
    }

    package func address(_ name: StaticString, or other: StaticString? = nil) throws(RPCError) -> Address? {
        try read(present(name, other)) { text throws(HexText.Failure) in try HexText.address(text) }
    }

    package func requiredAddress(_ name: StaticString) throws(RPCError) -> Address {
        guard let address = try address(name) else { throw .invalidArgument(argument, "\(name) is missing") }
        return address
    }

    /// Leading zeros are let pass here: libraries send fees and signature values padded. `other` is a second name.
    package func quantity(_ name: StaticString, or other: StaticString? = nil) throws(RPCError) -> UInt256? {
        try read(present(name, other)) { text throws(HexText.Failure) in try HexText.word(text) }
    }

    package func hash(_ name: StaticString, or other: StaticString? = nil) throws(RPCError) -> Hash256? {
        try read(present(name, other)) { text throws(HexText.Failure) in try HexText.hash(text) }
    }

    private func present(_ name: StaticString, _ other: StaticString?) -> StaticString {
        if let other, object.present(name) == nil { return other }
        return name
    }

    package func data(_ name: StaticString) throws(RPCError) -> [UInt8]? {
        try read(name) { text throws(HexText.Failure) in try HexText.data(text) }
    }

    /// The elements of a list, none when it is absent.
    package func list(_ name: StaticString) throws(RPCError) -> [JSONValue] {
        guard let value = object.present(name) else { return [] }
        guard case .array(let elements) = value else { throw .invalidArgument(argument, "\(name): an array is expected") }
        return elements
    }

    /// A boolean, false when it is absent.
    package func flag(_ name: StaticString) throws(RPCError) -> Bool {
        guard let value = object.present(name) else { return false }
        guard case .bool(let flag) = value else { throw .invalidArgument(argument, "\(name): a boolean is expected, not \(value.kind)") }
        return flag
    }

    /// A count written as a number.
    package func count(_ name: StaticString) throws(RPCError) -> Int? {
        guard let value = object.present(name) else { return nil }
        guard case .number(let digits) = value, let count = Int(String(decoding: digits, as: UTF8.self)), count >= 0 else {
            throw .invalidArgument(argument, "\(name): a non-negative integer is expected")
        }
        return count
    }

    package func member(_ name: StaticString) -> JSONValue? { object.present(name) }

    package static func word(_ value: JSONValue, _ name: StaticString) throws(RPCError) -> UInt256 {
        guard let text = value.text else { throw .invalidArgument(0, "\(name): a string is expected, not \(value.kind)") }
        do throws(HexText.Failure) { return try HexText.word(text) } catch {
            throw .invalidArgument(0, "\(name): \(error.message)")
        }
    }
}
