#!/usr/bin/env python3
"""Makes assets/wordnet/synonyms.z, the part of WordNet 3.0 that METEOR needs, from its files.

    apt-get download wordnet-base && dpkg-deb -x wordnet-base_*.deb DIR
    python3 assets/recipe/wordnet.py DIR/usr/share/wordnet assets/wordnet

Single words only, and the few of several parts that an exception leads to (`comics`). The text that is packed (zlib) has a part for nouns, verbs, adjectives and
adverbs each, which begins with a line `=noun` and so on. Then come lines:

- `word word ...`, or `word ... / key ...`: a synset. Its words are members as they are written in
  WordNet, in lower case; behind the slash stand words that find it without being members, as
  they are written with a capital.
- `!form base ...`: an exception of inflection, which switches the rules off for that form.

Synsets of fewer than two words are left out of adverbs, which have no rules of inflection; of the
others they are kept once a word, since a rule may lead to it. LICENSE is the head of the files.
"""

import sys
import zlib
from pathlib import Path

PARTS = {"noun": "noun", "verb": "verb", "adj": "adjective", "adv": "adverb"}


def synsets(path):
    """Offset to the names of a synset, markers cut off."""
    found = {}
    for line in path.read_text("utf-8").splitlines():
        if line.startswith(" "):
            continue
        fields = line.split("|")[0].split()
        count = int(fields[3], 16)
        names = [fields[4 + 2 * i].split("(")[0] for i in range(count)]
        found[fields[0]] = names
    return found


def keys(path):
    """Lemma to the offsets of its synsets."""
    found = {}
    for line in path.read_text("utf-8").splitlines():
        if line.startswith(" "):
            continue
        fields = line.split()
        count = int(fields[2])
        found[fields[0]] = fields[-count:]
    return found


def exceptions(path):
    """Inflected form to its base forms; of a form that occurs twice the last line counts."""
    found = {}
    for line in path.read_text("utf-8").splitlines():
        form, *bases = line.split()
        if "_" not in form:
            found[form] = bases
    return found


def part(folder, name):
    """The lines of a part of speech."""
    of_offset = synsets(folder / f"data.{name}")
    rules = exceptions(folder / f"{name}.exc")
    targets = {base for bases in rules.values() for base in bases}
    by_offset = {}
    for key, offsets in keys(folder / f"index.{name}").items():
        if "_" not in key or key in targets:
            for offset in offsets:
                by_offset.setdefault(offset, []).append(key)
    lines, held, alone = [], set(), set()
    for offset, found_by in sorted(by_offset.items()):
        members = [n for n in of_offset[offset] if "_" not in n and n == n.lower()]
        only_keys = sorted(set(found_by) - set(members))
        if len(found_by) < 2:
            alone.update(members)
            continue
        held.update(members)
        lines.append(" ".join(members) + (" / " + " ".join(only_keys) if only_keys else ""))
    if name != "adv":
        lines.extend(sorted(alone - held))
    lines.extend(f"!{form} {' '.join(bases)}" for form, bases in sorted(rules.items()))
    return lines


def main():
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    text = []
    for name, title in PARTS.items():
        text.append(f"={title}")
        text.extend(part(folder, name))
    packed = zlib.compress(("\n".join(text) + "\n").encode(), 9)
    (out / "synonyms.z").write_bytes(packed)
    head = (folder / "data.noun").read_text("utf-8").splitlines()
    licence = [line[4:].strip() for line in head if line.startswith("  ")]
    (out / "LICENSE").write_text("\n".join(licence) + "\n")
    print(f"{len(text)} lines, {len(packed)} bytes")


if __name__ == "__main__":
    main()
