"""Makes a case that shows a difference as small as it gets while the difference stays."""

import copy


def minimise(case, differs, rounds=6):
    """`differs` says whether a case still shows a difference. Code keeps its length, so that jumps still land: what is not
    needed becomes JUMPDEST, which does nothing."""
    for _ in range(rounds):
        smaller = case
        for step in (drop_transactions, drop_accounts, simplify_fields, blank_code, clear_storage):
            smaller = step(smaller, differs)
        if smaller is case:
            return case
        case = smaller
    return case


def with_accounts(case, accounts):
    other = copy.copy(case)
    other.world = copy.copy(case.world)
    other.world.set_accounts(accounts)
    return other


def with_transactions(case, transactions):
    other = copy.copy(case)
    other.transactions = transactions
    return other


def drop_transactions(case, differs):
    for index in reversed(range(len(case.transactions))):
        smaller = with_transactions(case, case.transactions[:index] + case.transactions[index + 1:])
        if smaller.transactions and differs(smaller):
            case = smaller
    return case


def drop_accounts(case, differs):
    senders = {t["sender"] for t in case.transactions}
    for address in list(case.world.accounts):
        if address not in senders:
            smaller = with_accounts(case, {a: v for a, v in case.world.accounts.items() if a != address})
            if differs(smaller):
                case = smaller
    return case


def simplify_fields(case, differs):
    for index, t in enumerate(case.transactions):
        for change in ({"access": []}, {"value": 0}, {"data": b""}, {"data": t["data"][:len(t["data"]) // 2]}, {"authorizations": t["authorizations"][:1]}):
            base = {k: v for k, v in case.transactions[index].items() if k != "raw"}
            if any(base[k] != v for k, v in change.items()):
                smaller = with_transactions(case, case.transactions[:index] + [base | change] + case.transactions[index + 1:])
                if differs(smaller):
                    case = smaller
    return case


def blank_code(case, differs):
    for address in list(case.world.accounts):
        nonce, balance, code, storage = case.world.accounts[address]
        width = len(code)
        while width > 0:
            for start in range(0, len(code), width):
                piece = code[start:start + width]
                blank = code[:start] + b"\x5b" * len(piece) + code[start + width:]
                if blank != code:
                    smaller = with_accounts(case, case.world.accounts | {address: (nonce, balance, blank, storage)})
                    if differs(smaller):
                        case, code = smaller, blank
            width //= 2
    return case


def clear_storage(case, differs):
    for address, (nonce, balance, code, storage) in list(case.world.accounts.items()):
        for slot in list(storage):
            rest = {k: v for k, v in storage.items() if k != slot}
            smaller = with_accounts(case, case.world.accounts | {address: (nonce, balance, code, rest)})
            if differs(smaller):
                case, storage = smaller, rest
    return case
