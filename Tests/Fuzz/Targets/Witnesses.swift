// A batch with its witness, as the guest gets it: any bytes as the tape, or a true tape with edits that bytes describe. An edit of
// a payload is followed by the header's root and the links of the headers after it, so that execution is reached.
import Engine
import GuestChecks
import Primitives

private let trueCases: [BatchCase] = (0..<8).compactMap { seed in
    guard var batches = try? RandomBatches(seed: UInt64(seed)) else { return nil }
    return try? batches.draw()
}

func fuzzWitness(_ bytes: [UInt8]) {
    var input = FuzzInput(bytes)
    let choice = Int(input.byte())
    if choice >= 128 {
        _ = try? BatchTransition.run(tape: Array(input.rest))
        return
    }
    let known = trueCases[choice % trueCases.count]
    guard var (batch, witness) = try? BatchTape.decode(known.tape) else { preconditionFailure("a true tape does not decode") }
    var isEdited = false
    while !input.rest.isEmpty {
        let kind = input.byte()
        let place = input.uint16()
        let value = input.byte()
        if kind & 15 < 5 { edit(&batch, kind & 15, place, value) } else { edit(&witness, kind & 15, place, value) }
        isEdited = true
    }
    var tape = BatchTape.encode(batch, witness)
    if choice >= 64, !tape.isEmpty { tape[choice * 257 % tape.count] ^= 1 << UInt8(choice & 7) }
    let statement = try? BatchTransition.run(tape: tape)
    if !isEdited, choice < 64 { precondition(statement == known.statement, "the statement of a true batch") }
}

private func edit(_ batch: inout Batch, _ kind: UInt8, _ place: Int, _ value: UInt8) {
    guard !batch.blocks.isEmpty else { return }
    let number = place % batch.blocks.count
    switch kind {
    case 0, 1:
        var payload = batch.blocks[number].payload
        guard !payload.isEmpty else { return }
        payload[(place / 4) % payload.count] = value
        batch.blocks[number].payload = payload
        link(&batch)
    case 2:
        batch.blocks[number].header.timestampMilliseconds = UInt64(value) << UInt64(place & 63)
        link(&batch)
    case 3:
        let large = UInt64(value) << UInt64(place & 63)
        switch place >> 8 & 7 {
        case 0: batch.rules.gasLimit = large
        case 1: batch.rules.minimumBaseFeePerGas = UInt256(large)
        case 2: batch.before.facts.gasUsed = large
        case 3: batch.before.facts.gasLimit = large
        case 4: batch.before.facts.baseFeePerGas = UInt256(large)
        case 5: batch.before.leafCount = large
        case 6: batch.rules.fork = Fork.allCases[Int(value) % Fork.allCases.count]
        default:
            batch.before.height = large
            for index in batch.blocks.indices { batch.blocks[index].header.height = large &+ UInt64(index) &+ 1 }
            link(&batch)
        }
    default:
        batch.blocks.append(batch.blocks[number])
        batch.blocks[batch.blocks.count - 1].header.height = batch.blocks[batch.blocks.count - 2].header.height &+ 1
        link(&batch)
    }
}

/// Makes the headers fit the payloads and each other.
private func link(_ batch: inout Batch) {
    for index in batch.blocks.indices {
        let payload = batch.blocks[index].payload
        batch.blocks[index].header.payloadRoot = Keccak256.hash(payload)
        batch.blocks[index].header.payloadByteCount = UInt32(payload.count)
        if index > 0 { batch.blocks[index].header.parentHash = batch.blocks[index - 1].header.hash }
    }
}

private func edit(_ witness: inout Witness, _ kind: UInt8, _ place: Int, _ value: UInt8) {
    switch kind {
    case 5 where !witness.codes.isEmpty: witness.codes.remove(at: place % witness.codes.count)
    case 6 where !witness.leaves.isEmpty: witness.leaves.remove(at: place % witness.leaves.count)
    case 7 where !witness.siblings.isEmpty: witness.siblings.remove(at: place % witness.siblings.count)
    case 8 where !witness.leaves.isEmpty: witness.leaves[place % witness.leaves.count].index = UInt32(value) << UInt32(place & 31)
    case 9 where !witness.leaves.isEmpty: witness.leaves[place % witness.leaves.count].content = .value(Hash256(UInt256(UInt64(value))))
    case 10 where !witness.leaves.isEmpty: witness.leaves.append(witness.leaves[place % witness.leaves.count])
    case 11 where !witness.siblings.isEmpty: witness.siblings.append(witness.siblings[place % witness.siblings.count])
    case 12: witness.codes.append([UInt8](repeating: value, count: place))
    default: break
    }
}
