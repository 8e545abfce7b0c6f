"""The launcher: one validator, Ctrl-C, the death of the launcher, continued chains, and bad input."""

import json
import os
import signal
import stat
import subprocess
import time

import pytest

from network import HYPERSEQ, MANIFESTS, Load, Network, alive, receipt, run, wait_for


def test_one_validator(make_network):
    """The centralised mode: receipts within milliseconds, and the chain continues after a stop."""
    network = make_network(MANIFESTS / "single.toml")
    web3 = network.web3("v1")
    load = Load(web3, network.accounts())
    times = []
    for turn in range(50):
        started = time.monotonic()
        hash = load.send(web3, turn % 10, network.accounts()[0].address)
        done = receipt(web3, hash)
        assert done["status"] == 1
        times.append(time.monotonic() - started)
    # The client polls every 20 ms, so this only shows that no block takes long.
    assert sorted(times)[25] < 0.2
    height = network.final("v1")
    block = web3.eth.get_block(height)
    run("testnet", "down", "--dir", network.folder)
    assert network.pids() == []
    network.web3s = {}
    network.up()
    again = network.web3("v1").eth.get_block(height)
    assert again["hash"] == block["hash"] and again["stateRoot"] == block["stateRoot"]


def foreground(folder, manifest):
    return subprocess.Popen(
        [str(HYPERSEQ), "testnet", "up", str(manifest), "--dir", str(folder), "--json"], stdout=subprocess.PIPE, text=True
    )


def read_report(process):
    text = ""
    for line in process.stdout:
        text += line
        if line.rstrip() == "}":
            return json.loads(text)
    raise AssertionError(f"no report: {text}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_end_of_the_launcher_ends_all(tmp_path, number):
    network = Network(tmp_path / "net", MANIFESTS / "quickstart.toml")
    process = foreground(network.folder, network.manifest)
    try:
        network.report = read_report(process)
        pids = [node["pid"] for node in network.report["nodes"]]
        assert len(pids) == 4 and all(alive(pid) for pid in pids)
        # A node that was started meanwhile belongs to the launcher as well.
        run("testnet", "restart", "v2", "--dir", network.folder)
        pids.append(network.node_status("v2")["pid"])
        process.send_signal(number)
        code = process.wait(20)
        assert code == (0 if number != signal.SIGKILL else -signal.SIGKILL)
        wait_for("no process is left", lambda: not any(alive(pid) for pid in pids), 12)
        assert network.pids() == []
    finally:
        process.kill()
        process.wait()
        network.down()


def test_detached_networks_are_stopped_by_down(make_network):
    network = make_network(MANIFESTS / "quickstart.toml")
    pids = [node["pid"] for node in network.report["nodes"]]
    second = run("testnet", "up", network.manifest, "--dir", network.folder, "--detach", check=False)
    assert second.returncode != 0 and "runs already" in second.stderr
    assert "ready" in run("testnet", "logs", "v1", "--dir", network.folder).stdout
    network.kill("v2")
    assert not network.node_status("v2")["running"]
    run("testnet", "down", "--dir", network.folder)
    assert not any(alive(pid) for pid in pids) and network.pids() == []


def test_files_are_private(make_network):
    network = make_network(MANIFESTS / "single.toml")
    for path, mode in [("v1", 0o700), ("v1/validator.key", 0o600), ("v1/node.key", 0o600), ("v1/node.toml", 0o600)]:
        assert stat.S_IMODE((network.folder / path).stat().st_mode) == mode
    secret = (network.folder / "v1/validator.key").read_text().strip()[2:]
    assert secret not in (network.folder / "v1/node.log").read_text()


@pytest.mark.parametrize(
    "text, words",
    [
        ("chain_id = 5\nblocks = 3\n", ["bad.toml:2: blocks: unknown key"]),
        ("[timing]\n\nblock_interval_milliseconds = 'fast'\n", ["bad.toml:3: timing.block_interval_milliseconds", "integer"]),
        ("[stake]\nv1 = 0\n", ["bad.toml:2: stake.v1", "from 1"]),
        ("[stake\n", ["bad.toml:1: not TOML"]),
        ("\0", ["bad.toml:1:"]),
    ],
)
def test_bad_manifests(tmp_path, text, words):
    path = tmp_path / "bad.toml"
    path.write_text(text)
    result = run("testnet", "up", path, "--dir", tmp_path / "net", check=False)
    assert result.returncode != 0 and all(word in result.stderr for word in words), result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "net").exists()


