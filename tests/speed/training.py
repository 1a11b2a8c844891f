#!/usr/bin/env python3
"""Training speed of Askem against PyTorch: the same network, sizes and machine, in turns.

    python3 tests/speed/training.py ASKEM [--pairs 9] [--presets paper standard]

ASKEM is the program, built with --release. Each pair is a fresh process of either, the same
number of threads, a made-up batch of the same sizes; the first step of each is left out. Prints
the ratio of the medians (Askem's images a second over PyTorch's), its spread over the pairs, and
the peak memory of both.
"""

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SIZES = {"batch": 48, "questions": 8, "statement": 14, "prompt": 18, "answer": 18, "vocabulary": 3000}
PRESETS = {
    "paper": {"patch_size": 32, "width": 64, "heads": 4},
    "standard": {"patch_size": 16, "width": 256, "heads": 8},
}


def torch_steps(preset, steps, batch):
    """Seconds of each step, in this process."""
    import torch

    sys.path.insert(0, str(ROOT / "model" / "pytorch"))
    from modeling_askem import ENCODE, EOS, TEMPERATURE, Batch, Network

    config = {
        "image_size": 224, "vision_layers": 6, "text_layers": 4, "mlp_ratio": 4, "max_tokens": 128,
        "vocab_size": SIZES["vocabulary"], "captions": [], "none_below": None, **PRESETS[preset],
    }
    torch.manual_seed(1)
    random.seed(1)
    standard = preset == "standard"
    network = Network(config, 0.1 if standard else 0.0).train()
    for p in network.parameters():
        if p.dim() > 1:
            torch.nn.init.normal_(p, std=0.02)
    if standard:
        optimiser = torch.optim.AdamW(network.parameters(), lr=5e-4, weight_decay=0.05)
    else:
        optimiser = torch.optim.Adam(network.parameters(), lr=1e-3)
    text = lambda n: [random.randrange(EOS + 1, SIZES["vocabulary"]) for _ in range(n)]
    patches = (224 // config["patch_size"]) ** 2
    seconds = []
    for _ in range(steps):
        asked = [
            (image, [ENCODE] + text(SIZES["prompt"]), text(SIZES["answer"]))
            for image in range(batch)
            for _ in range(SIZES["questions"])
        ]
        made = Batch(
            torch.rand(batch, patches, config["patch_size"] ** 2) * 2 - 1,
            [text(SIZES["statement"]) for _ in range(batch)],
            torch.eye(batch, dtype=torch.bool),
            asked,
        )
        began = time.perf_counter()
        losses = network.losses(made)
        optimiser.zero_grad()
        sum(losses).backward()
        if standard:
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        with torch.no_grad():
            network.temperature.clamp_(*TEMPERATURE)
        seconds.append(time.perf_counter() - began)
    return seconds


def run(command):
    """The output of a command, and its peak memory in MB."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command[0]} failed: {before.ru_maxrss}")
    return output, used.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("askem")
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--batch", type=int, default=SIZES["batch"])
    parser.add_argument("--presets", nargs="+", default=list(PRESETS))
    parser.add_argument("--torch-only", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.torch_only:
        print(json.dumps(torch_steps(arguments.torch_only, arguments.steps, arguments.batch)))
        return
    steps, batch = str(arguments.steps), str(arguments.batch)
    for preset in arguments.presets:
        ours = [arguments.askem, "bench", "--train", preset, "--steps", steps, "--batch", batch, "--json"]
        theirs = [sys.executable, __file__, arguments.askem, "--torch-only", preset, "--steps", steps, "--batch", batch]
        rates, memory = ([], []), ([], [])
        for _ in range(arguments.pairs):
            for which, command in enumerate((ours + ["--device", "cpu"], theirs)):
                output, peak = run(command)
                if which == 0:
                    seconds = [json.loads(line)["value"] for line in output.splitlines()]
                else:
                    seconds = json.loads(output)
                rates[which].append(arguments.batch / statistics.median(seconds[1:]))
                memory[which].append(peak)
        ratios = sorted(a / b for a, b in zip(*rates))
        print(
            f"{preset}: Askem {statistics.median(rates[0]):.1f} images/s, PyTorch {statistics.median(rates[1]):.1f}, "
            f"ratio {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}); "
            f"peak memory {statistics.median(memory[0]):.0f} MB and {statistics.median(memory[1]):.0f} MB",
            flush=True,
        )


if __name__ == "__main__":
    main()
