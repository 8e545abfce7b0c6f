"""Starts and stops test networks through the hyperseq program, and asks them things."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from eth_account import Account
from web3 import Web3

REPOSITORY = Path(__file__).resolve().parents[2]
HYPERSEQ = Path(os.environ.get("HYPERSEQ_BINARY", REPOSITORY / ".build/release/hyperseq"))
MANIFESTS = REPOSITORY / "Testnets"
GWEI = 10**9
ETHER = 10**18


def run(*arguments, check=True, timeout=90, **options):
    """Runs the program and returns what it did."""
    result = subprocess.run(
        [str(HYPERSEQ), *map(str, arguments)], capture_output=True, text=True, timeout=timeout, **options
    )
    if check and result.returncode != 0:
        raise AssertionError(f"hyperseq {' '.join(map(str, arguments))} failed:\n{result.stdout}\n{result.stderr}")
    return result


def alive(pid):
    """Whether a process runs; one that has ended but was not waited for does not."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def wait_for(what, condition, timeout=30.0, pause=0.05):
    """Waits until the condition holds and returns its value."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {timeout} s: {what}")
        time.sleep(pause)


class Network:
    """A network in a temporary folder that runs until `down`."""

    def __init__(self, folder, manifest):
        self.folder = Path(folder)
        self.manifest = Path(manifest)
        self.report = {}
        self.web3s = {}

    def up(self):
        self.report = json.loads(run("testnet", "up", self.manifest, "--dir", self.folder, "--detach", "--json").stdout)
        return self

    def down(self):
        run("testnet", "down", "--dir", self.folder, check=False)
        for pid in self.pids():
            os.kill(pid, signal.SIGKILL)

    def pids(self):
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    command = (entry / "cmdline").read_bytes().decode(errors="replace")
                except OSError:
                    continue
                if f"{self.folder}/" in command and "node\0run" in command and alive(int(entry.name)):
                    found.append(int(entry.name))
        return found

    def status(self):
        return json.loads(run("testnet", "status", "--dir", self.folder, "--json").stdout)

    def node_status(self, name):
        return next(node for node in self.status()["nodes"] if node["name"] == name)

    def kill(self, *names):
        run("testnet", "kill", *names, "--dir", self.folder)

    def start(self, name):
        run("testnet", "start", name, "--dir", self.folder)

    @property
    def names(self):
        return [node["name"] for node in self.report["nodes"]]

    def web3(self, name):
        if name not in self.web3s:
            url = next(node["rpc"] for node in self.report["nodes"] if node["name"] == name)
            self.web3s[name] = Web3(Web3.HTTPProvider(url, request_kwargs={"timeout": 20}))
        return self.web3s[name]

    def websocket(self, name):
        return next(node["ws"] for node in self.report["nodes"] if node["name"] == name)

    def accounts(self):
        return [Account.from_key(account["privateKey"]) for account in self.report["accounts"]]

    def final(self, name):
        return self.web3(name).eth.get_block("finalized")["number"]

    def logs(self):
        parts = []
        for name in self.names:
            text = (self.folder / name / "node.log").read_text(errors="replace")
            parts.append(f"--- {name}\n{text[-3000:]}")
        return "\n".join(parts)


@pytest.fixture
def make_network(tmp_path, request):
    """Makes networks and stops them at the end, whatever happened; a failure shows the ends of the nodes' logs."""
    made = []

    def make(manifest, name="net"):
        network = Network(tmp_path / name, manifest)
        made.append(network)
        return network.up()

    yield make
    for network in made:
        network.down()
        report = getattr(request.node, "report_of_call", None)
        if report is not None and report.failed and network.report:
            print(network.logs())


def fees(web3):
    """Fees that any base fee of these short tests stays below."""
    return {"maxFeePerGas": 100 * GWEI, "maxPriorityFeePerGas": GWEI, "chainId": web3.eth.chain_id}


def send(web3, account, transaction, nonce=None):
    """Signs and sends; returns the hash."""
    full = {
        "nonce": web3.eth.get_transaction_count(account.address, "pending") if nonce is None else nonce,
        "value": 0,
        **transaction,
    }
    if "gasPrice" not in full:
        full = {**fees(web3), **full}
    full.setdefault("chainId", web3.eth.chain_id)
    if "gas" not in full:
        full["gas"] = 1_000_000
    return web3.eth.send_raw_transaction(account.sign_transaction(full).raw_transaction)


def receipt(web3, hash, timeout=30):
    return web3.eth.wait_for_transaction_receipt(hash, timeout=timeout, poll_latency=0.02)


def wait_final(web3, height, timeout=30):
    wait_for(f"height {height} final", lambda: web3.eth.get_block("finalized")["number"] >= height, timeout)


def assert_equal_chains(network, names=None):
    """All nodes give the same block hash and state root at every height that all hold as final."""
    names = names or network.names
    height = min(network.final(name) for name in names)
    for number in range(height + 1):
        seen = set()
        for name in names:
            block = network.web3(name).eth.get_block(number)
            seen.add((bytes(block["hash"]), bytes(block["stateRoot"]), len(block["transactions"])))
        assert len(seen) == 1, f"nodes differ at height {number}: {seen}"
    return height


class Load:
    """Transfers from many accounts, each with its own nonces, that keep their hashes."""

    def __init__(self, web3, senders):
        self.senders = senders
        self.nonces = [web3.eth.get_transaction_count(sender.address, "pending") for sender in senders]
        self.chain_id = web3.eth.chain_id
        self.hashes = []

    def send(self, web3, index, to, value=1):
        sender = self.senders[index]
        raw = sender.sign_transaction(
            {
                "type": 2,
                "nonce": self.nonces[index],
                "to": to,
                "value": value,
                "gas": 21_000,
                "maxFeePerGas": 100 * GWEI,
                "maxPriorityFeePerGas": GWEI,
                "chainId": self.chain_id,
            }
        ).raw_transaction
        hash = web3.eth.send_raw_transaction(raw)
        self.nonces[index] += 1
        self.hashes.append(hash)
        return hash
