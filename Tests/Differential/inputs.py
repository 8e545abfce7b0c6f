"""Inputs of precompiled contracts: well-formed ones that reach the arithmetic, and the same with something broken."""

import functools
import hashlib

BN_P = 21888242871839275222246405745257275088696311157297823662689037894645226208583
BN_N = 21888242871839275222246405745257275088548364400416034343698204186575808495617
BN_G2 = (
    10857046999023057135944570762232829481370756359578518086990519993285655852781,
    11559732032986387107991004021392285783925812861821192530917403151452391805634,
    8495653923123431417604973247489272438418190587263600148770280649306958101930,
    4082367875863433681332203403145435568316851327593401208105741076214120093531,
)
BLS_P = 0x1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB
BLS_R = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
SECP_N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
SECP_P = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC2F
SECP_G = (0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
          0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8)
P256_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P256_P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
P256_G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
          0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


def word(value):
    return value.to_bytes(32, "big")


def add(p, a, left, right):
    """Points of y^2 = x^3 + a x + b, affine; `None` is infinity."""
    if left is None:
        return right
    if right is None:
        return left
    if left[0] == right[0]:
        if (left[1] + right[1]) % p == 0:
            return None
        slope = (3 * left[0] * left[0] + a) * pow(2 * left[1], -1, p) % p
    else:
        slope = (right[1] - left[1]) * pow(right[0] - left[0], -1, p) % p
    x = (slope * slope - left[0] - right[0]) % p
    return x, (slope * (left[0] - x) - left[1]) % p


def multiply(p, a, point, scalar):
    result = None
    while scalar:
        if scalar & 1:
            result = add(p, a, result, point)
        point = add(p, a, point, point)
        scalar >>= 1
    return result


def sign(p, a, n, generator, secret, nonce, digest):
    """A textbook ECDSA signature: (r, s, y parity of the nonce's point)."""
    x, y = multiply(p, a, generator, nonce)
    r = x % n
    s = pow(nonce, -1, n) * (digest + r * secret) % n
    return r, s, y & 1


def _signatures():
    secp, p256 = [], []
    for index in range(1, 9):
        digest = int.from_bytes(hashlib.sha256(bytes((index,))).digest(), "big")
        r, s, parity = sign(SECP_P, 0, SECP_N, SECP_G, 1000 + index, 77 + index, digest)
        secp.append((digest, 27 + parity, r, s))
        r, s, _ = sign(P256_P, -3, P256_N, P256_G, 1000 + index, 99 + index, digest)
        key = multiply(P256_P, -3, P256_G, 1000 + index)
        p256.append((digest, r, s, key[0], key[1]))
    return secp, p256


SECP_SIGNATURES, P256_SIGNATURES = _signatures()
BN_POINTS = [(0, 0)] + [multiply(BN_P, 0, (1, 2), k) for k in (1, 2, 3, 5, 123456789, BN_N - 1)]
# The commitment to the zero polynomial and its proof are the point at infinity, for every z.
KZG_INFINITY = b"\xc0" + b"\x00" * 47
KZG_HASH = b"\x01" + hashlib.sha256(KZG_INFINITY).digest()[1:]


def recover(rng):
    digest, v, r, s = rng.choice(SECP_SIGNATURES)
    kind = rng.random()
    if kind < 0.1:
        v = rng.choice((0, 1, 26, 29, 255, 1 << 200))
    elif kind < 0.2:
        r = rng.choice((0, 1, SECP_N - 1, SECP_N, SECP_P, (1 << 256) - 1))
    elif kind < 0.3:
        s = rng.choice((0, 1, SECP_N - s, SECP_N, (1 << 256) - 1))
    elif kind < 0.4:
        digest = rng.choice((0, SECP_N, rng.getrandbits(256)))
    return word(digest) + word(v) + word(r) + word(s)


