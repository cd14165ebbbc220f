"""Where texts and voices stand among word vectors, and how likely it is that two places are of one voice.

Counts of patterns know nothing of a word that the samples lack. Vectors of a language model do: words that are used
alike have vectors alike. The place of a text is the mean of its words' vectors, turned and scaled so that pieces of one
brand spread by 1 in every direction; brands differ by `spread` (variances), most of them by little.

The value is the log likelihood ratio of the two-covariance model of speaker recognition (Bruemmer and de Villiers
2010): of one voice against two. It knows how uncertain the places of little text are.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blogai.brand.voice.features import BUCKETS, Counts, Floats

PIECE = 560.0
"""Words and marks of the pieces (500 words) whose spread is 1; the mean of n of them varies by `PIECE` / n."""


@dataclass(frozen=True)
class Place:
    """Coordinates, one row a text or voice, and of how many known words and marks each is the mean."""

    at: Floats
    size: Floats


@dataclass(frozen=True)
class Space:
    """The table of word vectors and what was learnt of brands in it.

    `row` is the row of a bucket, -1 without one; a vector is `levels * scale`. `voices` and `passages` are the cohort.
    """

    row: NDArray[np.int32]
    levels: NDArray[np.int8]
    scale: NDArray[np.float32]
    mean: NDArray[np.float32]
    projection: NDArray[np.float32]
    spread: Floats
    voices: Place
    passages: Place

    def place(self, counts: Counts) -> Place:
        """The place of a text or voice; size 0 when no word is known."""
        rows = self.row[counts.ids]
        known = rows >= 0
        n, rows = counts.n[known], rows[known]
        total = n.sum()
        if not total:
            return Place(np.zeros((1, self.projection.shape[1])), np.zeros(1))
        mean = _weighted_sum(n * self.scale[rows] / total, self.levels[rows])
        return Place(_weighted_sum(mean - self.mean, self.projection)[None], np.array([float(total)]))

    def values(self, texts: Place, voices: Place) -> Floats:
        """The log likelihood ratio of every text on every voice; 0, which is even, where one has no known word."""
        first = len(self.spread) - 1
        products = np.einsum("td,vd->tv", texts.at[:, first:], voices.at[:, first:])
        return likelihood_ratio(self.spread, texts, voices, products)


def _weighted_sum(weights: Floats, rows: NDArray[Any]) -> Floats:
    """The sum of rows by weight, always in the same order: a matrix product sums as the processor likes it best, and
    scores must be the same everywhere."""
    found = np.einsum("r,rd->d", weights.astype(np.float32), rows.astype(np.float32, copy=False))
    return np.asarray(found, np.float64)


def likelihood_ratio(spread: Floats, texts: Place, voices: Place, products: Floats) -> Floats:
    """log p(text | its voice) - log p(text), texts x voices, Gaussian in every direction.

    Args:
        spread: the variance between voices of each leading direction and, last, that of all others alike: in these the
            three products of the two places tell as much as the places.
        products: the products of text and voice in these other directions, texts x voices.
    """
    first = len(spread) - 1
    noise = (PIECE / np.maximum(texts.size, 1.0))[:, None, None]
    doubt = (PIECE / np.maximum(voices.size, 1.0))[None, :, None]
    trust = spread / (spread + doubt)
    one, two = spread * (1 - trust) + noise, spread + noise
    x, v = texts.at[:, None, :first], voices.at[None, :, :first]
    found = (x**2 / two[..., :-1] - (x - trust[..., :-1] * v) ** 2 / one[..., :-1]).sum(-1)
    x, v, share = texts.at[:, first:], voices.at[:, first:], trust[..., -1]
    own = (x**2).sum(1)[:, None]
    found += own / two[..., -1] - (own - 2 * share * products + share**2 * (v**2).sum(1)) / one[..., -1]
    ratio = np.log(two / one)
    found += ratio[..., :-1].sum(-1) + ratio[..., -1] * x.shape[1]
    known = (texts.size > 0)[:, None] & (voices.size > 0)
    return np.asarray(np.where(known, found / 2, 0.0))


def unpack_rows(buckets: NDArray[np.int64]) -> NDArray[np.int32]:
    """The row of every bucket from the bucket of every row."""
    out = np.full(BUCKETS, -1, np.int32)
    out[buckets] = np.arange(len(buckets))
    return out


def pack_levels(levels: NDArray[np.int8]) -> NDArray[np.uint8]:
    """Levels of -7 to 7 as two a byte."""
    shifted = (levels + 8).astype(np.uint8)
    return np.asarray(shifted[:, ::2] << 4 | shifted[:, 1::2], np.uint8)


def unpack_levels(packed: NDArray[np.uint8]) -> NDArray[np.int8]:
    """The inverse of `pack_levels`."""
    out = np.empty((len(packed), packed.shape[1] * 2), np.int8)
    out[:, ::2], out[:, 1::2] = (packed >> 4).astype(np.int8) - 8, (packed & 15).astype(np.int8) - 8
    return out
