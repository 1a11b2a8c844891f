#!/usr/bin/env python3
"""METEOR of Askem against that of the NLTK, on one core each, in turns.

    python3 tests/speed/meteor.py PAIRS.jsonl [--rounds 3]

PAIRS.jsonl holds objects with `hypothesis` and `references`, such as
tests/fixtures/text_metrics.jsonl; those with one reference count. Both sides go over all pairs
once before they are timed, so that what they remember of words is there. Needs nltk with WordNet
(NLTK_DATA) and cargo; run it in the source folder.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import time
from pathlib import Path

COMMAND = "cargo test -q --test tests meteor_pairs_a_second -- --ignored --nocapture"


def ours(pairs):
    """Pairs a second of Askem."""
    environment = {**os.environ, "ASKEM_METEOR": str(Path(pairs).resolve())}
    ran = subprocess.run(COMMAND.split(), env=environment, capture_output=True, text=True)
    return float(re.search(r"METEOR (\d+)", ran.stdout).group(1))


def theirs(pairs):
    """Pairs a second of the NLTK."""
    from nltk.translate.meteor_score import meteor_score

    rows = [json.loads(line) for line in Path(pairs).read_text("utf-8").splitlines()]
    rows = [row for row in rows if len(row.get("references", [])) == 1]
    split = [(row["hypothesis"].split(), [row["references"][0].split()]) for row in rows]

    def all_of_them():
        for hypothesis, references in split:
            meteor_score(references, hypothesis)

    all_of_them()
    began, passes = time.perf_counter(), 0
    while time.perf_counter() - began < 2:
        all_of_them()
        passes += 1
    return passes * len(split) / (time.perf_counter() - began)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("pairs")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    rounds = [(ours(arguments.pairs), theirs(arguments.pairs)) for _ in range(arguments.rounds)]
    for askem, nltk in rounds:
        print(f"Askem {askem:.0f}, NLTK {nltk:.0f} pairs a second: {askem / nltk:.1f} times")
    print(f"median {statistics.median(a / n for a, n in rounds):.1f} times")


if __name__ == "__main__":
    main()
