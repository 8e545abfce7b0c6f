#!/bin/bash
# Every test: the guest program, the interpreter's machine code, the model of the ordering protocol, the embedded build of the floors
# that are proven, the end-to-end tests with real processes, a short campaign of differential fuzzing, replicas with a broken rule, and
# the Swift tests, whose summary closes the output. One build folder serves all but the broken replicas. Every part runs even when an
# earlier one fails.
set -u
cd "$(dirname "$0")/.."

Scripts/setup.sh python || exit 1
Scripts/setup.sh peers || exit 1
swift build -c release --build-tests || exit 1

Scripts/build-guest.sh || exit 1

failed=()
Scripts/check-interpreter.sh || failed+=("machine code of the interpreter")
Scripts/model.sh || failed+=("model of the ordering protocol")
Scripts/check-embedded.sh || failed+=("embedded build")
.venv/bin/python -m pytest -q -W ignore::DeprecationWarning Tests/EndToEnd || failed+=("end-to-end tests")
.venv-peers/bin/python Tests/Differential/campaign.py --cases 2000 --specification-cases 100 || failed+=("differential fuzzing")
Scripts/mutants.sh || failed+=("mutants")
# One after another: side by side, the long searches starve the tests of real sockets and clocks, and all takes longer.
swift test -c release --skip-build --no-parallel || failed+=("Swift tests")

if ((${#failed[@]} > 0)); then
    printf 'FAILED: %s\n' "${failed[@]}" >&2
    exit 1
fi
