#!/usr/bin/env python3
"""A BLIP of the real size, with random weights: what asking and tuning it cost on this machine.

    v/bin/python tests/speed/blip.py ASKEM [--folder DIR] [--torch]

ASKEM is the program, built with --release; `v` has torch, transformers and pillow (see
tests/parity/make_blip.py). Makes the folder where it is not there yet: 12 + 12 + 12 layers of
width 768, 384 px in patches of 16, 30524 tokens, 361 million weights. Then measures an answer
about one image (time to the first token, tokens a second), one step of adapters at two images,
and the peak memory of both; with --torch also transformers' `generate` on the same files.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "parity"))
TOKENS = 21


def make(folder):
    import torch
    from make_blip import save_texts, vocabulary
    from transformers import BlipConfig, BlipForQuestionAnswering

    torch.manual_seed(1)
    folder.mkdir(parents=True)
    config = BlipConfig(
        text_config={"vocab_size": 30524, "num_attention_heads": 12},
        vision_config={"image_size": 384, "patch_size": 16},
    )
    BlipForQuestionAnswering(config).save_pretrained(folder)
    words = vocabulary()
    fill = [f"[unused{i}]" for i in range(98)]
    # The marks stand where BERT's vocabulary has them.
    save_texts(folder, words[:2] + fill + ["[X]", "[CLS]", "[SEP]", "[MASK]"] + words[5:], 384)


def picture(path):
    from make_blip import picture as made
    from PIL import Image

    Image.fromarray(made(480, 640)).save(path)


def run(command):
    """Its output, seconds and peak memory in MB."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command[1]} failed")
    return output, time.perf_counter() - began, usage.ru_maxrss / 1024


def asked(askem, folder, image):
    output, _, peak = run([askem, "ask", image, "--about", "size.range", "--model", folder, "--json"])
    rows = [json.loads(line) for line in output.splitlines()]
    for row in rows:
        ms = row["ms"]
        rest = (ms["total"] - ms["first_token"]) / max(row["tokens"] - 1, 1)
        print(
            f"askem ask: loading {ms['load']:.0f} ms, image {ms['encode']:.0f} ms, first token {ms['first_token']:.0f} ms, "
            f"{1000 / max(rest, 1e-9):.1f} tokens/s ({row['tokens']} tokens)"
        )
    print(f"askem ask: peak memory {peak:.0f} MB")


def tuned(askem, folder, work):
    data = work / "data"
    data.mkdir()
    lines = []
    for i in range(9):
        picture(data / f"s{i}.png")
        split = "train" if i < 8 else "val"
        lines.append(json.dumps({"image": f"s{i}.png", "category": "Powder", "split": split, "key": "size.range", "answer": "round grains"}))
    (data / "pairs.jsonl").write_text("\n".join(lines) + "\n")
    command = [askem, "train", "--data", data, "--out", work / "tuned", "--from", folder, "--part", "adapters"]
    _, seconds, peak = run([str(part) for part in command] + ["--epochs", "1", "--batch", "2", "--checkpoint", "100000"])
    log = [json.loads(line) for line in (work / "tuned.training" / "log.jsonl").read_text().splitlines()]
    # The first step starts the clock.
    last = [row for row in log if "step" in row][-1]
    print(
        f"askem train: {2 / last['images_per_s']:.1f} s a step of 2 images, "
        f"{seconds:.0f} s in all, peak memory {peak:.0f} MB"
    )


def transformers(folder):
    import torch
    from transformers import BlipForQuestionAnswering

    model = BlipForQuestionAnswering.from_pretrained(folder).eval()
    ids, pixels = torch.tensor([[101, 150, 151, 152, 102]]), torch.randn(1, 3, 384, 384)
    write = lambda n: model.generate(input_ids=ids, pixel_values=pixels, max_new_tokens=n, min_new_tokens=n, do_sample=False)
    with torch.no_grad():
        for _ in range(3):
            times = [time.perf_counter()]
            for n in (1, TOKENS):
                write(n)
                times.append(time.perf_counter())
            first, whole = times[1] - times[0], times[2] - times[1]
            print(f"transformers: first token {1000 * first:.0f} ms, {(TOKENS - 1) / (whole - first):.1f} tokens/s")
    print(f"transformers: peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("askem")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "askem-blip")
    parser.add_argument("--torch", action="store_true")
    parser.add_argument("--make", action="store_true", help="only make the folder")
    arguments = parser.parse_args()
    if arguments.make:
        make(arguments.folder)
        return
    if not arguments.folder.exists():
        # In a process of its own: a child's peak memory is never less than its parent's.
        subprocess.run([sys.executable, __file__, arguments.askem, "--folder", arguments.folder, "--make"], check=True)
    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        picture(work / "image.png")
        for _ in range(3):
            asked(arguments.askem, str(arguments.folder), str(work / "image.png"))
        tuned(arguments.askem, str(arguments.folder), work)
    if arguments.torch:
        transformers(arguments.folder)


main()
