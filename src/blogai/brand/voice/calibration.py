"""From evidence to a probability: a logistic model whose weights depend on how much text there is on both sides."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WEAK_BELOW = 80
"""Texts of fewer words get a score that is marked as weak and pulled towards 0.5."""


def between(value: float, grid: Floats) -> tuple[int, float]:
    """The cell of an ascending grid that `value` falls into and how far, on a log scale; clamped to the ends."""
    if len(grid) == 1:
        return 0, 0.0
    logs = np.log(grid)
    at = float(np.clip(np.log(max(value, 1.0)), logs[0], logs[-1]))
    cell = int(np.clip(np.searchsorted(logs, at, side="right") - 1, 0, len(grid) - 2))
    return cell, float((at - logs[cell]) / (logs[cell + 1] - logs[cell]))


@dataclass(frozen=True)
class Calibration:
    """`coefficients[i, j]`: weights and (last) intercept for voices of `sample_words[i]` and texts of
    `text_words[j]` words."""

    coefficients: Floats
    sample_words: Floats
    text_words: tuple[float, float] = (120.0, 300.0)

    def weights(self, sample_words: float, text_words: float) -> Floats:
        i, u = between(sample_words, self.sample_words)
        j, v = between(text_words, np.array(self.text_words))
        c = self.coefficients
        k = min(i + 1, len(c) - 1)
        low = (1 - u) * c[i, j] + u * c[k, j]
        high = (1 - u) * c[i, j + 1] + u * c[k, j + 1]
        return np.asarray((1 - v) * low + v * high)

    def probability(self, evidence: Floats, sample_words: float, text_words: int) -> float:
        """The chance, at even odds beforehand, that the text is in the voice."""
        weights = self.weights(sample_words, text_words)
        logit = float(np.sum(weights[:-1] * evidence) + weights[-1])
        logit *= min(1.0, text_words / WEAK_BELOW)
        return float(1 / (1 + np.exp(-np.clip(logit, -30, 30))))


def fit_logistic(x: Floats, y: Floats, penalty: float = 1.0) -> Floats:
    """Weights, none below zero, and intercept for raw features; both classes carry the same weight.

    Ridge on standardised features. Evidence may be useless but never counts against itself, which keeps the score
    sane for texts unlike any that the weights were fitted on: negative weights are dropped until none is left.
    """
    mean, spread = x.mean(0), x.std(0) + 1e-9
    z = (x - mean) / spread
    active = np.arange(x.shape[1])
    while True:
        beta = _newton(np.c_[z[:, active], np.ones(len(x))], y, penalty)
        negative = np.flatnonzero(beta[:-1] < 0)
        if not len(negative):
            break
        worst = negative[np.argsort(beta[negative])][: max(1, len(negative) // 3)]
        active = np.delete(active, worst)
    raw = np.zeros(x.shape[1])
    raw[active] = beta[:-1] / spread[active]
    return np.append(raw, beta[-1] - float(np.sum(raw * mean)))


def _newton(z: Floats, y: Floats, penalty: float, steps: int = 40) -> Floats:
    w = np.where(y > 0, 1.0, y.sum() / max(1.0, (1 - y).sum()))
    beta = np.zeros(z.shape[1])
    ridge = np.eye(len(beta)) * penalty
    ridge[-1, -1] = 1e-6
    for _ in range(steps):
        p = 1 / (1 + np.exp(-np.clip(z @ beta, -30, 30)))
        gradient = z.T @ (w * (p - y)) + ridge @ beta
        step = np.linalg.solve((z * (w * p * (1 - p))[:, None]).T @ z + ridge, gradient)
        beta -= step
        if np.abs(step).max() < 1e-7:
            break
    return beta
