"""Goes on training an exported model with several processes, and writes a model folder again.

    torchrun --nproc-per-node 4 train_distributed.py MODEL PAIRS.jsonl OUT
    accelerate launch --num_processes 4 train_distributed.py MODEL PAIRS.jsonl OUT
    python train_distributed.py MODEL PAIRS.jsonl OUT            # one process

MODEL is a folder that `askem models export` wrote, or a BLIP for visual question answering as
Hugging Face writes it; PAIRS.jsonl is layout 1 of docs/DATA.md. Images marked `val` are measured
on after each epoch and the best epoch is kept; `test` is left alone. Each process contrasts the
images of its own batch. Needs torch, safetensors, tokenizers and pillow; a BLIP transformers too.
"""

import argparse
import json
import os
import random
import shutil
import sys
from pathlib import Path

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, DistributedSampler

import modeling_askem as askem

WORDS = json.loads(Path(__file__).with_name("questions.json").read_text(encoding="utf-8"))
PARTS = {"val": "val", "validation": "val", "test": "test"}
IGNORED = -100  # by the loss of transformers


def read_pairs(path):
    """The images of a list by part: file, category and [(question, answer)]."""
    images = {}
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if not line.strip():
            continue
        row = json.loads(line)
        name = (row.get("image") or row["file"]).replace("\\", "/")
        image = images.setdefault(name, {"file": path.parent / name, "category": None, "part": "train", "said": []})
        part, category = row.get("split") or row.get("part"), row.get("category")
        if part:
            image["part"] = PARTS.get(part, "train")
        if category:
            if category not in WORDS["categories"]:
                sys.exit(f"{path}:{number}: {category} is none of {', '.join(WORDS['categories'])}")
            image["category"] = category
        question = row.get("question") or row.get("key")
        if question and row.get("answer"):
            image["said"].append((WORDS["questions"].get(question, question), row["answer"]))
    return {part: [i for i in images.values() if i["part"] == part] for part in ("train", "val")}


class Ours(nn.Module):
    """Askem's network; its losses are itc, itm and lm."""

    def __init__(self, folder):
        super().__init__()
        self.folder, self.files = folder, askem.Files(folder)
        self.network = askem.Network.from_folder(folder)
        self.most = self.network.config["max_tokens"]

    def prepare(self, image):
        category = list(WORDS["categories"]).index(image["category"]) if image["category"] else None
        caption = [] if category is None else self.network.config["captions"][category]
        ids = self.files.ids
        return {
            "category": category,
            "caption": ids(caption, self.most - 1) if caption else [],
            "said": [(ids(q, self.most), ids(a, self.most - 1)) for q, a in image["said"]],
            "patches": self.files.patches(image["file"]),
        }

    def forward(self, items, captions_only):
        batch = askem.assemble(items, self.most, captions_only)
        device = self.network.temperature.device
        batch.patches, batch.positives = batch.patches.to(device), batch.positives.to(device)
        return torch.stack(self.network.losses(batch))

    def after_step(self):
        self.network.temperature.clamp_(*askem.TEMPERATURE)

    def save(self, out):
        self.network.to_folder(out, self.folder)


class Blip(nn.Module):
    """BLIP for visual question answering; its one loss is that of the answers."""

    FILES = "vocab.txt tokenizer.json tokenizer_config.json special_tokens_map.json preprocessor_config.json processor_config.json"

    def __init__(self, folder):
        super().__init__()
        from transformers import AutoTokenizer, BlipForQuestionAnswering

        self.folder = folder
        self.network = BlipForQuestionAnswering.from_pretrained(folder, dtype=torch.float32)
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        read = lambda name: json.loads((folder / name).read_text(encoding="utf-8"))
        alone = (folder / "preprocessor_config.json").exists()
        self.input = read("preprocessor_config.json") if alone else read("processor_config.json")["image_processor"]

    def prepare(self, image):
        from PIL import Image

        said = list(image["said"])
        if image["category"]:
            words = WORDS["categories"][image["category"]]
            caption = f"An electron micrograph of {words}."
            said += [(f"{caption} {question}", answer) for question, answer in said] + [(WORDS["which"], words)]
        size = self.input["size"]
        with Image.open(image["file"]) as opened:
            if opened.mode.startswith(("I", "F")):  # deeper than 8 bits
                deep = opened.convert("F")
                low, high = deep.getextrema()
                scale = 255 / max(high - low, 1e-9)
                opened = deep.point(lambda value: value * scale - low * scale)
            grey = opened.convert("L").resize((size["width"], size["height"]), Image.Resampling.BICUBIC)
        pixels = torch.frombuffer(bytearray(grey.tobytes()), dtype=torch.uint8).reshape(1, *grey.size[::-1]) / 255
        mean, std = (torch.tensor(self.input[name]).reshape(3, 1, 1) for name in ("image_mean", "image_std"))
        return {"said": said, "pixels": (pixels - mean) / std}

    def forward(self, items, _):
        network, text = self.network, self.network.config.text_config
        device = next(network.parameters()).device
        most = text.max_position_embeddings
        asked = [(i, *pair) for i, item in enumerate(items) for pair in random.sample(item["said"], min(8, len(item["said"])))]
        if not asked:
            return torch.zeros(1, device=device)
        where, questions, answers = zip(*asked)
        read = self.tokenizer(list(questions), padding=True, truncation=True, max_length=most, return_tensors="pt").to(device)
        plain = lambda answer: self.tokenizer(answer, add_special_tokens=False)["input_ids"][: most - 2]
        rows = [torch.tensor([text.bos_token_id, *plain(answer), text.sep_token_id]) for answer in answers]
        written = nn.utils.rnn.pad_sequence(rows, True, text.pad_token_id).to(device)
        is_text = nn.utils.rnn.pad_sequence([torch.ones_like(row) for row in rows], True).to(device)
        images = network.vision_model(torch.stack([i["pixels"] for i in items]).to(device)).last_hidden_state
        states = network.text_encoder(read["input_ids"], read["attention_mask"], encoder_hidden_states=images[list(where)])
        loss = network.text_decoder(
            written,
            is_text,
            encoder_hidden_states=states.last_hidden_state,
            encoder_attention_mask=read["attention_mask"],
            labels=written.masked_fill(is_text == 0, IGNORED),
        ).loss
        return loss.reshape(1)

    def after_step(self):
        pass

    def save(self, out):
        self.network.save_pretrained(out)
        for name in self.FILES.split():
            if (self.folder / name).exists():
                shutil.copyfile(self.folder / name, out / name)
        (out / "manifest.json").unlink(missing_ok=True)  # it was that of other files


