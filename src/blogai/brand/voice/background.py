"""The shipped statistics of other voices: what is usual, and how other voices and texts score.

The artifact holds derived numbers only (hashed counts), no text. `benchmarks/voice_building.py` rebuilds it.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blogai.brand.voice.calibration import Calibration, between
from blogai.brand.voice.features import BUCKETS, PATTERNS, STEPS, Counts, Floats, Ints
from blogai.brand.voice.space import Place, Space, unpack_levels, unpack_rows

ARTIFACT = Path(__file__).with_name("background.npz")
LENGTHS = (120, 300)
"""Words of the passages that the cohort is measured with, short before long."""

# Weight of the background in the Dirichlet-smoothed model of a voice, in amounts of patterns.
PRIOR = {"c4": 200_000.0, "w1": 50_000.0, "s2": 5_000.0, "p2": 500.0}


@dataclass(frozen=True)
class Norm:
    """Mean and spread of the cohort's passages on voices; the last axis is `LENGTHS`, the first the families."""

    mean: Floats
    spread: Floats

    def at(self, text_words: int) -> tuple[Floats, Floats]:
        """Mean and spread for a text of so many words, linear in the logarithm of the length, clamped to the ends."""
        _, share = between(text_words, np.array(LENGTHS, float))
        mean = (1 - share) * self.mean[..., 0] + share * self.mean[..., 1]
        return mean, np.exp((1 - share) * np.log(self.spread[..., 0]) + share * np.log(self.spread[..., 1]))


@dataclass(frozen=True)
class Voices:
    """Voices of one family by bucket: `start[b]:start[b+1]` are the voices that have bucket b, and its weight there."""

    start: NDArray[np.int32]
    row: NDArray[np.int32]
    llr: NDArray[np.float32]
    constant: Floats

    def values(self, ids: Ints, shares: Floats) -> Floats:
        """The value of a text on every voice.

        Args:
            ids: the text's buckets.
            shares: the part of the text that each is.
        """
        first = self.start[ids]
        sizes = self.start[ids + 1] - first
        offsets = np.arange(int(sizes.sum())) + np.repeat(first - (np.cumsum(sizes) - sizes), sizes)
        found = np.bincount(self.row[offsets], self.llr[offsets] * np.repeat(shares, sizes), len(self.constant))
        return np.asarray(found + self.constant)


@dataclass(frozen=True)
class Family:
    """One kind of pattern: background frequencies, and the cohort's voices and passages.

    `steadiness` is large for patterns that differ between brands more than between posts of one brand.
    Passages are stored one after another (`passage_row`), each amount as its share of the passage's weighted whole.
    """

    name: str
    probability: NDArray[np.float32]
    steadiness: NDArray[np.float32]
    voices: Voices
    passage_row: NDArray[np.int32]
    passage_ids: NDArray[np.int32]
    passage_n: NDArray[np.float32]


@dataclass(frozen=True)
class Background:
    """Everything that a score needs besides the fingerprint and the text.

    `literary` tells which voices of the cohort are not of blogs; `speeches` are further such voices, of words only.
    """

    name: str
    families: dict[str, Family]
    space: Space
    speeches: Voices
    literary: NDArray[np.bool_]
    passage_words: NDArray[np.int64]
    voice_brand: NDArray[np.int64]
    voice_norm: Norm
    calibration: Calibration
    style_mean: Floats
    style_spread: Floats
    style_within: Floats

    @property
    def voices(self) -> int:
        return len(self.voice_brand)


def pack_counts(columns: dict[str, list[Counts]], prefix: str, by_bucket: bool) -> dict[str, NDArray[Any]]:
    """Counts of several rows as arrays for the artifact."""
    out: dict[str, NDArray[Any]] = {}
    for family, rows in columns.items():
        ids = np.concatenate([r.ids for r in rows])
        n = np.round(np.concatenate([r.n for r in rows]) * STEPS)
        row = np.repeat(np.arange(len(rows)), [len(r.ids) for r in rows])
        n = np.minimum(n, 65535)
        key = ids * len(rows) + row if by_bucket else row * BUCKETS + ids
        order = np.argsort(key)
        out[f"{family}/{prefix}_steps"] = np.diff(key[order], prepend=0).astype(np.uint32)
        n = n[order]
        out[f"{family}/{prefix}_n"] = n.astype(np.uint16 if n.max(initial=0) > 255 else np.uint8)
    return out


