"""Cases: a block, a state and transactions, drawn from one seed.

A case is drawn from `Random(f"{seed}:{group}")`, so that any one can be made again alone. Cases of a group share the state and
the block and differ in the transaction: programs are dear to make."""

import json
import random

import inputs
import signing
from programs import FORKS, program

CHAIN_ID = 1
GROUP = 6
SENDER, SECOND, AUTHORITY, DELEGATED = (signing.address(secret) for secret in signing.SECRETS)
COINBASE = 0xC0FFEE00000000000000000000000000000000B0
CONTRACTS = [0xCA00000000000000000000000000000000000000 + k for k in range(1, 5)]
PLAIN = 0xEEEE00000000000000000000000000000000000E
ABSENT = 0xAB5E47000000000000000000000000000000AB5E
PRECOMPILES = list(range(1, 0x13)) + [0x100]
RICH = 1 << 100


def hexadecimal(value):
    return "0x%x" % value


def text(address):
    return "0x%040x" % address


class World:
    """The block and the state of a group of cases."""

    def __init__(self, rng, fork, has_base_fee, gas_limit):
        self.fork = fork
        self.number = rng.choice((1, 255, 256, 257, 1000, 20_000_000))
        self.time = rng.choice((0, 1, 1_700_000_000, (1 << 63) - 1))
        self.randao = rng.getrandbits(256)
        self.gas_limit = gas_limit
        self.base_fee = rng.choice((0, 1, 7, 1000)) if has_base_fee else 0
        self.excess_blob_gas = rng.choice((0, 0, 393216, 10_000_000, 100_000_000)) if fork >= 1 else 0
        self.blob_base_fee = blob_base_fee(self.excess_blob_gas, fork)
        self.coinbase = COINBASE if rng.random() < 0.9 else rng.choice((SENDER, CONTRACTS[0], ABSENT))
        self.contracts = CONTRACTS[:rng.choice((1, 2, 3, 4))]
        self.addresses = self.contracts * 3 + [SENDER, PLAIN, ABSENT, COINBASE, 0] + rng.sample(PRECOMPILES, 3)
        self.accounts = {SENDER: (rng.choice((0, 0, 1, 5)), RICH, b"", {})}
        if has_base_fee and rng.random() < 0.05:
            self.accounts[SENDER] = (rng.choice(((1 << 64) - 1, (1 << 64) - 2)), RICH, b"", {})
        if rng.random() < 0.7:
            self.accounts[PLAIN] = (0, 1 + rng.randrange(10), b"", {})
        for contract in self.contracts:
            storage = {slot: rng.choice((1, 2, 3, (1 << 256) - 1)) for slot in range(4) if rng.random() < 0.4}
            nonce = 1 if rng.random() < 0.95 else rng.choice(((1 << 64) - 1, (1 << 64) - 2, 0))
            self.accounts[contract] = (nonce, rng.choice((0, 1, 10, 1000)), program(rng, self), storage)
        if fork >= 2:
            self.add_delegations(rng)
        self.set_accounts(self.accounts)
        self.env = json.dumps({
            "currentNumber": hexadecimal(self.number), "currentTimestamp": hexadecimal(self.time),
            "currentGasLimit": hexadecimal(self.gas_limit), "currentBaseFee": hexadecimal(self.base_fee),
            "currentCoinbase": text(self.coinbase), "currentRandom": hexadecimal(self.randao),
            "blobBaseFee": hexadecimal(self.blob_base_fee)})

    def set_accounts(self, accounts):
        self.accounts = accounts
        self.pre = json.dumps({text(address): account_json(*account) for address, account in accounts.items()})
        self.code_hashes = {}

    def code_hash(self, address):
        """What the address holds before, as text."""
        if address not in self.code_hashes:
            self.code_hashes[address] = "0x" + signing.keccak256(self.accounts[address][2]).hex()
        return self.code_hashes[address]

    def add_delegations(self, rng):
        self.addresses += [AUTHORITY, DELEGATED]
        target = rng.choice(self.contracts + [DELEGATED, 1, PLAIN, ABSENT])
        if rng.random() < 0.7:
            self.accounts[DELEGATED] = (rng.choice((0, 1)), 7, b"\xef\x01\x00" + target.to_bytes(20, "big"), {0: 1} if rng.random() < 0.3 else {})
        if rng.random() < 0.6:
            self.accounts[AUTHORITY] = (rng.choice((0, 1, 2)), rng.choice((1, 3)), rng.choice((b"", b"", b"", b"\x00")), {})
        if rng.random() < 0.1:
            nonce, balance, _, storage = self.accounts[SENDER]
            self.accounts[SENDER] = (nonce, balance, b"\xef\x01\x00" + rng.choice(self.contracts).to_bytes(20, "big"), storage)


