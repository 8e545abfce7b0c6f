"""The second peer: Ethereum's executable specification (`ethereum-execution`), which has every fork.

`process_transaction` of the fork runs in this process. Two of its names are replaced: the recovery of senders, so that a case
may name its sender instead of signing, and the constructors that show what it does not return: output and refund counter."""

import functools
import importlib
import sys
import traceback

from cases import CHAIN_ID, text
from ethereum.exceptions import InvalidBlock, InvalidTransaction
from ethereum_types.bytes import Bytes, Bytes0, Bytes32
from ethereum_types.numeric import U8, U64, U256, Uint
from signing import keccak256

# A thousand nested calls are some frames each.
sys.setrecursionlimit(20000)


class SpecificationFails(Exception):
    """The specification itself breaks off. Known: MODEXP adds the base's length to an offset in 256 bits and throws OverflowError
    when the sum does not fit, where the price, which is beyond any gas, should have ended the call."""


class Fork:
    """The modules of one fork, with what a transaction leaves behind caught in `sender`, `output` and `result`."""

    def __init__(self, name):
        base = f"ethereum.forks.{name}"
        self.vm = importlib.import_module(f"{base}.vm")
        self.fork = importlib.import_module(f"{base}.fork")
        self.state = importlib.import_module(f"{base}.state")
        self.types = importlib.import_module(f"{base}.fork_types")
        self.transactions = importlib.import_module(f"{base}.transactions")
        self.interpreter = importlib.import_module(f"{base}.vm.interpreter")
        self.revert = importlib.import_module(f"{base}.vm.exceptions").Revert
        self.sender = None
        self.output = b""
        self.result = None
        recover, end, process = self.fork.recover_sender, self.interpreter.TransactionEnd, self.fork.process_message_call

        def recover_sender(chain_id, tx):
            return recover(chain_id, tx) if self.sender is None else self.sender

        def transaction_end(gas_used, output, error):
            self.output = bytes(output)
            return end(gas_used, output, error)

        def process_message_call(message):
            self.output = b""
            self.result = process(message)
            return self.result

        self.fork.recover_sender = recover_sender
        self.interpreter.TransactionEnd = transaction_end
        self.fork.process_message_call = process_message_call


@functools.cache
def fork(number):
    return Fork(("shanghai", "cancun", "prague", "osaka")[number])


@functools.lru_cache(maxsize=16)
def block_hashes(number):
    return [Bytes32(keccak256(str(n).encode())) for n in range(max(number - 256, 0), number)]


def run(case):
    """The answer in the form of `hyperseq evm run`, without halt reasons and the created address."""
    world = case.world
    rules = fork(world.fork)
    state = state_before(rules, world)
    block = {
        "chain_id": U64(CHAIN_ID), "state": state, "block_gas_limit": Uint(world.gas_limit), "block_hashes": block_hashes(world.number),
        "coinbase": rules.types.Address(world.coinbase.to_bytes(20, "big")), "number": Uint(world.number),
        "base_fee_per_gas": Uint(world.base_fee), "time": U256(world.time), "prev_randao": Bytes32(world.randao.to_bytes(32, "big"))}
    if world.fork >= 1:
        block |= {"excess_blob_gas": U64(world.excess_blob_gas), "parent_beacon_block_root": Bytes32(bytes(32))}
    environment = rules.vm.BlockEnvironment(**block)
    try:
        results = [run_transaction(rules, environment, t, index) for index, t in enumerate(case.transactions)]
    except OverflowError as error:
        if any(frame.name == "modexp" for frame in traceback.extract_tb(error.__traceback__)):
            raise SpecificationFails("OverflowError in MODEXP") from error
        raise
    return {"results": results, "post": post(world, state)}


def run_transaction(rules, environment, t, index):
    # A new output for each, as every transaction of a case may use the whole block.
    output = rules.vm.BlockOutput()
    try:
        if "raw" in t:
            raw = Bytes(t["raw"])
            rules.sender = None
            tx = rules.transactions.decode_transaction(raw) if raw[0] < 0xC0 else decode_legacy(rules, raw)
        else:
            rules.sender = rules.types.Address(t["sender"].to_bytes(20, "big"))
            tx = transaction(rules, t)
        rules.fork.process_transaction(environment, output, tx, Uint(index))
    except (InvalidBlock, InvalidTransaction) as error:
        return {"status": "invalid", "reason": repr(error)}
    result = rules.result
    used = int(output.block_gas_used)
    consumed = int(tx.gas) - int(result.gas_left)
    error = result.error
    return {
        "status": "success" if error is None else "reverted" if isinstance(error, rules.revert) else "halted", "gasUsed": used,
        "gasRefunded": max(consumed - used, 0), "output": "0x" + rules.output.hex(),
        "logs": [["0x" + bytes(log.address).hex(), ["0x" + bytes(topic).hex() for topic in log.topics], "0x" + bytes(log.data).hex()]
                 for log in result.logs]}


