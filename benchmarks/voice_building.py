"""Build the brand-voice background: `python -m benchmarks.voice_building --corpus dev.jsonl --cohort cohort.jsonl`.

The corpus is one JSON object a line with `brand` and `text`; the cohort is prose of packages (see `voice_packages`)
and serves as further voices and texts to compare with, nothing else. The artifact gets hashed counts only, no text.
What is fitted (normalisation, weights, calibration) is fitted on pairs of a text and a voice that see neither the
brand of the text nor the brand of the voice in their cohort.
"""

import argparse
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from benchmarks.voice_corpus import COHORT_SAMPLES, SAMPLE_WORDS, SEEDS, Corpus, matrix, read
from blogai.brand.voice.background import ARTIFACT, LENGTHS, PRIOR, pack_counts
from blogai.brand.voice.calibration import fit_logistic
from blogai.brand.voice.features import BUCKETS, FAMILIES
from blogai.brand.voice.measure import LIMIT, MEASURES

SHIPPED_PASSAGES, SHIPPED_EXTRA = 12, 3


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


def _moments_without(x: Any, own: Any, mine: Any, other: Any) -> tuple[Any, Any]:
    """Mean and deviation of each column of x without the rows of two brands: its own and, in turn, each other one.

    `own` is the brand of a row, `mine` that of a column; the results are columns x `other`.
    """
    one = np.eye(int(own.max()) + 1)[own]
    s, q, n = one.T @ x, one.T @ (x * x), one.sum(0)
    columns = np.arange(x.shape[1])
    same = mine[:, None] == other[None]
    out = np.where(same, 0, s[other[None], columns[:, None]]) + s[mine, columns][:, None]
    out2 = np.where(same, 0, q[other[None], columns[:, None]]) + q[mine, columns][:, None]
    count = n.sum() - n[mine][:, None] - np.where(same, 0, n[other][None])
    m = (s.sum(0)[:, None] - out) / count
    return m, np.sqrt(np.maximum((q.sum(0)[:, None] - out2) / count - m * m, 1e-12))


def _normalised(
    scores: Any, passages: Any, voices: Any, text_brand: Any, voice_brand: Any, extra: Any
) -> tuple[Any, Any]:
    """Scores against other texts and against other voices, neither of the two brands of a pair among them.

    Args:
        scores: texts x voices.
        passages: extra texts x voices, further rows of the cohort of texts.
        voices: texts x (cohort voices and then extra voices).
        extra: the brands of the extra texts, counted from 0.
    """
    every = np.arange(int(voice_brand.max()) + 1)
    rows_brand = np.concatenate([text_brand, len(every) + extra]).astype(int)
    zm, zs = _moments_without(np.vstack([scores, passages]), rows_brand, voice_brand, every)
    added = len(every) + np.arange(voices.shape[1] - len(voice_brand))
    tm, ts = _moments_without(voices.T, np.concatenate([voice_brand, added]).astype(int), text_brand, every)
    z = (scores - zm[:, text_brand].T) / zs[:, text_brand].T
    return z, (scores - tm[:, voice_brand]) / ts[:, voice_brand]


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
    extra_words = np.array(corpus.extra_words)
    voice_seed = np.repeat(np.arange(SEEDS), len(keep))
    counts = sorted({*sample_counts, COHORT_SAMPLES})
    voices = {k: [corpus.voice(seed, b, k) for seed in range(SEEDS) for b in keep] for k in counts}
    voice_matrix = {k: {f: matrix([v[f] for v in voices[k]]) for f in FAMILIES} for k in counts}
    every_voice = np.concatenate([voice_brand, len(keep) + np.arange(len(corpus.extra_voices))]).astype(int)
    data: dict[str, Any] = {"name": np.array(name), "documents": np.array(len(head_rows)), "voice_brand": every_voice}
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
        extra_voices = _scores(f, kind, texts, corpus.extra_voice_matrix[f], data)
        for k in sample_counts:
            parts = np.zeros((2, *by_k[k].shape))
            on_extra = _scores(f, kind, corpus.extra_text_matrix[f], voice_matrix[k][f], data)
            for length in LENGTHS:
                r, e = text_words == length, extra_words == length
                cohort = np.hstack([by_k[COHORT_SAMPLES][r], extra_voices[r]])
                parts[:, r] = _normalised(
                    by_k[k][r], on_extra[e], cohort, text_brand[r], voice_brand, np.array(corpus.extra_brand)[e]
                )
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
    extras: list[int] = []
    for b in range(len(corpus.extra_voices)):
        for length in LENGTHS:
            extras += [i for i, (e, w) in enumerate(zip(corpus.extra_brand, corpus.extra_words, strict=True))
                       if (e, w) == (b, length)][:SHIPPED_EXTRA]  # fmt: skip
    data["passage_words"] = np.concatenate([text_words[shipped], extra_words[extras]]).astype(int)
    cohort_voices = [*voices[COHORT_SAMPLES], *corpus.extra_voices]
    cohort_texts = [corpus.texts[text_rows[i]] for i in shipped] + [corpus.extra_texts[i] for i in extras]
    data |= pack_counts({f: [v[f] for v in cohort_voices] for f in FAMILIES}, "voice", by_bucket=True)
    data |= pack_counts({f: [t[f] for t in cohort_texts] for f in FAMILIES}, "passage", by_bucket=False)
    styles = corpus.head_style[head_rows]
    data["style_mean"], data["style_spread"] = styles.mean(0), styles.std(0) + 1e-6
    centred = styles - np.array([styles[own == b].mean(0) for b in range(len(keep))])[own]
    data["style_within"] = np.sqrt((centred**2).sum(0) / max(1, len(own) - len(keep))) + 1e-6
    return data


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--cohort", type=Path, help="prose of packages, from voice_packages")
    parser.add_argument("--out", type=Path, default=ARTIFACT)
    parser.add_argument("--name", default="blogai-voice-1")
    args = parser.parse_args()
    brands = read(args.corpus)
    data = build(Corpus(brands, read(args.cohort) if args.cohort else None), set(brands), args.name)
    digest = hashlib.sha256()
    for key in sorted(data):
        digest.update(key.encode() + np.ascontiguousarray(data[key]).tobytes())
    # Fingerprints name their background: any change of the numbers must change the name.
    data["name"] = np.array(f"{args.name}-{digest.hexdigest()[:8]}")
    np.savez_compressed(args.out, **data)
    print(f"{args.out}: {args.out.stat().st_size / 1e6:.1f} MB from {len(brands)} brands")


if __name__ == "__main__":
    main()