def _voices(name: str, prefix: str, rows: int, data: dict[str, NDArray[Any]], probability: NDArray[Any]) -> Voices:
    ids, row = np.divmod(np.cumsum(data[f"{name}/{prefix}_steps"], dtype=np.int64), rows)
    n = data[f"{name}/{prefix}_n"].astype(np.float32) / np.float32(STEPS)
    total = np.bincount(row, n, rows)
    return Voices(
        start=np.searchsorted(ids, np.arange(BUCKETS + 1)).astype(np.int32),
        row=row.astype(np.int32),
        llr=np.log1p(n / (np.float32(PRIOR[name]) * probability[ids])).astype(np.float32),
        constant=np.log(PRIOR[name] / (total + PRIOR[name])),
    )


def _family(name: str, data: dict[str, NDArray[Any]]) -> Family:
    used = data[f"{name}/background_n"].astype(np.float32) / np.float32(STEPS)
    probability = (used + 0.25) / np.float32(used.sum(dtype=np.float64) + 0.25 * BUCKETS)
    passages = int(data["passage_words"].size)
    where, pids = np.divmod(np.cumsum(data[f"{name}/passage_steps"], dtype=np.int64), BUCKETS)
    steadiness = np.broadcast_to(data[f"{name}/steadiness"].astype(np.float32), (BUCKETS,))
    weighted = data[f"{name}/passage_n"].astype(np.float32) * steadiness[pids]
    whole = np.maximum(np.bincount(where, weighted, passages), 1e-9)
    return Family(
        name=name,
        probability=probability.astype(np.float32),
        steadiness=steadiness,
        voices=_voices(name, "voice", int(data["voice_brand"].size), data, probability),
        passage_row=where.astype(np.int32),
        passage_ids=pids.astype(np.int32),
        passage_n=(weighted / whole[where]).astype(np.float32),
    )


def _space(data: dict[str, NDArray[Any]]) -> Space:
    def place(of: str) -> Place:
        return Place(data[f"v1/{of}"].astype(np.float64), data[f"v1/{of}_size"].astype(np.float64))

    return Space(
        row=unpack_rows(data["v1/buckets"].astype(np.int64)),
        levels=unpack_levels(data["v1/levels"]),
        scale=data["v1/scale"].astype(np.float32),
        mean=data["v1/mean"].astype(np.float32),
        projection=data["v1/projection"].astype(np.float32),
        spread=data["v1/spread"].astype(np.float64),
        voices=place("voices"),
        passages=place("passages"),
    )


def unpack(data: dict[str, NDArray[Any]]) -> Background:
    """A background from the arrays of an artifact."""
    families = {name: _family(name, data) for name in PATTERNS}
    return Background(
        name=str(data["name"]),
        families=families,
        space=_space(data),
        speeches=_voices("w1", "speech", int(data["speakers"]), data, families["w1"].probability),
        literary=data["voice_brand"] >= int(data["blogs"]),
        passage_words=data["passage_words"].astype(np.int64),
        voice_brand=data["voice_brand"].astype(np.int64),
        voice_norm=Norm(data["voice_mean"].astype(np.float64), data["voice_spread"].astype(np.float64)),
        calibration=Calibration(data["coefficients"].astype(np.float64), data["sample_words"].astype(np.float64)),
        style_mean=data["style_mean"].astype(np.float64),
        style_spread=data["style_spread"].astype(np.float64),
        style_within=data["style_within"].astype(np.float64),
    )


def load(path: Path = ARTIFACT) -> Background:
    """Read an artifact; raises OSError when it is not there."""
    with np.load(path, allow_pickle=False) as archive:
        return unpack({key: archive[key] for key in archive.files})


@lru_cache(maxsize=1)
def shipped() -> Background:
    """The background that comes with the package, read once."""
    return load()
