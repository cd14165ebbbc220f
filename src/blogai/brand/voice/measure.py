"""How well a text fits a voice: a raw value a family of patterns, and its normalisation against the cohort.

The raw value is a log likelihood ratio a pattern: the voice's frequencies, Dirichlet-smoothed with the background
(Zhai and Lafferty 2004), against the background alone. Patterns that are steady within brands and differ between them
weigh more. Word vectors have a ratio of their own (`space`). All are made comparable between voices and between texts
in two ways, as in speaker recognition (Auckenthaler, Carey and Lloyd-Thomas 2000):
    t   against this text on other voices
    zt  the same after every value, the other voices' too, is expressed against other texts on its voice (measured when
        a voice is trained, interpolated to the length of the text)
Among all voices of the cohort an old essay is like any other old essay, since most are of blogs. So words have a third
value: t against the voices of the text's genre alone, blogs or literature and speeches, more of these than elsewhere.
These values are the evidence that the calibration turns into a probability.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from blogai.brand.voice.background import LENGTHS, PRIOR, Background, Family, Norm
from blogai.brand.voice.features import BUCKETS, FAMILIES, Counts, Floats

LIMIT = 6.0
"""Evidence beyond so many spreads counts as this much."""

SHARPNESS = 3.0
"""How many times over a spread between the means of two genres tells which one a text is of."""

_WORDS = FAMILIES.index("w1")


@dataclass(frozen=True)
class Cohort:
    """How the voices of the cohort take a text.

    Attributes:
        voices: the values of the text on each, families x voices.
        genre: mean and spread of the values of its words on the voices of its genre.
    """

    voices: Floats
    genre: tuple[float, float]


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
        out[i] = family.voices.values(counts.ids, _text_shares(family, counts))
    return out


def cohort(background: Background, text: dict[str, Counts]) -> Cohort:
    """The text among the voices of the cohort."""
    voices = on_voices(background, text)
    family, counts, words = background.families["w1"], text["w1"], voices[_WORDS]
    speeches = background.speeches.values(counts.ids, _text_shares(family, counts))
    blogs, others = words[~background.literary], np.concatenate([words[background.literary], speeches])
    mean, spread = of_genre((blogs.mean(), blogs.std()), (others.mean(), others.std()))
    return Cohort(voices, (float(mean), float(spread)))


def of_genre(blogs: tuple[Any, Any], others: tuple[Any, Any]) -> tuple[Any, Any]:
    """Mean and spread among the voices of a text's genre, from those of two genres: of the one that the text is liker,
    of a mixture where it is as like both."""
    (m0, s0), (m1, s1) = blogs, others
    share = 1 / (1 + np.exp(-SHARPNESS * (m1 - m0) / ((s0 + s1) / 2 + 1e-9)))
    return share * m1 + (1 - share) * m0, (s1 + 1e-9) ** share * (s0 + 1e-9) ** (1 - share)


def _apart(values: Floats, cohort: Floats) -> Floats:
    return np.asarray((values - cohort.mean(1)) / (cohort.std(1) + 1e-9))


def evidence(background: Background, values: Floats, norm: Norm, text: Cohort, text_words: int) -> Floats:
    """The normalised values: t of every family, zt of every family, t of words within the genre; cut where the cohort
    knows no more.

    Args:
        values: what `raw` gives.
        norm: how the cohort's passages score on the voice.
        text: what `cohort` gives for the text.
    """
    mean, spread = norm.at(text_words)
    cohort_mean, cohort_spread = background.voice_norm.at(text_words)
    zt = _apart((values - mean) / spread, (text.voices - cohort_mean) / cohort_spread)
    genre = (values[_WORDS] - text.genre[0]) / text.genre[1]
    return np.asarray(np.clip(np.concatenate([_apart(values, text.voices), zt, [genre]]), -LIMIT, LIMIT))
