#!/usr/bin/env bash
# Builds target/debian/nameplate_*.deb. Needs cargo-deb (cargo install cargo-deb) and dpkg-dev.
# PROGRAM=target/debug/nameplate packs that one instead of building a release: for tests of the packaging itself.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v cargo-deb >/dev/null || {
    echo "cargo-deb is not here: cargo install cargo-deb" >&2
    exit 1
}
program=target/release/nameplate
options=()
if [ -n "${PROGRAM:-}" ]; then
    mkdir -p target/release
    strip -o "$program" "$PROGRAM"
    options+=(--fast)
else
    cargo build --release --locked
fi

# What the program knows of itself: nothing of it is kept in two places.
made=target/packaging
rm -rf "$made"
mkdir -p "$made/man" "$made/completions"
"$program" man "$made/man"
"$program" completions bash >"$made/completions/nameplate"
"$program" completions zsh >"$made/completions/_nameplate"
"$program" completions fish >"$made/completions/nameplate.fish"
"$program" config init | cmp - packaging/nameplate.toml || {
    echo "packaging/nameplate.toml is not what nameplate config init writes" >&2
    exit 1
}

cargo deb --no-build "${options[@]}" "$@"