def modexp(rng):
    lengths = [rng.choice((0, 1, 2, 31, 32, 33, 64)) for _ in range(3)]
    parts = [rng.randbytes(length) if rng.random() < 0.9 else bytes(length) for length in lengths]
    if rng.random() < 0.2:
        lengths[rng.randrange(3)] = rng.choice((1023, 1024, 1025, 1 << 20, 1 << 31, 1 << 63, (1 << 64) - 1, 1 << 64, (1 << 256) - 1))
    return b"".join(map(word, lengths)) + b"".join(parts)


def bn_coordinate(rng, value):
    return value if rng.random() < 0.95 else rng.choice((value + 1, BN_P, BN_P - 1, (1 << 256) - 1))


def bn_point(rng):
    x, y = rng.choice(BN_POINTS)
    return word(bn_coordinate(rng, x)) + word(bn_coordinate(rng, y))


def bn_pairing(rng):
    data = b""
    if rng.random() < 0.4:
        # e(P, Q) e(-P, Q) = 1.
        x, y = rng.choice(BN_POINTS[1:])
        twist = b"".join(map(word, BN_G2))
        return word(x) + word(y) + twist + word(x) + word(BN_P - y) + twist
    for _ in range(rng.choice((0, 1, 1, 2))):
        data += bn_point(rng)
        data += b"".join(word(bn_coordinate(rng, c)) for c in BN_G2) if rng.random() < 0.8 else bytes(128)
    return data


def blake2f(rng):
    rounds = rng.choice((0, 1, 2, 12, 50)) if rng.random() < 0.95 else (1 << 32) - 1
    flag = rng.choice((0, 1)) if rng.random() < 0.9 else rng.randrange(256)
    return rounds.to_bytes(4, "big") + rng.randbytes(208) + bytes((flag,))


def point_evaluation(rng):
    z = rng.getrandbits(250) if rng.random() < 0.8 else rng.choice((BLS_R - 1, BLS_R, (1 << 256) - 1))
    y = 0 if rng.random() < 0.8 else rng.choice((1, BLS_R, BLS_R - 1))
    return KZG_HASH + word(z) + word(y) + KZG_INFINITY + KZG_INFINITY


def bls_bytes(coordinates):
    """Coordinates as EIP-2537 writes them: 64 bytes each."""
    return b"".join(int(c).to_bytes(64, "big") for c in coordinates)


@functools.cache
def bls_points():
    """Encoded points of both groups, each with its negative, and points of the curves that are not in the groups."""
    from py_ecc import bls12_381 as curve
    from py_ecc.bls.hash_to_curve import map_to_curve_G1, map_to_curve_G2
    from py_ecc.fields import optimized_bls12_381_FQ, optimized_bls12_381_FQ2
    from py_ecc.optimized_bls12_381 import normalize
    first = {k: (bls_bytes(p), bls_bytes(curve.neg(p))) for k in (1, 2, 3, 77) for p in [curve.multiply(curve.G1, k)]}
    second = {}
    for k in first:
        x, y = curve.multiply(curve.G2, k)
        second[k] = (bls_bytes(x.coeffs + y.coeffs), bls_bytes(x.coeffs + (-y).coeffs))
    outside_first = [bls_bytes(normalize(map_to_curve_G1(optimized_bls12_381_FQ(seed)))) for seed in (5, 6)]
    outside_second = []
    for seed in (5, 6):
        x, y = normalize(map_to_curve_G2(optimized_bls12_381_FQ2((seed, 1))))
        outside_second.append(bls_bytes(x.coeffs + y.coeffs))
    return first, second, outside_first, outside_second


def bls_point(rng, group):
    """A point of group 0 or 1; some are infinity, outside the group, or no points at all."""
    points, outside = bls_points()[group], bls_points()[2 + group]
    kind = rng.random()
    if kind < 0.7:
        return rng.choice(points[rng.choice((1, 1, 2, 3, 77))])
    if kind < 0.82:
        return bytes(128 + 128 * group)
    if kind < 0.9:
        return rng.choice(outside)
    point = points[1][0]
    return rng.choice((point[:-1] + b"\x00", BLS_P.to_bytes(64, "big") + point[64:], point[:64] + b"\x01" + point[65:]))