def test_a_changed_manifest_names_the_remedy(make_network, tmp_path):
    manifest = tmp_path / "one.toml"
    manifest.write_text("[stake]\nv1 = 1\n")
    network = make_network(manifest)
    network.down()
    manifest.write_text("[stake]\nv1 = 2\n")
    result = run("testnet", "up", manifest, "--dir", network.folder, "--detach", check=False)
    assert result.returncode != 0 and "another manifest" in result.stderr and "--dir" in result.stderr


def test_bad_node_files(make_network, tmp_path):
    network = make_network(MANIFESTS / "single.toml")
    network.down()
    config = network.folder / "v1/node.toml"
    good = config.read_text()

    def fails(text, *words):
        config.write_text(text)
        result = run("node", "run", "--config", config, check=False, timeout=20)
        assert result.returncode != 0 and all(word in result.stderr for word in words), result.stderr
        config.write_text(good)

    fails(good + "extra = 1\n", "unknown key", "log.extra")
    fails(good.replace('level = "info"', 'level = "loud"'), "log.level", "must be one of")
    fails(good.replace("allow_plain = true", "allow_plain = false"), "keys.validator", "not encrypted")
    fails(good.replace("validator.key", "missing.key"), "keys.validator", "missing.key")
    fails(good.replace('genesis = "../genesis.toml"', 'genesis = "nowhere.toml"'), "nowhere.toml", "cannot open")
    key = network.folder / "v1/validator.key"
    secret = key.read_text()
    for content in ["", "0x12", "zz" * 32, "{", "00" * 32, "ff" * 32, '{"version":3,"crypto":{}}', secret * 3]:
        key.write_text(content)
        fails(good, "keys.validator")
    key.write_text("11" * 32)
    fails(good, "validator set")
    key.write_text(secret)
    key.chmod(0o644)
    fails(good, "chmod 600")
    key.chmod(0o600)
    network.up()


def test_keys(tmp_path):
    environment = {**os.environ, "HYPERSEQ_PASSWORD": "correct horse"}
    path = tmp_path / "k.json"
    made = json.loads(run("keys", "new", "--out", path, "--json", env=environment).stdout)
    shown = json.loads(run("keys", "show", path, "--json", env=environment).stdout)
    assert made == shown and made["address"].startswith("0x")
    document = json.loads(path.read_text())
    assert document["version"] == 3 and document["crypto"]["kdf"] == "scrypt"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    wrong = run("keys", "show", path, check=False, env={**environment, "HYPERSEQ_PASSWORD": "wrong"})
    assert wrong.returncode != 0 and "wrong password" in wrong.stderr
    # Another implementation reads the file.
    from eth_account import Account

    secret = Account.decrypt(document, "correct horse")
    assert Account.from_key(secret).address == made["address"]
    # And ours reads that of another implementation.
    other = tmp_path / "other.json"
    other.write_text(json.dumps(Account.encrypt(secret, "correct horse", kdf="pbkdf2", iterations=1000)))
    other.chmod(0o600)
    assert json.loads(run("keys", "show", other, "--json", env=environment).stdout)["address"] == made["address"]
    imported = tmp_path / "plain.key"
    run("keys", "import", "--out", imported, "--plain", input=bytes(secret).hex() + "\n")
    assert json.loads(run("keys", "show", imported, "--plain", "--json").stdout)["address"] == made["address"]
    assert bytes(secret).hex() not in run("keys", "show", imported, "--plain").stdout
