#!/usr/bin/env python3
"""`askem measure` against scikit-image on the same made-up images, in turns.

    python3 tests/speed/measuring.py ASKEM [--megapixels 1 4 12.6 24 100] [--pairs 5] [--keep DIR]

ASKEM is the program, built with --release. An image holds bright discs of 30 to 50 pixels, some
of which touch, on a shaded ground, with blur and noise. Both sides run in fresh processes that
alternate:

- Askem: the `ms` of `askem measure --json`, which counts the reading of the file and the search
  for banner and scale bar too.
- scikit-image: Gauss, Otsu, distance transform, watershed, regionprops, on the image as it lies
  in memory. Neither the file nor the imports count.

Prints for each size the medians, their ratio, the least and the largest ratio of a pair, and how
many objects each side found. Needs numpy, tifffile and scikit-image.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RADIUS_PX = (15, 25)
COVERED = 0.25


def made_up(megapixels, seed=7):
    """An 8-bit image of about so many megapixels, and how many discs lie in it."""
    import numpy as np

    dice = np.random.default_rng(seed)
    width = int(round((megapixels * 4e6 / 3) ** 0.5))
    height = int(round(megapixels * 1e6 / width))
    grey = np.zeros((height, width), np.float32)
    wanted, count, tries, reach = COVERED * width * height, 0, 0, int(RADIUS_PX[1]) + 4
    taken = np.zeros((height, width), bool)
    covered = 0.0
    while covered < wanted and tries < 40 * (count + 50):
        tries += 1
        radius = dice.uniform(*RADIUS_PX)
        x, y = dice.uniform(0, width), dice.uniform(0, height)
        x0, x1 = max(int(x) - reach, 0), min(int(x) + reach + 1, width)
        y0, y1 = max(int(y) - reach, 0), min(int(y) + reach + 1, height)
        rows, columns = np.ogrid[y0:y1, x0:x1]
        apart = np.hypot(columns + 0.5 - x, rows + 0.5 - y)
        # They may touch but hardly overlap.
        if taken[y0:y1, x0:x1][apart < radius - 1].any():
            continue
        taken[y0:y1, x0:x1] |= apart < radius
        step = 1 / (1 + np.exp((apart - radius) * 1.4))
        np.maximum(grey[y0:y1, x0:x1], step, out=grey[y0:y1, x0:x1])
        count, covered = count + 1, covered + np.pi * radius**2
    grey *= 70
    grey += 80 + 30 * np.linspace(0, 1, width, dtype=np.float32)
    for row in grey:
        row += dice.normal(0, 5, width).astype(np.float32)
    return np.clip(np.rint(grey), 0, 255).astype(np.uint8), count


def by_scikit_image(path):
    """Seconds and the number of objects, in this process."""
    import numpy as np
    import tifffile
    from scipy import ndimage
    from skimage import feature, filters, measure, segmentation

    image = tifffile.imread(path)
    began = time.perf_counter()
    smooth = filters.gaussian(image, 1.5)
    mask = smooth > filters.threshold_otsu(smooth)
    distance = ndimage.distance_transform_edt(mask)
    peaks = feature.peak_local_max(distance, min_distance=8, labels=measure.label(mask))
    markers = np.zeros(image.shape, np.int32)
    markers[tuple(peaks.T)] = np.arange(1, len(peaks) + 1)
    labels = segmentation.watershed(-distance, markers, mask=mask)
    wanted = ("label", "area", "equivalent_diameter_area", "feret_diameter_max", "perimeter_crofton", "solidity")
    table = measure.regionprops_table(labels, properties=wanted)
    return {"seconds": time.perf_counter() - began, "objects": len(table["label"])}


def by_askem(askem, path):
    output = subprocess.run([askem, "measure", path, "--json", "--quiet"], capture_output=True, text=True, check=True).stdout
    row = json.loads(output)
    return {"seconds": row["ms"] / 1000, "objects": len(row["objects"])}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("askem")
    parser.add_argument("--megapixels", type=float, nargs="+", default=[1, 4, 12.6, 24, 100])
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="where to write the images, which then stay")
    parser.add_argument("--scikit-image", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.scikit_image:
        print(json.dumps(by_scikit_image(arguments.scikit_image)))
        return
    import tifffile

    print("| megapixels | discs | Askem | scikit-image | ratio | least, largest | objects |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as own:
        folder = arguments.keep or Path(own)
        folder.mkdir(parents=True, exist_ok=True)
        for megapixels in arguments.megapixels:
            path = str(folder / f"discs_{megapixels:g}.tif")
            image, count = made_up(megapixels)
            tifffile.imwrite(path, image)
            del image
            ours, theirs = [], []
            # The first of each warms the file's cache up.
            for _ in range(arguments.pairs + 1):
                ours.append(by_askem(arguments.askem, path))
                peer = [sys.executable, __file__, arguments.askem, "--scikit-image", path]
                theirs.append(json.loads(subprocess.run(peer, capture_output=True, text=True, check=True).stdout))
            ours, theirs = ours[1:], theirs[1:]
            a, b = (statistics.median(one["seconds"] for one in side) for side in (ours, theirs))
            ratios = [theirs[i]["seconds"] / ours[i]["seconds"] for i in range(len(ours))]
            print(
                f"| {megapixels:g} | {count} | {a:.2f} s | {b:.2f} s | {b / a:.1f} "
                f"| {min(ratios):.1f}, {max(ratios):.1f} | {ours[0]['objects']}, {theirs[0]['objects']} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
