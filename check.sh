#!/usr/bin/env bash
# The checks that every change passes: format, lints, tests, the build without a window.
# Installs missing system packages first (Debian, Ubuntu) and says so.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. .ci/machine.sh
# With these the tests watch that nothing reaches out to a network, window included.
need_packages strace xvfb xauth
need_rust

# Prints a command, runs it and prints how long it took.
step() {
    echo "==> $*"
    local began=$SECONDS
    "$@"
    echo "    took $((SECONDS - began)) s"
}

step cargo fmt --all --check
step cargo clippy --workspace --all-targets --locked -- -D warnings
step cargo test --workspace --locked --no-fail-fast
# Types alone: nothing of it is run, and it costs a fraction of a build.
step cargo check --no-default-features --locked
if cargo deny --version >/dev/null 2>&1; then
    step cargo deny --all-features check bans licenses sources
else
    echo "==> cargo deny is not installed: dependencies' licences and sources were not checked"
fi
echo "All checks passed in $SECONDS s."
