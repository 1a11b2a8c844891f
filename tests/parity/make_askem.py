"""Makes the stored values that `cargo test -p askem-model parity` compares with.

    v/bin/python make_askem.py            (see make_blip.py)

Writes, beside itself, the weights of two small networks (of the shape of the presets `paper` and
`standard`) and what model/pytorch/modeling_askem.py gives for them: logits, the three losses
and every gradient.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "../../model/pytorch"))

from modeling_askem import ENCODE, Batch, Network, _outside  # noqa: E402

SHAPES = {
    "paper": dict(width=16, heads=4, patch_size=8, vision_layers=2, text_layers=2),
    "standard": dict(width=24, heads=3, patch_size=4, vision_layers=1, text_layers=1),
}
# Each image and each text has exactly one that does not match, so that nothing is drawn.
POSITIVES = [[1, 1, 0], [0, 1, 1], [1, 0, 1]]
NEGATIVES = [(0, 2), (1, 0), (2, 1), (1, 0), (2, 1), (0, 2)]


def stir(network):
    torch.manual_seed(5)
    with torch.no_grad():
        for name, weight in sorted(network.named_parameters()):
            noise = torch.randn_like(weight)
            if name == "temperature":
                weight.fill_(0.11)
            elif "norm" in name and name.endswith("weight"):
                weight.copy_(1 + 0.2 * noise)
            else:
                weight.copy_(0.3 * noise)


def make(preset, shape):
    config = dict(model_type="askem", preset=preset, image_size=16, mlp_ratio=2, vocab_size=30, max_tokens=12)
    config |= shape | dict(captions=[], none_below=None)
    network = Network(config).eval()
    stir(network)
    torch.manual_seed(9)
    patches = torch.randn(3, (16 // shape["patch_size"]) ** 2, shape["patch_size"] ** 2)
    statements = [[7, 8, 9], [10], [11, 12, 13, 14]]
    asked = [
        (0, [ENCODE, 15, 16, 17], [18, 19]),
        (0, [ENCODE, 20], [21, 22, 23, 24]),
        (2, [ENCODE, 25, 26], [27]),
    ]
    batch = Batch(patches, statements, torch.tensor(POSITIVES).bool(), asked, NEGATIVES)
    losses = network.losses(batch)
    sum(losses).backward()
    images = network.image(patches, network.drop)
    memory, lengths = network.read(images[[0]], [asked[0][1]])
    states = network.text.decode(torch.tensor([[4] + asked[0][2]]), memory, lengths, network.drop)
    stored = dict(patches=patches, losses=torch.stack(losses), logits=network.text.logits(states)[0])
    for name, weight in network.named_parameters():
        stored["weight." + _outside(name)] = weight
        stored["gradient." + _outside(name)] = weight.grad
    save_file({k: v.detach().contiguous() for k, v in stored.items()}, HERE / f"askem_{preset}.safetensors")
    (HERE / f"askem_{preset}.json").write_text(json.dumps(config, indent=1) + "\n")


if __name__ == "__main__":
    for preset, shape in SHAPES.items():
        make(preset, shape)
