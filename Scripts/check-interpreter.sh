#!/bin/bash
# Reads the machine code of the interpreter's loop in the release program. It must hold no reference counting, no exclusivity
# check and no allocation; and in the loop without an observer every instruction must jump to the next one by itself
# (Specs/engine.md, "Machine code"). Fails too when the loop is not found.
set -u
cd "$(dirname "$0")/.."
program=${1:-.build/release/hyperseq}
objdump=$(dirname "$(readlink -f "$(command -v swiftc)")")/llvm-objdump

# Specialisations of `interpret(_:_:)` in the module Engine, by their mangled names.
mapfile -t symbols < <("$objdump" --syms "$program" | awk '{print $NF}' | grep -E '^\$s6Engine9interpret.*VG_xmt.*g5$' | sort -u)
if ((${#symbols[@]} == 0)); then
    echo "interpreter: FAILED: its loop is not in $program"
    exit 1
fi

status=0
for symbol in "${symbols[@]}"; do
    code=$("$objdump" -d --no-show-raw-insn "--disassemble-symbols=$symbol" "$program" | grep -E '^ +[0-9a-f]+:')
    count=$(wc -l <<<"$code")
    bad=$(grep -oE 'swift_(retain|release|bridgeObject[A-Za-z]*|beginAccess|endAccess|allocObject|isUniquelyReferenced[A-Za-z_]*)' <<<"$code" | sort | uniq -c)
    # AT&T syntax on x86-64, br on arm64.
    jumps=$(grep -cE 'jmpq?[[:space:]]+\*|[[:space:]]br[[:space:]]' <<<"$code")
    if ((count < 1000)); then
        echo "interpreter: FAILED: $symbol has only $count machine instructions"
        status=1
    elif [ -n "$bad" ]; then
        echo "interpreter: FAILED: $symbol calls $bad"
        status=1
    elif [[ $symbol == *Unobserved* ]] && ((jumps < 100)); then
        echo "interpreter: FAILED: $symbol has $jumps indirect jumps; one for every instruction is expected"
        status=1
    else
        echo "interpreter: ok, $count machine instructions, $jumps indirect jumps ($symbol)"
    fi
done
exit $status
