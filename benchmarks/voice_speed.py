"""Speed of the brand-voice measure on one core, next to scikit-learn's tf-idf and cosine of the same text.

python -m benchmarks.voice_speed
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import random
import resource
import time
from collections.abc import Callable

from sklearn.feature_extraction.text import TfidfVectorizer

from blogai.brand import voice
from blogai.brand.voice import background

_SYLLABLES = "ka lo mi ne ru ta ve so pi den gar lin mor tes ul ban".split()  # noqa: SIM905


def made_up(words: int, seed: int) -> str:
    """Text with the word lengths and the skewed word frequencies of prose."""
    rng = random.Random(seed)
    stock = ["".join(rng.choices(_SYLLABLES, k=rng.choice((1, 1, 2, 2, 3)))) for _ in range(1500)]
    weights = [1 / (i + 3) for i in range(len(stock))]
    out: list[str] = []
    while len(out) < words:
        sentence = rng.choices(stock, weights, k=rng.randint(8, 26))
        out += [sentence[0].capitalize(), *sentence[1:-1], sentence[-1] + "."]
    return " ".join(out[:words])


def fastest(call: Callable[[int], object], rounds: int = 25) -> float:
    """Shortest processor time of a call in milliseconds; the shortest is least disturbed by other work."""
    best = float("inf")
    for i in range(rounds):
        start = time.process_time()
        call(i)
        best = min(best, time.process_time() - start)
    return best * 1000


def main() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    load = fastest(lambda _: background.load(), 5)
    background.shipped()
    samples = [made_up(500, i) for i in range(5)]
    texts = [made_up(300, 100 + i) for i in range(30)]
    fingerprint = voice.train(samples)
    train = fastest(lambda _: voice.train(samples), 10)
    score = fastest(lambda i: voice.score(fingerprint, texts[i]))
    again = fastest(lambda _: voice.score(fingerprint, texts[0]))
    assess = fastest(lambda i: voice.assess(fingerprint, texts[i]))
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    yardstick = TfidfVectorizer(analyzer="char", ngram_range=(3, 5), sublinear_tf=True)
    known = yardstick.fit_transform(samples)
    fit = fastest(lambda _: TfidfVectorizer(analyzer="char", ngram_range=(3, 5), sublinear_tf=True).fit(samples), 10)
    cosine = fastest(lambda i: yardstick.transform([texts[i]]) @ known.T)
    print(f"{'':34}{'ms':>9}{'target':>9}{'of tf-idf':>11}")
    for label, value, target, against in (
        ("load the background", load, 300, None),
        ("train on 5 samples of 500 words", train, 150, fit),
        ("score 300 words", score, 10, cosine),
        ("score a text that was seen before", again, 10, cosine),
        ("assess 300 words", assess, None, cosine),
    ):
        ratio = f"{value / against:10.2f}x" if against else ""
        print(f"{label:34}{value:9.2f}{target or '':>9}{ratio:>11}")
    print(f"scikit-learn: fit {fit:.2f} ms, vectorise and compare {cosine:.2f} ms; 3-5 characters")
    print(
        f"memory: {memory:.0f} MB (target 150); artifact {background.ARTIFACT.stat().st_size / 1e6:.1f} MB (target 20)"
    )


if __name__ == "__main__":
    main()
