#!/bin/bash
# Checks the model of Specs/model/ordering.pml: the rules hold, and with one rule broken the checker finds a violation. Prints a table and
# fails on any surprise. The two searches in three views are cut off after a minute each.
set -eu
cd "$(dirname "$0")/.."
Scripts/setup.sh model
root=$PWD
folder=.build/model
mkdir -p "$folder"
surprises=0

# check NAME holds|fails SPIN-DEFINES [PAN-OPTIONS] [C-DEFINES]
check() {
    local name=$1 expected=$2 defines=$3 options=${4:-} flags=${5:-} work="$folder/$1" found states seconds kind
    rm -rf "$work"
    mkdir -p "$work"
    # shellcheck disable=SC2086
    (cd "$work" && spin -a $defines "$root/Specs/model/ordering.pml" >spin.log 2>&1 && gcc -O1 -w -DSAFETY -DNOFAIR -DNOREDUCE -DMEMLIM=6000 $flags -o pan pan.c) || true
    # shellcheck disable=SC2086
    (cd "$work" && ./pan -m100000 $options >out.log 2>&1) || true
    states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' "$work/out.log")
    seconds=$(sed -n 's/.*elapsed time \([0-9.]*\).*/\1/p' "$work/out.log")
    kind=exhaustive
    if grep -q 'errors: 0' "$work/out.log"; then found=holds; else found=fails; fi
    if ! grep -q 'errors: [0-9]' "$work/out.log"; then found="did not run"; fi
    if [[ "$flags" != *BITSTATE* && $found = holds ]] && grep -q 'max search depth too small\|Search not completed' "$work/out.log"; then found=unfinished; fi
    if [[ "$flags" = *BITSTATE* ]]; then kind=partial; fi
    if [ "$found" = fails ]; then kind="to an error"; fi
    printf '%-34s %-10s %-10s %-12s %12s states %8s s\n' "$name" "$expected" "$found" "$kind" "${states:-?}" "${seconds:-0}"
    if [ "$found" != "$expected" ]; then
        surprises=$((surprises + 1))
        tail -n 5 "$work/out.log" "$work/spin.log" >&2 || true
    fi
}

printf '%-34s %-10s %-10s %-12s\n' case expected found search
check agreement holds "-DV=2"
check agreement-staged holds "-DV=2 -DSTAGED"
check agreement-tip holds "-DV=2 -DTIP -DCHECK_REVERSAL"
check accountability holds "-DV=2 -DBYZ=2 -DCHECK_ACCOUNTABILITY"
check two-liars fails "-DV=2 -DBYZ=2"
check quorum-of-two fails "-DV=2 -DQUORUM=2"
check no-tip-rule fails "-DV=2 -DCHECK_REVERSAL"
check commit-after-timeout fails "-DV=2 -DBREAK_COMMIT_AFTER_TIMEOUT"
check vote-after-timeout fails "-DV=2 -DBREAK_VOTE_AFTER_TIMEOUT"
check two-votes-in-a-view fails "-DV=2 -DBREAK_DOUBLE_VOTE"
check certificate-forgotten fails "-DV=3 -DSTAGED -DBREAK_FORGET_HIGH"
check timeout-certificate-not-highest fails "-DV=3 -DSTAGED -DBREAK_LOW_TC"
check stale-certificate fails "-DV=2 -DBREAK_STALE_CERTIFICATE"
check agreement-three-views holds "-DV=3 -DSTAGED" "-w32 -k3 -Q1" "-DBITSTATE"
check tip-three-views holds "-DV=3 -DSTAGED -DTIP -DCHECK_REVERSAL" "-w32 -k3 -Q1" "-DBITSTATE"
if ((surprises > 0)); then
    echo "model: $surprises surprises" >&2
    exit 1
fi
