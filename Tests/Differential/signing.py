"""Keys, signatures and encodings of transactions and authorizations."""

import functools

import coincurve
from Crypto.Hash import keccak
from ethereum_rlp import rlp
from ethereum_types.numeric import Uint

CHAIN_ID = 1
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
SECRETS = (0x1001, 0x1002, 0x1003, 0x1004)


def keccak256(data):
    return keccak.new(digest_bits=256, data=data).digest()


@functools.cache
def key(secret):
    return coincurve.PrivateKey.from_int(secret)


@functools.cache
def address(secret):
    return int.from_bytes(keccak256(key(secret).public_key.format(compressed=False)[1:])[12:], "big")


def sign(secret, digest):
    """(y parity, r, s)."""
    signature = key(secret).sign_recoverable(digest, hasher=None)
    return signature[64], int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")


def wide(value):
    return value.to_bytes(20, "big")


@functools.lru_cache(maxsize=65536)
def sign_authorization(secret, chain, target, nonce):
    return sign(secret, keccak256(b"\x05" + rlp.encode([Uint(chain), wide(target), Uint(nonce)])))


def payload(t):
    """The fields before the signature."""
    to = b"" if t["to"] is None else wide(t["to"])
    access = [[wide(a), [k.to_bytes(32, "big") for k in keys]] for a, keys in t["access"]]
    common = [Uint(t["gas"]), to, Uint(t["value"]), t["data"]]
    if t["type"] == 0:
        return [Uint(t["nonce"]), Uint(t["price"])] + common
    head = [Uint(CHAIN_ID), Uint(t["nonce"])]
    if t["type"] == 1:
        return head + [Uint(t["price"])] + common + [access]
    fields = head + [Uint(t["tip"]), Uint(t["price"])] + common + [access]
    if t["type"] == 4:
        fields.append([[Uint(c), wide(a), Uint(n), Uint(y), Uint(r), Uint(s)] for c, a, n, y, r, s in t["authorizations"]])
    return fields


def encode(t, secret):
    """The signed encoding of a transaction of type 0, 1, 2 or 4."""
    fields = payload(t)
    if t["type"] == 0:
        parity, r, s = sign(secret, keccak256(rlp.encode(fields + [Uint(CHAIN_ID), b"", b""])))
        return bytes(rlp.encode(fields + [Uint(35 + 2 * CHAIN_ID + parity), Uint(r), Uint(s)]))
    prefix = bytes((t["type"],))
    parity, r, s = sign(secret, keccak256(prefix + rlp.encode(fields)))
    return prefix + bytes(rlp.encode(fields + [Uint(parity), Uint(r), Uint(s)]))
