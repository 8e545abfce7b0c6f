"""Differential fuzzing: our engine against revm 8 (pyrevm) and against the executable specification.

    campaign.py --program .build/release/hyperseq --seed 1 --cases 1000000 --specification-cases 20000

Every case follows from the seed and its name. A difference with revm goes to the specification: when that agrees with us, the case
counts as revm's error. Every other difference is made small, written to the folder `--failures`, and the run ends with 1.
`--only revm:12.3` or `--only specification:99` runs one case and shows all answers."""

import argparse
import collections
import json
import multiprocessing
import os
import queue
import sys
import time

import cases
from compare import differences
from engine import Engine, EngineFailed
from minimise import minimise

# Groups of a peer's cases that go through the pipe together.
REVM_BATCH = 40
SPECIFICATION_BATCH = 40


class Worker:
    """One process: an engine of its own, and its share of the cases."""

    def __init__(self, options, results):
        self.options = options
        self.results = results
        self.engine = Engine(options.program)

    def run(self, number):
        for peer, groups, batch in ((Revm, self.options.cases // cases.GROUP, REVM_BATCH), (Specification, self.options.specification_cases, SPECIFICATION_BATCH)):
            starts = range(number * batch, groups, self.options.workers * batch)
            for start in starts:
                made = [case for group in range(start, min(start + batch, groups)) for case in peer.make(self.options.seed, group)]
                self.batch(peer, made)
        self.engine.close()
        self.results.put(None)

    def batch(self, peer, made):
        lines = [case.line() for case in made]
        try:
            answers = self.engine.run(lines)
        except EngineFailed as failure:
            self.report(peer, made[0], [f"in the batch that begins here: {failure}"], lines)
            self.engine = Engine(self.options.program)
            return
        counts = collections.Counter()
        for case, ours in zip(made, answers):
            lines = self.compare(peer, case, ours)
            if lines:
                verdict = self.judge(peer, case, ours, lines)
                counts[verdict] += 1
            for result in ours.get("results", []):
                counts[(peer.name, cases.FORKS[case.world.fork], result["status"])] += 1
        self.results.put((peer.name, len(made), counts))

    def compare(self, peer, case, ours):
        try:
            return differences(ours, peer.run(case))
        except Exception as error:
            return [f"the peer failed: {error!r}"]

    def judge(self, peer, case, ours, lines):
        """What a difference counts as."""
        if peer is Specification and "SpecificationFails" in lines[0]:
            return "specification fails"
        if peer is Revm and not self.compare(Specification, case, ours):
            self.report(peer, case, lines, [], "revm-errors")
            return "revm errs"

        def differs(smaller):
            (answer,) = self.engine.run([smaller.line()])
            return bool(self.compare(peer, smaller, answer))

        try:
            case = minimise(case, differs)
            (answer,) = self.engine.run([case.line()])
            lines = self.compare(peer, case, answer) or lines
        except EngineFailed as failure:
            lines.append(f"while making it smaller: {failure}")
            self.engine = Engine(self.options.program)
        self.report(peer, case, lines, [case.line()])
        return "differences"

    def report(self, peer, case, lines, inputs, kind="failures"):
        folder = os.path.join(self.options.failures, kind)
        os.makedirs(folder, exist_ok=True)
        name = os.path.join(folder, f"{peer.name}-{self.options.seed}-{case.name}")
        with open(name + ".txt", "w") as file:
            file.write("\n".join([f"{peer.name}:{case.name} seed {self.options.seed} ({cases.FORKS[case.world.fork]}), ours | theirs"] + lines) + "\n")
        if inputs:
            with open(name + ".jsonl", "w") as file:
                file.writelines(inputs)


class Revm:
    name = "revm"

    @staticmethod
    def make(seed, group):
        return cases.revm_group(seed, group)

    @staticmethod
    def run(case):
        import revm_peer
        return revm_peer.run(case)


class Specification:
    name = "specification"

    @staticmethod
    def make(seed, group):
        return [cases.specification_case(seed, group)]

    @staticmethod
    def run(case):
        import specification_peer
        return specification_peer.run(case)


def work(number, options, results):
    Worker(options, results).run(number)


def campaign(options):
    """Runs everything and returns the totals."""
    results = multiprocessing.Queue()
    workers = [multiprocessing.Process(target=work, args=(number, options, results), daemon=True) for number in range(options.workers)]
    for worker in workers:
        worker.start()
    wanted = {"revm": options.cases // cases.GROUP * cases.GROUP, "specification": options.specification_cases}
    done, totals = collections.Counter(), collections.Counter()
    running, begin, shown = len(workers), time.monotonic(), 0.0
    while running:
        try:
            item = results.get(timeout=5)
        except queue.Empty:
            if not any(worker.is_alive() for worker in workers):
                print("a worker ended early", file=sys.stderr)
                totals["differences"] += 1
                break
            continue
        if item is None:
            running -= 1
            continue
        peer, count, counts = item
        done[peer] += count
        totals.update(counts)
        if time.monotonic() - shown >= 5:
            shown = time.monotonic()
            parts = ", ".join(f"{peer} {done[peer]:,} of {wanted[peer]:,}" for peer in wanted)
            print(f"{shown - begin:6.0f} s  {parts}; {totals['differences']} differences", flush=True)
    for peer in wanted:
        if done[peer] < wanted[peer] and totals["differences"] == 0:
            print(f"only {done[peer]} cases of {peer} were run", file=sys.stderr)
            totals["differences"] += 1
    return done, totals, time.monotonic() - begin


def summary(options, done, totals, seconds):
    for peer in ("revm", "specification"):
        for fork in cases.FORKS:
            counts = {status: totals[(peer, fork, status)] for status in ("success", "reverted", "halted", "invalid")}
            if any(counts.values()):
                print(f"{peer} {fork}: " + ", ".join(f"{count:,} {status}" for status, count in counts.items()))
    if totals["revm errs"]:
        print(f"{totals['revm errs']} cases in which revm alone differs and the specification agrees with us: {options.failures}/revm-errors")
    if totals["specification fails"]:
        print(f"{totals['specification fails']} cases in which the specification breaks off itself (MODEXP with a base longer than memory)")
    if totals["differences"]:
        print(f"the cases that differ: {options.failures}/failures")
    print(f"seed {options.seed}: {done['revm']:,} cases against revm, {done['specification']:,} against the specification, "
          f"{totals['differences']} differences, {seconds:.0f} s")


def show(options):
    """Runs one case and prints every answer."""
    kind, name = options.only.split(":")
    peer = {"revm": Revm, "specification": Specification}[kind]
    (case,) = [case for case in peer.make(options.seed, int(name.split(".")[0])) if case.name == name]
    (ours,) = Engine(options.program).run([case.line()])
    print(case.line())
    answers = {"hyperseq": ours, "specification": Specification.run(case)}
    if peer is Revm:
        answers["revm"] = Revm.run(case)
    for who, answer in answers.items():
        print(who, json.dumps(answer, indent=1))
    for who, answer in answers.items():
        print(f"hyperseq against {who}:", differences(ours, answer) or "equal")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=".build/release/hyperseq")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--specification-cases", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--failures", default=".build/differential")
    parser.add_argument("--only")
    options = parser.parse_args()
    if options.only:
        return show(options)
    done, totals, seconds = campaign(options)
    summary(options, done, totals, seconds)
    sys.exit(1 if totals["differences"] else 0)


if __name__ == "__main__":
    main()
