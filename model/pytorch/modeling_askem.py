"""Askem's network in PyTorch: loads a model folder, answers, trains it, and writes it back.

This one file is all it takes, beside `pip install torch safetensors tokenizers pillow`:

    python modeling_askem.py ask MODEL IMAGE "What shape do the particles have?"
    python modeling_askem.py train MODEL PAIRS.jsonl OUT --epochs 10 --device cuda

    network = Network.from_folder("MODEL")          # an ordinary torch.nn.Module
    losses = network.losses(batch)                  # itc, itm, lm

A folder written here is a model folder of Askem again. PAIRS.jsonl has one object a line:
`image` (as seen from the list), `question` (its full wording) and `answer`, and `category`.
Shapes: B images, P patches, T tokens, S tokens of a memory, D width, V vocabulary.
"""

import argparse
import json
import math
import random
import shutil
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

PAD, CLS, ENCODE, DECODE, EOS = 0, 2, 3, 4, 5
TEMPERATURE = (0.01, 0.5)
CATEGORIES = (
    "Biological Fibres Films_Coated_Surface MEMS_devices_and_electrodes Nanowires "
    "Particles Patterned_surface Porous_Sponge Powder Tips"
).split()


class Attention(nn.Module):
    """Multi-head attention; keys have no bias, since softmax cancels it."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width)
        self.output = nn.Linear(width, width)

    def forward(self, x, memory, mask=None):
        """x [B, T, D] looks at memory [B, S, D] where mask [B or 1, T or 1, S] is true."""
        split = lambda y: y.unflatten(-1, (self.heads, -1)).transpose(1, 2)
        q, k, v = split(self.query(x)), split(self.key(memory)), split(self.value(memory))
        mask = None if mask is None else mask[:, None]
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return self.output(mixed.transpose(1, 2).flatten(2))


class FeedForward(nn.Module):
    """Two maps with GELU between."""

    def __init__(self, width, ratio):
        super().__init__()
        self.widen = nn.Linear(width, ratio * width)
        self.narrow = nn.Linear(ratio * width, width)

    def forward(self, x):
        return self.narrow(F.gelu(self.widen(x)))


class ImageLayer(nn.Module):
    """One layer of the image encoder."""

    def __init__(self, c):
        super().__init__()
        self.norm_attention = nn.LayerNorm(c["width"])
        self.attention = Attention(c["width"], c["heads"])
        self.norm_feed_forward = nn.LayerNorm(c["width"])
        self.feed_forward = FeedForward(c["width"], c["mlp_ratio"])

    def forward(self, x, drop):
        normed = self.norm_attention(x)
        x = x + drop(self.attention(normed, normed))
        return x + drop(self.feed_forward(self.norm_feed_forward(x)))


class ImageEncoder(nn.Module):
    """Part 1: patches [B, P, pixels of a patch] -> states [B, 1 + P, D]; the first is [CLS]."""

    def __init__(self, c):
        super().__init__()
        patches = (c["image_size"] // c["patch_size"]) ** 2
        self.patch = nn.Linear(c["patch_size"] ** 2, c["width"])
        self.class_ = nn.Parameter(torch.zeros(1, 1, c["width"]))
        self.positions = nn.Parameter(torch.zeros(1, patches + 1, c["width"]))
        self.layers = nn.ModuleList(ImageLayer(c) for _ in range(c["vision_layers"]))
        self.norm = nn.LayerNorm(c["width"])

    def forward(self, patches, drop):
        x = self.patch(patches)
        x = torch.cat([self.class_.expand(len(x), -1, -1), x], 1) + self.positions
        x = drop(x)
        for layer in self.layers:
            x = layer(x, drop)
        return self.norm(x)


class TextLayer(nn.Module):
    """One layer of parts 2, 3 and 4."""

    def __init__(self, c):
        super().__init__()
        for name in ("self", "causal", "cross"):
            setattr(self, "norm_" + name, nn.LayerNorm(c["width"]))
            setattr(self, name + "_attention", Attention(c["width"], c["heads"]))
        self.norm_feed_forward = nn.LayerNorm(c["width"])
        self.feed_forward = FeedForward(c["width"], c["mlp_ratio"])

    def forward(self, x, mask, drop, causal=False, memory=None, memory_mask=None):
        normed = self.norm_causal(x) if causal else self.norm_self(x)
        attention = self.causal_attention if causal else self.self_attention
        x = x + drop(attention(normed, normed, mask))
        if memory is not None:
            x = x + drop(self.cross_attention(self.norm_cross(x), memory, memory_mask))
        return x + drop(self.feed_forward(self.norm_feed_forward(x)))


class TextParts(nn.Module):
    """Parts 2 (text encoder), 3 (the same looking at the image) and 4 (decoder)."""

    def __init__(self, c):
        super().__init__()
        self.tokens = nn.Parameter(torch.zeros(c["vocab_size"], c["width"]))
        self.positions = nn.Parameter(torch.zeros(c["max_tokens"], c["width"]))
        self.layers = nn.ModuleList(TextLayer(c) for _ in range(c["text_layers"]))
        self.norm_encoder = nn.LayerNorm(c["width"])
        self.norm_decoder = nn.LayerNorm(c["width"])
        self.output_bias = nn.Parameter(torch.zeros(c["vocab_size"]))

    def embed(self, ids, drop):
        return drop(self.tokens[ids] + self.positions[: ids.shape[1]])

    def encode(self, ids, lengths, image, drop):
        """States [B, T, D] of ids [B, T]; with an image, grounded in it."""
        mask = visible(lengths, ids.shape[1])
        x = self.embed(ids, drop)
        for layer in self.layers:
            x = layer(x, mask, drop, memory=image)
        return self.norm_encoder(x)

    def decode(self, ids, memory, lengths, drop):
        """States [B, T, D] of ids that see no later id, and the visible part of the memory."""
        t = ids.shape[1]
        causal = torch.ones(1, t, t, dtype=torch.bool, device=ids.device).tril()
        seen = visible(lengths, memory.shape[1])
        x = self.embed(ids, drop)
        for layer in self.layers:
            x = layer(x, causal, drop, causal=True, memory=memory, memory_mask=seen)
        return self.norm_decoder(x)

    def logits(self, states):
        """The output embeddings are the input's."""
        return states @ self.tokens.T + self.output_bias


