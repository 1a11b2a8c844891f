#!/usr/bin/env python3
"""Trains the reader of printed labels (assets/label_reader.bin) on text rendered from fonts.

    python3 label_reader.py make  DATA.npz [--count 60000] [--seed 1]
    python3 label_reader.py sheet labels.png
    python3 label_reader.py train DATA.npz... --out label_reader.bin [--from weights.npz] [--steps 6000]

Needs numpy, pillow, jax and optax, and the Debian packages fonts-liberation fonts-freefont-ttf
fonts-open-sans fonts-roboto-unhinted fonts-lato fonts-urw-base35 fonts-arkpandora fonts-cantarell
fonts-crosextra-carlito fonts-hack fonts-inconsolata fonts-vlgothic fonts-b612 fonts-oxygen
fonts-ocr-a fonts-noto-core fonts-dejavu-extra. No micrograph is used: all text is rendered, with
the 5 x 7 letters of app/simulate/font.rs among the fonts.

A sample is a line of text cut out at its ink, scaled to INK rows of HEIGHT, with the paper at 0
and the ink at 1; app/micrograph/scale_bar/line.rs cuts lines out of images in the same way. The
network (app/micrograph/scale_bar/reader.rs) gives a letter or a blank for every second column
and is trained with the CTC loss.

label_reader.bin: the eight bytes "ASKEMLR1", then the weights as little-endian f32 in the order
of LAYERS, each layer's kernel as [out][in][row][column] followed by its biases.
"""

import argparse
import io
import os
import re
import struct
import sys

import numpy as np

HEIGHT, INK, MARGIN = 24, 18, 3
WIDEST = 224
LETTERS = (
    "0123456789.,:;=-+/%°µÅ*()_#&@'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz "
)
CLASSES = len(LETTERS) + 1  # the last class is the blank
# name, rows, columns, in, out
LAYERS = [
    ("a", 3, 3, 1, 16),
    ("b", 3, 3, 16, 24),
    ("c", 3, 3, 24, 40),
    ("d", 3, 3, 40, 64),
    ("e", 1, 5, 64, 64),
    ("f", 1, 1, 64, CLASSES),
]

FONT_PATTERNS = [
    # (pattern of the path, how often)
    (r"liberation.*/LiberationSans-(Regular|Bold|Italic|BoldItalic)", 10),
    (r"liberation.*/LiberationSansNarrow", 2),
    (r"liberation.*/LiberationMono-(Regular|Bold)", 1),
    (r"liberation.*/LiberationSerif-(Regular|Bold|Italic)", 7),
    (r"freefont/FreeSerif(Bold)?\.", 3),
    (r"urw-base35/NimbusRoman-(Regular|Bold)\.otf", 3),
    (r"freefont/FreeSans(Bold|Oblique)?\.", 4),
    (r"urw-base35/NimbusSans(Narrow)?-(Regular|Bold|Italic)\.otf", 4),
    (r"dejavu/DejaVuSans(Condensed)?(-Bold|-Oblique)?\.ttf", 4),
    (r"dejavu/DejaVuSansMono(-Bold)?\.ttf", 2),
    (r"open-sans/OpenSans-(Regular|Semibold|Bold|Light)\.", 5),
    (r"roboto/.*Roboto-(Regular|Medium|Bold|Light)\.", 5),
    (r"lato/Lato-(Regular|Bold|Medium)\.", 1),
    (r"arkpandora/(Aerial|Veranda)", 5),
    (r"cantarell/Cantarell-(Regular|VF|Bold)", 1),
    (r"crosextra/Carlito-(Regular|Bold)\.", 2),
    (r"hack/Hack-(Regular|Bold)\.", 1),
    (r"inconsolata/Inconsolata", 1),
    (r"vlgothic/VL-P?Gothic", 2),
    (r"b612/B612-(Regular|Bold)", 1),
    (r"oxygen/Oxygen-Sans", 1),
    (r"ocr-a/", 1),
    (r"noto/NotoSans-(Regular|Medium|Bold|SemiCondensed|Condensed)\.", 4),
    (r"noto/NotoSansDisplay-(Regular|Bold)\.", 1),
]


def fonts():
    """Paths of the fonts and how often each is used."""
    found = []
    for folder, _, files in sorted(os.walk("/usr/share/fonts")):
        for name in sorted(files):
            path = os.path.join(folder, name)
            for pattern, weight in FONT_PATTERNS:
                if re.search(pattern, path) and path.endswith((".ttf", ".otf")):
                    found.append((path, weight, pattern))
                    break
    kinds = {}
    for _, _, pattern in found:
        kinds[pattern] = kinds.get(pattern, 0) + 1
    return [path for path, _, _ in found], np.array(
        [weight / kinds[pattern] for _, weight, pattern in found]
    )


