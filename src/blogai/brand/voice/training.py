"""Training: from samples to a fingerprint."""

import math
from statistics import median

import numpy as np

from blogai.brand.voice.background import Background
from blogai.brand.voice.describe import patterns, summary, tone, traits, vocabulary
from blogai.brand.voice.features import FAMILIES, Counts, features_of, merge
from blogai.brand.voice.fingerprint import Fingerprint
from blogai.brand.voice.language import script
from blogai.brand.voice.measure import cohort, on_passages, on_voices
from blogai.brand.voice.samples import trainable
from blogai.brand.voice.scoring import Reading, probability
from blogai.brand.voice.style import NAMES, style

WANTED_SAMPLES, WANTED_WORDS = 10, 5_000
_APART, _FAR = 1.5, 0.15
"""Log odds below the median sample, and a fit, that make a sample one that is unlike the others."""


def _without(whole: Counts, part: Counts) -> Counts:
    n = whole.n.copy()
    n[np.searchsorted(whole.ids, part.ids)] -= part.n
    return Counts(whole.ids[n > 0], n[n > 0])


def unlike(fits: list[float]) -> list[int]:
    """The samples that do not go with the others: their fit is below 0.5, and far below that of the usual sample or
    next to nothing. A set that is loose as a whole has no odd ones."""
    odds = [math.log((f + 1e-9) / (1 - f + 1e-9)) for f in fits]
    usual = median(odds)
    return [i for i, f in enumerate(fits) if f < 0.5 and (usual - odds[i] >= _APART or f < _FAR)]


def train(background: Background, samples: list[str]) -> Fingerprint:
    """A fingerprint of two or more samples; about 50 ms for five samples of 500 words.

    Raises:
        InvalidInput: see `samples.trainable`.
    """
    passages = trainable(samples)
    read = [features_of(p) for p in passages]
    counts = {f: merge(r[f] for r in read) for f in FAMILIES}
    sizes = [len(p.words) for p in passages]
    norm = on_passages(background, counts)

    fits = []
    for p, one, size in zip(passages, read, sizes, strict=True):
        rest = {f: _without(counts[f], one[f]) for f in FAMILIES}
        reading = Reading(p, one, cohort(background, one))
        fits.append(probability(background, rest, norm, sum(sizes) - size, reading))

    styles = np.array([[s[n] for n in NAMES] for s in (style(p) for p in passages)])
    mean = np.average(styles, axis=0, weights=sizes)
    # The spread of a few samples is itself uncertain: four pseudo-samples with the usual spread steady it.
    own = ((styles - styles.mean(0)) ** 2).sum(0)
    spread = np.sqrt((own + 4 * background.style_within**2) / (len(samples) - 1 + 4))
    z = (mean - background.style_mean) / background.style_spread
    consistency = float(np.mean(fits))
    amount = min(1.0, sum(sizes) / WANTED_WORDS) ** 0.5
    quality = round(consistency * amount, 4)
    tones = tone(dict(zip(NAMES, z.tolist(), strict=True)))
    metrics = traits(dict(zip(NAMES, z.tolist(), strict=True)), consistency)
    of = dict(zip(NAMES, mean.tolist(), strict=True))
    on_cohort = on_voices(background, counts, ("c4",))[0]
    anchors = np.array([on_cohort[background.voice_brand == b].mean() for b in np.unique(background.voice_brand)])
    return Fingerprint(
        counts=counts,
        norm=norm,
        sample_words=sum(sizes),
        spread={n: (float(m), float(s)) for n, m, s in zip(NAMES, mean, spread, strict=True)},
        vocabulary_profile={"script": script([w for p in passages for w in p.words]), **vocabulary(passages, of)},
        sentence_patterns=patterns(passages, of),
        tone_distribution=tones,
        style_metrics=metrics,
        voice_summary=summary(dict(zip(NAMES, z.tolist(), strict=True)), of, tones),
        embedding_vector=tuple(float(x) for x in (anchors - anchors.mean()) / (anchors.std() + 1e-9)),
        embedding_model=background.name,
        sample_count=len(samples),
        training_quality=quality,
        training_report={
            "consistency": round(consistency, 4),
            "sample_fit": [round(f, 4) for f in fits],
            "inconsistent_samples": unlike(fits),
            "more_samples_wanted": max(0, WANTED_SAMPLES - len(samples), math.ceil((WANTED_WORDS - sum(sizes)) / 500)),
            "words": sum(sizes),
        },
    )
