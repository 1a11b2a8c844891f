#!/usr/bin/env python3
"""How the time of a training step grows with its sizes: batch, image tokens, text length.

    python3 tests/speed/growth.py ASKEM [--rounds 3] [--svg docs/images/growth.svg]

ASKEM is the program, built with --release. Each size is timed in a fresh process (`askem bench
--train paper`), the sizes in turn, round by round, the first step of each left out; the other
sizes stay at batch 16, 49 image tokens (224 px) and 18 text tokens, 8 questions an image. Prints
a table (median, least and largest of the rounds) and draws it.
"""

import argparse
import json
import statistics
from pathlib import Path

from training import run

PATCH = 32
BASE = {"batch": 16, "image-px": 224, "text": 18}
SWEEPS = {
    "batch": ("Images a step", [4, 8, 16, 32, 48, 64]),
    "image-px": ("Image tokens", [64, 128, 224, 320, 448]),
    "text": ("Text tokens", [6, 12, 18, 36, 72]),
}


def seconds(askem, sizes, steps):
    """The median of the later steps of one process."""
    named = [word for name, size in sizes.items() for word in (f"--{name}", str(size))]
    output, _ = run([askem, "bench", "--train", "paper", "--steps", str(steps), *named, "--json", "--device", "cpu"])
    return statistics.median(json.loads(line)["value"] for line in output.splitlines()[1:])


def shown(name, size):
    """Image tokens rather than pixels, on the axis."""
    return (size // PATCH) ** 2 if name == "image-px" else size


def svg(series):
    """Three panels side by side: points with their spread, and a straight line from the origin
    through the middle one to tell faster growth by."""
    width, height, left, top, room = 300, 250, 52, 34, 20
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {3 * width} {height + 44}" '
        'font-family="sans-serif" font-size="11">',
        "<title>Seconds of a training step against its sizes</title>",
        f'<rect width="{3 * width}" height="{height + 44}" fill="#fff"/>',
    ]
    for panel, (name, (label, _)) in enumerate(SWEEPS.items()):
        points = series[name]
        most_x, most_y = max(x for x, *_ in points), max(high for *_, high in points) * 1.08
        x0, y0, w, h = panel * width + left, height - 36, width - left - room, height - 36 - top
        at = lambda x, y: (x0 + w * x / most_x, y0 - h * y / most_y)
        for tick in range(5):
            value = most_y * tick / 4
            _, y = at(0, value)
            out.append(f'<path d="M{x0} {y:.1f}h{w}" stroke="#ddd"/><text x="{x0 - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.2f}</text>')
        middle = points[len(points) // 2]
        far = min(most_x, most_y * middle[0] / middle[1])
        (ax, ay), (bx, by) = at(0, 0), at(far, far * middle[1] / middle[0])
        out.append(f'<path d="M{ax:.1f} {ay:.1f}L{bx:.1f} {by:.1f}" stroke="#888" stroke-dasharray="4 3"/>')
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(x, y) for x, y, *_ in points))
        out.append(f'<polyline points="{line}" fill="none" stroke="#2f6db5" stroke-width="1.5"/>')
        for x, y, low, high in points:
            (px, py), (_, lo), (_, hi) = at(x, y), at(x, low), at(x, high)
            out.append(f'<path d="M{px:.1f} {lo:.1f}V{hi:.1f}" stroke="#2f6db5"/><circle cx="{px:.1f}" cy="{py:.1f}" r="3" fill="#2f6db5"/>')
            out.append(f'<text x="{px:.1f}" y="{y0 + 15}" text-anchor="middle">{x}</text>')
        out.append(f'<path d="M{x0} {top}V{y0}h{w}" fill="none" stroke="#333"/>')
        out.append(f'<text x="{x0 + w / 2}" y="{y0 + 31}" text-anchor="middle">{label}</text>')
        if panel == 0:
            out.append(f'<text x="12" y="{top - 14}">Seconds a step</text>')
    y = height + 22
    out.append(f'<path d="M52 {y}h26" stroke="#2f6db5" stroke-width="1.5"/><circle cx="65" cy="{y}" r="3" fill="#2f6db5"/>')
    out.append(f'<text x="84" y="{y + 4}">median of the rounds; the upright line is their spread</text>')
    out.append(f'<path d="M420 {y}h26" stroke="#888" stroke-dasharray="4 3"/><text x="452" y="{y + 4}">in proportion to the middle size</text></svg>')
    return "\n".join(out) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("askem")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--svg", type=Path)
    a = parser.parse_args()
    times = {(name, size): [] for name, (_, sizes) in SWEEPS.items() for size in sizes}
    for _ in range(a.rounds):
        for name, size in times:
            times[name, size].append(seconds(a.askem, BASE | {name: size}, a.steps))
    series = {name: [] for name in SWEEPS}
    print("| size | value | s a step | least to largest |\n|---|---|---|---|")
    for (name, size), all_of in times.items():
        x, low, high = shown(name, size), min(all_of), max(all_of)
        series[name].append((x, statistics.median(all_of), low, high))
        print(f"| {SWEEPS[name][0].lower()} | {x} | {statistics.median(all_of):.3f} | {low:.3f} to {high:.3f} |")
    if a.svg:
        a.svg.write_text(svg(series), encoding="utf-8")


if __name__ == "__main__":
    main()
