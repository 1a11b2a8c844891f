"""Makes tests/fixtures/baselines.json, the values that tests/baselines.rs compares with.

    python -m venv v && v/bin/pip install numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 scikit-image==0.26.0
    v/bin/python make_baselines.py

Two data sets drawn at random, with what scikit-learn's scaler, logistic regression and nearest
neighbours make of them, and statistics of images that the test draws by the formula in `drawn`.
"""

import json
import math
from pathlib import Path

import numpy as np
from scipy import stats
from skimage.feature import local_binary_pattern
from skimage.measure import block_reduce, shannon_entropy
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

FIXTURE = Path(__file__).parent / "../fixtures/baselines.json"


def made_up(seed, count, features, present, queries=10):
    """Rows around a place a class, of features on very different scales; one never changes."""
    draw = np.random.default_rng(seed)
    places = draw.normal(0, 1, (10, features))
    scales = 10.0 ** draw.uniform(-3, 3, features)
    classes = draw.choice(present, count)
    every = np.concatenate([classes, draw.choice(present, queries)])
    rows = (places[every] + draw.normal(0, 1, (len(every), features))) * scales + 5 * scales
    rows[:, 1] = 0.1
    rows = np.array([[float(f"{value:.6g}") for value in row] for row in rows])
    return rows[:count], classes, rows[count:]


def spread(probabilities, seen):
    """Over all ten classes, 0 for those that were not there."""
    every = np.zeros((len(probabilities), 10))
    every[:, seen] = probabilities
    return every.tolist()


def dataset(*shape):
    rows, classes, queries = made_up(*shape)
    scaler = StandardScaler().fit(rows)
    scaled, asked = scaler.transform(rows), scaler.transform(queries)
    # Not the default solver: it stops farther from the optimum than its tolerance says.
    probe = LogisticRegression(C=1.0, solver="newton-cg", tol=1e-12, max_iter=10000).fit(scaled, classes)
    neighbours = KNeighborsClassifier(5, algorithm="brute").fit(scaled, classes)
    distances = np.linalg.norm(asked[:, None] - scaled[None], axis=2)
    nearest = [
        sorted(map(int, probe.classes_), key=lambda one: row[classes == one].min()) for row in distances
    ]
    return dict(
        rows=rows.tolist(),
        classes=classes.tolist(),
        queries=queries.tolist(),
        standard=asked.tolist(),
        probe=spread(probe.predict_proba(asked), probe.classes_),
        neighbours=spread(neighbours.predict_proba(asked), neighbours.classes_),
        classes_by_nearest_row=nearest,
        greatest_cosine=cosine_similarity(asked, scaled).argmax(1).tolist(),
    )


def drawn(width, height):
    y, x = np.mgrid[:height, :width]
    return (40 + 2 * (x % 50) + (x * 37 + y * 91 + x * y * 13) % 97 + (x // 5 + y // 7) % 2 * 31).clip(0, 200)


def variance_shares(grey):
    """What block averages lose of the variance, of an image repeated until its blocks are whole."""
    repeated = grey.astype(float)
    for axis in (0, 1):
        repeated = repeated.repeat(128 // math.gcd(128, grey.shape[axis]), axis)
    left, shares = grey.var(), []
    for side in (128, 64, 32, 16, 8, 4, 2, 1):
        block = (repeated.shape[0] // side, repeated.shape[1] // side)
        coarser = block_reduce(repeated, block, np.mean).var()
        shares.append((left - coarser) / grey.var())
        left = coarser
    return shares


def edges(grey):
    down, right = np.gradient(grey.astype(float))
    magnitude = np.hypot(down, right)
    xx, yy, xy = (right**2).mean(), (down**2).mean(), (right * down).mean()
    lesser, greater = np.linalg.eigvalsh([[xx, xy], [xy, yy]])
    degrees = np.degrees(np.arctan2(down, right)) % 180
    bins = np.digitize(degrees, [22.5, 67.5, 112.5, 157.5]) % 4
    shares = np.bincount(bins.ravel(), magnitude.ravel(), 4) / magnitude.sum()
    strong = (magnitude > 2 * magnitude.mean()).mean()
    coherence = (greater - lesser) / (greater + lesser)
    return [magnitude.mean(), magnitude.std(), strong, coherence, *shares]


def patterns(grey):
    if max(grey.shape) > 256:
        factor = max(grey.shape) // 256
        means = block_reduce(grey.astype(float), (factor, factor), np.mean)
        # Halves upwards, as Rust rounds.
        grey = np.floor(means + 0.5).astype(int)
    kinds = local_binary_pattern(grey.astype(np.uint8), 8, 1, "uniform")[1:-1, 1:-1]
    return (np.bincount(kinds.astype(int).ravel(), minlength=10) / kinds.size).tolist()


def image(width, height):
    grey = drawn(width, height)
    flat = grey.ravel()
    greys = [flat.mean(), flat.std(), stats.skew(flat), stats.kurtosis(flat), shannon_entropy(grey)]
    ends = [(flat == flat.min()).mean(), (flat == flat.max()).mean()]
    found = dict(width=width, height=height, greys=greys + ends + np.percentile(flat, [5, 25, 50, 75, 95]).tolist())
    return found | dict(edges=edges(grey), bands=variance_shares(grey), patterns=patterns(grey))


def main():
    every = dict(
        datasets=[dataset(7, 60, 6, [1, 4, 5, 8]), dataset(8, 150, 8, list(range(10)))],
        images=[image(32, 24), image(512, 256), image(33, 3)],
    )
    FIXTURE.write_text(json.dumps(every, separators=(",", ":")) + "\n")
    print(FIXTURE.resolve(), FIXTURE.stat().st_size)


main()
