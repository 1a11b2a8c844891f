"""Makes the stored values that `cargo test -p askem-model blip` compares with.

    python3 -m venv v && v/bin/pip install torch transformers pillow && v/bin/python make_blip.py

Writes, beside itself, `blip/` (a tiny BLIP question answerer with random weights, saved as
transformers saves one), `blip-retrieval/` (the heads of its retrieval model) and their expected
outputs, loss and gradients. Made with transformers 5.24 and torch 2.15; needs no network.
"""

import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from transformers import (
    BertTokenizer,
    BlipConfig,
    BlipForImageTextRetrieval,
    BlipForQuestionAnswering,
)
from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil

HERE = Path(__file__).parent
WORDS = "what size are the grains ? . , - ( ) how many particle ##s round 1 ##0 nano wire film".split()
PAD, SEP = 0, 3
SEED = 1144  # the answer written with it has several words and an end


def vocabulary():
    letters = "abcdefghijklmnopqrstuvwxyz"
    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    return marks + list(letters) + ["##" + c for c in letters if "##" + c not in WORDS] + WORDS + ["[DEC]", "[ENC]"]


def config(vocab):
    text = dict(
        vocab_size=len(vocab),
        hidden_size=16,
        intermediate_size=24,
        projection_dim=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=24,
        bos_token_id=vocab.index("[DEC]"),
        sep_token_id=SEP,
        eos_token_id=SEP,
        pad_token_id=PAD,
    )
    vision = dict(
        hidden_size=16,
        intermediate_size=40,
        projection_dim=16,
        num_hidden_layers=2,
        num_attention_heads=4,
        image_size=24,
        patch_size=8,
    )
    return BlipConfig(text_config=text, vision_config=vision, projection_dim=16, image_text_hidden_size=8)


def stir(model, seed=SEED):
    """Random weights large enough that every part matters, and biases that are not zero."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, weight in sorted(model.named_parameters()):
            noise = torch.randn_like(weight)
            norm = "norm" in name.lower() and name.endswith("weight")
            weight.copy_(1 + 0.2 * noise if norm else 0.3 * noise)
    return model.eval()


def save_texts(folder, vocab, size):
    (folder / "vocab.txt").write_text("\n".join(vocab) + "\n", encoding="utf-8")
    tokenizer = BertTokenizer(str(folder / "vocab.txt"))
    tokenizer.add_special_tokens({"additional_special_tokens": ["[DEC]", "[ENC]"]})
    tokenizer.save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(vocab) + "\n", encoding="utf-8")
    processor = BlipImageProcessorPil(size={"height": size, "width": size})
    processor.save_pretrained(folder)
    return tokenizer, processor


def picture(height, width):
    """An uneven grey image, the same as `picture` of the Rust test makes."""
    y, x = np.mgrid[0:height, 0:width]
    return ((x * 7 + y * 13 + x * y) % 256).astype(np.uint8)


def texts_of(tokenizer):
    texts = [
        "What size are the grains?",
        "How many particles (round), 10 nanowires",
        "caf\u00e9 NAÏVE  \t film-wire \u4e2d x\u0000y zzzzq 1010",
        "",
        "[SEP] a [DEC] b",
    ]
    return [{"text": text, "ids": tokenizer(text)["input_ids"]} for text in texts]


def answerer(folder):
    folder.mkdir(exist_ok=True)
    vocab = vocabulary()
    settings = config(vocab)
    tokenizer, processor = save_texts(folder, vocab, settings.vision_config.image_size)
    model = stir(BlipForQuestionAnswering(settings))
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    torch.manual_seed(11)
    pixels = torch.randn(2, 3, 24, 24)
    questions = torch.tensor([[2, 57, 58, 59, 60, 61, SEP], [2, 63, 60, SEP, PAD, PAD, PAD]])
    dec = vocab.index("[DEC]")
    answers = torch.tensor([[dec, 70, 66, 60, SEP], [dec, 72, SEP, PAD, PAD]])
    model.zero_grad()
    # Each row by itself and without padding: the decoder of transformers 5.24 looks at the padding
    # of questions (its cross-attention drops the mask it is given), earlier ones and ours do not.
    image_states = model.vision_model(pixel_values=pixels).last_hidden_state
    states, logits, losses = [], [], []
    for row in range(2):
        question = questions[row : row + 1, : int((questions[row] != PAD).sum())]
        answer = answers[row : row + 1, : int((answers[row] != PAD).sum())]
        image = image_states[row : row + 1]
        read = model.text_encoder(input_ids=question, encoder_hidden_states=image).last_hidden_state
        written = model.text_decoder(input_ids=answer, encoder_hidden_states=read, labels=answer)
        whole = model(input_ids=question, pixel_values=pixels[row : row + 1], labels=answer)
        assert torch.allclose(whole.loss, written.loss)
        states.append(read[0])
        logits.append(written.logits[0])
        losses.append(written.loss * (answer.shape[1] - 1))
    loss = sum(losses) / int((answers[:, 1:] != PAD).sum())
    loss.backward()
    expected = dict(
        pixels=pixels,
        questions=questions,
        answers=answers,
        image_states=image_states,
        question_states=torch.cat(states),
        logits=torch.cat(logits),
        loss=loss.reshape(1),
    )
    expected |= {"gradient." + name: weight.grad for name, weight in model.named_parameters()}
    grey = picture(57, 90)
    rgb = Image.fromarray(grey).convert("RGB")
    prepared = processor(rgb, return_tensors="pt")["pixel_values"]
    expected["prepared"] = prepared
    save_file({k: v.detach().contiguous() for k, v in expected.items()}, HERE / "blip_expected.safetensors")
    asked = "What size are the grains?"
    ids = tokenizer(asked, return_tensors="pt")["input_ids"]
    written = model.generate(input_ids=ids, pixel_values=prepared, max_new_tokens=12, do_sample=False, num_beams=1)
    answer = dict(
        question=asked,
        ids=written[0].tolist(),
        text=tokenizer.decode(written[0], skip_special_tokens=True),
        texts=texts_of(tokenizer),
    )
    (HERE / "blip_expected.json").write_text(json.dumps(answer, indent=1, ensure_ascii=True) + "\n")


def retrieval(folder):
    folder.mkdir(exist_ok=True)
    vocab = vocabulary()
    model = stir(BlipForImageTextRetrieval(config(vocab)))
    model.save_pretrained(folder)
    torch.manual_seed(11)
    pixels = torch.randn(2, 3, 24, 24)
    texts = torch.tensor([[2, 57, 58, 59, 60, 61, SEP], [2, 63, 60, SEP, PAD, PAD, PAD]])
    seen = dict(input_ids=texts, attention_mask=(texts != PAD).long(), pixel_values=pixels)
    with torch.no_grad():
        expected = dict(pixels=pixels, texts=texts, matching=model(**seen).itm_score, contrast=model(**seen, use_itm_head=False).itm_score)
    save_file({k: v.contiguous() for k, v in expected.items()}, HERE / "blip_retrieval_expected.safetensors")


if __name__ == "__main__":
    answerer(HERE / "blip")
    retrieval(HERE / "blip-retrieval")
