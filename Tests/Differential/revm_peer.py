"""The first peer: revm 8 through pyrevm 0.3.7.

pyrevm runs a call as a message: validation, access list and the whole execution are those of a transaction, but the sender's nonce
stays, and no fee is taken or paid. With the base fee at zero both are done here by plain arithmetic: before the call in the state
that it is given, so that the program sees them, and what is paid back afterwards. A creation is a whole
transaction. The journal stays open afterwards, so everything is read from its text: accounts, slots, and what was destroyed."""

import re

import pyrevm
from cases import CHAIN_ID, FORKS, text

EMPTY_CODE = "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
ACCOUNT = re.compile(
    r"(0x[0-9a-f]{40}): Account \{ info: AccountInfo \{ balance: (\d+), nonce: (\d+), code_hash: (0x[0-9a-f]{64}), code: .*?"
    r"storage: \{((?:[^{}]|\{[^{}]*\})*)\}, status: AccountStatus\(([^)]*)\)")
SLOT = re.compile(r"(\d+): StorageSlot \{ previous_or_original_value: (\d+), present_value: (\d+) \}")
REVERT = re.compile(r"Revert \{ gas_used: \d+, output: (0x[0-9a-f]*)")


def run(case):
    """The answer in the form of `hyperseq evm run`, without halt reasons and the created address; `None` is unknown."""
    world = case.world
    (t,) = case.transactions
    evm = prepare(case, t)
    to = t["to"]
    output = None
    try:
        if to is None:
            evm.deploy(text(t["sender"]), t["data"], value=t["value"], gas=t["gas"], gas_price=t["price"])
            # The code of what was created; its hash is in the state.
            output = None
        else:
            output = evm.message_call(text(t["sender"]), text(to), calldata=t["data"], value=t["value"], gas=t["gas"], gas_price=t["price"]).hex()
    except (RuntimeError, OverflowError) as error:
        result = evm.result
        if result is None:
            return {"results": [{"status": "invalid", "reason": str(error)}], "post": {}}
        revert = REVERT.search(str(error))
        output = revert.group(1)[2:] if revert else ""
    result = evm.result
    answer = {"status": "success" if result.is_success else "halted" if result.is_halt else "reverted", "gasUsed": result.gas_used,
              "gasRefunded": result.gas_refunded, "output": None if output is None else "0x" + output, "logs": []}
    if result.is_success:
        for log in result.logs:
            topics, data = log.data
            answer["logs"].append([log.address.lower(), ["0x" + bytes(topic).hex() if isinstance(topic, bytes) else topic for topic in topics], "0x" + data.hex()])
    return {"results": [answer], "post": post(evm, world, t, result.gas_used)}


def prepare(case, t):
    world = case.world
    is_call = t["to"] is not None
    block = pyrevm.BlockEnv(
        number=world.number, coinbase=text(world.coinbase), timestamp=world.time, prevrandao=world.randao.to_bytes(32, "big"), basefee=0,
        gas_limit=world.gas_limit, excess_blob_gas=world.excess_blob_gas)
    evm = pyrevm.EVM(
        env=pyrevm.Env(cfg=pyrevm.CfgEnv(chain_id=CHAIN_ID), block=block), gas_limit=world.gas_limit, spec_id=FORKS[world.fork])
    for address, (nonce, balance, code, storage) in world.accounts.items():
        name = text(address)
        if address == t["sender"] and is_call:
            # What a transaction would have done before it runs: the fee is taken, the nonce raised.
            balance -= upfront(world, t)
            nonce += 1
        evm.insert_account_info(name, pyrevm.AccountInfo(nonce=nonce, balance=balance, code=code))
        for slot, value in storage.items():
            # Writing a slot also loads the account, which would make it warm: that is taken back.
            checkpoint = evm.snapshot()
            evm.insert_account_storage(name, slot, value)
            evm.revert(checkpoint)
    extra = {}
    if t["type"] == 3:
        extra = {"blob_hashes": t["blobs"], "max_fee_per_blob_gas": t["blob_price"]}
    evm.set_tx_env(pyrevm.TxEnv(
        nonce=t["nonce"] + is_call, chain_id=CHAIN_ID, access_list=[(text(a), keys) for a, keys in t["access"]] if t["type"] else [], **extra))
    return evm


def upfront(world, t):
    """What the sender pays before the transaction runs, or 0 when it cannot pay: pyrevm then finds the funds lacking itself."""
    blob_gas = len(t["blobs"]) << 17 if t["type"] == 3 else 0
    fee = t["gas"] * t["price"]
    most = fee + t["value"] + (blob_gas * t["blob_price"] if blob_gas else 0)
    return fee + blob_gas * world.blob_base_fee if most <= world.accounts[t["sender"]][1] else 0


def post(evm, world, t, gas_used):
    """The accounts that differ from the state before, sorted."""
    changed = []
    fees = {}
    if t["to"] is not None:
        fees[t["sender"]] = (t["gas"] - gas_used) * t["price"]
        fees[world.coinbase] = fees.get(world.coinbase, 0) + gas_used * t["price"]
    for name, balance, nonce, code_hash, storage, status in ACCOUNT.findall(evm.journal_str):
        address = int(name, 16)
        before = world.accounts.get(address)
        record = (int(nonce), int(balance) + fees.get(address, 0), code_hash)
        if "SelfDestructed" in status or record == (0, 0, EMPTY_CODE):
            if before is not None:
                changed.append((name, {"removed": True}))
            continue
        entry = {}
        if before is None or record != (before[0], before[1], world.code_hash(address)):
            entry = {"nonce": record[0], "balance": hex(record[1]), "codeHash": code_hash}
        slots = {}
        for slot, _, value in sorted(SLOT.findall(storage), key=lambda found: int(found[0])):
            old = before[3].get(int(slot), 0) if before else 0
            if int(value) != old:
                slots[hex(int(slot))] = hex(int(value))
        if slots:
            entry["storage"] = slots
        if entry:
            changed.append((name, entry))
    return dict(sorted(changed))
