#!/bin/bash
# Checks the Swift toolchain and installs the Debian packages that are missing; with the argument `python` also the
# virtual environment of the end-to-end tests. Does nothing when everything is there.
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
if [ "${1:-}" = python ] && ! python3 -c 'import venv, ensurepip' 2>/dev/null; then packages+=(python3 python3-venv); fi
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

# The virtual environment, made again when what it holds should change.
if [ "${1:-}" = python ]; then
    wanted=Tests/EndToEnd/requirements.txt
    if ! cmp -s "$wanted" .venv/installed.txt; then
        echo "setup: making .venv for the end-to-end tests"
        rm -rf .venv
        python3 -m venv .venv
        .venv/bin/pip install --quiet --disable-pip-version-check -r "$wanted" \
            || fail "pip could not install $wanted; is PyPI reachable?"
        cp "$wanted" .venv/installed.txt
    fi
fi
