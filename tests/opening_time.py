#!/usr/bin/env python3
"""How long a 4096 x 3072 16-bit TIFF takes to open: Askem beside Pillow and tifffile.

    python3 tests/opening_time.py target/release/askem

Needs numpy, Pillow and tifffile. Decoding alone is compared with decoding alone, each up to
pixels in memory of their own, in alternating rounds. Printed are the median, the shortest (what
a busy machine disturbs least) and their ratios; Askem's time includes the content hash, which
the others do not make. No part of the program; docs/PERFORMANCE.md has the figures.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy
import tifffile
from PIL import Image

ROUNDS = 15


def rows(askem, *arguments):
    """The JSON rows that a run of `askem bench` prints."""
    run = subprocess.run([askem, "bench", "--json", *arguments], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def took_ms(work):
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1e3


def main():
    askem = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "large.tif")
        pixels = numpy.random.default_rng(1).integers(0, 60000, (3072, 4096), dtype="uint16")
        tifffile.imwrite(path, pixels)
        ways = {
            "askem": lambda: statistics.median(row["value"] for row in rows(askem, "--decode", path)),
            # Pillow alone only maps the file and reads nothing.
            "Pillow": lambda: took_ms(lambda: numpy.array(Image.open(path))),
            "tifffile": lambda: took_ms(lambda: tifffile.imread(path)),
        }
        times = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, measure in ways.items():
                times[name].append(measure())
    for what, of in (("median", statistics.median), ("shortest", min)):
        ours = of(times["askem"])
        for name, values in times.items():
            print(f"{what:9} {name:9} {of(values):6.1f} ms, askem takes {ours / of(values):.2f} times that")
    opened = [row for row in rows(askem) if row["what"].startswith("open")]
    print(f"askem, from the request to pixels on the screen: {opened[0]['value'] * 1e3:.0f} ms")


if __name__ == "__main__":
    main()