@dataclass
class Batch:
    """What one step learns from. `asked` holds (image, prompt, answer) with ids as lists:
    the prompt begins with [Encode]; the answer has neither [Decode] nor [EOS]."""

    patches: torch.Tensor  # [B, P, pixels of a patch]
    statements: list  # B lists of ids, without a first token
    positives: torch.Tensor  # [B, B] bool: text j is true of image i
    asked: list
    negatives: list = None  # (image, text) pairs that do not match; drawn where None


class Network(nn.Module):
    """The four parts, the projections of the contrastive loss and the matching head."""

    def __init__(self, config, dropout=0.0):
        super().__init__()
        if config.get("without"):
            raise ValueError("this file has no ablations, and the model does without %s" % config["without"])
        self.config = config
        width = config["width"]
        self.image = ImageEncoder(config)
        self.text = TextParts(config)
        self.temperature = nn.Parameter(torch.tensor([0.07]))
        self.project_image = nn.Linear(width, width)
        self.project_text = nn.Linear(width, width)
        self.matching = nn.Linear(width, 1)
        self.drop = nn.Dropout(dropout)

    @classmethod
    def from_folder(cls, folder, dropout=0.0):
        """Loads config.json and model.safetensors; every weight must have its place."""
        from safetensors.torch import load_file

        folder = Path(folder)
        network = cls(json.loads((folder / "config.json").read_text(encoding="utf-8")), dropout)
        weights = load_file(folder / "model.safetensors")
        network.load_state_dict({_inside(k): v.float() for k, v in weights.items()})
        return network

    def to_folder(self, folder, like):
        """Writes a model folder; vocabulary and input are those of the folder `like`."""
        from safetensors.torch import save_file

        folder, like = Path(folder), Path(like)
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("tokenizer.json", "preprocessor_config.json"):
            shutil.copyfile(like / name, folder / name)
        weights = {_outside(k): v.detach().half().cpu().contiguous() for k, v in self.state_dict().items()}
        save_file(weights, folder / "model.safetensors")
        (folder / "config.json").write_text(json.dumps(self.config, indent=2), encoding="utf-8")
        (folder / "manifest.json").unlink(missing_ok=True)  # it was that of other files

    def losses(self, batch):
        """itc, itm and lm of a batch."""
        images = self.image(batch.patches, self.drop)
        itc, similarities = self.contrastive(images, batch)
        negatives = batch.negatives
        if negatives is None:
            negatives = hard_negatives(similarities.detach(), batch.positives)
        return itc, self.match(images, batch, negatives), self.language(images, batch)

    def contrastive(self, images, batch):
        """ITC: the target of each row and column is spread over its positives."""
        ids, lengths = self.pad([[CLS] + ids for ids in batch.statements])
        v = F.normalize(self.project_image(images[:, 0]), dim=-1)
        t = self.text.encode(ids, lengths, None, self.drop)
        t = F.normalize(self.project_text(t[:, 0]), dim=-1)
        similarities = v @ t.T / self.temperature.clamp(*TEMPERATURE)
        targets = batch.positives.float()
        one_way = lambda s, p: -(F.log_softmax(s, -1) * p / p.sum(-1, keepdim=True)).sum(-1).mean()
        loss = 0.5 * (one_way(similarities, targets) + one_way(similarities.T, targets.T))
        return loss, similarities

    def match(self, images, batch, negatives):
        """ITM: each matched pair, and the pairs that do not match."""
        n = len(batch.statements)
        pairs = [(i, i) for i in range(n)] + list(negatives)
        labels = torch.tensor([1.0] * n + [0.0] * len(negatives), device=images.device)
        ids, lengths = self.pad([[ENCODE] + batch.statements[text] for _, text in pairs])
        states = self.text.encode(ids, lengths, images[[image for image, _ in pairs]], self.drop)
        logits = self.matching(states[:, 0])[:, 0]
        return F.binary_cross_entropy_with_logits(logits, labels)

    def language(self, images, batch):
        """LM: every answer, given the image and the prompt grounded in it."""
        if not batch.asked:
            return images.sum() * 0
        images = images[[image for image, _, _ in batch.asked]]
        memory, lengths = self.read(images, [prompt for _, prompt, _ in batch.asked])
        answers = [answer for _, _, answer in batch.asked]
        inputs, _ = self.pad([[DECODE] + ids for ids in answers])
        targets, _ = self.pad([ids + [EOS] for ids in answers])
        states = self.text.decode(inputs, memory, lengths, self.drop)
        return F.cross_entropy(self.text.logits(states).flatten(0, 1), targets.flatten(), ignore_index=PAD)

    def read(self, images, prompts):
        """The decoder's memory: image states, then those of the prompts grounded in them."""
        ids, lengths = self.pad(prompts)
        grounded = self.text.encode(ids, lengths, images, self.drop)
        return torch.cat([images, grounded], 1), lengths + images.shape[1]

    @torch.no_grad()
    def answer(self, patches, prompt, most=96, forbidden=()):
        """The ids of the answer to a prompt (with its [Encode]) about one image, greedily."""
        memory, lengths = self.read(self.image(patches[None], self.drop), [prompt])
        ids = [DECODE]
        while len(ids) < min(most + 1, self.config["max_tokens"]):
            states = self.text.decode(torch.tensor([ids], device=patches.device), memory, lengths, self.drop)
            logits = self.text.logits(states[0, -1])
            logits[list(forbidden)] = -math.inf
            ids.append(int(logits.argmax()))
            if ids[-1] == EOS:
                break
        return [i for i in ids[1:] if i != EOS]

    def pad(self, rows):
        """Ids [B, T] and lengths [B] of rows of ids."""
        longest = max(len(row) for row in rows)
        device = self.temperature.device
        ids = torch.tensor([row + [PAD] * (longest - len(row)) for row in rows], device=device)
        return ids, torch.tensor([len(row) for row in rows], device=device)


