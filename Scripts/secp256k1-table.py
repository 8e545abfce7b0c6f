#!/usr/bin/env python3
"""Writes Sources/Floor0/Crypto/Secp256k1/GeneratorMultiples.swift: the odd multiples of the generator of secp256k1."""
P = 2**256 - 0x1000003D1
G = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)
COUNT = 32


def add(a, b):
    if a == b:
        slope = 3 * a[0] * a[0] * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def limbs(value):
    words = [(value >> (64 * i)) & (2**64 - 1) for i in range(4)]
    return ", ".join("0x" + "_".join(f"{word:016x}"[j : j + 4] for j in range(0, 16, 4)) for word in words)


double = add(G, G)
point = G
lines = []
for _ in range(COUNT):
    lines += [f"        {limbs(point[0])},", f"        {limbs(point[1])},"]
    point = add(point, double)
body = "\n".join(lines)
with open("Sources/Floor0/Crypto/Secp256k1/GeneratorMultiples.swift", "w", encoding="utf-8") as file:
    file.write(f"""// Written by Scripts/secp256k1-table.py; do not edit.
//
// G, 3 G, 5 G, ..., {2 * COUNT - 1} G in affine coordinates: the windows of multiplications of the generator.

internal import Primitives

enum GeneratorMultiples {{
    /// The point (2 index + 1) G.
    static func point(_ index: Int) -> AffinePoint<Secp256k1Curve> {{
        let start = index * 8
        return AffinePoint(
            uncheckedX: Secp256k1Field(
                reduced: UInt256(l0: words[start], l1: words[start + 1], l2: words[start + 2], l3: words[start + 3])),
            y: Secp256k1Field(
                reduced: UInt256(l0: words[start + 4], l1: words[start + 5], l2: words[start + 6], l3: words[start + 7])))
    }}

    /// x and y of each point, least significant limb first.
    private static let words: InlineArray<{8 * COUNT}, UInt64> = [
{body}
    ]
}}
""")
