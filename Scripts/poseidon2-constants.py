#!/usr/bin/env python3
"""Prints Sources/Floor0/Primitives/Hashes/Poseidon2Constants.swift.

The round constants of Poseidon2 (eprint 2023/323) over KoalaBear come from the Grain LFSR of the Poseidon paper
(eprint 2019/458, appendix E) with field = 1, S-box = 0, n = 31. The diagonals are those of the widths 16 and 24 that
Plonky3 publishes. All values are printed in Montgomery form (times 2^32), in the order in which the vectors of
`Poseidon2.swift` hold the state: element 4 c + j of the state is lane c of vector j.

Use: Scripts/poseidon2-constants.py > Sources/Floor0/Primitives/Hashes/Poseidon2Constants.swift
"""
P = 0x7F000001
FULL_ROUNDS = 8


def grain(width, partial_rounds):
    """The field elements of the LFSR, in order."""
    bits = []
    for value, size in [(1, 2), (0, 4), (31, 12), (width, 12), (FULL_ROUNDS, 10), (partial_rounds, 10), (2**30 - 1, 30)]:
        bits += [(value >> (size - 1 - i)) & 1 for i in range(size)]

    def step():
        bits.append(bits[62] ^ bits[51] ^ bits[38] ^ bits[23] ^ bits[13] ^ bits[0])
        bits.pop(0)
        return bits[-1]

    def bit():
        while step() == 0:
            step()
        return step()

    for _ in range(160):
        step()
    while True:
        value = 0
        for _ in range(31):
            value = 2 * value + bit()
        if value < P:
            yield value


def inverse(exponent):
    return pow(2**exponent, -1, P)


DIAGONAL = {
    16: [-2, 1, 2, inverse(1), 3, 4, -inverse(1), -3, -4, inverse(8), inverse(3), inverse(24),
         -inverse(8), -inverse(3), -inverse(4), -inverse(24)],
    24: [-2, 1, 2, inverse(1), 3, 4, -inverse(1), -3, -4, inverse(8), inverse(2), inverse(3), inverse(4), inverse(5),
         inverse(6), inverse(24), -inverse(8), -inverse(3), -inverse(4), -inverse(5), -inverse(6), -inverse(7),
         -inverse(9), -inverse(24)],
}


def vectors(elements, lanes):
    """Elements of one state in vector order, lanes without an element being zero."""
    chunks = len(elements) // 4
    return [elements[4 * c + j] if c < chunks else 0 for j in range(4) for c in range(lanes)]


def table(name, comment, values):
    print(f"    /// {comment}")
    print(f"    static let {name}: InlineArray<{len(values)}, UInt32> = [")
    for start in range(0, len(values), 8):
        words = (v * 2**32 % P for v in values[start:start + 8])
        print("        " + ", ".join(f"0x{w >> 16:04x}_{w & 0xFFFF:04x}" for w in words) + ",")
    print("    ]")


print("""// Made by Scripts/poseidon2-constants.py; do not edit. Montgomery form, vector order (see that script).

/// The tables of Poseidon2 over KoalaBear.
enum Poseidon2Constants {""")
for width, partial, lanes in [(16, 20, 4), (24, 23, 8)]:
    source = grain(width, partial)
    first = [[next(source) for _ in range(width)] for _ in range(FULL_ROUNDS // 2)]
    inner = [next(source) for _ in range(partial)]
    last = [[next(source) for _ in range(width)] for _ in range(FULL_ROUNDS // 2)]
    if width == 24:
        print()
    table(f"full{width}", f"Width {width}: the eight full rounds.", [v for r in first + last for v in vectors(r, lanes)])
    print()
    table(f"partial{width}", f"Width {width}: the partial rounds.", inner)
    print()
    table(f"diagonal{width}", f"Width {width}: the diagonal of the internal layer less one, its first element left out.",
          vectors([0] + DIAGONAL[width][1:], lanes))
print("}")
