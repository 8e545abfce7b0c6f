// Floor 1, ZKVM: where a program spends its instructions.

/// A function's own instructions, those of what it calls not included.
public struct FunctionProfile: Equatable, Sendable {
    public var name: String
    public var instructionCount: UInt64
    /// Executions of its first instruction.
    public var callCount: UInt64

    /// - Parameter symbols: ascending by address.
    static func collect(counts: [UInt64], base: UInt32, symbols: [ProgramSymbol]) -> [FunctionProfile] {
        var result: [FunctionProfile] = []
        var position = 0
        var covered = UInt64(base)
        var unnamed: UInt64 = 0
        func sum(_ from: UInt64, _ to: UInt64) -> UInt64 {
            var total: UInt64 = 0
            var address = max(from, UInt64(base))
            while address < to, Int(address - UInt64(base)) / 4 < counts.count {
                total += counts[Int(address - UInt64(base)) / 4]
                address += 4
            }
            return total
        }
        while position < symbols.count {
            let symbol = symbols[position]
            position += 1
            // Aliases: the first name counts.
            guard UInt64(symbol.address) >= covered else { continue }
            unnamed += sum(covered, UInt64(symbol.address))
            covered = UInt64(symbol.address) + UInt64(symbol.byteCount)
            let own = sum(UInt64(symbol.address), covered)
            if own > 0 {
                let calls = sum(UInt64(symbol.address), UInt64(symbol.address) + 4)
                result.append(FunctionProfile(name: symbol.name, instructionCount: own, callCount: calls))
            }
        }
        unnamed += sum(covered, UInt64(base) + UInt64(counts.count) * 4)
        if unnamed > 0 { result.append(FunctionProfile(name: "(without a name)", instructionCount: unnamed, callCount: 0)) }
        result.sort { ($1.instructionCount, $0.name) < ($0.instructionCount, $1.name) }
        return result
    }
}