def dot_letters():
    """The letters of app/simulate/font.rs: 7 rows of 5 bits."""
    here = os.path.dirname(os.path.abspath(__file__))
    text = open(os.path.join(here, "../../app/simulate/font.rs"), encoding="utf-8").read()
    letters = {" ": [0] * 7}
    for letter, rows in re.findall(r"\('(.)', \[([^\]]*)\]\)", text):
        letters[letter] = [int(row, 16) for row in rows.split(",")]
    return letters


def label(dice):
    """A scale bar's label: a number and a unit."""
    kind = dice.random()
    if kind < 0.7:
        number = dice.choice([1, 2, 3, 4, 5, 6, 8, 10, 20, 25, 30, 40, 50, 60, 70, 80, 90, 100, 150,
                              200, 250, 300, 400, 500, 600, 700, 800, 900, 1000, 2000])
        text = str(number)
    elif kind < 0.8:
        text = str(dice.integers(1, 1000))
    else:
        decimals = dice.integers(1, 4)
        text = f"{dice.choice([0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 0.25, 1.5, 2.5, dice.random() * 10, dice.random() * 100]):.{decimals}f}"
        if dice.random() < 0.1:
            text = text.replace(".", ",")
    unit = dice.choice(["µm", "nm", "um", "mm", "Å", "cm"], p=[0.4, 0.36, 0.1, 0.09, 0.03, 0.02])
    gap = "" if dice.random() < 0.3 else " "
    star = "*" if dice.random() < 0.08 else ""
    return f"{text}{gap}{unit}{star}"


def phrase(dice):
    """What else a data bar prints."""
    pick = dice.integers(0, 22)
    n = lambda a, b: dice.integers(a, b)
    return [
        lambda: f"WD = {n(1,30)}.{n(0,10)} mm", lambda: f"WD {n(1,30)}.{n(0,10)}mm",
        lambda: f"Mag = {n(1,999)}.{n(10,99)} K X", lambda: f"EHT = {n(1,30)}.00 kV",
        lambda: f"{n(1,30)}.00 kV", lambda: f"x{n(1,999)}.{n(0,9)}k", lambda: f"X {n(1,99)},{n(0,9)}00",
        lambda: f"x{n(1,300)}00", lambda: f"{n(1,12)}/{n(1,29)}/{n(2003,2026)}",
        lambda: f"{n(1,24)}:{n(10,60)}:{n(10,60)} {dice.choice(['AM','PM',''])}".strip(),
        lambda: dice.choice(["SE", "SE2", "InLens", "ETD", "BSE", "Signal A = InLens", "High vacuum", "HV", "mag",
                             "det", "spot", "WD", "HFW", "SEI", "LEI", "COMPO", "TLD", "Det", "tilt", "mode", "SED",
                             "Signal A = SE2", "vac mode", "pressure", "Acc.V", "Spot Magn", "Det WD", "HighVac."]),
        lambda: f"Stage at T = {n(0,60)}.{n(0,9)} °", lambda: f"Date :{n(1,30)} {dice.choice(['Jan','Mar','Jun','Oct','Dec'])} {n(2003,2026)}",
        lambda: f"HFW {n(1,999)}.{n(0,9)} {dice.choice(['µm','nm','mm'])}", lambda: f"{n(1,99)} {n(0,9)}00 x",
        lambda: f"Pixel Size = {n(1,999)}.{n(1,9)} nm", lambda: f"Aperture Size = {n(7,120)}.00 µm",
        lambda: f"{n(1,30)}.0kV {n(1,20)}.{n(0,9)}mm x{n(1,99)}.0k SE(U)", lambda: f"{n(1,9)}.{n(10,99)}e-{n(3,8)} Pa",
        lambda: f"Contrast = {n(1,99)}.{n(0,9)} %", lambda: f"No. {n(1,9999)}", lambda: f"{n(1,9)}.0 {n(100,999)}x SE",
    ][pick]()


def word(dice):
    """Letters without a meaning."""
    pool = LETTERS if dice.random() < 0.5 else "0123456789.nmuµkVx "
    text = "".join(dice.choice(list(pool)) for _ in range(dice.integers(1, 14)))
    return re.sub(r"\s+", " ", text).strip() or "1"


