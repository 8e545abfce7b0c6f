// Damaged copies of valid encodings, for the decoders' tests.

/// How many damaged inputs each decoder gets.
let mutationsPerDecoder = 200_000

/// A copy with a byte changed, bytes missing at the end, a byte more, or something else altogether.
func mutated(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
    var copy = bytes
    let place = Int(random.next() % UInt64(max(bytes.count, 1)))
    switch random.next() % 4 {
    case 0 where !bytes.isEmpty: copy[place] = UInt8(truncatingIfNeeded: random.next())
    case 1 where !bytes.isEmpty: copy.removeLast(place)
    case 2: copy.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
    default: copy = random.bytes(Int(random.next() % 40))
    }
    return copy
}
