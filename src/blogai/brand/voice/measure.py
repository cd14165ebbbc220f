"""How well a text fits a voice: a raw value a family of patterns, and its normalisation against the cohort.

The raw value is a log likelihood ratio a pattern: the voice's frequencies, Dirichlet-smoothed with the background
(Zhai and Lafferty 2004), against the background alone. Patterns that are steady within brands and differ between them
weigh more. Word vectors have a ratio of their own (`space`). All are made comparable between voices and between texts
in two ways, as in speaker recognition (Auckenthaler, Carey and Lloyd-Thomas 2000):
    t   against this text on other voices
    zt  the same after every value, the other voices' too, is expressed against other texts on its voice (measured when
        a voice is trained, interpolated to the length of the text)
These two values a family are the evidence that the calibration turns into a probability.
"""

import numpy as np

from blogai.brand.voice.background import LENGTHS, PRIOR, Background, Family, Norm
from blogai.brand.voice.features import BUCKETS, FAMILIES, Counts, Floats

LIMIT = 6.0
"""Evidence beyond so many spreads counts as this much."""


def _voice_weights(family: Family, counts: Counts) -> tuple[Floats, float]:
    prior = PRIOR[family.name]
    weights = np.log1p(counts.n / (prior * family.probability[counts.ids].astype(float)))
    return weights, float(np.log(prior / (counts.total + prior)))


def _text_shares(family: Family, counts: Counts) -> Floats:
    amounts = counts.n * family.steadiness[counts.ids].astype(float)
    return np.asarray(amounts / max(float(amounts.sum()), 1e-9))


def raw(
    background: Background, voice: dict[str, Counts], text: dict[str, Counts], families: tuple[str, ...] = FAMILIES
) -> Floats:
    """The value of a text on a voice in every family, not normalised."""
    out = np.zeros(len(families))
    for i, name in enumerate(families):
        if name == "v1":
            space = background.space
            out[i] = space.values(space.place(text[name]), space.place(voice[name]))[0, 0]
            continue
        family, v, t = background.families[name], voice[name], text[name]
        weights, constant = _voice_weights(family, v)
        _, in_voice, in_text = np.intersect1d(v.ids, t.ids, assume_unique=True, return_indices=True)
        out[i] = float(np.sum(weights[in_voice] * _text_shares(family, t)[in_text])) + constant
    return out


def on_passages(background: Background, voice: dict[str, Counts]) -> Norm:
    """How the cohort's passages score on a voice."""
    mean, spread = np.zeros((len(FAMILIES), len(LENGTHS))), np.zeros((len(FAMILIES), len(LENGTHS)))
    table = np.zeros(BUCKETS, np.float32)
    for i, name in enumerate(FAMILIES):
        found: Floats
        if name == "v1":
            found = background.space.values(background.space.passages, background.space.place(voice[name]))[:, 0]
        else:
            family, counts = background.families[name], voice[name]
            weights, constant = _voice_weights(family, counts)
            table[counts.ids] = weights
            amounts = table[family.passage_ids] * family.passage_n
            found = np.asarray(np.bincount(family.passage_row, amounts, len(background.passage_words)) + constant)
            table[counts.ids] = 0
        for j, length in enumerate(LENGTHS):
            chosen = found[background.passage_words == length]
            mean[i, j], spread[i, j] = chosen.mean(), chosen.std() + 1e-9
    return Norm(mean, spread)


def on_voices(background: Background, text: dict[str, Counts], families: tuple[str, ...] = FAMILIES) -> Floats:
    """The values of a text on every voice of the cohort: families x voices."""
    out = np.zeros((len(families), background.voices))
    for i, name in enumerate(families):
        if name == "v1":
            out[i] = background.space.values(background.space.place(text[name]), background.space.voices)[0]
            continue
        family, counts = background.families[name], text[name]
        first = family.voice_start[counts.ids]
        sizes = family.voice_start[counts.ids + 1] - first
        offsets = np.arange(int(sizes.sum())) + np.repeat(first - (np.cumsum(sizes) - sizes), sizes)
        shares = np.repeat(_text_shares(family, counts), sizes)
        found = np.bincount(family.voice_row[offsets], family.voice_llr[offsets] * shares, background.voices)
        out[i] = found + family.voice_constant
    return out


def _apart(values: Floats, cohort: Floats) -> Floats:
    return np.asarray((values - cohort.mean(1)) / (cohort.std(1) + 1e-9))


def evidence(background: Background, values: Floats, norm: Norm, cohort: Floats, text_words: int) -> Floats:
    """The two normalised values of every family, t first, zt second, cut where the cohort knows no more.

    Args:
        values: what `raw` gives.
        norm: how the cohort's passages score on the voice.
        cohort: what `on_voices` gives for the text.
    """
    mean, spread = norm.at(text_words)
    cohort_mean, cohort_spread = background.voice_norm.at(text_words)
    zt = _apart((values - mean) / spread, (cohort - cohort_mean) / cohort_spread)
    return np.asarray(np.clip(np.concatenate([_apart(values, cohort), zt]), -LIMIT, LIMIT))
