"""Holds a folder that `askem models export` wrote against transformers: no weight may be missing
or too many, and the answer must be the stored one.

    askem models export tests/parity/blip OUT && v/bin/python tests/parity/check_export.py OUT
"""

import json
import sys
from pathlib import Path

import make_blip
from PIL import Image
from transformers import AutoTokenizer, BlipForQuestionAnswering
from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil

folder = sys.argv[1]
told = json.loads((Path(__file__).parent / "blip_expected.json").read_text())
model, loading = BlipForQuestionAnswering.from_pretrained(folder, output_loading_info=True)
assert not any(loading.values()), loading
ids = AutoTokenizer.from_pretrained(folder)(told["question"], return_tensors="pt")["input_ids"]
picture = Image.fromarray(make_blip.picture(57, 90)).convert("RGB")
pixels = BlipImageProcessorPil.from_pretrained(folder)(picture, return_tensors="pt")["pixel_values"]
written = model.eval().generate(input_ids=ids, pixel_values=pixels, max_new_tokens=12, do_sample=False)
assert written[0].tolist() == told["ids"], written
print("loaded whole, and the answer is the stored one")
