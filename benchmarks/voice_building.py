"""Build the brand-voice background from a corpus: `python -m benchmarks.voice_building --corpus dev.jsonl`.

The corpus is one JSON object a line with `brand` and `text`. The artifact gets hashed counts only, no text.
What is fitted (normalisation, weights, calibration) is fitted on pairs of a text and a voice that see neither the
brand of the text nor the brand of the voice in their cohort.
"""

import argparse
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from blogai.brand.voice.background import ARTIFACT, LENGTHS, PRIOR, pack_counts
from blogai.brand.voice.calibration import fit_logistic
from blogai.brand.voice.features import BUCKETS, FAMILIES, Counts, features, merge
from blogai.brand.voice.measure import LIMIT, MEASURES
from blogai.brand.voice.style import style
from blogai.brand.voice.tokens import sentences

SAMPLE_WORDS, SEEDS, POOL, TESTS, SHIPPED_PASSAGES = 500, 3, 10, 10, 12
COHORT_SAMPLES = 5
Features = dict[str, Counts]


def read(path: Path) -> dict[str, list[str]]:
    """Texts of a corpus by brand, both in a fixed order."""
    rows: dict[str, list[tuple[str, str]]] = defaultdict(list)
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            rows[row["brand"]].append((row.get("post_id", ""), row["text"]))
    return {brand: [text for _, text in sorted(rows[brand])] for brand in sorted(rows)}


