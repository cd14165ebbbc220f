"""Brand voice that is measured: train on samples, score a text, explain the score. Needs numpy only.

numpy and the shipped statistics are loaded by the first function that is called: a program that only names these types
starts without them.

fingerprint = train(samples)             samples of the brand, two or more, five to ten are good
score(fingerprint, text)                 0..1, the calibrated chance that the text is in the voice
restore(fingerprint.to_json())           the same fingerprint; equal scores to the last digit
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from blogai.brand.voice.report import Assessment

if TYPE_CHECKING:
    from blogai.brand.voice.fingerprint import Fingerprint

__all__ = ["MODEL", "Assessment", "assess", "restore", "score", "train"]

MODEL = "blogai-voice-5-81733955"
"""The name of the shipped background; a fingerprint of another one has to be trained again."""


def train(samples: list[str]) -> "Fingerprint":
    """A fingerprint of two or more samples.

    Raises:
        InvalidInput: a sample is empty, too short, binary, only code or links, or a copy of another; or it is alone.
    """
    from blogai.brand.voice import background, training

    return training.train(background.shipped(), samples)


def restore(row: Mapping[str, Any]) -> "Fingerprint":
    """A fingerprint from its stored columns.

    Raises:
        Conflict: it was trained with another background; train again.
        InvalidInput: the columns do not hold a fingerprint.
    """
    from blogai.brand.voice import fingerprint

    return fingerprint.from_json(row, MODEL)


def score(voice: "Fingerprint", text: str) -> float:
    """The chance, at even odds beforehand, that `text` is in the voice. Below 80 words it is pulled towards 0.5.

    Raises:
        InvalidInput: the text has fewer than 10 words, is binary, holds only code or links, or is plainly in another
            language than the samples.
        Conflict: the fingerprint was trained with another background.
    """
    from blogai.brand.voice import background, scoring

    current = background.shipped()
    reading = scoring.read(current, voice, text)
    return scoring.probability(current, dict(voice.counts), voice.norm, voice.sample_words, reading)


def assess(
    voice: "Fingerprint",
    text: str,
    *,
    preferred_words: Iterable[str] = (),
    avoid_words: Iterable[str] = (),
    exceptions: Iterable[str] = (),
) -> Assessment:
    """The score of a text with its reasons: partial matches, deviations, sentences, rule hits and feedback.

    Args:
        preferred_words: words and phrases the brand likes.
        avoid_words: words and phrases it does not use.
        exceptions: longer names in which a rule does not count.

    Raises:
        InvalidInput: as `score`, or a rule is empty.
        Conflict: the fingerprint was trained with another background.
    """
    from blogai.brand.voice import assessment, background, scoring

    current = background.shipped()
    return assessment.assess(
        current,
        voice,
        scoring.read(current, voice, text),
        text,
        preferred_words=preferred_words,
        avoid_words=avoid_words,
        exceptions=exceptions,
    )
