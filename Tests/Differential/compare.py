"""Whether two engines agree on a case, and how they differ."""


def stripped(answer):
    """An answer without what only one side can say: reasons, and the address of a created contract."""
    results = [{key: value for key, value in result.items() if key not in ("reason", "created")} for result in answer.get("results", [])]
    return {"results": results, "post": answer.get("post"), "error": answer.get("error")}


def differences(ours, theirs):
    """Lines that say where two answers differ; none when they agree."""
    ours, theirs = stripped(ours), stripped(theirs)
    for left, right in zip(ours["results"], theirs["results"]):
        if right.get("output", "") is None:
            left["output"] = None
    if ours == theirs:
        return []
    lines = []
    if ours["error"] or theirs["error"]:
        lines.append(f"error: {ours['error']} | {theirs['error']}")
    for index, (left, right) in enumerate(zip(ours["results"], theirs["results"])):
        lines += [f"transaction {index} {line}" for line in fields(left, right)]
    lines += fields(ours["post"] or {}, theirs["post"] or {})
    return lines or ["different numbers of results"]


def fields(left, right):
    return [f"{key}: {left.get(key)} | {right.get(key)}" for key in sorted(left.keys() | right.keys()) if left.get(key) != right.get(key)]
