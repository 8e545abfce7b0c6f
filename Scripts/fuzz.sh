#!/bin/bash
# libFuzzer on every target of Tests/Fuzz, or on those named, for SECONDS in total, two at a time. Fails at the first input that
# traps; the input is kept in .build/fuzz-crashes.
# usage: fuzz.sh SECONDS [TARGET...]
set -eu
cd "$(dirname "$0")/.."

seconds=${1:?usage: fuzz.sh SECONDS [TARGET...]}
shift
FUZZ=1 swift build -c release --product Fuzz --scratch-path .build/fuzz
program=.build/fuzz/release/Fuzz
if (($# > 0)); then targets=("$@"); else mapfile -t targets < <("$program" || true); fi

workers=2
share=$((seconds * workers / ${#targets[@]}))
((share > 0)) || share=1
mkdir -p .build/fuzz-crashes
# What an input may cost: bytes, seconds, MiB.
limits=(-max_len=8192 -timeout=30 -rss_limit_mb=4096)

# Leaks are no traps, and the runtime's one-time allocations look like some.
export ASAN_OPTIONS=detect_leaks=0 SWIFT_BACKTRACE=enable=no

fuzz() {
    local target=$1 log=.build/fuzz-crashes/$1.log
    mkdir -p ".build/fuzz-corpus/$target"
    if "$program" "$target" "${limits[@]}" -max_total_time="$share" -print_final_stats=1 -artifact_prefix=".build/fuzz-crashes/$target-" \
        ".build/fuzz-corpus/$target" "Tests/Fuzz/Corpus/$target" >"$log" 2>&1; then
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
        coverage=$(sed -n 's/.*DONE *cov: \([0-9]*\).*/\1/p' "$log")
        echo "$target: ${runs:-?} inputs in $share s, ${coverage:-?} places in the code reached, no trap"
    else
        echo "$target: TRAPPED; the input is in .build/fuzz-crashes, the end of $log:" >&2
        tail -n 40 "$log" >&2
        return 1
    fi
}

failed=0
for ((first = 0; first < ${#targets[@]}; first += workers)); do
    running=()
    for target in "${targets[@]:first:workers}"; do
        fuzz "$target" &
        running+=($!)
    done
    for job in "${running[@]}"; do wait "$job" || failed=1; done
done
if ((failed)); then exit 1; fi
echo "no trap in $((share * ${#targets[@]})) seconds of fuzzing"