def text_mask(text, dice, paths, weights, letters):
    """Ink coverage 0..1 of a rendered line, or None where the font lacks a letter."""
    from PIL import Image, ImageDraw, ImageFont

    if dice.random() < 0.07:
        cells = [letters.get(c, letters.get(c.upper())) for c in text]
        if any(cell is None for cell in cells):
            return None
        grid = np.zeros((7, 6 * len(text)))
        for i, cell in enumerate(cells):
            for y, row in enumerate(cell):
                for x in range(5):
                    grid[y, 6 * i + x] = row >> (4 - x) & 1
        size = dice.uniform(1.0, 4.5)
        k = 4
        big = np.kron(grid, np.ones((8, 8)))
        if dice.random() < 0.2:  # separate dots
            big *= np.kron(np.ones(grid.shape), np.pad(np.ones((7, 7)), ((0, 1), (0, 1))))
        image = Image.fromarray((big * 255).astype(np.uint8))
        size_px = (max(4, round(grid.shape[1] * size)), max(7, round(7 * size)))
        image = image.resize(size_px, Image.BOX if dice.random() < 0.7 else Image.NEAREST)
        return np.pad(np.asarray(image, float) / 255, 6)
    path = paths[dice.choice(len(paths), p=weights / weights.sum())]
    small = dice.random() < 0.6
    px = int(dice.integers(10, 19) if small else dice.integers(18, 44))
    font = ImageFont.truetype(path, px)
    second = font
    if dice.random() < 0.05:  # a unit in italics
        other = [p for p in paths if re.search(r"(LiberationSans-Italic|FreeSansOblique)", p)]
        second = ImageFont.truetype(other[dice.integers(len(other))], px)
    micro = "\u03bc" if dice.random() < 0.3 else "\u00b5"
    pieces = re.match(r"^([\d.,]*)(.*)$", text.replace("µ", micro)).groups()
    for c in set("".join(pieces)):
        if c != " " and bytes(font.getmask(c)) == bytes(font.getmask("\uffff")):
            return None
    image = Image.new("L", (px * (len(text) + 4), px * 3), 0)
    draw = ImageDraw.Draw(image)
    draw.fontmode = "1" if dice.random() < 0.25 else "L"
    x = float(px)
    spacing = dice.choice([0.0, 0.0, 0.0, dice.uniform(-0.03, 0.12)]) * px
    for piece, face in zip(pieces, (font, second)):
        if spacing == 0.0:
            draw.text((x, px), piece, fill=255, font=face)
            x += face.getlength(piece)
        else:
            for c in piece:
                draw.text((x, px), c, fill=255, font=face)
                x += face.getlength(c) + spacing
        if dice.random() < 0.2:
            x += dice.uniform(0, 0.3) * px
    mask = np.asarray(image, float) / 255
    if dice.random() < 0.5:  # the image was resized after printing
        scale = dice.uniform(0.5, 1.3)
        if px * scale < 10:
            scale = 10 / px
        size = (max(8, round(image.width * scale)), max(8, round(image.height * scale)))
        way = dice.choice([Image.BILINEAR, Image.BICUBIC, Image.BOX, Image.LANCZOS, Image.NEAREST])
        mask = np.clip(np.asarray(image.resize(size, way), float) / 255, 0, 1)
    return mask


def ground(shape, dice):
    """Paper: even, or for one in four a micrograph's texture."""
    if dice.random() < 0.7:
        return np.full(shape, dice.choice([0, 255, 255, 0, dice.uniform(0, 255)]), float), 1.0
    from PIL import Image

    coarse = dice.normal(0, 1, (max(2, shape[0] // dice.integers(3, 20) + 2), max(2, shape[1] // dice.integers(3, 20) + 2)))
    image = Image.fromarray(coarse.astype(np.float32)).resize((shape[1], shape[0]), Image.BICUBIC)
    texture = np.asarray(image) * dice.uniform(2, 45) + dice.normal(0, 1, shape) * dice.uniform(1, 20)
    return np.clip(dice.uniform(30, 200) + texture, 0, 255), 0.6


def damage(grey, dice):
    """Blur, noise and JPEG."""
    from PIL import Image, ImageFilter

    image = Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))
    if dice.random() < 0.25:
        image = image.filter(ImageFilter.GaussianBlur(dice.uniform(0.2, 0.8)))
    if dice.random() < 0.7:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=int(dice.integers(45, 96)))
        image = Image.open(buffer)
    return np.asarray(image, float)