def random(*key: object) -> np.random.Generator:
    digest = hashlib.sha256("|".join(map(str, key)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


def head(text: str, limit: int = SAMPLE_WORDS) -> str:
    """The first `limit` words, paragraphs kept."""
    out, left = [], limit
    for paragraph in text.split("\n\n"):
        listed = paragraph.split()[:left]
        if not listed:
            break
        out.append(" ".join(listed))
        left -= len(listed)
    return "\n\n".join(out)


def passage(text: str, length: int, rng: np.random.Generator) -> str:
    """About `length` words of whole sentences from a random place."""
    pieces = sentences(text)
    sizes = np.array([len(p.text.split()) for p in pieces])
    rest = sizes.sum() - np.concatenate([[0], np.cumsum(sizes)[:-1]])
    starts = np.flatnonzero(rest >= length)
    first = int(rng.choice(starts)) if len(starts) else 0
    last = first
    while last + 1 < len(pieces) and sizes[first : last + 1].sum() < length * 0.95:
        last += 1
    return text[pieces[first].start : pieces[last].end]


class Corpus:
    """The units that a background is built from, with their features computed once."""

    def __init__(self, brands: dict[str, list[str]], measure: Callable[[str], Features] = features) -> None:
        self.brands = sorted(brands)
        heads: list[str] = []
        texts: list[str] = []
        self.head_brand: list[int] = []
        self.text_brand: list[int] = []
        self.text_words: list[int] = []
        self.text_seed: list[int] = []
        self.training: dict[tuple[int, int], list[int]] = {}
        for b, brand in enumerate(self.brands):
            posts = brands[brand]
            base = len(heads)
            heads += [head(p) for p in posts]
            self.head_brand += [b] * len(posts)
            pool = max(1, min(POOL, len(posts) - 4))
            for seed in range(SEEDS):
                order = random("order", seed, brand).permutation(len(posts))
                self.training[seed, b] = [base + int(i) for i in order[:pool]]
                for i in order[pool : pool + TESTS]:
                    for length in LENGTHS:
                        texts.append(passage(posts[i], length, random("passage", seed, brand, i, length)))
                        self.text_brand.append(b)
                        self.text_words.append(length)
                        self.text_seed.append(seed)
        self.heads = [measure(t) for t in heads]
        self.texts = [measure(t) for t in texts]
        self.head_matrix = {f: _matrix([h[f] for h in self.heads]) for f in FAMILIES}
        self.text_matrix = {f: _matrix([t[f] for t in self.texts]) for f in FAMILIES}
        self._voices: dict[tuple[int, int, int], Features] = {}
        self.head_style = np.array([list(style(t).values()) for t in heads])

    def voice(self, seed: int, brand: int, k: int) -> Features:
        """The counts of a voice of k samples."""
        key = (seed, brand, k)
        if key not in self._voices:
            chosen = self.training[seed, brand][:k]
            self._voices[key] = {f: merge(self.heads[h][f] for h in chosen) for f in FAMILIES}
        return self._voices[key]


def _matrix(rows: list[Counts]) -> Any:
    bounds = np.concatenate([[0], np.cumsum([len(r.ids) for r in rows])])
    data = np.concatenate([r.n for r in rows])
    return sparse.csr_matrix((data, np.concatenate([r.ids for r in rows]), bounds), shape=(len(rows), BUCKETS))


def _log(matrix: Any) -> Any:
    out = matrix.copy()
    out.data = 1 + np.log(out.data)
    return out


def steadiness(heads: Any, brand: Any) -> Any:
    """Root of the F statistic of each pattern: its variance between brands over that within them, 1 where unknown."""
    x = heads.copy()
    x.data = np.log1p(x.data)
    n, sizes = len(brand), np.bincount(brand)
    sums = (sparse.csr_matrix((np.ones(n), (brand, np.arange(n)))) @ x).toarray()
    squares = np.asarray(x.multiply(x).sum(0)).ravel()
    of_means = (sums**2 / sizes[:, None]).sum(0)
    between = (of_means - sums.sum(0) ** 2 / n) / (len(sizes) - 1)
    within = (squares - of_means) / (n - len(sizes))
    known = np.asarray((heads > 0).sum(0)).ravel() >= 5
    return np.where(known, np.sqrt(np.clip((between + 1e-3) / (within + 1e-3), 0.2, 20)), 1.0)


def _scores(name: str, kind: str, t: Any, v: Any, data: dict[str, Any]) -> Any:
    """A measure of every text on every voice, the same numbers as `blogai.brand.voice.measure.raw`."""
    if kind == "cosine":
        rarity = np.maximum(np.log((float(data["documents"]) + 1) / (data[f"{name}/background_df"] + 1.0)), 0)
        t, v = (_log(x) @ sparse.diags(rarity) for x in (t, v))
        norms = [np.sqrt(np.asarray(x.multiply(x).sum(1)).ravel()) + 1e-9 for x in (t, v)]
        return np.asarray((t @ v.T).todense()) / norms[0][:, None] / norms[1]
    n = data[f"{name}/background_n"].astype(float)
    p = (n + 0.5) / (n.sum() + 0.5 * BUCKETS)
    if kind == "steady":
        t = t @ sparse.diags(data[f"{name}/steadiness"].astype(float))
    v = v.copy()
    total, size = np.asarray(v.sum(1)).ravel(), np.maximum(np.asarray(t.sum(1)).ravel(), 1e-9)
    v.data = np.log1p(v.data / (PRIOR[name] * p[v.indices]))
    return np.asarray((t @ v.T).todense()) / size[:, None] + np.log(PRIOR[name] / (total + PRIOR[name]))


def _normalised(scores: Any, cohort: Any, text_brand: Any, voice_brand: Any) -> tuple[Any, Any]:
    """Scores against other texts and against other voices, neither of the two brands of a pair among them.

    `scores` are texts x voices; `cohort` texts x cohort voices (of `voice_brand`, as the columns of `scores`).
    """
    brands = int(voice_brand.max()) + 1

    def moments(x: Any, own: Any) -> tuple[Any, Any, Any]:
        one = np.eye(brands)[own]
        return one.T @ x, one.T @ (x * x), one.sum(0)

    def spread(x: Any, own: Any, mine: Any, other: Any) -> tuple[Any, Any]:
        """Mean and deviation of the rows of x by column, without two brands each."""
        s, q, n = moments(x, own)
        columns = np.arange(x.shape[1])
        total_s, total_q, total_n = s.sum(0), q.sum(0), n.sum()
        same = mine[:, None] == other[None]
        out = np.where(same, 0, s[other[None], columns[:, None]]) + s[mine, columns][:, None]
        out2 = np.where(same, 0, q[other[None], columns[:, None]]) + q[mine, columns][:, None]
        count = total_n - n[mine][:, None] - np.where(same, 0, n[other][None])
        m = (total_s[:, None] - out) / count
        return m, np.sqrt(np.maximum((total_q[:, None] - out2) / count - m * m, 1e-12))

    every = np.arange(brands)
    zm, zs = spread(scores, text_brand, voice_brand, every)
    tm, ts = spread(cohort.T, voice_brand, text_brand, every)
    columns, rows = np.arange(scores.shape[1]), np.arange(scores.shape[0])
    z = (scores - zm[columns][:, text_brand].T) / zs[columns][:, text_brand].T
    t = (scores - tm[rows][:, voice_brand]) / ts[rows][:, voice_brand]
    return z, t


def build(corpus: Corpus, allowed: set[str], name: str, sample_counts: tuple[int, ...] = (3, 5, 10)) -> dict[str, Any]:
    """The arrays of an artifact that is fitted on some brands of a corpus and has seen no other."""
    keep = [b for b, brand in enumerate(corpus.brands) if brand in allowed]
    number = {b: i for i, b in enumerate(keep)}
    head_rows = [i for i, b in enumerate(corpus.head_brand) if b in number]
    text_rows = [i for i, b in enumerate(corpus.text_brand) if b in number]
    text_brand = np.array([number[corpus.text_brand[i]] for i in text_rows])
    text_words = np.array([corpus.text_words[i] for i in text_rows])
    text_seed = np.array([corpus.text_seed[i] for i in text_rows])
    voice_brand = np.array([number[b] for _ in range(SEEDS) for b in keep])
    voice_seed = np.repeat(np.arange(SEEDS), len(keep))
    counts = sorted({*sample_counts, COHORT_SAMPLES})
    voices = {k: [corpus.voice(seed, b, k) for seed in range(SEEDS) for b in keep] for k in counts}
    voice_matrix = {k: {f: _matrix([v[f] for v in voices[k]]) for f in FAMILIES} for k in counts}
    data: dict[str, Any] = {"name": np.array(name), "documents": np.array(len(head_rows)), "voice_brand": voice_brand}
    for f in FAMILIES:
        heads = corpus.head_matrix[f][head_rows]
        data[f"{f}/background_n"] = np.minimum(np.asarray(heads.sum(0)).ravel(), 2**32 - 1).astype(np.uint32)
        data[f"{f}/background_df"] = np.asarray((heads > 0).sum(0)).ravel().astype(np.uint16)
        own = np.array([number[corpus.head_brand[i]] for i in head_rows])
        data[f"{f}/steadiness"] = (steadiness(heads, own) if (f, "steady") in MEASURES else np.ones(1)).astype(
            np.float16
        )

    evidence: dict[int, list[Any]] = {k: [] for k in sample_counts}
    second: dict[int, list[Any]] = {k: [] for k in sample_counts}
    for f, kind in MEASURES:
        texts = corpus.text_matrix[f][text_rows]
        by_k = {k: _scores(f, kind, texts, voice_matrix[k][f], data) for k in counts}
        for k in sample_counts:
            parts = np.zeros((2, *by_k[k].shape))
            for length in LENGTHS:
                r = text_words == length
                parts[:, r] = _normalised(by_k[k][r], by_k[COHORT_SAMPLES][r], text_brand[r], voice_brand)
            evidence[k].append(parts[0])
            second[k].append(parts[1])
    same = text_brand[:, None] == voice_brand
    coefficients = []
    for k in sample_counts:
        x = np.clip(np.stack(evidence[k] + second[k], -1), -LIMIT, LIMIT)
        row = []
        for length in LENGTHS:  # a text of another seed may come from a post that the voice was trained on
            pairs = (text_words == length)[:, None] & (text_seed[:, None] == voice_seed)
            row.append(fit_logistic(x[pairs], same[pairs].astype(float)))
        coefficients.append(row)
    data["coefficients"] = np.array(coefficients)
    data["sample_words"] = np.array([k * SAMPLE_WORDS for k in sample_counts], float)

    shipped: list[int] = []
    for b in range(len(keep)):
        for length in LENGTHS:
            shipped += np.flatnonzero((text_brand == b) & (text_words == length))[:SHIPPED_PASSAGES].tolist()
    data["passage_words"] = text_words[shipped]
    data |= pack_counts({f: [v[f] for v in voices[COHORT_SAMPLES]] for f in FAMILIES}, "voice", by_bucket=True)
    data |= pack_counts(
        {f: [corpus.texts[text_rows[i]][f] for i in shipped] for f in FAMILIES}, "passage", by_bucket=False
    )
    styles = corpus.head_style[head_rows]
    data["style_mean"], data["style_spread"] = styles.mean(0), styles.std(0) + 1e-6
    centred = styles - np.array([styles[own == b].mean(0) for b in range(len(keep))])[own]
    data["style_within"] = np.sqrt((centred**2).sum(0) / max(1, len(own) - len(keep))) + 1e-6
    return data


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=ARTIFACT)
    parser.add_argument("--name", default="blogai-voice-1")
    args = parser.parse_args()
    brands = read(args.corpus)
    data = build(Corpus(brands), set(brands), args.name)
    np.savez_compressed(args.out, **data)
    print(f"{args.out}: {args.out.stat().st_size / 1e6:.1f} MB from {len(brands)} brands")


if __name__ == "__main__":
    main()
