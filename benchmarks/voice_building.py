"""Build the brand-voice background: `python -m benchmarks.voice_building --corpus dev.jsonl --cohort cohort.jsonl`.

The corpus is one JSON object a line with `brand` and `text`; the cohort is prose of packages (see `voice_packages`)
and serves as further voices and texts to compare with, nothing else. The artifact gets hashed counts only, no text.
What is fitted (normalisation, weights, calibration) is fitted on pairs of a text and a voice that see neither the
brand of the text nor the brand of the voice in their cohort. Among word vectors what is known of brands would flatter
those brands, so there the pairs come from spaces that were learnt without either.

With OMP_NUM_THREADS=1 the same input gives the same bytes.
"""

import argparse
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from benchmarks.voice_corpus import (
    COHORT_SAMPLES,
    SAMPLE_WORDS,
    SEEDS,
    Corpus,
    add_packages,
    matrix,
    read,
    read_packages,
)
from benchmarks.voice_space import Table, learn, left_out, values
from blogai.brand.voice.background import ARTIFACT, LENGTHS, PRIOR, pack_counts
from blogai.brand.voice.calibration import fit_logistic
from blogai.brand.voice.features import BUCKETS, FAMILIES, PATTERNS, STEPS
from blogai.brand.voice.measure import LIMIT, of_genre

SHIPPED_PASSAGES, SHIPPED_EXTRA = 12, 3
STEADY = {"c4": 0.75, "w1": 0.5, "s2": 0.0, "p2": 0.0}
"""How much more steady patterns weigh. Grammar and punctuation are steady as they are, and too few brands tell more."""


def _ratio(units: Any, writer: Any) -> Any:
    """The F statistic of each pattern, its variance between writers over that within them; not a number if unknown."""
    n, sizes = len(writer), np.bincount(writer)
    sums = (sparse.csr_matrix((np.ones(n), (writer, np.arange(n)))) @ units).toarray()
    squares = np.asarray(units.multiply(units).sum(0)).ravel()
    of_means = (sums**2 / sizes[:, None]).sum(0)
    between = (of_means - sums.sum(0) ** 2 / n) / (len(sizes) - 1)
    within = (squares - of_means) / (n - len(sizes))
    known = np.asarray((units > 0).sum(0)).ravel() >= 5
    return np.where(known, np.clip((between + 1e-3) / (within + 1e-3), 0.2, 20), np.nan)


def steadiness(pieces: Any, brand: Any, packages: Any, author: Any, power: float) -> Any:
    """A power of the geometric mean of two F statistics of each pattern, over pieces by brand and packages by author;
    1 if no brand knows it.

    Few brands show badly what is subject. Authors of many packages write of another subject in each.
    """
    found = _ratio(pieces, brand)
    if len(author):
        told = _ratio(packages, author)
        found = np.where(np.isnan(told), found, np.sqrt(found * told))
    return np.where(np.isnan(found), 1.0, found) ** power


def _values(name: str, t: Any, v: Any, data: dict[str, Any]) -> Any:
    """Every text on every voice, the same numbers as `blogai.brand.voice.measure.raw`."""
    n = data[f"{name}/background_n"].astype(float) / STEPS
    p = (n + 0.25) / (n.sum() + 0.25 * BUCKETS)
    t = t @ sparse.diags(np.broadcast_to(data[f"{name}/steadiness"].astype(float), BUCKETS))
    v = v.copy()
    total, size = np.asarray(v.sum(1)).ravel(), np.maximum(np.asarray(t.sum(1)).ravel(), 1e-9)
    v.data = np.log1p(v.data / (PRIOR[name] * p[v.indices]))
    return np.asarray((t @ v.T).todense()) / size[:, None] + np.log(PRIOR[name] / (total + PRIOR[name]))


def _moments_without(x: Any, own: Any, mine: Any, other: Any) -> tuple[Any, Any]:
    """Mean and deviation of each column of x without the rows of two brands: its own and, in turn, each other one.

    `own` is the brand of a row, `mine` that of a column; the results are columns x `other`.
    """
    one = np.eye(int(max(own.max(), mine.max(), other.max())) + 1)[own]
    s, q, n = one.T @ x, one.T @ (x * x), one.sum(0)
    columns = np.arange(x.shape[1])
    same = mine[:, None] == other[None]
    out = np.where(same, 0, s[other[None], columns[:, None]]) + s[mine, columns][:, None]
    out2 = np.where(same, 0, q[other[None], columns[:, None]]) + q[mine, columns][:, None]
    count = n.sum() - n[mine][:, None] - np.where(same, 0, n[other][None])
    m = (s.sum(0)[:, None] - out) / count
    return m, np.sqrt(np.maximum((q.sum(0)[:, None] - out2) / count - m * m, 1e-12))


