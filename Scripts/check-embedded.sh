#!/bin/bash
# Compiles the floors that are proven (Primitives, Crypto, Engine) as Embedded Swift for the guest machine, riscv32.
# Needs only the Swift toolchain: the guest forms import no C library. Prints one line per module; fails when one fails.
set -u
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

flags=(
    -target riscv32-none-none-eabi -Xcc -march=rv32im -Xcc -mabi=ilp32 -Xcc -ffreestanding
    -enable-experimental-feature Embedded -wmo -O -swift-version 6 -parse-as-library
    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault
    -enable-upcoming-feature MemberImportVisibility -strict-memory-safety -warnings-as-errors
    -Xfrontend -function-sections -Xfrontend -disable-stack-protector
    -package-name hyperseq -I "$out"
)

status=0
for path in Floor0/Primitives Floor0/Crypto Floor1/Engine; do
    module=${path#*/}
    sources=$(find "Sources/$path" -name '*.swift' | sort)
    # shellcheck disable=SC2086  # source paths hold no spaces
    if swiftc "${flags[@]}" -module-name "$module" -c -emit-module \
        -emit-module-path "$out/$module.swiftmodule" -o "$out/$module.o" $sources >"$out/$module.log" 2>&1; then
        echo "embedded $module: ok ($(echo "$sources" | wc -l) files, $(stat -c %s "$out/$module.o") bytes)"
    else
        echo "embedded $module: FAILED"
        grep -E 'error' "$out/$module.log" | sort -u | head -20
        status=1
    fi
done
exit $status
