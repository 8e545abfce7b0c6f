"""What a client sees of the quickstart network: contracts, transactions of every type, errors, subscriptions."""

import asyncio
import json
import time
import urllib.error
import urllib.request

import pytest
import rlp
import websockets
from eth_account import Account
from vyper.compiler import compile_code
from web3.exceptions import ContractLogicError, Web3RPCError

from network import ETHER, GWEI, MANIFESTS, REPOSITORY, assert_equal_chains, receipt, send, wait_final

CONTRACTS = REPOSITORY / "Tests/EndToEnd/contracts"


def compile_contract(name):
    output = compile_code((CONTRACTS / f"{name}.vy").read_text(), output_formats=["abi", "bytecode"])
    return output["abi"], output["bytecode"]


def deploy(web3, account, name, *arguments):
    abi, bytecode = compile_contract(name)
    factory = web3.eth.contract(abi=abi, bytecode=bytecode)
    data = factory.constructor(*arguments).data_in_transaction
    done = receipt(web3, send(web3, account, {"data": data, "gas": 3_000_000}))
    assert done["status"] == 1
    return web3.eth.contract(address=done["contractAddress"], abi=abi), done


def test_client(make_network):
    """The whole day of a client on one network: a start is the dear part."""
    network = make_network(MANIFESTS / "quickstart.toml")
    assert network.report["firstFinalMilliseconds"] < 10_000
    assert len(network.report["accounts"]) == 10
    senders = twenty_accounts(network)
    token = check_token(network, senders)
    check_thousand_transfers(network, token, senders)
    check_reverts(network, token, senders)
    check_traces(network, token, senders)
    check_simulations(network, token, senders)
    check_transaction_types(network, token, senders)
    check_refused_transactions(network, senders)
    asyncio.run(check_subscriptions(network, token, senders))
    check_bad_bodies(network)
    check_status(network)
    assert_equal_chains(network)


def twenty_accounts(network):
    """Ten development accounts and ten that they fund."""
    web3 = network.web3("v1")
    first = network.accounts()
    second = [Account.from_key(f"0x{i + 1:064x}") for i in range(10)]
    hashes = [send(web3, rich, {"to": poor.address, "value": 100 * ETHER, "gas": 21_000}) for rich, poor in zip(first, second)]
    for hash, poor in zip(hashes, second):
        assert receipt(web3, hash)["status"] == 1
        assert web3.eth.get_balance(poor.address) == 100 * ETHER
    return first + second


def check_token(network, senders):
    web3 = network.web3("v1")
    owner = senders[0]
    token, done = deploy(web3, owner, "Token", "Test Token", "TT", 10**24)
    assert token.functions.name().call() == "Test Token"
    assert token.functions.decimals().call() == 18
    assert token.functions.balanceOf(owner.address).call() == 10**24
    assert len(web3.eth.get_code(token.address)) > 100
    wait_final(network.web3("v2"), done["blockNumber"])
    other = network.web3("v2").eth.contract(address=token.address, abi=token.abi)
    assert other.functions.totalSupply().call() == 10**24
    hashes = []
    nonce = web3.eth.get_transaction_count(owner.address)
    for offset, sender in enumerate(senders[1:]):
        data = token.encode_abi("transfer", [sender.address, 10**20])
        hashes.append(send(web3, owner, {"to": token.address, "data": data, "gas": 100_000}, nonce + offset))
    for hash in hashes:
        assert receipt(web3, hash)["status"] == 1
    return token


