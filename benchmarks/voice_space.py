"""What the brand-voice background knows of brands among word vectors: see `blogai.brand.voice.space`."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg

from benchmarks.voice_corpus import Words
from blogai.brand.voice.space import Place, likelihood_ratio, pack_levels

SHRINKAGE, BLEND, STRENGTH = 0.1, 0.5, 2.0
FOLDS = 6
"""Folds of brands for the evidence that weights are fitted on: what was fitted on a brand flatters it."""


@dataclass(frozen=True)
class Means:
    """Mean vectors of units with their numbers of known words and brands."""

    vector: Any
    size: Any
    brand: Any

    def of(self, rows: Any) -> "Means":
        return Means(self.vector[rows], self.size[rows], self.brand[rows])

    def with_(self, others: "Means") -> "Means":
        return Means(np.concatenate([self.vector, others.vector]), np.concatenate([self.size, others.size]),
                     np.concatenate([self.brand, others.brand]))  # fmt: skip


class Table:
    """The vectors of the words that are known to some brands."""

    def __init__(self, words: Words, brands: list[int]) -> None:
        rows = words.known(brands)
        self.buckets, self.levels, self.scale = words.buckets[rows], words.levels[rows], words.scale[rows]
        self._vectors = self.levels * self.scale.astype(np.float32)[:, None]

    def means(self, units: Any, brand: Any) -> Means:
        """The mean vectors of units from their counts of buckets."""
        amounts = units[:, self.buckets]
        size = np.asarray(amounts.sum(1)).ravel()
        vectors = np.asarray(amounts @ self._vectors, np.float32)
        return Means(vectors / np.maximum(size, 1)[:, None], size, np.asarray(brand, int))

    def packed(self) -> dict[str, Any]:
        buckets = self.buckets.astype(np.uint32)
        return {"v1/buckets": buckets, "v1/levels": pack_levels(self.levels), "v1/scale": self.scale}


@dataclass(frozen=True)
class Learnt:
    """What is known of brands in the space of word vectors, as `Space` keeps it."""

    mean: Any
    projection: Any
    spread: Any

    def place(self, units: Means) -> Place:
        return Place(((units.vector - self.mean) @ self.projection).astype(float), units.size.astype(float))

    def packed(self, **cohort: Means) -> dict[str, Any]:
        out = {"v1/mean": self.mean, "v1/projection": self.projection.astype(np.float16), "v1/spread": self.spread}
        for name, units in cohort.items():
            at, size = self.place(units).at.astype(np.float16), units.size.astype(np.float32)
            out |= {f"v1/{name}": at, f"v1/{name}_size": size}
        return out


def _within(units: Means) -> tuple[Any, Any, Any]:
    """Sum of squares within brands, means of brands, and the number of units of each."""
    brands, row = np.unique(units.brand, return_inverse=True)
    number = np.bincount(row)
    means = np.array([units.vector[row == i].mean(0, dtype=float) for i in range(len(brands))])
    rest = units.vector - means[row]
    return (rest.T @ rest).astype(float), means, number


def learn(pieces: Means, cohort: Means) -> Learnt:
    """The space of some brands.

    The spread within brands is shrunk to an equal one in every direction and blended with that of the literary cohort;
    the way from the brands to that cohort is made worthless, else all old prose would be of one voice. Of the spread
    between brands, which so few show badly, half is taken as equal in every direction.
    """
    squares, means, number = _within(pieces)
    width, mean = squares.shape[0], means.mean(0)
    within = squares / (number.sum() - len(number))
    if len(cohort.vector):
        more, others, extra = _within(cohort)
        free = number.sum() + extra.sum() - len(number) - len(extra)
        within = BLEND * within + (1 - BLEND) * (squares + more) / free
    within = (1 - SHRINKAGE) * within + SHRINKAGE * np.trace(within) / width * np.eye(width)
    if len(cohort.vector):
        away = others.mean(0) - mean
        within += np.outer(away, away)
    # Directions in which pieces of a brand spread by 1, then turned along the spread between brands.
    whiten = linalg.solve_triangular(linalg.cholesky(within, lower=True), np.eye(width), lower=True)
    apart = whiten @ (means - mean).T / np.sqrt(len(means) - 1)
    axes, sizes, _ = linalg.svd(apart, full_matrices=True)
    between = sizes**2 - (1 / number).mean()
    every = max((between.sum() - (width - len(sizes)) * (1 / number).mean()) / width, 1e-3)
    leading = STRENGTH * (0.5 * between + 0.5 * every)
    rest = STRENGTH * (0.5 * every - 0.5 * (1 / number).mean())
    spread = np.maximum(np.append(leading, rest), 1e-6)
    projection = (whiten.T @ axes).astype(np.float16).astype(np.float32)
    return Learnt(mean.astype(np.float32), projection, spread)


def values(learnt: Learnt, texts: Means, voices: Means) -> Any:
    """Every text on every voice."""
    first, x, v = len(learnt.spread) - 1, learnt.place(texts), learnt.place(voices)
    return likelihood_ratio(learnt.spread, x, v, x.at[:, first:] @ v.at[:, first:].T)


def left_out(brands: int) -> list[tuple[Any, Any]]:
    """The brands that spaces are learnt without, and the texts and voices (brands x brands) that each then serves."""
    fold = np.arange(brands) % FOLDS
    out = []
    for f in range(FOLDS):
        for g in range(f + 1, FOLDS):
            served = np.outer(fold == f, fold == g) | np.outer(fold == g, fold == f)
            for a, b in ((f, g), (g, f)):
                if (a + 1) % FOLDS == b:
                    served |= np.outer(fold == a, fold == a)
            out.append((tuple(np.flatnonzero((fold == f) | (fold == g)).tolist()), served))
    return out
