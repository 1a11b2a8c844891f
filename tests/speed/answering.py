#!/usr/bin/env python3
"""Answering speed of Askem against PyTorch: the same network and machine, in turns.

    python3 tests/speed/answering.py ASKEM [--pairs 9] [--presets paper standard] [--blips small base]

ASKEM is the program, built with --release. Two things are held against each other, each in fresh
processes that alternate, the first try of each left out:

- a preset, random weights: from the grey pixels of one image to its states. PyTorch runs
  model/pytorch/modeling_askem.py with 1 and with 2 threads; the better of the two counts. Askem
  writes one token after each image, so that its threads rest as little as PyTorch's.
- a BLIP of random weights, which transformers makes and both load from the same folder: tokens a
  second of greedy decoding, and the whole answer from pixels to its last token. The bias of its
  end mark is so low that neither side ends before the number of tokens asked for.

Prints the ratio of the medians, the least and the largest ratio of a pair, and the peak memory of
both. Needs torch; for a BLIP also transformers.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from training import PRESETS, ROOT, run

TOKENS = 40
BLIPS = {
    "small": {"width": 256, "heads": 4, "layers": 4, "vocabulary": 3000, "image": 224},
    "base": {"width": 768, "heads": 12, "layers": 12, "vocabulary": 30524, "image": 384},
}
QUESTION = "what is the size of the particles and how are they distributed ?"


def made_up(side):
    """The picture that `askem bench --answer` makes up."""
    import torch

    x, y = torch.arange(side)[None], torch.arange(side)[:, None]
    return ((x * 7 + y * 13) % 256).to(torch.uint8)


def encode_times(preset, threads, tries):
    """Seconds of encoding one image with our network in PyTorch, in this process."""
    import torch
    import torch.nn.functional as F

    sys.path.insert(0, str(ROOT / "model" / "pytorch"))
    from modeling_askem import Network

    torch.set_num_threads(threads)
    torch.manual_seed(1)
    config = {
        "image_size": 224, "vision_layers": 6, "text_layers": 4, "mlp_ratio": 4, "max_tokens": 128,
        "vocab_size": 3000, "captions": [], "none_below": None, **PRESETS[preset],
    }
    network = Network(config).eval()
    for p in network.parameters():
        if p.dim() > 1:
            torch.nn.init.normal_(p, std=0.02)
    grey, patch, seconds = made_up(224), config["patch_size"], []
    with torch.inference_mode():
        for _ in range(tries):
            began = time.perf_counter()
            pixels = (grey.float() / 255 - 0.5) / 0.5
            patches = pixels.unfold(0, patch, patch).unfold(1, patch, patch).flatten(2).flatten(0, 1)
            states = network.image(patches[None], network.drop)
            F.normalize(network.project_image(states[:, 0]), dim=-1)
            seconds.append(time.perf_counter() - began)
    return seconds


def write_blip(name, folder):
    """A folder as transformers writes one, with random weights."""
    import torch
    from transformers import BertTokenizer, BlipConfig, BlipForQuestionAnswering
    from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil

    size = BLIPS[name]
    folder.mkdir()
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *sorted(set(QUESTION.split()))]
    letters = "abcdefghijklmnopqrstuvwxyz"
    made = ("w" + letters[i // 676 % 26] + letters[i // 26 % 26] + letters[i % 26] + letters[i // 17576] for i in range(40000))
    words += [next(made) for _ in range(size["vocabulary"] - 2 - len(words))] + ["[DEC]", "[ENC]"]
    (folder / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    tokenizer = BertTokenizer(str(folder / "vocab.txt"))
    tokenizer.add_special_tokens({"additional_special_tokens": ["[DEC]", "[ENC]"]})
    tokenizer.save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    BlipImageProcessorPil(size={"height": size["image"], "width": size["image"]}).save_pretrained(folder)
    shape = {
        "hidden_size": size["width"], "intermediate_size": 4 * size["width"], "projection_dim": size["width"],
        "num_hidden_layers": size["layers"], "num_attention_heads": size["heads"],
    }
    text = {
        **shape, "vocab_size": len(words), "max_position_embeddings": 512, "encoder_hidden_size": size["width"],
        "bos_token_id": words.index("[DEC]"), "sep_token_id": 3, "eos_token_id": 3, "pad_token_id": 0,
    }
    vision = {**shape, "image_size": size["image"], "patch_size": 16}
    torch.manual_seed(1)
    model = BlipForQuestionAnswering(BlipConfig(text_config=text, vision_config=vision)).eval()
    with torch.no_grad():
        model.text_decoder.cls.predictions.bias[3] = -1e4
    model.save_pretrained(folder)


def answer_times(folder, threads, tries):
    """Seconds of a whole answer and of each token after the first, by transformers."""
    import torch
    from transformers import AutoTokenizer, BlipForQuestionAnswering

    torch.set_num_threads(threads)
    model = BlipForQuestionAnswering.from_pretrained(folder).eval()
    ids = AutoTokenizer.from_pretrained(folder)(QUESTION, return_tensors="pt")["input_ids"]
    side = model.config.vision_config.image_size
    pixels = ((made_up(side).float() / 255 - 0.45) / 0.27).expand(1, 3, side, side)

    def timed(most):
        began = time.perf_counter()
        written = model.generate(input_ids=ids, pixel_values=pixels, max_new_tokens=most, do_sample=False, num_beams=1)
        # [DEC] stands before what was written.
        assert written.shape[1] == most + 1, written.shape
        return time.perf_counter() - began

    whole, token = [], []
    with torch.inference_mode():
        for _ in range(tries):
            first = timed(1)
            whole.append(timed(TOKENS))
            token.append((whole[-1] - first) / (TOKENS - 1))
    return {"whole": whole, "token": token}


def ours(askem, model, tries, tokens=TOKENS):
    """Median seconds of Askem's tries, and the peak memory of the process in MB."""
    command = [askem, "bench", "--answer", str(model), "--tries", str(tries), "--tokens", str(tokens), "--json", "--device", "cpu"]
    output, peak = run(command)
    rows = [json.loads(line) for line in output.splitlines()]
    of = lambda what: [row["value"] for row in rows if row["what"] == what][1:]
    assert all(written == tokens for written in of("tokens written")), "it wrote less than it was asked for"
    encode = [ms / 1e3 for ms in of("encode one image")]
    token = [1 / rate for rate in of("further tokens")] if tokens > 1 else [0.0] * len(encode)
    whole = [e + ms / 1e3 + (tokens - 1) * t for e, ms, t in zip(encode, of("question and first token"), token)]
    return {"encode": statistics.median(encode), "token": statistics.median(token), "whole": statistics.median(whole)}, peak


