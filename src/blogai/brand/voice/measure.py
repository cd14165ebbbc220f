"""How well a text fits a voice: raw measures, their normalisation against the cohort, and the calibrated score.

Measures of a family of patterns:
    llr     log likelihood ratio a pattern: the voice's frequencies, Dirichlet-smoothed with the background, against
            the background alone
    steady  the same with more weight on patterns that are steady within brands and differ between them
    cosine  between log-scaled counts weighted by how rare a pattern is in the background
Each is made comparable between voices and between texts in two ways: against other texts scored on this voice
(measured when the voice is trained, interpolated to the length of the text) and against this text scored on other
voices. These two values a measure are the evidence that the calibration turns into a probability.
"""

from dataclasses import dataclass

import numpy as np

from blogai.brand.voice.background import LENGTHS, PRIOR, Background, Family
from blogai.brand.voice.calibration import between
from blogai.brand.voice.features import BUCKETS, Counts, Floats

MEASURES = (
    ("c4", "llr"), ("c4", "steady"), ("c4", "cosine"), ("w1", "cosine"), ("t2", "cosine"), ("s2", "llr"), ("p2", "llr"),
)  # fmt: skip

LIMIT = 6.0
"""Evidence beyond so many spreads counts as this much."""


@dataclass(frozen=True)
class Norm:
    """Mean and spread of the cohort's passages on one voice: rows are measures, columns `LENGTHS`."""

    mean: Floats
    spread: Floats

    def at(self, text_words: int) -> tuple[Floats, Floats]:
        """Mean and spread for a text of so many words, linear in the logarithm of the length, clamped to the ends."""
        _, share = between(text_words, np.array(LENGTHS, float))
        mean = (1 - share) * self.mean[:, 0] + share * self.mean[:, 1]
        return mean, np.exp((1 - share) * np.log(self.spread[:, 0]) + share * np.log(self.spread[:, 1]))


def _llr_weights(family: Family, counts: Counts) -> tuple[Floats, float]:
    prior = PRIOR[family.name]
    weights = np.log1p(counts.n / (prior * family.probability[counts.ids].astype(float)))
    return weights, float(np.log(prior / (counts.total + prior)))


def _cosine_weights(family: Family, counts: Counts) -> Floats:
    weights = (1 + np.log(counts.n)) * family.rarity[counts.ids].astype(float)
    return np.asarray(weights / (np.sqrt(np.sum(weights**2)) + 1e-9))


def _weights(family: Family, kind: str, counts: Counts) -> tuple[Floats, float]:
    return (_cosine_weights(family, counts), 0.0) if kind == "cosine" else _llr_weights(family, counts)


def _text_weights(family: Family, kind: str, counts: Counts) -> Floats:
    if kind == "cosine":
        return _cosine_weights(family, counts)
    amounts = counts.n * family.steadiness[counts.ids].astype(float) if kind == "steady" else counts.n
    return np.asarray(amounts / max(float(amounts.sum()), 1e-9))


def raw(background: Background, voice: dict[str, Counts], text: dict[str, Counts]) -> Floats:
    """Every measure of a text on a voice, not normalised."""
    out = np.zeros(len(MEASURES))
    for i, (name, kind) in enumerate(MEASURES):
        family, v, t = background.families[name], voice[name], text[name]
        weights, constant = _weights(family, kind, v)
        _, in_voice, in_text = np.intersect1d(v.ids, t.ids, assume_unique=True, return_indices=True)
        out[i] = float(np.sum(weights[in_voice] * _text_weights(family, kind, t)[in_text])) + constant
    return out


def on_passages(background: Background, voice: dict[str, Counts]) -> Norm:
    """How the cohort's passages score on a voice."""
    mean, spread = np.zeros((len(MEASURES), len(LENGTHS))), np.zeros((len(MEASURES), len(LENGTHS)))
    table = np.zeros(BUCKETS, np.float32)
    size = len(background.passage_words)
    for i, (name, kind) in enumerate(MEASURES):
        family, counts = background.families[name], voice[name]
        weights, constant = _weights(family, kind, counts)
        if kind == "cosine":
            weights = weights * family.rarity[counts.ids]
            amount, whole = family.passage_log, family.passage_norm
        elif kind == "steady":
            weights = weights * family.steadiness[counts.ids]
            amount, whole = family.passage_n, family.passage_steady
        else:
            amount, whole = family.passage_n, family.passage_total
        table[counts.ids] = weights
        found = np.bincount(family.passage_row, table[family.passage_ids] * amount, size)
        scores = np.asarray(found / whole + constant)
        table[counts.ids] = 0
        for j, length in enumerate(LENGTHS):
            chosen = scores[background.passage_words == length]
            mean[i, j], spread[i, j] = chosen.mean(), chosen.std() + 1e-9
    return Norm(mean, spread)


def on_voices(background: Background, text: dict[str, Counts]) -> Floats:
    """Every measure of a text on every voice of the cohort: measures x voices."""
    out = np.zeros((len(MEASURES), background.voices))
    for i, (name, kind) in enumerate(MEASURES):
        family, counts = background.families[name], text[name]
        first = family.voice_start[counts.ids]
        sizes = family.voice_start[counts.ids + 1] - first
        offsets = np.arange(int(sizes.sum())) + np.repeat(first - (np.cumsum(sizes) - sizes), sizes)
        stored = family.voice_cosine if kind == "cosine" else family.voice_llr
        amounts = np.repeat(_text_weights(family, kind, counts), sizes)
        out[i] = np.bincount(family.voice_row[offsets], stored[offsets] * amounts, background.voices)
        if kind != "cosine":
            out[i] += family.voice_constant
    return out


def evidence(scores: Floats, norm: Norm, cohort: Floats, text_words: int) -> Floats:
    """The two normalised values of every measure, texts first, voices second, cut where the cohort knows no more."""
    mean, spread = norm.at(text_words)
    values = np.concatenate([(scores - mean) / spread, (scores - cohort.mean(1)) / (cohort.std(1) + 1e-9)])
    return np.asarray(np.clip(values, -LIMIT, LIMIT))
