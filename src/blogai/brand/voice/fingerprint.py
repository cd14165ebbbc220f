"""What is kept of a brand's samples: readable profiles and the exact statistics that scores are computed from."""

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from blogai.brand.voice.background import LENGTHS, Norm
from blogai.brand.voice.features import BUCKETS, FAMILIES, STEPS, Counts
from blogai.brand.voice.style import NAMES
from blogai.errors import Conflict, InvalidInput

_MOST = 1e6
"""No mean or spread is as large."""


def pack(counts: Counts) -> str:
    """Counts as short text: steps between buckets and amounts in whole `STEPS`, deflated, base64."""
    steps = np.concatenate([np.diff(counts.ids, prepend=0), np.round(counts.n * STEPS).astype(np.int64)])
    body = steps.astype("<u4").tobytes()
    return base64.b64encode(zlib.compress(np.frombuffer(body, np.uint8).reshape(-1, 4).T.tobytes(), 6)).decode()


def unpack(text: str) -> Counts:
    """The inverse of `pack`."""
    planes = np.frombuffer(zlib.decompress(base64.b64decode(text)), np.uint8)
    numbers = np.ascontiguousarray(planes.reshape(4, -1).T).view("<u4").ravel().astype(np.int64)
    half = len(numbers) // 2
    return Counts(np.cumsum(numbers[:half]), numbers[half:] / STEPS)


@dataclass(frozen=True)
class Fingerprint:
    """A trained voice. Everything but `counts`, `norm` and `sample_words` is there to be read.

    Attributes:
        counts: patterns of all samples together, by family.
        norm: how the cohort's passages score on this voice.
        sample_words: words of all samples.
        spread: mean and spread of each style measure over the samples, `{name: [mean, spread]}`.
        consistency: one entry a sample: its own fit to the others, and whether it is an outlier.
    """

    counts: Mapping[str, Counts]
    norm: Norm
    sample_words: int
    spread: Mapping[str, tuple[float, float]]
    vocabulary_profile: Mapping[str, Any]
    sentence_patterns: Mapping[str, Any]
    tone_distribution: Mapping[str, float]
    style_metrics: Mapping[str, float]
    voice_summary: str
    embedding_vector: tuple[float, ...]
    embedding_model: str
    sample_count: int
    training_quality: float
    training_report: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """JSON values under the column names of `voice_fingerprints`; `from_json` gives the same scores back."""
        return {
            "vocabulary_profile": {
                **self.vocabulary_profile,
                "statistics": {
                    "counts": {name: pack(self.counts[name]) for name in FAMILIES},
                    "mean": self.norm.mean.tolist(),
                    "spread": self.norm.spread.tolist(),
                    "sample_words": self.sample_words,
                },
            },
            "sentence_patterns": {**self.sentence_patterns, "spread": {k: list(v) for k, v in self.spread.items()}},
            "tone_distribution": dict(self.tone_distribution),
            "style_metrics": {**self.style_metrics, "training": dict(self.training_report)},
            "voice_summary": self.voice_summary,
            "embedding_vector": list(self.embedding_vector),
            "embedding_model": self.embedding_model,
            "sample_count": self.sample_count,
            "training_quality": self.training_quality,
        }


def require_model(name: str | None, current: str) -> None:
    """Refuse a fingerprint that was trained with another background.

    Raises:
        Conflict: its numbers cannot be compared with this version's.
    """
    if name != current:
        raise Conflict(
            f"This fingerprint was trained with {name or 'an unknown version'}; this version scores with {current}.",
            field="embedding_model",
            remedy="Train the profile again; its samples are kept.",
            retrain=True,
        )


def _require_whole(
    norm: Norm, counts: Mapping[str, Counts], spread: Mapping[str, tuple[float, float]], sample_words: int
) -> None:
    """Raises ValueError for statistics that no training gives, since a score of them would mean nothing."""
    usual = norm.mean.shape == norm.spread.shape == (len(FAMILIES), len(LENGTHS))
    if not usual or not bool(np.all(np.abs(norm.mean) < _MOST) and np.all((norm.spread > 0) & (norm.spread < _MOST))):
        raise ValueError("other norms")
    for found in counts.values():
        if len(found.ids) and not (
            found.ids[0] >= 0 and found.ids[-1] < BUCKETS and np.all(np.diff(found.ids) > 0) and np.all(found.n > 0)
        ):
            raise ValueError("other counts")
    if (
        sample_words < 1
        or set(spread) != set(NAMES)
        or not all(abs(m) < _MOST and 0 < s < _MOST for m, s in spread.values())
    ):
        raise ValueError("other measures")


def from_json(row: Mapping[str, Any], current: str) -> Fingerprint:
    """A fingerprint from its columns.

    Args:
        row: what `to_json` gave, or a row of `voice_fingerprints`.
        current: name of the background in use.

    Raises:
        Conflict: trained with another background.
        InvalidInput: the columns do not hold a fingerprint.
    """
    require_model(row.get("embedding_model"), current)
    try:
        vocabulary, patterns = dict(row["vocabulary_profile"]), dict(row["sentence_patterns"])
        style = dict(row["style_metrics"])
        statistics, report = vocabulary.pop("statistics"), style.pop("training")
        norm = Norm(np.array(statistics["mean"], float), np.array(statistics["spread"], float))
        counts = {name: unpack(statistics["counts"][name]) for name in FAMILIES}
        spread = {k: (float(v[0]), float(v[1])) for k, v in patterns.pop("spread").items()}
        sample_words = int(statistics["sample_words"])
        _require_whole(norm, counts, spread, sample_words)
        return Fingerprint(
            counts=counts,
            norm=norm,
            sample_words=sample_words,
            spread=spread,
            vocabulary_profile=vocabulary,
            sentence_patterns=patterns,
            tone_distribution=dict(row["tone_distribution"]),
            style_metrics=style,
            voice_summary=str(row["voice_summary"]),
            embedding_vector=tuple(float(x) for x in row["embedding_vector"]),
            embedding_model=str(row["embedding_model"]),
            sample_count=int(row["sample_count"]),
            training_quality=float(row["training_quality"]),
            training_report=report,
        )
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError, zlib.error) as error:
        raise InvalidInput(
            "The stored fingerprint is damaged.", field="vocabulary_profile", remedy="Train the profile again."
        ) from error