def _inside(name):
    return name.replace("image.class", "image.class_")


def _outside(name):
    return name.replace("image.class_", "image.class")


def visible(lengths, most):
    """Mask [B, 1, S] of the first `lengths` of `most` tokens."""
    return (torch.arange(most, device=lengths.device) < lengths[:, None])[:, None]


def hard_negatives(similarities, positives):
    """For each image a text, and for each text an image, that do not match, drawn in proportion
    to the exponential of their similarity."""
    drawn = []
    for own in range(len(positives)):
        for row, true, pair in (
            (similarities[own], positives[own], lambda other: (own, other)),
            (similarities[:, own], positives[:, own], lambda other: (other, own)),
        ):
            if not true.all():
                shares = row.masked_fill(true, -math.inf).softmax(0)
                drawn.append(pair(int(torch.multinomial(shares, 1))))
    return drawn


class Files:
    """The vocabulary and the input of a model folder."""

    def __init__(self, folder):
        from tokenizers import Tokenizer

        folder = Path(folder)
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.input = json.loads((folder / "preprocessor_config.json").read_text(encoding="utf-8"))

    def ids(self, text, most):
        return self.tokenizer.encode(text, add_special_tokens=False).ids[:most]

    def forbidden(self):
        """What no answer holds: marks, slots and digits."""
        vocabulary = self.tokenizer.get_vocab().items()
        odd = lambda token: token.startswith("{") or any(c.isascii() and c.isdigit() for c in token)
        return [i for token, i in vocabulary if i < EOS or odd(token)]

    def patches(self, path):
        """Patches [P, pixels of a patch] of an image file, its darkest and brightest clipped."""
        from PIL import Image, ImageOps

        size, patch = self.input["size"], self.input["patch_size"]
        with Image.open(path) as image:
            if image.mode.startswith(("I", "F")):  # deeper than 8 bits
                deep = torch.tensor(list(image.convert("F").getdata())).reshape(image.height, -1)
                low, high = deep.min(), deep.max()
                scaled = (deep - low) / (high - low).clamp(min=1e-9) * 255
                image = Image.frombytes("L", image.size, bytes(scaled.byte().flatten().tolist()))
            grey = ImageOps.autocontrast(image.convert("L"), cutoff=0.5)
            grey = grey.resize((size, size), Image.Resampling.BILINEAR)
        pixels = torch.frombuffer(bytearray(grey.tobytes()), dtype=torch.uint8).float().reshape(size, size)
        pixels = (pixels / 255 - self.input["image_mean"]) / self.input["image_std"]
        return pixels.unfold(0, patch, patch).unfold(1, patch, patch).flatten(2).flatten(0, 1).contiguous()


