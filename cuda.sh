#!/usr/bin/env bash
# Builds askem-cuda, the program for NVIDIA GPUs, and puts it beside askem into target/release.
#   ./cuda.sh           with the CUDA toolkit of this machine: nvcc on the PATH, or CUDA_HOME
#   ./cuda.sh --fetch   without one: NVIDIA's compiler and libraries come from PyPI (about 1 GB)
#                       into target-cuda/toolkit, and stay there
#   ./cuda.sh test      runs the tests of network, parity and training on the GPU instead, in f32
# CUDA_COMPUTE_CAP says for which GPU: 80 is A100, 86 RTX 30, 89 RTX 40, 90 H100 and H200. Left
# out, nvidia-smi is asked. What is built for one starts on that and on newer ones alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. .ci/machine.sh
need_packages
need_rust

# Fetches the wheels once; names that they lack are linked to those that they have.
fetch_toolkit() {
    local toolkit=target-cuda/toolkit
    if ! compgen -G "$toolkit/lib/python3*/site-packages/nvidia/cu13/bin/nvcc" >/dev/null; then
        python3 -m venv "$toolkit"
        "$toolkit/bin/pip" install --no-deps 'nvidia-cuda-nvcc==13.0.*' 'nvidia-cuda-crt==13.0.*' \
            'nvidia-nvvm==13.0.*' 'nvidia-cuda-runtime==13.0.*' 'nvidia-cuda-nvrtc==13.0.*' \
            'nvidia-cuda-cccl==13.*' 'nvidia-cublas==13.*' 'nvidia-curand==10.*'
    fi
    CUDA_HOME=$(cd "$toolkit"/lib/python3*/site-packages/nvidia/cu13 && pwd)
    ln -sfn lib "$CUDA_HOME/lib64"
    local name
    for name in cudart cublas cublasLt curand nvrtc; do
        local versions=("$CUDA_HOME/lib/lib$name.so".*)
        ln -sf "$(basename "${versions[0]}")" "$CUDA_HOME/lib/lib$name.so"
    done
}

# The folder of a libcuda.so to link to. The true one comes with the driver; where that is absent,
# one with the same names and nothing in it does for linking, and is never found at run time.
link_to_driver() {
    local found
    found=$(ldconfig -p | sed -n 's/.*libcuda\.so\.1.*=> //p' | head -n 1)
    driver=$PWD/target-cuda/driver
    mkdir -p "$driver"
    if [ -n "$found" ]; then
        ln -sf "$found" "$driver/libcuda.so"
        return
    fi
    echo "There is no NVIDIA driver here: what is built starts on a machine with one." >&2
    cargo fetch --locked
    local source
    source=$(cargo metadata --format-version 1 --locked --features cuda |
        sed -n 's/.*"manifest_path":"\([^"]*\/cudarc-[^"]*\)\/Cargo\.toml".*/\1/p')
    grep -rhoE 'fn cu[A-Z][A-Za-z0-9_]*' "$source/src/driver/sys" | sort -u |
        sed 's/fn \(.*\)/int \1(void) { return 100; }/' >"$driver/names.c"
    cc -shared -fPIC -Wl,-soname,libcuda.so.1 -o "$driver/libcuda.so" "$driver/names.c"
}

task=build
fetch=
for argument in "$@"; do
    case $argument in
    --fetch) fetch=1 ;;
    test) task=test ;;
    *) echo "usage: ./cuda.sh [--fetch] [test]" >&2; exit 2 ;;
    esac
done
if [ -n "$fetch" ]; then
    fetch_toolkit
elif [ -z "${CUDA_HOME:-}" ]; then
    nvcc=$(command -v nvcc || true)
    [ -n "$nvcc" ] || { echo "No nvcc on the PATH and no CUDA_HOME: install the CUDA toolkit, or run ./cuda.sh --fetch" >&2; exit 1; }
    CUDA_HOME=$(dirname "$(dirname "$(readlink -f "$nvcc")")")
fi
if [ -z "${CUDA_COMPUTE_CAP:-}" ] && ! command -v nvidia-smi >/dev/null; then
    echo "Say for which GPU to build, such as CUDA_COMPUTE_CAP=80 ./cuda.sh: there is no nvidia-smi to ask." >&2
    exit 1
fi
link_to_driver
libraries=$CUDA_HOME/lib64
export CUDA_HOME CUDA_PATH=$CUDA_HOME CUDA_ROOT=$CUDA_HOME PATH=$CUDA_HOME/bin:$PATH
export LIBRARY_PATH=$driver:$libraries${LIBRARY_PATH:+:$LIBRARY_PATH}
if [ "$task" = test ]; then
    export LD_LIBRARY_PATH=$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    export ASKEM_TEST_DEVICE=${ASKEM_TEST_DEVICE:-cuda:0}
    # One after the other: they share the GPU and its queue.
    exec cargo test --locked -p askem-model --features cuda --target-dir target-cuda -- --test-threads=1
fi
# The program remembers where CUDA's libraries were, so that it starts without LD_LIBRARY_PATH.
cargo rustc --release --locked --features cuda --bin askem-cuda --target-dir target-cuda -- \
    -C "link-arg=-Wl,-rpath,$libraries"
install -D target-cuda/release/askem-cuda target/release/askem-cuda
echo "askem-cuda is in target/release, beside askem. See whether it works: target/release/askem devices" >&2