def decode_legacy(rules, raw):
    from ethereum_rlp import rlp
    return rlp.decode_to(rules.transactions.LegacyTransaction, raw)


def transaction(rules, t):
    kinds = rules.transactions
    kind = t["type"]
    to = Bytes0(b"") if t["to"] is None else rules.types.Address(t["to"].to_bytes(20, "big"))
    fields = {"nonce": U256(t["nonce"]), "gas": Uint(t["gas"]), "to": to, "value": U256(t["value"]), "data": Bytes(t["data"]),
              "r": U256(1), "s": U256(1)}
    if kind == 0:
        return kinds.LegacyTransaction(gas_price=Uint(t["price"]), v=U256(27), **fields)
    fields |= {"chain_id": U64(CHAIN_ID), "y_parity": U256(0), "access_list": tuple(
        kinds.Access(account=rules.types.Address(a.to_bytes(20, "big")), slots=tuple(Bytes32(k.to_bytes(32, "big")) for k in keys))
        for a, keys in t["access"])}
    if kind == 1:
        return kinds.AccessListTransaction(gas_price=Uint(t["price"]), **fields)
    fields |= {"max_priority_fee_per_gas": Uint(t["tip"]), "max_fee_per_gas": Uint(t["price"])}
    if kind == 2:
        return kinds.FeeMarketTransaction(**fields)
    if kind == 3:
        return kinds.BlobTransaction(
            max_fee_per_blob_gas=U256(max(t["blob_price"], 0)), blob_versioned_hashes=tuple(Bytes32(h) for h in t["blobs"]), **fields)
    fields["nonce"] = U64(t["nonce"])
    return kinds.SetCodeTransaction(authorizations=tuple(
        rules.types.Authorization(
            chain_id=U256(c), address=rules.types.Address(a.to_bytes(20, "big")), nonce=U64(n), y_parity=U8(y), r=U256(r), s=U256(s))
        for c, a, n, y, r, s in t["authorizations"]), **fields)


# --- State

def state_before(rules, world):
    state = rules.state.State()
    for address, (nonce, balance, code, storage) in world.accounts.items():
        key = rules.types.Address(address.to_bytes(20, "big"))
        rules.state.set_account(state, key, rules.types.Account(nonce=Uint(nonce), balance=U256(balance), code=Bytes(code)))
        for slot, value in storage.items():
            rules.state.set_storage(state, key, Bytes32(slot.to_bytes(32, "big")), U256(value))
    return state


def post(world, state):
    """The accounts that differ from the state before, sorted."""
    after = {int.from_bytes(address, "big"): account for address, account in state._main_trie._data.items() if account is not None}
    storages = {int.from_bytes(address, "big"): trie._data for address, trie in state._storage_tries.items()}
    changed = {}
    for address in sorted(after.keys() | world.accounts.keys()):
        before = world.accounts.get(address)
        account = after.get(address)
        if account is None or (account.nonce == 0 and account.balance == 0 and not account.code):
            if before is not None:
                changed[text(address)] = {"removed": True}
            continue
        entry = {}
        record = (int(account.nonce), int(account.balance), bytes(account.code))
        if before is None or record != before[:3]:
            entry = {"nonce": record[0], "balance": hex(record[1]), "codeHash": "0x" + keccak256(record[2]).hex()}
        old = before[3] if before else {}
        new = {int.from_bytes(slot, "big"): int(value) for slot, value in storages.get(address, {}).items()}
        slots = {hex(slot): hex(new.get(slot, 0)) for slot in sorted(old.keys() | new.keys()) if old.get(slot, 0) != new.get(slot, 0)}
        if slots:
            entry["storage"] = slots
        if entry:
            changed[text(address)] = entry
    return changed