class Case:
    """`transactions` are dictionaries of integers and bytes; see `transaction`."""

    def __init__(self, name, world, transactions):
        self.name = name
        self.world = world
        self.transactions = transactions

    def line(self):
        """The case as `hyperseq evm run` reads it."""
        listed = ",".join(transaction_json(t) for t in self.transactions)
        return '{"fork":"%s","env":%s,"pre":%s,"transactions":[%s]}\n' % (FORKS[self.world.fork], self.world.env, self.world.pre, listed)


def account_json(nonce, balance, code, storage):
    return {"nonce": hexadecimal(nonce), "balance": hexadecimal(balance), "code": "0x" + code.hex(),
            "storage": {hexadecimal(k): hexadecimal(v) for k, v in storage.items()}}


def transaction_json(t):
    if "raw" in t:
        return '"0x%s"' % t["raw"].hex()
    fields = {"sender": text(t["sender"]), "nonce": hexadecimal(t["nonce"]), "gasLimit": hexadecimal(t["gas"]),
              "to": "" if t["to"] is None else text(t["to"]), "value": hexadecimal(t["value"]), "data": "0x" + t["data"].hex()}
    kind = t["type"]
    if kind < 2:
        fields["gasPrice"] = hexadecimal(t["price"])
    else:
        fields["maxFeePerGas"] = hexadecimal(t["price"])
        fields["maxPriorityFeePerGas"] = hexadecimal(t["tip"])
    if kind > 0:
        fields["accessList"] = [{"address": text(a), "storageKeys": [hexadecimal(k) for k in keys]} for a, keys in t["access"]]
    if kind == 3:
        fields["maxFeePerBlobGas"] = hexadecimal(t["blob_price"])
        fields["blobVersionedHashes"] = ["0x" + h.hex() for h in t["blobs"]]
    if kind == 4:
        fields["authorizationList"] = [
            {"chainId": hexadecimal(c), "address": text(a), "nonce": hexadecimal(n), "yParity": hexadecimal(y), "r": hexadecimal(r), "s": hexadecimal(s)}
            for c, a, n, y, r, s in t["authorizations"]]
    return json.dumps(fields)


def blob_base_fee(excess, fork):
    """EIP-4844's fake exponential."""
    fraction = 5007716 if fork >= 2 else 3338477
    total, term, index = 0, fraction, 1
    while term > 0:
        total += term
        term = term * excess // (fraction * index)
        index += 1
    return total // fraction


# --- Transactions