def _norm(passages: Any, passage_brand: Any, voice_brand: Any) -> tuple[Any, Any]:
    """Mean and spread of the passages on each cohort voice, those of its own brand left out."""
    mean, spread = _moments_without(passages, passage_brand, voice_brand, voice_brand)
    return np.diagonal(mean).copy(), np.diagonal(spread).copy()


def _normalised(values: Any, passages: Any, cohort: Any, norm: tuple[Any, Any], brands: tuple[Any, ...]) -> Any:
    """t and zt of texts on voices; neither of the two brands of a pair is in the cohort that it is compared with.

    Args:
        values: texts x voices.
        passages: cohort passages x voices.
        cohort: texts x cohort voices.
        norm: of the cohort voices.
        brands: of the texts, voices, passages and cohort voices.
    """
    of_text, of_voice, of_passage, of_cohort = brands
    every = np.arange(int(of_voice.max()) + 1)
    zm, zs = _moments_without(passages, of_passage, of_voice, every)
    z = (values - zm[:, of_text].T) / zs[:, of_text].T
    out = []
    for own, others in ((values, cohort), (z, (cohort - norm[0]) / norm[1])):
        tm, ts = _moments_without(others.T, of_cohort, of_text, every)
        out.append((own - tm[:, of_voice]) / ts[:, of_voice])
    return out


