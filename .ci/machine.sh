# What a machine needs before cargo can work, for run.sh, check.sh and .ci/run (sourced by them).
# Touches nothing that is already there; says what it installs before it does.

# What the window opens at run time (nothing of it is linked): X11, keyboard, OpenGL, fonts.
window_packages="libx11-6 libx11-xcb1 libxcursor1 libxi6 libxkbcommon-x11-0 libgl1 libegl1 libgl1-mesa-dri libfontconfig1"

# The packages among the arguments that Debian's package database does not list as installed.
missing_packages() {
    for package in "$@"; do
        state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
        [ "$state" = installed ] || printf '%s ' "$package"
    done
}

# Runs apt-get as root, directly or through sudo; fails where neither is possible.
apt_as_root() {
    if [ "$(id -u)" = 0 ]; then
        DEBIAN_FRONTEND=noninteractive apt-get "$@"
    elif command -v sudo >/dev/null; then
        sudo DEBIAN_FRONTEND=noninteractive apt-get "$@"
    else
        return 1
    fi
}

# A C compiler to build with, the window's libraries, and the packages among the arguments.
# Without apt or without root it says what is missing: without a compiler nothing can be built,
# without the others the command line works all the same.
need_packages() {
    wanted=""
    command -v cc >/dev/null || wanted="gcc libc6-dev"
    if ! command -v dpkg-query >/dev/null; then
        [ -z "$wanted" ] || { echo "A C compiler is needed: install gcc or clang, then run this again." >&2; exit 1; }
        return 0
    fi
    # shellcheck disable=SC2086 # lists of package names
    wanted=$(missing_packages $wanted $window_packages "$@")
    [ -n "$wanted" ] || return 0
    echo "Installing with apt-get: $wanted" >&2
    # shellcheck disable=SC2086
    if apt_as_root update -qq >&2 && apt_as_root install -y -qq --no-install-recommends $wanted >&2; then
        return 0
    fi
    echo "That did not work. As an administrator: apt-get install $wanted" >&2
    command -v cc >/dev/null || exit 1
    echo "Going on without: the command line works, the window may not open." >&2
}

# A cargo of at least the version that Cargo.toml asks for.
need_rust() {
    [ -d "$HOME/.cargo/bin" ] && PATH="$HOME/.cargo/bin:$PATH"
    needed=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
    found=$(rustc --version 2>/dev/null | cut -d ' ' -f 2 || true)
    oldest=$(printf '%s\n%s\n' "$needed" "$found" | sort -V | head -n 1)
    if command -v cargo >/dev/null && [ -n "$found" ] && [ "$oldest" = "$needed" ]; then
        return 0
    fi
    {
        echo "Rust $needed or newer is needed; found: ${found:-none}."
        echo "With rustup installed:   rustup update stable"
        echo "Without, from rustup.rs: curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
        echo "Then run this again."
    } >&2
    exit 1
}