def check_thousand_transfers(network, token, senders):
    """1,000 token transfers from 20 accounts, through all four nodes, each account through one."""
    web3s = [network.web3(name) for name in network.names]
    receivers = [Account.from_key(f"0x{i + 1000:064x}").address for i in range(20)]
    before = [token.functions.balanceOf(sender.address).call() for sender in senders]
    start_height = web3s[0].eth.block_number
    started = time.monotonic()
    sent = []
    nonces = [web3s[0].eth.get_transaction_count(sender.address, "pending") for sender in senders]
    for turn in range(50):
        for index, sender in enumerate(senders):
            data = token.encode_abi("transfer", [receivers[index], 1 + turn])
            transaction = {"to": token.address, "data": data, "gas": 100_000}
            sent.append((index, turn, send(web3s[index % 4], sender, transaction, nonces[index] + turn)))
    assert len(sent) == 1_000
    gas = {}
    for index, turn, hash in sent:
        done = receipt(web3s[index % 4], hash)
        assert done["status"] == 1 and done["from"] == senders[index].address and done["to"] == token.address
        assert len(done["logs"]) == 1
        event = token.events.Transfer().process_receipt(done)[0]["args"]
        assert (event["sender"], event["receiver"], event["amount"]) == (senders[index].address, receivers[index], 1 + turn)
        gas.setdefault(done["blockNumber"], []).append((done["transactionIndex"], done["gasUsed"], done["cumulativeGasUsed"]))
        transaction = web3s[index % 4].eth.get_transaction(hash)
        assert transaction["nonce"] == nonces[index] + turn and transaction["blockHash"] == done["blockHash"]
    seconds = time.monotonic() - started
    end_height = max(gas)
    # Figures only: how fast blocks come is the benchmark's to judge.
    print(f"{end_height - start_height} blocks in {seconds:.1f} s of sending and checking")
    for web3 in web3s:
        wait_final(web3, end_height)
    for web3 in web3s:
        contract = web3.eth.contract(address=token.address, abi=token.abi)
        for index, sender in enumerate(senders):
            assert contract.functions.balanceOf(sender.address).call() == before[index] - 1275
            assert contract.functions.balanceOf(receivers[index]).call() == 1275
    logs = web3s[3].eth.get_logs(
        {"address": token.address, "fromBlock": start_height + 1, "toBlock": end_height, "topics": [Transfer_TOPIC(web3s[0])]}
    )
    assert len(logs) == 1_000
    assert [(log["blockNumber"], log["logIndex"]) for log in logs] == sorted((log["blockNumber"], log["logIndex"]) for log in logs)
    # A balance of the past is still known.
    old = token.functions.balanceOf(senders[5].address).call(block_identifier=start_height)
    assert old == before[5]


def Transfer_TOPIC(web3):
    return web3.keccak(text="Transfer(address,address,uint256)")


def check_reverts(network, token, senders):
    web3 = network.web3("v3")
    contract = web3.eth.contract(address=token.address, abi=token.abi)
    too_much = contract.functions.transfer(senders[1].address, 10**30)
    with pytest.raises(ContractLogicError, match="token: balance too low"):
        too_much.call({"from": senders[2].address})
    with pytest.raises(ContractLogicError, match="token: balance too low"):
        too_much.estimate_gas({"from": senders[2].address})
    data = token.encode_abi("transfer", [senders[1].address, 10**30])
    done = receipt(web3, send(web3, senders[2], {"to": token.address, "data": data, "gas": 200_000}))
    assert done["status"] == 0 and len(done["logs"]) == 0
    fine = contract.functions.transfer(senders[1].address, 1)
    estimate = fine.estimate_gas({"from": senders[2].address})
    data = token.encode_abi("transfer", [senders[1].address, 1])
    done = receipt(web3, send(web3, senders[2], {"to": token.address, "data": data, "gas": estimate}))
    assert done["status"] == 1 and done["gasUsed"] <= estimate <= done["gasUsed"] * 1.3
    assert web3.eth.estimate_gas({"from": senders[2].address, "to": senders[3].address, "value": 1}) == 21_000


def ask(web3, method, *parameters):
    answer = web3.provider.make_request(method, list(parameters))
    assert "error" not in answer, answer
    return answer["result"]