def intrinsic_gas(fork, to, data, access, authorizations):
    zeros = data.count(0)
    gas = 21000 + 4 * zeros + 16 * (len(data) - zeros)
    if to is None:
        gas += 32000 + 2 * ((len(data) + 31) // 32)
    gas += sum(2400 + 1900 * len(keys) for _, keys in access) + 25000 * len(authorizations)
    floor = 21000 + 10 * (zeros + 4 * (len(data) - zeros)) if fork >= 2 else 0
    return gas, floor


def transaction(rng, world, kinds, sender, nonce, most_gas):
    """One transaction, mostly valid."""
    from programs import init_code
    kind = rng.choice(kinds)
    choice = rng.random()
    data = rng.randbytes(rng.choice((0, 0, 4, 32, 68, 100))) if rng.random() < 0.9 else bytes(rng.randrange(300))
    if choice < 0.8:
        to = rng.choice(world.contracts)
    elif choice < 0.88 and kind < 3:
        to = None
        data = init_code(rng, world, 1)
    elif choice < 0.93:
        to, data = inputs.precompile(rng, world.fork)
    else:
        to = rng.choice(world.addresses)
    access = []
    if kind > 0 and rng.random() < 0.6:
        for _ in range(rng.randrange(4)):
            access.append((rng.choice(world.addresses), [rng.randrange(5) for _ in range(rng.randrange(4))]))
    authorizations = authorization_list(rng, world, sender) if kind == 4 else []
    intrinsic, floor = intrinsic_gas(world.fork, to, data, access, authorizations)
    choice = rng.random()
    if choice < 0.75:
        gas = max(intrinsic, floor) + rng.randrange(10000, most_gas)
    elif choice < 0.9:
        gas = max(intrinsic, floor) + rng.randrange(5000)
    elif choice < 0.97:
        gas = max(intrinsic, floor) + rng.choice((0, 0, 1, 2300, most_gas * 3))
    else:
        gas = rng.choice((intrinsic - 1, floor - 1 if floor else 0, 20999, world.gas_limit, world.gas_limit + 1, (1 << 24) + 1, (1 << 64) - 1))
    t = {"type": kind, "sender": sender, "nonce": nonce, "gas": gas, "to": to, "data": data, "access": access,
         "authorizations": authorizations, "value": rng.choice((0, 0, 0, 1, 2, 1000))}
    prices(rng, world, t)
    if kind == 3:
        count = rng.choice((1, 1, 2, 6)) if rng.random() < 0.96 else rng.choice((0, 7, 9, 10))
        t["blobs"] = [b"\x01" + rng.randbytes(31) if rng.random() < 0.995 else b"\x02" + bytes(31) for _ in range(count)]
        t["blob_price"] = world.blob_base_fee + rng.choice((0, 1, 100)) if rng.random() < 0.98 else world.blob_base_fee - 1
    if rng.random() < 0.02:
        t["nonce"] = rng.choice((min(nonce + 1, (1 << 64) - 1), max(nonce - 1, 0), (1 << 64) - 2))
    if rng.random() < 0.02:
        t["value"] = rng.choice((RICH, RICH - gas * t["price"], RICH - gas * t["price"] + 1, (1 << 256) - 1)) % (1 << 256)
    return t


def prices(rng, world, t):
    """Fees: `price` is the gas price or the fee cap, `tip` the priority fee."""
    base = world.base_fee
    t["price"] = base + rng.choice((0, 0, 1, 10, 1000))
    if rng.random() < 0.01:
        t["price"] = rng.choice((max(base - 1, 0), 1 << 250))
    t["tip"] = rng.choice((0, 1, t["price"], t["price"])) if t["type"] >= 2 else t["price"]
    if t["tip"] > t["price"] and rng.random() < 0.9:
        t["tip"] = t["price"]


def authorization_list(rng, world, sender):
    result = []
    for _ in range(rng.choice((1, 1, 1, 2, 3)) if rng.random() < 0.97 else 0):
        secret = rng.choice(signing.SECRETS)
        authority = signing.address(secret)
        nonce = world.accounts.get(authority, (0,))[0] + (1 if authority == sender else 0)
        if rng.random() < 0.15:
            nonce = rng.choice((nonce + 1, 0, (1 << 64) - 1, (1 << 64) - 2))
        nonce = min(nonce, (1 << 64) - 1)
        chain = rng.choice((0, CHAIN_ID, CHAIN_ID, CHAIN_ID, 2)) if rng.random() < 0.98 else 1 << 255
        target = rng.choice(world.contracts * 2 + [0, 0, DELEGATED, PLAIN, 4, 0x100])
        parity, r, s = signing.sign_authorization(secret, chain, target, nonce)
        if rng.random() < 0.08:
            parity, r, s = rng.choice(((1 - parity, r, signing.ORDER - s), (parity, 0, s), (parity, r, 0), (27, r, s), (255, r, s), (1 - parity, r, s)))
        result.append((chain, target, nonce, parity, r, s))
    return result


# --- The two campaigns

def revm_group(seed, group):
    """Cases that revm 8 through pyrevm can take: Shanghai and Cancun, no base fee, one transaction, none of type 4."""
    rng = random.Random(f"{seed}:{group}")
    world = World(rng, group % 2, has_base_fee=False, gas_limit=30_000_000)
    kinds = (0, 0, 1, 2) if world.fork == 0 else (0, 0, 1, 2, 3)
    nonce = world.accounts[SENDER][0]
    cases = []
    for index in range(GROUP):
        t = transaction(rng, world, kinds, SENDER, nonce, 500_000)
        t["tip"] = t["price"]
        if t["value"] > 1000 and t["to"] is not None:
            # The peer checks the funds after we have taken the fee from them: at the edge there must be none.
            t["price"] = t["tip"] = 0
            if t["type"] == 3:
                t["value"] = 2
        cases.append(Case(f"{group}.{index}", world, [t]))
    return cases


def specification_case(seed, group):
    """A case for the executable specification: any fork, fees, up to three transactions, some of them signed and encoded."""
    rng = random.Random(f"{seed}:{group}:specification")
    world = World(rng, rng.choice((0, 1, 2, 3, 3)), has_base_fee=True, gas_limit=1_000_000)
    kinds = ((0, 1, 2, 2), (0, 1, 2, 3), (0, 1, 2, 2, 3, 4, 4), (0, 1, 2, 2, 3, 4, 4))[world.fork]
    nonce = world.accounts[SENDER][0]
    transactions = []
    # An account that a transaction destroys for good and a later one of the block revives is beyond our `StateChanges`; that
    # is possible before Cancun only (Specs/engine.md, "Removed accounts").
    for _ in range(1 if world.fork == 0 else rng.choice((1, 1, 1, 1, 2, 3))):
        t = transaction(rng, world, kinds, SENDER, nonce, 150_000)
        if t["nonce"] == nonce:
            nonce = min(nonce + 1, (1 << 64) - 1)
        if t["type"] != 3 and rng.random() < 0.3:
            t["raw"] = signing.encode(t, signing.SECRETS[0])
        transactions.append(t)
    return Case(f"{group}", world, transactions)
