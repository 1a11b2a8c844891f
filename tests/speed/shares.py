#!/usr/bin/env python3
"""What a training step or a measurement spends its processor time on, operation by operation.

    python3 tests/speed/shares.py PROGRAM [ARGUMENT ...]

runs a program built with line tables and symbols (docs/PERFORMANCE.md says how) under `perf`
and prints the share of each operation, named by the source file that the time was spent in,
inlined code included. Needs perf and addr2line.
"""

import collections
import subprocess
import sys
import tempfile

# The first that fits any frame, from the innermost outwards, names the operation.
FILES = [
    ("model/ops/attention.rs", "attention"),
    ("model/ops/product.rs", "attention"),
    ("model/ops/gelu.rs", "GELU"),
    ("model/ops/layer_norm.rs", "layer norm"),
    ("model/ops/likelihood.rs", "loss over the vocabulary, without its products"),
    ("model/ops/cross_entropy.rs", "loss over the vocabulary, without its products"),
    ("model/ops/feed_forward.rs", "feed-forward, without its products"),
    ("model/ops/linear.rs", "biases"),
    ("model/ops/dropped.rs", "dropout"),
    ("model/train/optimiser.rs", "optimiser"),
    ("model/train/speed.rs", "making the batch up"),
    ("measure/fitness.rs", "noise, blur, clipping"),
    ("measure/segment/plane.rs", "smaller image, smoothing, gradient"),
    ("measure/segment/tree.rs", "component trees"),
    ("measure/segment/contour.rs", "walking around parts"),
    ("measure/segment/split.rs", "splitting"),
    ("measure/segment/parts.rs", "choosing parts"),
    ("measure/segment/outline.rs", "outlines at full size"),
    ("measure/segment/", "the rest of finding objects"),
    ("measure/spacing.rs", "random placements"),
    ("measure/coverage.rs", "coverage"),
    ("measure/uncertainty.rs", "bootstrap draws"),
    ("measure/blobs.rs", "quantities"),
    ("measure/objects.rs", "quantities"),
    ("app/micrograph/", "reading, banner, scale bar"),
    ("/gemm", "matrix products"),
    ("/backprop.rs", "summing gradients"),
    ("/cpu_backend/", "candle's own operations, most of them sums of gradients"),
    ("/utils.rs", "candle's own operations, most of them sums of gradients"),
]


def operation(symbol, frames):
    for frame in frames:
        for part, name in FILES:
            if part in frame:
                return name
    if "gemm" in symbol:
        return "matrix products"
    if any(word in symbol for word in ("memset", "memmove", "memcpy", "malloc", "free", "alloc")):
        return "memory: clearing, copying, handing out"
    if "binary_map" in symbol or "Barrier" in symbol or "backtrace" in symbol:
        return "candle's own operations, most of them sums of gradients"
    return "the rest, the kernel among it"


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program = sys.argv[1]
    with tempfile.NamedTemporaryFile() as data:
        subprocess.run(["perf", "record", "-q", "-o", data.name, *sys.argv[1:]], check=True, stdout=subprocess.DEVNULL)
        script = ["perf", "script", "-i", data.name, "-F", "ip,sym,dso", "--show-mmap-events"]
        lines = subprocess.run(script, capture_output=True, text=True, check=True).stdout.splitlines()
    begin, counts = None, collections.Counter()
    for line in lines:
        if "PERF_RECORD_MMAP" in line:
            if "r-xp" in line and line.rstrip().endswith(program.rsplit("/", 1)[-1]) and begin is None:
                start, rest = line.split("[0x", 1)[1].split("(", 1)
                begin = int(start, 16) - int(rest.split("@ ", 1)[1].split()[0], 16)
            continue
        address, _, name = line.strip().partition(" ")
        counts[(int(address, 16), name)] += 1
    headers = subprocess.run(["readelf", "-lW", program], capture_output=True, text=True, check=True).stdout
    code = next(row.split() for row in headers.splitlines() if "LOAD" in row and " R E " in row)
    shift = int(code[2], 16) - int(code[1], 16)
    own = [address for address, name in counts if program.rsplit("/", 1)[-1] in name]
    asked = "\n".join(hex(address - begin + shift) for address in own)
    told = subprocess.run(["addr2line", "-a", "-i", "-e", program], input=asked, capture_output=True, text=True).stdout
    frames, at = {}, -1
    for line in told.splitlines():
        if line.startswith("0x"):
            at += 1
            frames[own[at]] = []
        else:
            frames[own[at]].append(line)
    shares = collections.Counter()
    for (address, name), count in counts.items():
        shares[operation(name, frames.get(address, []))] += count
    whole = sum(shares.values())
    for name, count in shares.most_common():
        print(f"| {name} | {100 * count / whole:.0f} % |")


if __name__ == "__main__":
    main()
