#!/usr/bin/env bash
# Builds Askem and starts it: the window, or with arguments the command line.
#   ./run.sh                       opens the window
#   ./run.sh image.tif             opens the window with an image
#   ./run.sh classify image.tif    any command; ./run.sh --help lists them
# Installs missing system packages first (Debian, Ubuntu) and says so.
set -euo pipefail
askem=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
pushd "$askem" >/dev/null
. .ci/machine.sh
need_packages
need_rust
popd >/dev/null
# File names in the arguments are relative to where the user stands, so no cd.
exec cargo run --release --locked --manifest-path "$askem/Cargo.toml" -- "$@"