def read_pairs(path, files, config):
    """The images of a list: patches, caption ids and [(question ids, answer ids)]."""
    most, items = config["max_tokens"], {}
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        if not line.strip():
            continue
        row = json.loads(line)
        item = items.setdefault(row["image"], {"caption": [], "category": None, "said": []})
        if row.get("category"):
            item["category"] = CATEGORIES.index(row["category"])
            item["caption"] = files.ids(config["captions"][item["category"]], most - 1)
        if row.get("question") and row.get("answer"):
            item["said"].append((files.ids(row["question"], most), files.ids(row["answer"], most - 1)))
    for name, item in items.items():
        item["patches"] = files.patches(Path(path).parent / name)
    return list(items.values())


def assemble(items, most, captions_only, questions=8):
    """A batch of images: a statement for each, and up to `questions` asked about each."""
    chosen = [None if captions_only or not i["said"] else random.choice(i["said"])[1] for i in items]
    statements = [(i["caption"] + (answer or []))[: most - 1] for i, answer in zip(items, chosen)]
    true = lambda a, b, answer: a is b or (
        a["category"] == b["category"] and (answer is None or any(own == answer for _, own in a["said"]))
    )
    positives = [[true(a, b, answer) for b, answer in zip(items, chosen)] for a in items]
    asked = []
    for image, item in enumerate(items):
        for question, answer in random.sample(item["said"], min(questions, len(item["said"]))):
            caption = item["caption"] if random.random() < 0.5 else []
            asked.append((image, ([ENCODE] + caption + question)[:most], answer))
    patches = torch.stack([i["patches"] for i in items])
    return Batch(patches, statements, torch.tensor(positives), asked)


def train(arguments):
    torch.manual_seed(arguments.seed)
    random.seed(arguments.seed)
    network = Network.from_folder(arguments.model, arguments.dropout).to(arguments.device).train()
    items = read_pairs(arguments.pairs, Files(arguments.model), network.config)
    if len(items) < 2:
        raise SystemExit("there is nothing to contrast: give at least two images")
    adam = torch.optim.Adam(network.parameters(), lr=arguments.rate)
    for epoch in range(arguments.epochs):
        random.shuffle(items)
        sums, steps = torch.zeros(3), 0
        for start in range(0, len(items) - 1, arguments.batch):
            chosen = items[start : start + arguments.batch]
            if len(chosen) < 2:
                continue
            batch = assemble(chosen, network.config["max_tokens"], steps % 2 == 0)
            batch.patches = batch.patches.to(arguments.device)
            batch.positives = batch.positives.to(arguments.device)
            losses = network.losses(batch)
            adam.zero_grad()
            sum(losses).backward()
            adam.step()
            with torch.no_grad():
                network.temperature.clamp_(*TEMPERATURE)
            sums += torch.stack(losses).detach().cpu()
            steps += 1
        itc, itm, lm = (sums / steps).tolist()
        print(f"epoch {epoch + 1}: itc {itc:.4f}  itm {itm:.4f}  lm {lm:.4f}", flush=True)
    network.to_folder(arguments.out, arguments.model)


def ask(arguments):
    network, files = Network.from_folder(arguments.model).eval(), Files(arguments.model)
    prompt = [ENCODE] + files.ids(arguments.question, network.config["max_tokens"] - 1)
    ids = network.answer(files.patches(arguments.image), prompt, forbidden=files.forbidden())
    print(files.tokenizer.decode(ids))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    asking = commands.add_parser("ask", help="answer a question about an image")
    asking.add_argument("model")
    asking.add_argument("image")
    asking.add_argument("question")
    asking.set_defaults(run=ask)
    training = commands.add_parser("train", help="go on training a model folder")
    training.add_argument("model")
    training.add_argument("pairs")
    training.add_argument("out")
    training.add_argument("--epochs", type=int, default=50)
    training.add_argument("--batch", type=int, default=48)
    training.add_argument("--rate", type=float, default=1e-3)
    training.add_argument("--dropout", type=float, default=0.0)
    training.add_argument("--device", default="cpu")
    training.add_argument("--seed", type=int, default=1)
    training.set_defaults(run=train)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