def check_traces(network, token, senders):
    """A block traced by every node: the same everywhere, with the gas of the receipts."""
    web3 = network.web3("v1")
    sender, receiver = senders[6], senders[7].address
    data = token.encode_abi("transfer", [receiver, 3])
    done = receipt(web3, send(web3, sender, {"to": token.address, "data": data, "gas": 100_000}))
    number, hash = hex(done["blockNumber"]), "0x" + bytes(done["transactionHash"]).hex()
    web3s = [network.web3(name) for name in network.names]
    for other in web3s:
        wait_final(other, done["blockNumber"])
    options = {"tracer": "callTracer", "tracerConfig": {"withLog": True}}
    blocks = [ask(other, "debug_traceBlockByNumber", number, options) for other in web3s]
    assert all(block == blocks[0] for block in blocks)
    receipts = ask(web3, "eth_getBlockReceipts", number)
    assert [trace["txHash"] for trace in blocks[0]] == [one["transactionHash"] for one in receipts]
    assert [trace["result"]["gasUsed"] for trace in blocks[0]] == [one["gasUsed"] for one in receipts]
    call = next(trace["result"] for trace in blocks[0] if trace["txHash"] == hash)
    assert call["to"] == token.address.lower() and call["input"] == data and len(call["logs"]) == 1
    steps = ask(web3, "debug_traceTransaction", hash)
    assert steps["gas"] == done["gasUsed"] and not steps["failed"] and steps["structLogs"][-1]["op"] == "RETURN"
    change = ask(web3, "debug_traceTransaction", hash, {"tracer": "prestateTracer", "tracerConfig": {"diffMode": True}})
    owner = sender.address.lower()
    assert change["post"][owner]["nonce"] == change["pre"][owner].get("nonce", 0) + 1
    assert len(change["post"][token.address.lower()]["storage"]) == 2


def check_simulations(network, token, senders):
    """What a wallet asks before it sends: the access list, and what will have happened."""
    web3 = network.web3("v2")
    sender, receiver = senders[8], senders[9].address
    data = token.encode_abi("transfer", [receiver, 4])
    call = {"from": sender.address, "to": token.address, "data": data}
    found = ask(web3, "eth_createAccessList", call, "latest")
    assert [entry["address"] for entry in found["accessList"]] == [token.address.lower()]
    assert len(found["accessList"][0]["storageKeys"]) == 2
    before = token.functions.balanceOf(receiver).call()
    read = {"to": token.address, "data": token.encode_abi("balanceOf", [receiver])}
    blocks = ask(web3, "eth_simulateV1", {"blockStateCalls": [{"calls": [call]}, {"calls": [read]}]}, "latest")
    assert blocks[0]["calls"][0]["status"] == "0x1" and len(blocks[0]["calls"][0]["logs"]) == 1
    assert int(blocks[1]["calls"][0]["returnData"], 16) == before + 4
    assert token.functions.balanceOf(receiver).call() == before
    listed = {"to": token.address, "data": data, "gas": 100_000, "accessList": found["accessList"]}
    assert receipt(web3, send(web3, sender, listed))["gasUsed"] == int(found["gasUsed"], 16)


def check_transaction_types(network, token, senders):
    web3 = network.web3("v4")
    sender = senders[3]
    to = senders[4].address
    legacy = receipt(web3, send(web3, sender, {"to": to, "value": 5, "gas": 21_000, "gasPrice": 50 * GWEI}))
    assert legacy["type"] == 0 and legacy["effectiveGasPrice"] == 50 * GWEI
    slot = {"address": token.address, "storageKeys": ["0x" + "00" * 32]}
    listed = receipt(
        web3, send(web3, sender, {"type": 1, "to": to, "value": 5, "gas": 50_000, "gasPrice": 50 * GWEI, "accessList": [slot]})
    )
    assert listed["type"] == 1 and listed["gasUsed"] == 21_000 + 2_400 + 1_900
    dynamic = receipt(web3, send(web3, sender, {"type": 2, "to": to, "value": 5, "gas": 21_000}))
    assert dynamic["type"] == 2
    base = web3.eth.get_block(dynamic["blockNumber"])["baseFeePerGas"]
    assert dynamic["effectiveGasPrice"] == base + GWEI
    check_set_code(web3, senders)