def bls_pairing(rng):
    """Half of them true: e(kP, Q) e(-P, kQ) = 1."""
    first, second, _, _ = bls_points()
    if rng.random() < 0.5:
        k = rng.choice((1, 2, 3))
        return first[k][0] + second[1][0] + first[1][1] + second[k][0]
    return b"".join(bls_point(rng, 0) + bls_point(rng, 1) for _ in range(rng.choice((0, 1, 2))))


def bls_scalar(rng):
    return word(rng.choice((0, 1, 2, BLS_R, BLS_R + 1, (1 << 256) - 1, rng.getrandbits(256))))


def bls(rng, number):
    count = rng.choice((1, 1, 1, 2, 0))
    if number in (0x0B, 0x0D):
        group = number == 0x0D
        return bls_point(rng, group) + bls_point(rng, group)
    if number in (0x0C, 0x0E):
        return b"".join(bls_point(rng, number == 0x0E) + bls_scalar(rng) for _ in range(count))
    if number == 0x0F:
        return bls_pairing(rng)
    bits = rng.choice((1, 8, 255, 380))
    first = rng.getrandbits(bits).to_bytes(64, "big") if rng.random() < 0.9 else rng.choice((BLS_P.to_bytes(64, "big"), b"\xff" * 64))
    return first if number == 0x10 else first + rng.getrandbits(bits).to_bytes(64, "big")


def p256(rng):
    fields = list(rng.choice(P256_SIGNATURES))
    if rng.random() < 0.4:
        fields[rng.randrange(5)] = rng.choice((0, 1, P256_N, P256_P, (1 << 256) - 1, rng.getrandbits(256)))
    return b"".join(map(word, fields))


# The dear ones come rarely: (number, weight, maker, fork that has it).
MAKERS = [
    (1, 4, recover, 0), (2, 4, lambda rng: rng.randbytes(rng.choice((0, 1, 55, 56, 64, 130))), 0),
    (3, 4, lambda rng: rng.randbytes(rng.choice((0, 1, 55, 56, 64, 130))), 0), (4, 4, lambda rng: rng.randbytes(rng.randrange(100)), 0),
    (5, 8, modexp, 0), (6, 5, lambda rng: bn_point(rng) + bn_point(rng), 0),
    (7, 2, lambda rng: bn_point(rng) + word(rng.choice((0, 1, 2, BN_N, rng.getrandbits(256)))), 0), (8, 0.2, bn_pairing, 0), (9, 5, blake2f, 0),
    (0x0A, 0.4, point_evaluation, 1), (0x0B, 2, None, 2), (0x0C, 0.5, None, 2), (0x0D, 2, None, 2), (0x0E, 0.3, None, 2), (0x0F, 0.15, None, 2),
    (0x10, 0.5, None, 2), (0x11, 0.3, None, 2), (0x100, 3, p256, 3),
]
NUMBERS = [[number for number, _, _, since in MAKERS if since <= fork] for fork in range(4)]
MAKER_WEIGHTS = []
for fork in range(4):
    total, sums = 0, []
    for _, weight, _, since in MAKERS:
        if since <= fork:
            total += weight
            sums.append(total)
    MAKER_WEIGHTS.append(sums)
BY_NUMBER = {number: maker for number, _, maker, _ in MAKERS}


def precompile(rng, fork):
    """The number of a precompiled contract and an input for it."""
    number = rng.choices(NUMBERS[fork], cum_weights=MAKER_WEIGHTS[fork])[0]
    maker = BY_NUMBER[number]
    data = maker(rng) if maker else bls(rng, number)
    kind = rng.random()
    if kind < 0.05:
        data = data[:rng.randrange(len(data) + 1)]
    elif kind < 0.08:
        data += rng.randbytes(rng.randrange(40))
    elif kind < 0.12 and data:
        place = rng.randrange(len(data))
        data = data[:place] + bytes((data[place] ^ (1 << rng.randrange(8)),)) + data[place + 1:]
    return number, data
