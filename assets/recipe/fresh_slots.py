#!/usr/bin/env python3
"""Gives the slots of a model that never wrote any a fresh start.

    python3 fresh_slots.py MODEL OUT

A network that is trained on texts without slots pushes the embeddings of all of them the same
way, off everything that is written, and can hardly tell them apart afterwards. Here each gets the
mean of the words of its name ("{size.median}": size, median) and a little chance, by a seed, and
the bias of an ordinary word. Everything else stays as it is. MODEL and OUT are model folders
(docs/MODELS.md); OUT must not exist yet. Needs numpy.
"""

import json
import re
import shutil
import struct
import sys
from pathlib import Path

import numpy as np

SEED = 6
CHANCE = 0.5  # of the length of an ordinary embedding
TYPES = {"F16": np.float16, "F32": np.float32}


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    source, out = Path(sys.argv[1]), Path(sys.argv[2])
    if out.exists():
        sys.exit(f"{out} is there already")
    shutil.copytree(source, out)
    (out / "manifest.json").unlink(missing_ok=True)

    tokenizer = json.loads((source / "tokenizer.json").read_text(encoding="utf-8"))
    vocabulary = tokenizer["model"]["vocab"]
    marks = {token["content"]: token["id"] for token in tokenizer["added_tokens"]}
    slots = {name: number for name, number in marks.items() if name.startswith("{")}

    data = bytearray((source / "model.safetensors").read_bytes())
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])

    def tensor(name):
        entry = header[name]
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        flat = np.frombuffer(memoryview(data)[start:end], TYPES[entry["dtype"]])
        return flat.reshape(entry["shape"])

    embeddings, bias = tensor("text.tokens"), tensor("text.output_bias")
    words = np.array([i for i in vocabulary.values() if i not in marks.values()])
    usual = np.linalg.norm(embeddings[words].astype(np.float32), axis=1).mean()
    dice = np.random.default_rng(SEED)
    for name, number in sorted(slots.items(), key=lambda slot: slot[1]):
        parts = [part for part in re.split(r"[{}._]", name) if part in vocabulary]
        chance = dice.normal(size=embeddings.shape[1])
        fresh = CHANCE * usual * chance / np.linalg.norm(chance)
        if parts:
            fresh += np.mean([embeddings[vocabulary[part]] for part in parts], axis=0)
        embeddings[number] = usual * fresh / np.linalg.norm(fresh)
        bias[number] = np.median(bias[words])
    (out / "model.safetensors").write_bytes(data)
    print(f"{len(slots)} slots start afresh in {out}")


if __name__ == "__main__":
    main()