def cut(grey, box, ink_is_dark):
    """The normalised line: the rule of app/micrograph/scale_bar/line.rs."""
    x0, y0, x1, y1 = box
    scale = INK / (y1 - y0)
    width = int(round((x1 - x0) * scale)) + 2 * MARGIN
    k = int(np.ceil(1 / scale))
    ys = y0 + ((np.arange(HEIGHT * k) + 0.5) / k - MARGIN) / scale - 0.5
    xs = x0 + ((np.arange(width * k) + 0.5) / k - MARGIN) / scale - 0.5
    ys, xs = np.clip(ys, 0, grey.shape[0] - 1), np.clip(xs, 0, grey.shape[1] - 1)
    iy, ix = np.floor(ys).astype(int), np.floor(xs).astype(int)
    fy, fx = (ys - iy)[:, None], (xs - ix)[None]
    jy, jx = np.minimum(iy + 1, grey.shape[0] - 1), np.minimum(ix + 1, grey.shape[1] - 1)
    rows0 = grey[iy][:, ix] * (1 - fx) + grey[iy][:, jx] * fx
    rows1 = grey[jy][:, ix] * (1 - fx) + grey[jy][:, jx] * fx
    line = (rows0 * (1 - fy) + rows1 * fy).reshape(HEIGHT, k, width, k).mean((1, 3))
    ordered = np.sort(line.ravel())
    paper = ordered[len(ordered) // 2]
    ink = ordered[len(ordered) * 3 // 100] if ink_is_dark else ordered[len(ordered) - 1 - len(ordered) * 3 // 100]
    if abs(paper - ink) < 8:
        ink = paper - 8 if ink_is_dark else paper + 8
    return np.clip((line - paper) / (ink - paper), -0.5, 1.5)


def sample(dice, paths, weights, letters):
    """One line and its text; None where nothing fit."""
    kind = dice.random()
    if kind < 0.06:  # no text at all
        shape = (int(dice.integers(20, 50)), int(dice.integers(24, 160)))
        grey, _ = ground(shape, dice)
        for _ in range(dice.integers(0, 4)):
            x, y = dice.integers(0, shape[1]), dice.integers(0, shape[0])
            w, h = dice.integers(1, shape[1]), dice.integers(1, 6)
            if dice.random() < 0.4:
                w, h = h, w
            grey[y:y + h, x:x + w] = dice.uniform(0, 255)
        grey = damage(grey, dice)
        return cut(grey, (3, 3, shape[1] - 3, shape[0] - 3), dice.random() < 0.5), ""
    text = label(dice) if kind < 0.7 else phrase(dice) if kind < 0.88 else word(dice)
    mask = text_mask(text, dice, paths, weights, letters)
    if mask is None or mask.max() < 0.5:
        return None
    rows, columns = np.where(mask.max(1) > 0.4)[0], np.where(mask.max(0) > 0.4)[0]
    x0, x1, y0, y1 = columns[0], columns[-1] + 1, rows[0], rows[-1] + 1
    if y1 - y0 < 5:
        return None
    pad = 8
    mask = np.pad(mask, pad)
    x0, x1, y0, y1 = x0 + pad, x1 + pad, y0 + pad, y1 + pad
    mask = mask[y0 - pad:y1 + pad, x0 - pad:x1 + pad]
    x0, x1, y0, y1 = pad, mask.shape[1] - pad, pad, mask.shape[0] - pad
    paper, least = ground(mask.shape, dice)
    level = float(np.median(paper))
    ink_is_dark = level > 128 if least == 1.0 else dice.random() < 0.2
    reach = level if ink_is_dark else 255 - level
    if reach < 60:
        ink_is_dark = not ink_is_dark
        reach = level if ink_is_dark else 255 - level
    contrast = reach * dice.uniform(0.7 if least < 1 else 0.4, 1.0)
    ink = level - contrast if ink_is_dark else level + contrast
    grey = paper * (1 - mask) + ink * mask
    if least == 1.0 and dice.random() < 0.25:  # a rule or frame close by
        y = y1 + dice.integers(0, 6) if dice.random() < 0.6 else y0 - 1 - dice.integers(1, 7)
        grey[int(y):int(y) + dice.integers(1, 3)] = ink
    if least == 1.0 and dice.random() < 0.1:  # the end of a bar or the side of a frame
        x = int(x1 + dice.integers(2, 8) if dice.random() < 0.5 else x0 - dice.integers(3, 8))
        middle = (y0 + y1) // 2
        rows = slice(middle - 1, middle + 1) if dice.random() < 0.5 else slice(None)
        columns = slice(x, None) if x > x1 else slice(None, x)
        grey[rows, columns if rows != slice(None) else slice(x, x + 2)] = ink
    grey = damage(grey, dice)
    tall = (y1 - y0) * 0.06
    box = (x0 + dice.normal(0, 0.7), y0 + dice.normal(0, max(0.3, tall * 0.7)),
           x1 + dice.normal(0, 0.7), y1 + dice.normal(0, max(0.3, tall * 0.7)))
    line = cut(grey, box, ink_is_dark)
    if line.shape[1] > WIDEST or line.shape[1] < 8:
        return None
    letters_needed = len(text) + sum(a == b for a, b in zip(text, text[1:]))
    return (line, text) if letters_needed <= line.shape[1] // 2 else None


def make(arguments):
    dice = np.random.default_rng(arguments.seed)
    paths, weights = fonts()
    letters = dot_letters()
    print(f"{len(paths)} fonts", file=sys.stderr)
    lines = np.zeros((arguments.count, HEIGHT, WIDEST), np.int8)
    widths, texts = [], []
    while len(texts) < arguments.count:
        got = sample(dice, paths, weights, letters)
        if got is None:
            continue
        line, text = got
        lines[len(texts), :, :line.shape[1]] = np.round(line * 64).astype(np.int8)
        widths.append(line.shape[1])
        texts.append(text)
        if len(texts) % 5000 == 0:
            print(len(texts), file=sys.stderr, flush=True)
    np.savez_compressed(arguments.data[0], lines=lines, widths=np.array(widths), texts=np.array(texts))


# Labels of tests/fixtures/labels.png: text, font, size in pixels. Inter is not trained on.
SHEET = [
    ("1 µm", "inter/Inter-Regular.otf", 15), ("200 nm", "inter/Inter-Medium.otf", 14),
    ("50 µm", "inter/Inter-Bold.otf", 16), ("5.00 µm", "inter/Inter-Light.otf", 17),
    ("500nm", "inter/Inter-Italic.otf", 18), ("2 mm", "inter/InterDisplay-Regular.otf", 20),
    ("100 um", "dejavu/DejaVuSans.ttf", 13), ("20 µm", "liberation/LiberationSans-Regular.ttf", 22),
    ("10 nm", "inter/Inter-SemiBold.otf", 30), ("300 µm", "roboto/unhinted/RobotoTTF/Roboto-Regular.ttf", 14),
    ("WD = 4.1 mm", "inter/Inter-Regular.otf", 15), ("Mag = 50.00 K X", "inter/Inter-Regular.otf", 15),
]


def sheet(arguments):
    """Draws the labels that the tests paste beside bars: black on white, 48 rows each."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("L", (200, 48 * len(SHEET)), 255)
    draw = ImageDraw.Draw(image)
    for row, (text, path, px) in enumerate(SHEET):
        for folder in ("opentype", "truetype"):
            if os.path.exists(f"/usr/share/fonts/{folder}/{path}"):
                font = ImageFont.truetype(f"/usr/share/fonts/{folder}/{path}", px)
        draw.text((4, 48 * row + 4), text, fill=0, font=font)
    image.save(arguments.data[0], optimize=True)


def forward(weights, lines):
    """Lines [batch, HEIGHT, width] to letters' logits [batch, width / 2, CLASSES]."""
    import jax
    from jax import lax

    def conv(x, name, padding):
        kernel, bias = weights[name]
        return lax.conv_general_dilated(x, kernel, (1, 1), padding, dimension_numbers=("NHWC", "OIHW", "NHWC")) + bias

    def pool(x, rows, columns):
        return lax.reduce_window(x, -jax.numpy.inf, lax.max, (1, rows, columns, 1), (1, rows, columns, 1), "VALID")

    relu = jax.nn.relu
    x = lines[..., None]
    x = pool(relu(conv(x, "a", "SAME")), 2, 2)
    x = pool(relu(conv(x, "b", "SAME")), 2, 1)
    x = pool(relu(conv(x, "c", "SAME")), 2, 1)
    x = relu(conv(x, "d", ((0, 0), (1, 1))))
    x = relu(conv(x, "e", ((0, 0), (2, 2))))
    return conv(x, "f", "VALID")[:, 0]


def greedy(logits, columns):
    best = logits.argmax(-1)
    texts = []
    for row, count in zip(best, columns):
        row = row[:count]
        kept = [c for i, c in enumerate(row) if c != CLASSES - 1 and (i == 0 or c != row[i - 1])]
        texts.append("".join(LETTERS[c] for c in kept))
    return texts


def train(arguments):
    import jax
    import jax.numpy as jnp
    import optax

    parts = [np.load(path) for path in arguments.data]
    lines = np.concatenate([part["lines"] for part in parts])
    widths = np.concatenate([part["widths"] for part in parts])
    texts = np.concatenate([part["texts"] for part in parts])
    longest = max(len(text) for text in texts)
    labels = np.zeros((len(texts), longest), np.int32)
    for i, text in enumerate(texts):
        labels[i, :len(text)] = [LETTERS.index(c) for c in text]
    lengths = np.array([len(text) for text in texts])
    held = 2000
    dice = np.random.default_rng(arguments.seed)
    if arguments.start:
        stored = np.load(arguments.start)
        weights = {name: (jnp.array(stored[name + "k"]), jnp.array(stored[name + "b"])) for name, *_ in LAYERS}
    else:
        weights = {}
        for name, rows, columns, before, after in LAYERS:
            spread = np.sqrt(2 / (rows * columns * before))
            weights[name] = (jnp.array(dice.normal(0, spread, (after, before, rows, columns)), jnp.float32), jnp.zeros(after))
    batch = 48
    rate = optax.warmup_cosine_decay_schedule(1e-4, arguments.rate, 200, arguments.steps, 1e-5)
    optimizer = optax.chain(optax.clip_by_global_norm(1.0), optax.adam(rate))
    state = optimizer.init(weights)

    def loss_of(weights, lines, columns, labels, lengths):
        logits = forward(weights, lines)
        columns_out = (jnp.arange(logits.shape[1])[None] >= columns[:, None]).astype(jnp.float32)
        labels_out = (jnp.arange(labels.shape[1])[None] >= lengths[:, None]).astype(jnp.float32)
        losses = optax.ctc_loss(logits, columns_out, labels, labels_out, blank_id=CLASSES - 1)
        return jnp.mean(losses / (lengths + 2))

    @jax.jit
    def step(weights, state, *given):
        loss, gradient = jax.value_and_grad(loss_of)(weights, *given)
        change, state = optimizer.update(gradient, state)
        return optax.apply_updates(weights, change), state, loss

    run = jax.jit(forward)
    shown = 0.0
    # Lines of similar width go together, so that short ones are not padded to the longest.
    by_width = [np.where((widths[held:] > low) & (widths[held:] <= high))[0] + held
                for low, high in [(0, 64), (64, 96), (96, 128), (128, 176), (176, WIDEST)]]
    tops = [64, 96, 128, 176, WIDEST]
    shares = np.array([len(group) for group in by_width]) / (len(texts) - held)
    for number in range(arguments.steps):
        group = dice.choice(len(by_width), p=shares)
        pick = dice.choice(by_width[group], batch)
        given = lines[pick, :, :tops[group]].astype(np.float32) / 64
        weights, state, loss = step(weights, state, given, widths[pick] // 2, labels[pick], lengths[pick])
        shown += float(loss)
        if number % 250 == 249 or number + 1 == arguments.steps:
            right = 0
            for start in range(0, 1000, 100):
                logits = np.asarray(run(weights, lines[start:start + 100].astype(np.float32) / 64))
                read = greedy(logits, widths[start:start + 100] // 2)
                right += sum(a == b for a, b in zip(read, texts[start:start + 100]))
            print(f"step {number + 1} loss {shown / (number % 250 + 1):.4f} whole lines right {right / 1000:.3f}", flush=True)
            shown = 0.0
            store(weights, arguments.out)


def store(weights, out):
    with open(out + ".part", "wb") as file:
        file.write(b"ASKEMLR1")
        for name, *_ in LAYERS:
            for part in weights[name]:
                flat = np.asarray(part, np.float32).ravel()
                file.write(struct.pack(f"<{len(flat)}f", *flat))
    os.replace(out + ".part", out)
    np.savez(out + ".npz", **{name + s: np.asarray(weights[name][i]) for name, *_ in LAYERS for i, s in enumerate("kb")})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["make", "train", "sheet"])
    parser.add_argument("data", nargs="+")
    parser.add_argument("--count", type=int, default=60000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--from", dest="start")
    parser.add_argument("--out", default="label_reader.bin")
    arguments = parser.parse_args()
    {"make": make, "train": train, "sheet": sheet}[arguments.what](arguments)


if __name__ == "__main__":
    main()
