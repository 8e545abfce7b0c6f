// Floor 1, Engine: consensus encodings of receipts and logs (EIP-2718, EIP-658).
internal import Primitives

extension Receipt {
    /// The filter over the receipt's logs.
    public var logsBloom: LogsBloom { LogsBloom(logs) }

    /// The canonical encoding that goes into the receipts trie: a list for legacy transactions, else the type byte and a list.
    public func encode() -> [UInt8] {
        var writer = RLPWriter(capacity: 512)
        if type != .legacy { writer.bytes.append(type.rawValue) }
        writer.writeList { list in
            list.write(UInt64(succeeded ? 1 : 0))
            list.write(cumulativeGasUsed)
            list.write(logsBloom.bytes)
            list.writeList { items in
                for log in logs { log.write(to: &items) }
            }
        }
        return writer.bytes
    }
}

extension Log {
    /// The RLP list of these logs; Keccak-256 of it is the logs hash of state tests.
    public static func encode(_ logs: [Log]) -> [UInt8] {
        var writer = RLPWriter(capacity: 64)
        writer.writeList { list in
            for log in logs { log.write(to: &list) }
        }
        return writer.bytes
    }

    fileprivate func write(to writer: inout RLPWriter) {
        writer.writeList { log in
            log.write(address)
            log.writeList { list in
                for topic in topics { list.write(topic) }
            }
            log.write(data)
        }
    }
}