def theirs(kind, what, tries):
    """The same of PyTorch, the better of 1 and 2 threads for each number."""
    best, peaks = {}, []
    for threads in (1, 2):
        output, peak = run([sys.executable, __file__, "-", "--torch-only", kind, str(what), str(threads), str(tries)])
        for name, seconds in json.loads(output.splitlines()[-1]).items():
            best[name] = min(best.get(name, float("inf")), statistics.median(seconds[1:]))
        peaks.append(peak)
    return best, min(peaks)


def compare(title, pairs, measure, told):
    """Alternates and prints; `told` holds (name, words, per second)."""
    both = [measure() for _ in range(pairs)]
    for name, words, per_second in told:
        mine, other = ([side[0][name] for side in sides] for sides in zip(*both))
        ratios = sorted(b / a if per_second else a / b for a, b in zip(mine, other))
        shown = lambda s: f"{1 / s:.0f} tokens/s" if per_second else f"{s * 1e3:.2f} ms"
        a, b = statistics.median(mine), statistics.median(other)
        ratio = b / a if per_second else a / b
        print(f"{title}, {words}: Askem {shown(a)}, PyTorch {shown(b)}, ratio {ratio:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})", flush=True)
    memory = [statistics.median(side[1] for side in sides) for sides in zip(*both)]
    print(f"{title}, peak memory: Askem {memory[0]:.0f} MB, PyTorch {memory[1]:.0f} MB", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("askem")
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--tries", type=int, default=21, help="of each process with a preset")
    parser.add_argument("--presets", nargs="*", default=list(PRESETS))
    parser.add_argument("--blips", nargs="*", default=["small"])
    parser.add_argument("--torch-only", nargs="+", help=argparse.SUPPRESS)
    a = parser.parse_args()
    if a.torch_only:
        kind, what, *more = a.torch_only
        if kind == "write":
            write_blip(what, Path(more[0]))
            return
        of = answer_times if kind == "blip" else lambda *which: {"encode": encode_times(*which)}
        print(json.dumps(of(what, *map(int, more))))
        return
    for preset in a.presets:
        measure = lambda: (ours(a.askem, preset, a.tries, 1), theirs("preset", preset, a.tries))
        compare(preset, a.pairs, measure, [("encode", "one image encoded", False)])
    for name in a.blips:
        with tempfile.TemporaryDirectory() as scratch:
            folder, tries = Path(scratch) / name, 4
            # In a process of its own: a child's peak memory is never less than its parent's.
            run([sys.executable, __file__, "-", "--torch-only", "write", name, str(folder)])
            measure = lambda: (ours(a.askem, folder, tries), theirs("blip", folder, tries))
            told = [("token", f"greedy decoding of {TOKENS} tokens", True), ("whole", "image, question and answer", False)]
            compare(f"BLIP {name}", a.pairs, measure, told)


if __name__ == "__main__":
    main()