def _within_genre(values: Any, among: Any, text_brand: Any, voice_brand: Any) -> Any:
    """t of texts on voices against the voices of the text's genre: blogs, without the two brands of a pair, or others.

    Args:
        values: texts x voices.
        among: texts x voices of blogs, then of others.
    """
    blogs = _moments_without(among[:, : len(voice_brand)].T, voice_brand, text_brand, np.arange(voice_brand.max() + 1))
    others = among[:, len(voice_brand) :]
    mean, spread = of_genre(blogs, (others.mean(1)[:, None], others.std(1)[:, None]))
    return (values - mean[:, voice_brand]) / spread[:, voice_brand]


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
    data: dict[str, Any] = {"name": np.array(name), "voice_brand": every_voice}
    piece_rows = [i for i, b in enumerate(corpus.piece_brand) if b in number]
    piece_brand = np.array([number[corpus.piece_brand[i]] for i in piece_rows])
    for f in PATTERNS:
        pieces = corpus.piece_matrix[f][piece_rows]
        data[f"{f}/background_n"] = np.round(np.asarray(pieces.sum(0)).ravel() * STEPS).astype(np.uint32)
        steady = np.ones(1)
        if STEADY[f]:
            steady = steadiness(pieces, piece_brand, corpus.author_matrix[f], corpus.author, STEADY[f])
        data[f"{f}/steadiness"] = steady.astype(np.float16)

    passage_brand = np.concatenate([text_brand, len(keep) + np.array(corpus.extra_brand)]).astype(int)
    passage_words = np.concatenate([text_words, extra_words]).astype(int)
    found: dict[int, Any] = {k: np.zeros((len(FAMILIES), 2, len(text_rows), len(voice_brand))) for k in sample_counts}
    genre = {k: np.zeros((len(text_rows), len(voice_brand))) for k in sample_counts}
    data["voice_mean"] = np.zeros((len(FAMILIES), len(every_voice), len(LENGTHS)))
    data["voice_spread"] = np.ones_like(data["voice_mean"])

    def compare(i: int, by_k: dict[int, Any], cohort: Any, left: tuple[int, ...] = (), served: Any = None) -> list[Any]:
        """Fill in the evidence of a family, without the brands in `left` in the cohort; the norms of its voices."""
        inside, norms = ~np.isin(every_voice, left), []
        for length in LENGTHS:
            texts = np.flatnonzero(text_words == length)
            e = (passage_words == length) & ~np.isin(passage_brand, left)
            norms.append(_norm(cohort[e][:, inside], passage_brand[e], every_voice[inside]))
            brands_of = text_brand[texts], voice_brand, passage_brand[e], every_voice[inside]
            cells = np.ones((len(texts), len(voice_brand)), bool) if served is None else (
                served[np.ix_(text_brand[texts], voice_brand)])  # fmt: skip
            for k in sample_counts:
                new = _normalised(by_k[k][texts], by_k[k][e], cohort[texts][:, inside], norms[-1], brands_of)
                found[k][i][:, texts] = np.where(cells, new, found[k][i][:, texts])
        return norms

    words = Table(corpus.words, keep)
    pieces = words.means(corpus.piece_matrix["v1"][piece_rows], piece_brand)
    for i, f in enumerate(FAMILIES):
        passages = sparse.vstack([corpus.text_matrix[f][text_rows], corpus.extra_text_matrix[f]]).tocsr()
        extra_voices = corpus.extra_voice_matrix[f]
        if f in PATTERNS:
            by_k = {k: _values(f, passages, voice_matrix[k][f], data) for k in counts}
            cohort = np.hstack([by_k[COHORT_SAMPLES], _values(f, passages, extra_voices, data)])
            norms = compare(i, by_k, cohort)
            if f == "w1":
                speeches = _values(f, passages[: len(text_rows)], corpus.speech_matrix, data)
                among = np.hstack([cohort[: len(text_rows)], speeches])
                for k in sample_counts:
                    own = by_k[k][: len(text_rows)]
                    genre[k] = _within_genre(own, among, text_brand, voice_brand)
        else:
            texts = words.means(passages, passage_brand)
            of_voices = {k: words.means(voice_matrix[k][f], voice_brand) for k in counts}
            others = words.means(extra_voices, every_voice[len(voice_brand) :])
            literary = others.with_(texts.of((passage_brand >= len(keep)) & (passage_words == max(LENGTHS))))
            space = learn(pieces, literary)
            for left, served in [((), None), *left_out(len(keep))]:
                there = learn(pieces.of(~np.isin(pieces.brand, left)), literary) if left else space
                by_k = {k: values(there, texts, of_voices[k]) for k in counts}
                cohort = np.hstack([by_k[COHORT_SAMPLES], values(there, texts, others)])
                found_norms = compare(i, by_k, cohort, left, served)
                norms = norms if left else found_norms
        data["voice_mean"][i] = np.array([mean for mean, _ in norms]).T
        data["voice_spread"][i] = np.array([spread for _, spread in norms]).T
    same = text_brand[:, None] == voice_brand
    coefficients = []
    for k in sample_counts:
        x = np.concatenate([found[k][:, 0], found[k][:, 1], genre[k][None]])
        x = np.clip(x, -LIMIT, LIMIT).transpose(1, 2, 0)
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
    shipped_texts = texts.of([*shipped, *(len(text_rows) + e for e in extras)])
    data |= words.packed() | space.packed(voices=of_voices[COHORT_SAMPLES].with_(others), passages=shipped_texts)
    data |= {"blogs": np.array(len(keep)), "speakers": np.array(len(corpus.speeches))}
    data |= pack_counts({"w1": [v["w1"] for v in corpus.speeches]}, "speech", by_bucket=True)
    cohort_voices = [*voices[COHORT_SAMPLES], *corpus.extra_voices]
    cohort_texts = [corpus.texts[text_rows[i]] for i in shipped] + [corpus.extra_texts[i] for i in extras]
    data |= pack_counts({f: [v[f] for v in cohort_voices] for f in PATTERNS}, "voice", by_bucket=True)
    data |= pack_counts({f: [t[f] for t in cohort_texts] for f in PATTERNS}, "passage", by_bucket=False)
    styles = corpus.head_style[head_rows]
    own = np.array([number[corpus.head_brand[i]] for i in head_rows])
    data["style_mean"], data["style_spread"] = styles.mean(0), styles.std(0) + 1e-6
    centred = styles - np.array([styles[own == b].mean(0) for b in range(len(keep))])[own]
    data["style_within"] = np.sqrt((centred**2).sum(0) / max(1, len(own) - len(keep))) + 1e-6
    return data


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    add_packages(parser)
    parser.add_argument("--out", type=Path, default=ARTIFACT)
    parser.add_argument("--name", default="blogai-voice-5")
    args = parser.parse_args()
    brands = read(args.corpus)
    data = build(Corpus(brands, read_packages(args)), set(brands), args.name)
    digest = hashlib.sha256()
    for key in sorted(data):
        digest.update(key.encode() + np.ascontiguousarray(data[key]).tobytes())
    # Fingerprints name their background: any change of the numbers must change the name.
    data["name"] = np.array(f"{args.name}-{digest.hexdigest()[:8]}")
    np.savez_compressed(args.out, **data)
    print(f"{args.out}: {args.out.stat().st_size / 1e6:.1f} MB from {len(brands)} brands")


if __name__ == "__main__":
    main()
