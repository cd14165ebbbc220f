"""The score of a text: all that depends on the text alone is computed once and kept for the next voice."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from blogai.brand.voice.background import Background, Norm
from blogai.brand.voice.features import Counts, features_of
from blogai.brand.voice.fingerprint import Fingerprint, require_model
from blogai.brand.voice.language import Language, require_language
from blogai.brand.voice.measure import Cohort, cohort, evidence, raw
from blogai.brand.voice.samples import MIN_TEXT_WORDS, readable
from blogai.brand.voice.tokens import Passage

_KEPT = 64


@dataclass(frozen=True)
class Reading:
    """A text as the measure sees it."""

    passage: Passage
    counts: dict[str, Counts]
    cohort: Cohort

    @property
    def words(self) -> int:
        return len(self.passage.words)


class Readings:
    """The last texts read, by content; equal texts give equal readings, so keeping them changes no score."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, bytes], Reading] = OrderedDict()
        self._lock = Lock()

    def read(self, background: Background, text: str, field: str = "text") -> Reading:
        """Raises InvalidInput when the text cannot be scored."""
        key = (background.name, hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()) \
            if isinstance(text, str) else None  # fmt: skip
        with self._lock:
            if key is not None and key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        passage = readable(text, field, MIN_TEXT_WORDS)
        counts = features_of(passage)
        reading = Reading(passage, counts, cohort(background, counts))
        assert key is not None
        with self._lock:
            self._kept[key] = reading
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return reading


_readings = Readings()


def read(background: Background, voice: Fingerprint, text: str) -> Reading:
    """A text as the measure sees it, when the voice can judge it.

    Raises:
        InvalidInput: the text cannot be scored, or is plainly in another language than the samples.
        Conflict: the fingerprint was trained with another background.
    """
    require_model(voice.embedding_model, background.name)
    reading = _readings.read(background, text)
    script, english = str(voice.vocabulary_profile.get("script")), voice.spread["function_words"][0]
    require_language(
        reading.passage.words, reading.counts["w1"], Language(script, english, voice.counts["w1"], voice.sample_words)
    )
    return reading


def probability(
    background: Background, counts: dict[str, Counts], norm: Norm, sample_words: int, text: Reading
) -> float:
    """The calibrated chance that a text is in the voice that `counts`, `norm` and `sample_words` describe."""
    found = evidence(background, raw(background, counts, text.counts), norm, text.cohort, text.words)
    return background.calibration.probability(found, sample_words, text.words)
