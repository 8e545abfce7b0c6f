#!/bin/bash
# Checks the Swift toolchain and installs the Debian packages that are missing; with the argument `python` also the
# virtual environment of the end-to-end tests, with `peers` the one of the engines that ours is compared with, with `model` the
# model checker. Does nothing
# when everything is there.
set -eu
cd "$(dirname "$0")/.."

fail() {
    echo "setup: $*" >&2
    exit 1
}

# The toolchain.
version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | head -n 1) || true
read -r major minor <<<"${version:-0 0}"
if ((major < 6 || (major == 6 && minor < 3))); then
    found=$([ "$major" = 0 ] && echo "none" || echo "$major.$minor")
    fail "Swift 6.3 or newer is needed (found: $found); install it from https://www.swift.org/install/linux/"
fi

# The packages.
packages=(pkg-config libc6-dev libsecp256k1-dev libsodium-dev libgmp-dev liblmdb-dev libuv1-dev libssl-dev)
if [ -n "${1:-}" ] && ! python3 -c 'import venv, ensurepip' 2>/dev/null; then packages+=(python3 python3-venv); fi
if [ "${1:-}" = qemu ]; then packages+=(qemu-user); fi
if [ "${1:-}" = model ]; then packages+=(spin gcc); fi
command -v dpkg-query >/dev/null || fail "this is not Debian; install the equivalents of: ${packages[*]}"
missing=()
for package in "${packages[@]}"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || missing+=("$package")
done
if ((${#missing[@]} > 0)); then
    if [ "$(id -u)" = 0 ]; then
        as_root=()
    elif command -v sudo >/dev/null; then
        as_root=(sudo)
    else
        fail "these Debian packages are missing, and neither root nor sudo is at hand: run as root: apt-get install ${missing[*]}"
    fi
    echo "setup: installing ${missing[*]}"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq \
        || fail "apt-get update failed; install by hand: ${missing[*]}"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
        || fail "apt-get install failed; install by hand: ${missing[*]}"
fi

# A virtual environment, made again when what it holds should change.
environment() {
    local folder=$1 wanted=$2
    if ! cmp -s "$wanted" "$folder/installed.txt"; then
        echo "setup: making $folder from $wanted"
        rm -rf "$folder"
        python3 -m venv "$folder"
        "$folder/bin/pip" install --quiet --disable-pip-version-check -r "$wanted" \
            || fail "pip could not install $wanted; is the Python package index reachable?"
        cp "$wanted" "$folder/installed.txt"
    fi
}

case "${1:-}" in
python) environment .venv Tests/EndToEnd/requirements.txt ;;
peers) environment .venv-peers Scripts/peers.txt ;;
esac
