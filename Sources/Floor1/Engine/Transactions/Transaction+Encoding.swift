// Floor 1, Engine: a `Transaction` to its canonical bytes and the two hashes over them.
//
// The signing form differs from the full form only in its last fields, so one function writes both.
public import Primitives

extension Transaction {
    /// The canonical encoding: a list for legacy transactions, else the type byte and a list (EIP-2718).
    public func encode() -> [UInt8] {
        envelope { writer in
            writer.write(signatureV)
            writer.write(r)
            writer.write(s)
        }
    }

    /// The transaction hash that wallets show: Keccak-256 of the encoding.
    public var hash: Hash256 { Keccak256.hash(encode()) }

    /// What the sender signs: Keccak-256 of the encoding without the signature (EIP-155 for legacy ones with a chain ID).
    public var signingHash: Hash256 {
        Keccak256.hash(
            envelope { writer in
                guard type == .legacy, let chainID else { return }
                writer.write(chainID)
                writer.write(UInt64(0))
                writer.write(UInt64(0))
            })
    }

    /// The field before r: `v` for legacy transactions, else the y parity.
    private var signatureV: UInt256 {
        guard type == .legacy else { return UInt256(UInt64(yParity)) }
        guard let chainID else { return UInt256(27 + UInt64(yParity)) }
        return (UInt256(chainID) &<< 1) &+ UInt256(35 + UInt64(yParity))
    }

    private func envelope(_ last: (inout RLPWriter) -> Void) -> [UInt8] {
        var output = RLPWriter(capacity: 256 + data.count)
        if type != .legacy { output.bytes.append(type.rawValue) }
        output.writeList { writer in
            writeFields(&writer)
            last(&writer)
        }
        return output.bytes
    }

    /// All fields before the signature, in the order of the type's EIP.
    private func writeFields(_ writer: inout RLPWriter) {
        if type != .legacy { writer.write(chainID ?? 0) }
        writer.write(nonce)
        if type.hasFeeMarket { writer.write(maxPriorityFeePerGas) }
        writer.write(maxFeePerGas)
        writer.write(gasLimit)
        writer.write(to)
        writer.write(value)
        writer.write(data)
        if type == .legacy { return }
        writer.writeList { list in
            for entry in accessList { entry.write(to: &list) }
        }
        if type == .blob {
            writer.write(maxFeePerBlobGas)
            writer.writeList { list in
                for hash in blobHashes { list.write(hash) }
            }
        }
        if type == .setCode {
            writer.writeList { list in
                for authorization in authorizations { authorization.write(to: &list) }
            }
        }
    }
}

extension TransactionType {
    /// Whether the type has a priority fee of its own (EIP-1559).
    fileprivate var hasFeeMarket: Bool { self != .legacy && self != .accessList }
}

extension AccessListEntry {
    fileprivate func write(to writer: inout RLPWriter) {
        writer.writeList { entry in
            entry.write(address)
            entry.writeList { keys in
                for key in storageKeys { keys.write(Hash256(key)) }
            }
        }
    }
}

extension Authorization {
    fileprivate func write(to writer: inout RLPWriter) {
        writer.writeList { tuple in
            tuple.write(chainID)
            tuple.write(address)
            tuple.write(nonce)
            tuple.write(UInt64(yParity))
            tuple.write(r)
            tuple.write(s)
        }
    }

    /// EIP-7702's prefix of the signed message, so that it is never a transaction.
    private static let magic: UInt8 = 0x05

    /// What the authority signs: Keccak-256 of 0x05 and the list of chain ID, address and nonce (EIP-7702).
    public var signingHash: Hash256 {
        var writer = RLPWriter(capacity: 96)
        writer.bytes.append(Authorization.magic)
        writer.writeList { list in
            list.write(chainID)
            list.write(address)
            list.write(nonce)
        }
        return Keccak256.hash(writer.bytes)
    }
}