def check_set_code(web3, senders):
    """EIP-7702: an account takes on code, runs it, and gives it up."""
    sponsor, holder = senders[5], Account.from_key("0x" + "77" * 32)
    wallet, _ = deploy(web3, sponsor, "Wallet")
    nonce = web3.eth.get_transaction_count(holder.address)

    def authorize(address, nonce):
        return holder.sign_authorization({"chainId": web3.eth.chain_id, "address": address, "nonce": nonce})

    data = wallet.encode_abi("ping", [41])
    transaction = {"type": 4, "to": holder.address, "data": data, "gas": 300_000, "authorizationList": [authorize(wallet.address, nonce)]}
    hash = send(web3, sponsor, transaction)
    done = receipt(web3, hash)
    assert done["type"] == 4 and done["status"] == 1
    assert [log["address"] for log in done["logs"]] == [holder.address]
    assert bytes(web3.eth.get_code(holder.address)) == bytes.fromhex("ef0100") + bytes.fromhex(wallet.address[2:])
    assert web3.eth.get_transaction_count(holder.address) == nonce + 1
    mine = web3.eth.contract(address=holder.address, abi=wallet.abi)
    assert mine.functions.calls().call() == 1
    seen = web3.eth.get_transaction(hash)
    assert seen["type"] == 4 and len(seen["authorizationList"]) == 1
    nothing = "0x" + "00" * 20
    transaction = {"type": 4, "to": sponsor.address, "gas": 300_000, "authorizationList": [authorize(nothing, nonce + 1)]}
    assert receipt(web3, send(web3, sponsor, transaction))["status"] == 1
    assert web3.eth.get_code(holder.address) == b""


def check_refused_transactions(network, senders):
    web3 = network.web3("v2")
    poor = Account.from_key("0x" + "55" * 32)
    sender = senders[6]
    nonce = web3.eth.get_transaction_count(sender.address, "pending")
    to = senders[7].address
    for message, account, transaction, used in [
        ("insufficient funds", poor, {"to": to, "value": 1, "gas": 21_000}, 0),
        ("nonce too low", sender, {"to": to, "value": 1, "gas": 21_000}, 0),
        ("intrinsic gas too low", sender, {"to": to, "value": 1, "gas": 20_999}, nonce),
        ("chain", sender, {"to": to, "value": 1, "gas": 21_000, "chainId": 1}, nonce),
        ("gas limit", sender, {"to": to, "value": 1, "gas": 40_000_000}, nonce),
    ]:
        with pytest.raises(Web3RPCError, match=message):
            send(web3, account, transaction, used)
    with pytest.raises(Web3RPCError, match="blob transactions"):
        web3.eth.send_raw_transaction(blob_transaction(web3, senders[6], nonce))
    for raw in ["0x", "0x00", "0x02c0", "0xdeadbeef", "0x03c0", "0x02" + "ff" * 300]:
        with pytest.raises(Web3RPCError):
            web3.eth.send_raw_transaction(raw)
    assert web3.eth.get_transaction_count(sender.address, "pending") == nonce


def blob_transaction(web3, account, nonce):
    """A well-formed and signed EIP-4844 transaction without its blobs, as it stands in a block."""
    address = bytes.fromhex(account.address[2:])
    fields = [web3.eth.chain_id, nonce, GWEI, 100 * GWEI, 21_000, address, 0, b"", [], GWEI, [b"\x01" + b"\x11" * 31]]
    signature = account.unsafe_sign_hash(web3.keccak(b"\x03" + rlp.encode(fields)))
    return b"\x03" + rlp.encode(fields + [signature.v - 27, signature.r, signature.s])


