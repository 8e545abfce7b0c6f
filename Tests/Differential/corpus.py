"""Writes libFuzzer's seeds: a few inputs for each target of Tests/Fuzz that reach the code behind the first checks.

    corpus.py Tests/Fuzz/Corpus"""

import os
import random
import sys

import cases
import inputs
import signing
from programs import init_code, program

# Positions in the engine's list of forks.
SHANGHAI = 11


def transactions(rng, world):
    for kind in (0, 1, 2, 4):
        for _ in range(2):
            t = cases.transaction(rng, world, (kind,), cases.SENDER, 0, 100_000)
            t["price"], t["tip"] = 10, 1 if kind > 1 else 10
            if kind == 4 and not t["authorizations"]:
                continue
            yield signing.encode(t, signing.SECRETS[0])


def blocks(rng, world):
    header = bytes(3) + b"\x01" + b"".join(rng.randbytes(size) for size in (8, 8, 32, 8, 32, 4, 8, 20))
    raws = list(transactions(rng, world))
    for count in (1, 3):
        chosen = raws[:count]
        yield header + len(chosen).to_bytes(4, "big") + b"".join(len(raw).to_bytes(4, "big") + raw for raw in chosen)


def bytecode(rng, world):
    for index in range(16):
        other, data = program(rng, world)[:511], rng.randbytes(64)
        is_creation = index % 4 == 3
        code = init_code(rng, world, 1) if is_creation else program(rng, world)
        # The fuzz state has its contracts elsewhere.
        for place, target in enumerate(cases.CONTRACTS):
            code = code.replace(target.to_bytes(20, "big"), (0xC001 + place % 2).to_bytes(20, "big"))
        yield bytes((SHANGHAI + index % 4, 3 + 4 * is_creation, 1)) + len(other).to_bytes(2, "big") + bytes((len(data),)) + other + data + code


def precompiles(rng, world):
    for number, maker in inputs.BY_NUMBER.items():
        data = maker(rng) if maker else inputs.bls(rng, number)
        yield number.to_bytes(2, "big") + bytes((SHANGHAI + 3,)) + data


def rlp(rng, world):
    from ethereum_rlp import rlp as encoding
    yield from map(bytes, map(encoding.encode, (b"", b"\x01", b"\x81", [[], [b"", [b"a" * 60]]], [b"b" * 300] * 2)))


def ethereum_blocks(rng, world):
    from ethereum_rlp import rlp as encoding
    from ethereum_types.numeric import Uint
    raws = list(transactions(rng, world))
    for fork, fields in ((10, 16), (11, 17), (12, 20), (13, 21), (14, 21)):
        empty = encoding.encode(b"")
        ommers = signing.keccak256(encoding.encode([]))
        root = signing.keccak256(empty)
        header = [bytes(32), ommers, bytes(19) + b"\x07", root, root, root, bytes(256), Uint(0), Uint(5), Uint(2_000_000), Uint(100_000), Uint(1_700_000_012),
                  b"", bytes(32), bytes(8), Uint(7), root, Uint(0), Uint(0), bytes(32), bytes(32)][:fields]
        # Legacy transactions stand in the list as they are, others as byte strings.
        chosen = [encoding.decode(raw) if raw[0] >= 0xC0 else raw for raw in raws[:6 if fork < 13 else 8]]
        yield bytes((fork,)) + bytes(encoding.encode([header, chosen, []] + ([[[Uint(1), Uint(2), bytes(20), Uint(3)]]] if fork > 10 else [])))


def tries(rng, world):
    from ethereum_rlp import rlp as encoding
    leaf = encoding.encode([b"\x20" + b"\x12" * 3, b"value" * 8])
    embedded = [b"\x20", b"v"]
    branch = encoding.encode([signing.keccak256(leaf), b"", embedded] + [b""] * 13 + [b"own"])
    extension = encoding.encode([b"\x11", signing.keccak256(branch)])
    for key, nodes in ((b"\x12\x12\x12", [leaf]), (b"\x01\x21\x21\x20", [branch, leaf]), (b"\x10\x12\x12\x12", [extension, branch, leaf]), (b"\x12", [extension, branch])):
        for value in (b"", b"new"):
            yield bytes((len(key),)) + key + bytes((len(value),)) + value + b"".join(len(node).to_bytes(2, "big") + node for node in nodes)


def proofs(rng, world):
    yield bytes(8 + 5 * 32 + 32 * 32)


def witnesses(rng, world):
    for index in range(8):
        yield bytes((index,))
        yield bytes((index, index, 0, 9, 1, 12 - index, 0, 1, 3))


def lines(rng, world):
    yield cases.specification_case("corpus", 1).line().encode()[:4000]
    yield (b'{"fork":"Prague","env":{"currentNumber":"0x1","currentTimestamp":"0x1","currentGasLimit":"0xfffff","currentBaseFee":"0x1",'
           b'"currentCoinbase":"0x00000000000000000000000000000000000000b0","currentRandom":"0x1"},"pre":{},"transactions":["0x02c0"]}')


def main(folder):
    rng = random.Random("corpus")
    world = cases.World(rng, 3, has_base_fee=True, gas_limit=1_000_000)
    for name, maker in (("transactions", transactions), ("blocks", blocks), ("bytecode", bytecode), ("precompiles", precompiles),
                        ("rlp", rlp), ("proofs", proofs), ("witnesses", witnesses), ("ethereum-blocks", ethereum_blocks), ("tries", tries), ("cases", lines)):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
        for index, data in enumerate(maker(rng, world)):
            with open(os.path.join(folder, name, f"seed-{index:02}"), "wb") as file:
                file.write(data)


if __name__ == "__main__":
    main(sys.argv[1])
