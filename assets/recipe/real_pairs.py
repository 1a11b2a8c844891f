#!/usr/bin/env python3
"""Makes a training folder (pairs.jsonl) from real micrographs and a teacher's answers.

    python3 real_pairs.py SOURCE OUT SIMULATED

SOURCE holds images.jsonl (one image a line: id, file, category, specimen, part, may_train,
source_repo, licence), teacher.jsonl (one answer a line: id, key, answer) and the image files.
OUT must not exist yet or be empty; it gets

    pairs.jsonl      image, category, specimen, split, key, answer: docs/DATA.md, layout 1
    attributions.md  source, licence and number of images, for the model card
    the images, linked where the file system can, copied where not; never changed

The teacher's answers hold no numbers. Those to learn from are followed by the sentences with
slots of a simulated answer to the same question about the same category, drawn from
SIMULATED/truth.jsonl by the image's name; those for validation stay as the teacher wrote them.

Part "train" is taken only where may_train is true. Part "val" is taken for validation. An image
without a category and without an answer says nothing and is left out.
"""

import json
import os
import random
import re
import shutil
import sys
from collections import Counter
from pathlib import Path


def rows(path):
    """The objects of a JSONL file, each with its line number."""
    with open(path, encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    yield number, json.loads(line)
                except json.JSONDecodeError as error:
                    sys.exit(f"{path} line {number}: {error}")


def split_of(image):
    """"train", "val", or None where the image may not be used."""
    if image.get("part") == "val":
        return "val"
    if image.get("part") == "train" and image.get("may_train") is True:
        return "train"
    return None


def inside(source, file):
    """The file's path; stops where it leads out of the source folder."""
    path = (source / file).resolve()
    if source.resolve() not in path.parents:
        sys.exit(f"{file} lies outside {source}")
    if not path.is_file():
        sys.exit(f"{path} is missing")
    return path


def place(path, target):
    """Links the file, or copies it where links do not work."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(path, target)
    except OSError:
        shutil.copyfile(path, target)


def attributions(taken):
    """Markdown: which repository gave how many images to which part, under which licence."""
    counts = Counter((i["source_repo"], i["licence"], split_of(i)) for i in taken)
    sources = sorted({(repo, licence) for repo, licence, _ in counts})
    lines = [
        "# Attributions",
        "",
        "Real micrographs used for training (train) and for validation only (val).",
        "",
        "| source | licence as stated | train | val |",
        "|---|---|---|---|",
    ]
    for repo, licence in sources:
        numbers = [counts[repo, licence, part] for part in ("train", "val")]
        lines.append(f"| {repo} | {licence} | {numbers[0]} | {numbers[1]} |")
    if any("NFFA" in licence for _, licence in sources):
        lines += [
            "",
            "NFFA-EUROPE images: R. Aversa, M. H. Modarres, S. Cozzini, R. Ciancio, A. Chiusole,",
            '"The first annotated set of scanning electron microscopy images for nanoscience",',
            "Scientific Data 5, 180172 (2018), CC BY 4.0; converted to greyscale and recompressed.",
        ]
    return "\n".join(lines) + "\n"


def sentences_with_slots(simulated):
    """The sentences with slots of each simulated answer that has any, by key and category."""
    known = {}
    for _, row in rows(simulated / "truth.jsonl"):
        for key, answer in row["answers"].items():
            sentences = re.split(r"(?<=\.) ", answer)
            measured = " ".join(sentence for sentence in sentences if "{" in sentence)
            if measured:
                known.setdefault((key, row["category"]), []).append(measured)
    return known


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    source, out, simulated = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    measured = sentences_with_slots(simulated)
    if out.exists() and any(out.iterdir()):
        sys.exit(f"{out} is not empty")

    images = [image for _, image in rows(source / "images.jsonl")]
    answers = {}
    for number, row in rows(source / "teacher.jsonl"):
        if re.search(r"\d", row["answer"]):
            sys.exit(f"teacher.jsonl line {number}: an answer with a number; numbers are measured, not learned")
        answers.setdefault(row["id"], []).append((row["key"], row["answer"]))

    taken, lines = [], []
    for image in images:
        split = split_of(image)
        mine = answers.get(image["id"], [])
        if split is None or not (mine or image.get("category")):
            continue
        taken.append(image)
        row = {"image": image["file"], "category": image.get("category"), "specimen": image["specimen"], "split": split}
        for key, answer in mine:
            choices = measured.get((key, image.get("category")))
            if split == "train" and choices:
                drawn = random.Random(f"{image['id']} {key}").choice(choices)
                answer = f"{answer} {drawn}"
            lines.append({**row, "key": key, "answer": answer})
        if not mine:
            lines.append(row)

    out.mkdir(parents=True, exist_ok=True)
    for image in taken:
        place(inside(source, image["file"]), out / image["file"])
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (out / "pairs.jsonl").write_text(text, encoding="utf-8")
    (out / "attributions.md").write_text(attributions(taken), encoding="utf-8")

    parts = Counter(split_of(image) for image in taken)
    print(f"{len(taken)} of {len(images)} images: {parts['train']} train, {parts['val']} val; {len(lines)} lines")
    for (repo, licence), count in sorted(Counter((i["source_repo"], i["licence"]) for i in taken).items()):
        print(f"{count:5}  {repo}: {licence}")


if __name__ == "__main__":
    main()