class Prepared(torch.utils.data.Dataset):
    """Images with their texts as ids, read when they are needed."""

    def __init__(self, model, images):
        self.model, self.images = model, images

    def __len__(self):
        return len(self.images)

    def __getitem__(self, place):
        return self.model.prepare(self.images[place])


def epoch(model, parallel, loader, optimiser=None):
    """Mean losses of a pass, over all processes; with an optimiser it learns."""
    sums, steps = 0, 0
    for items in loader:
        if len(items) < 2:
            continue  # nothing to contrast
        losses = parallel(items, steps % 2 == 0)
        if optimiser:
            # Weights that this batch has no use for still belong to the sum over processes.
            unused = sum(weight.sum() for weight in model.parameters()) * 0
            optimiser.zero_grad()
            (losses.sum() + unused).backward()
            optimiser.step()
            with torch.no_grad():
                model.after_step()
        sums, steps = sums + losses.detach(), steps + 1
    if not steps:
        sys.exit("Too few images: each process needs at least two, of each part that is there.")
    mean = sums / steps
    if dist.is_initialized():
        dist.all_reduce(mean)
        mean /= dist.get_world_size()
    return mean


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--batch", type=int, default=48, help="images a step and process")
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--workers", type=int, default=0, help="processes that read images, each")
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    # torchrun and accelerate name the processes alike.
    rank, world, local = (int(os.environ.get(name, default)) for name, default in (("RANK", 0), ("WORLD_SIZE", 1), ("LOCAL_RANK", 0)))
    device = torch.device("cuda", local) if torch.cuda.is_available() else torch.device("cpu")
    if world > 1:
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    torch.manual_seed(a.seed + rank)
    random.seed(a.seed + rank)
    kind = json.loads((a.model / "config.json").read_text(encoding="utf-8"))["model_type"]
    model = {"askem": Ours, "blip": Blip}[kind](a.model).to(device)
    parallel = DistributedDataParallel(model) if world > 1 else model
    images = read_pairs(a.pairs)
    samplers = {part: DistributedSampler(images[part], world, rank, part == "train", a.seed) for part in images if images[part]}
    if "train" not in samplers:
        sys.exit(f"{a.pairs} holds nothing to train on.")
    load = lambda part: DataLoader(Prepared(model, images[part]), a.batch, sampler=samplers[part], num_workers=a.workers, collate_fn=list)
    optimiser = torch.optim.AdamW(model.parameters(), lr=a.rate, weight_decay=0.01)
    least = float("inf")
    for number in range(1, a.epochs + 1):
        samplers["train"].set_epoch(number)
        learned = epoch(model, parallel.train(), load("train"), optimiser)
        with torch.no_grad():
            measured = epoch(model, model.eval(), load("val")) if "val" in samplers else None
        score = float((learned if measured is None else measured).sum())
        if rank == 0:
            show = lambda losses: "-" if losses is None else " ".join(f"{loss:.3f}" for loss in losses.tolist())
            print(f"epoch {number}: train {show(learned)}  val {show(measured)}", flush=True)
            if measured is None or score < least:
                a.out.mkdir(parents=True, exist_ok=True)
                model.save(a.out)
        least = min(least, score)
    if world > 1:
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
