"""Compares the engine with another on a folder of EVM benchmarks, in one run: rounds of ours and the peer's, case by case, so that
whatever else the machine does hits both. Prints best CPU times and their ratio. The peer is the folder's own driver, which prints
one JSON object per case.

usage: bench-evm.py HYPERSEQ FOLDER [--peer DRIVER] [--rounds N] [--case NAME]... [--json]"""
import argparse
import json
import os
import subprocess
import sys


def best(command, environment):
    """The fastest of a driver's repetitions, in seconds of CPU time, and the line it is from."""
    run = subprocess.run(command, env=dict(os.environ, **environment), stdout=subprocess.PIPE, text=True)
    if run.returncode != 0:
        sys.exit(f"failed with {run.returncode}: {' '.join(command)}")
    lines = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    if len(lines) != 1:
        sys.exit(f"printed {len(lines)} results instead of one: {' '.join(command)}")
    return lines[0]["cpu_s"], lines[0]


def compare(options, case):
    ours, theirs = [], []
    for _ in range(options.rounds):
        ours.append(best([options.hyperseq, "evm", "bench", options.folder, "--case", case, "--reps", "3", "--json"], {}))
        theirs.append(best([sys.executable, os.path.join(options.folder, options.peer), case], {"REPS": "3"}))
    mine, line = min(ours, key=lambda result: result[0])
    other, other_line = min(theirs, key=lambda result: result[0])
    return {
        "case": case, "n": line["n"], "ours_ns": mine / line["n"] * 1e9, "peer_ns": other / line["n"] * 1e9,
        "ratio": other / mine, "same_gas": line["gas"] == other_line["gas"], "peer": other_line["engine"],
    }


def main():
    parser = argparse.ArgumentParser(description="Compares the engine's speed with a peer's.")
    parser.add_argument("hyperseq")
    parser.add_argument("folder")
    parser.add_argument("--peer", default="run_revm.py", help="driver in the folder (default: run_revm.py)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--case", action="append", help="only this case; may be given more than once")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with open(os.path.join(options.folder, "cases.json")) as file:
        names = [name for name in json.load(file) if not options.case or name in options.case]

    results = []
    for name in names:
        result = compare(options, name)
        results.append(result)
        if not options.json:
            if len(results) == 1:
                print(f"{'case':<16} {'ours ns/iter':>14} {result['peer'] + ' ns/iter':>16} {'speed':>8}")
            note = "" if result["same_gas"] else "  (the peer's gas differs)"
            print(f"{name:<16} {result['ours_ns']:>14.1f} {result['peer_ns']:>16.1f} {result['ratio']:>7.2f}x{note}", flush=True)
    if options.json:
        print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