async def check_subscriptions(network, token, senders):
    """newHeads, logs and newPendingTransactions over WebSocket."""
    web3 = network.web3("v1")
    async with websockets.connect(network.websocket("v1"), max_size=2**24) as socket:
        kinds = {}
        topic = "0x" + bytes(Transfer_TOPIC(web3)).hex()
        wanted = [["newHeads"], ["logs", {"address": token.address, "topics": [topic]}], ["newPendingTransactions"]]
        for number, parameters in enumerate(wanted):
            await socket.send(json.dumps({"jsonrpc": "2.0", "id": number, "method": "eth_subscribe", "params": parameters}))
            while True:
                message = json.loads(await asyncio.wait_for(socket.recv(), 10))
                if message.get("id") == number:
                    kinds[message["result"]] = parameters[0]
                    break
        assert len(kinds) == 3
        data = token.encode_abi("transfer", [senders[9].address, 3])
        hash = send(web3, senders[8], {"to": token.address, "data": data, "gas": 100_000})
        text = "0x" + bytes(hash).hex()
        heads, logs, pending = [], [], []
        end = time.monotonic() + 20
        while time.monotonic() < end and not (len(heads) >= 3 and logs and text in pending):
            message = json.loads(await asyncio.wait_for(socket.recv(), 20))
            parameters = message["params"]
            {"newHeads": heads, "logs": logs, "newPendingTransactions": pending}[kinds[parameters["subscription"]]].append(
                parameters["result"]
            )
        assert text in pending
        assert [log["transactionHash"] for log in logs] == [text]
        numbers = [int(head["number"], 16) for head in heads]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        for before, after in zip(heads, heads[1:]):
            assert after["parentHash"] == before["hash"]
        first = next(iter(kinds))
        await socket.send(json.dumps({"jsonrpc": "2.0", "id": 9, "method": "eth_unsubscribe", "params": [first]}))
        while True:
            message = json.loads(await asyncio.wait_for(socket.recv(), 10))
            if message.get("id") == 9:
                assert message["result"] is True
                break


def post(url, body, headers=None):
    request = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json", **(headers or {})})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except urllib.error.URLError:
        # The server need not read a body to its end to refuse it.
        return 413, b""


def check_bad_bodies(network):
    """Bad requests get an error and change nothing."""
    url = network.report["nodes"][0]["rpc"]
    good = b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}'
    expected = hex(network.report["chainId"])
    for body, code in [
        (b"", -32700),
        (b"{", -32700),
        (b"\xff\xfe", -32700),
        (b"[" * 100_000, -32700),
        (b"[]", -32600),
        (b"5", -32600),
        (b'{"jsonrpc":"2.0","id":1}', -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_nothing","params":[]}', -32601),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":["0x12","latest"]}', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_getBlockByNumber","params":["0x","maybe"]}', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_sendRawTransaction","params":[7]}', -32602),
    ]:
        status, answer = post(url, body)
        assert json.loads(answer)["error"]["code"] == code, (body[:80], status, answer[:200])
        assert json.loads(post(url, good)[1])["result"] == expected
    mixed = json.loads(post(url, b"[" + good + b",5," + good + b"]")[1])
    assert [("result" in entry) for entry in mixed] == [True, False, True]
    assert post(url, b" " * 40_000_000)[0] >= 400
    assert json.loads(post(url, good)[1])["result"] == expected
    with urllib.request.urlopen(url + "/health", timeout=10) as answer:
        assert answer.status == 200
    with urllib.request.urlopen(url + "/metrics", timeout=10) as answer:
        assert b"# TYPE" in answer.read()


def check_status(network):
    status = network.status()
    assert status["chainId"] == network.report["chainId"]
    assert [node["name"] for node in status["nodes"]] == ["v1", "v2", "v3", "v4"]
    for node in status["nodes"]:
        assert node["running"] and node["role"] == "validator" and node["peers"] == 3
        assert node["finalized"] >= 1 and node["latest"] >= node["safe"] >= node["finalized"]
        assert node["residentBytes"] < 300 * 2**20
        block = network.web3(node["name"]).eth.get_block(node["finalized"])
        assert "0x" + bytes(block["hash"]).hex() == node["finalizedHash"]
        assert "0x" + bytes(block["stateRoot"]).hex() == node["finalizedStateRoot"]
