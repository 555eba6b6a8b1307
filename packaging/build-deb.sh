#!/usr/bin/env bash
# Builds target/debian/nameplate_*.deb. Needs cargo-deb (cargo install cargo-deb) and dpkg-dev.
# PROFILE=dev builds a package for tests of the packaging itself, much sooner.
set -euo pipefail
cd "$(dirname "$0")/.."

profile=${PROFILE:-release}
command -v cargo-deb >/dev/null || {
    echo "cargo-deb is not here: cargo install cargo-deb" >&2
    exit 1
}
cargo build --locked --profile "$profile"
folder=$profile
[ "$profile" != dev ] || folder=debug
program=${CARGO_TARGET_DIR:-target}/$folder/nameplate

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

cargo deb --no-build --profile "$profile" "$@"
