"""Our engine: `hyperseq evm run` as a child process, spoken to in batches of lines."""

import json
import subprocess
import threading


class EngineFailed(Exception):
    pass


class Engine:
    def __init__(self, program):
        self.process = subprocess.Popen([program, "evm", "run"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def run(self, lines):
        """One answer per line. Writing happens beside reading, so that neither pipe fills up."""
        writer = threading.Thread(target=self._write, args=("".join(lines).encode(),), daemon=True)
        writer.start()
        answers = []
        for _ in lines:
            answer = self.process.stdout.readline()
            if not answer.endswith(b"\n"):
                raise EngineFailed(f"the engine ended after {len(answers)} of {len(lines)} cases with {self.process.wait()}")
            answers.append(json.loads(answer))
        writer.join()
        return answers

    def _write(self, data):
        try:
            self.process.stdin.write(data)
            self.process.stdin.flush()
        except BrokenPipeError:
            pass

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)
