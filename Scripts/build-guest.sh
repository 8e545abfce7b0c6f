#!/bin/bash
# Compiles the state transition to the guest program: .build/guest/hyperseq-guest.elf, static, riscv32im, with symbols, and
# hyperseq-guest.stripped.elf, the program that is proven. Needs only the Swift toolchain. The same sources and toolchain give
# the same bytes in every folder. Specs/guest.md says why each flag is there.
set -eu
cd "$(dirname "$0")/.."
out=.build/guest
mkdir -p "$out"

toolchain=$(dirname "$(readlink -f "$(command -v swiftc)")")
clang=$toolchain/clang
target=(--target=riscv32-none-none-eabi -march=rv32im -mabi=ilp32)
c_flags=("${target[@]}" -ffreestanding -fno-builtin -O2 -nostdlib -ffunction-sections -fdata-sections)
swift_flags=(
    -target riscv32-none-none-eabi -Xcc -march=rv32im -Xcc -mabi=ilp32 -Xcc -ffreestanding
    -enable-experimental-feature Embedded -wmo -O -swift-version 6 -parse-as-library
    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault
    -enable-upcoming-feature MemberImportVisibility -strict-memory-safety
    -Xfrontend -function-sections -Xfrontend -disable-stack-protector
    -package-name hyperseq -I "$out"
)

objects=()
for path in Floor0/Primitives Floor0/Crypto Floor1/Engine Guest; do
    module=${path#*/}
    extra=(-emit-module -emit-module-path "$out/$module.swiftmodule")
    if [ "$module" = Guest ]; then extra=(-import-objc-header Sources/Guest/Runtime/runtime.h); fi
    # shellcheck disable=SC2046  # source paths hold no spaces
    swiftc "${swift_flags[@]}" "${extra[@]}" -module-name "$module" -emit-ir -o "$out/$module.ll" \
        $(find "Sources/$path" -name '*.swift' | LC_ALL=C sort)
    "$clang" "${target[@]}" -O2 -flto=full -Wno-override-module -c "$out/$module.ll" -o "$out/$module.bc"
    objects+=("$out/$module.bc")
done
"$clang" "${c_flags[@]}" -c Sources/Guest/Runtime/crt0.S -o "$out/crt0.o"
for name in memory division doubles; do
    "$clang" "${c_flags[@]}" -c "Sources/Guest/Runtime/$name.c" -o "$out/$name.o"
    objects+=("$out/$name.o")
done

"$toolchain/ld.lld" -T Sources/Guest/Runtime/link.ld --gc-sections -static --no-relax \
    '--lto-newpm-passes=function(lower-atomic),lto<O2>' "$out/crt0.o" "${objects[@]}" -o "$out/hyperseq-guest.elf"
"$toolchain/llvm-objcopy" --strip-all "$out/hyperseq-guest.elf" "$out/hyperseq-guest.stripped.elf"
sha256sum "$out/hyperseq-guest.stripped.elf"
