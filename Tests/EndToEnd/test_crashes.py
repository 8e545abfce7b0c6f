"""kill -9 of one validator and of all of them, under load."""

import os
import signal
import threading
import time

from network import MANIFESTS, Load, assert_equal_chains, receipt, wait_for, wait_final


class Background:
    """Keeps sending transfers through one node on a thread of its own."""

    def __init__(self, network, node, accounts, pause=0.01):
        self.web3 = network.web3(node)
        self.load = Load(self.web3, accounts)
        self.pause = pause
        self.stopping = threading.Event()
        self.failure = None
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        index = 0
        try:
            while not self.stopping.is_set():
                sender = index % len(self.load.senders)
                self.load.send(self.web3, sender, self.load.senders[sender - 1].address)
                index += 1
                time.sleep(self.pause)
        except Exception as error:
            self.failure = error

    def stop(self):
        self.stopping.set()
        self.thread.join(30)


def test_one_validator_is_killed(make_network):
    """The chain goes on without it; restarted, it catches up and votes again."""
    network = make_network(MANIFESTS / "quickstart.toml")
    load = Background(network, "v1", network.accounts())
    try:
        wait_for("some load", lambda: len(load.load.hashes) > 50)
        os.kill(network.node_status("v3")["pid"], signal.SIGKILL)
        wait_for("v3 is gone", lambda: not network.node_status("v3")["running"])
        height = network.final("v1")
        wait_for("the chain goes on", lambda: network.final("v1") >= height + 20, 60)
        network.start("v3")
        wait_for("v3 has caught up", lambda: network.node_status("v3").get("finalized", 0) >= height + 20, 60)
    finally:
        load.stop()
    assert load.failure is None, load.failure
    for hash in load.load.hashes:
        done = receipt(network.web3("v1"), hash)
        assert done["status"] == 1
    # With v4 gone, three of four are needed: the chain can only go on if v3 votes.
    network.kill("v4")
    height = max(network.final(name) for name in ["v1", "v2"])
    second = Background(network, "v2", network.accounts()[:2], pause=0.1)
    try:
        wait_for("v3 votes again", lambda: network.final("v2") >= height + 5, 60)
    finally:
        second.stop()
    assert second.failure is None, second.failure
    network.start("v4")
    goal = network.final("v1")
    wait_for("v4 has caught up", lambda: network.node_status("v4").get("finalized", 0) >= goal, 60)
    for name in ["v2", "v3"]:
        wait_final(network.web3(name), goal)
    assert_equal_chains(network)


def test_all_validators_are_killed(make_network):
    """No finalised transaction is missing after a restart of all."""
    network = make_network(MANIFESTS / "quickstart.toml")
    load = Background(network, "v1", network.accounts())
    try:
        wait_for("some load", lambda: len(load.load.hashes) > 200)
    finally:
        # What is final before the crash, as the client sees it.
        final = network.final("v1")
        before = {}
        for number in range(final + 1):
            block = network.web3("v1").eth.get_block(number)
            before[number] = (bytes(block["hash"]), bytes(block["stateRoot"]), [bytes(hash) for hash in block["transactions"]])
        for node in network.status()["nodes"]:
            os.kill(node["pid"], signal.SIGKILL)
        load.stop()
    assert sum(len(block[2]) for block in before.values()) > 50
    wait_for("all are gone", lambda: not any(node["running"] for node in network.status()["nodes"]))
    network.web3s = {}
    network.up()
    for name in network.names:
        web3 = network.web3(name)
        wait_final(web3, final)
        for number, expected in before.items():
            block = web3.eth.get_block(number)
            assert (bytes(block["hash"]), bytes(block["stateRoot"]), [bytes(hash) for hash in block["transactions"]]) == expected
    for block in before.values():
        for hash in block[2]:
            assert network.web3("v2").eth.get_transaction_receipt(hash)["status"] == 1
    # And it works on.
    web3 = network.web3("v1")
    after = Load(web3, network.accounts()[:1])
    done = receipt(web3, after.send(web3, 0, network.accounts()[1].address))
    assert done["status"] == 1 and done["blockNumber"] > final
    assert_equal_chains(network)
