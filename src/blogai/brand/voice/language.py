"""Whether a text is written in the language of the samples, as far as its script, English grammar words and the
commonest words of the samples tell."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from blogai.brand.voice.features import Counts, merge, word_amounts
from blogai.brand.voice.function_words import FUNCTION_WORDS
from blogai.errors import InvalidInput

_ENOUGH_WORDS = 30
# Shares of English grammar words a 100 words: English prose has 40 to 60, other languages in Latin letters below 10.
_ENGLISH, _NOT_ENGLISH = 30.0, 12.0
# What a text has of the samples' commonest words, as a part of what the samples have: in the same language 0.2 and
# more, mostly 0.5 to 1; in others that are not related mostly below 0.1 (benchmarks/voice_languages.py).
_COMMONEST, _FOREIGN = 100, 0.18
_ENOUGH_OF_TEXT, _ENOUGH_OF_SAMPLES = 80, 1_000
_JAPANESE = {"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}


def script(words: Sequence[str]) -> str:
    """The script that most words begin in, by its Unicode name: LATIN, CYRILLIC, ARABIC, CJK ..."""
    found: Counter[str] = Counter()
    for word in words:
        name = unicodedata.name(word[0], "UNKNOWN").split()[0]
        found["CJK" if name in _JAPANESE else name] += 1
    return min(found, key=lambda s: (-found[s], s)) if found else "UNKNOWN"


def grammar_share(words: Sequence[str]) -> float:
    """English grammar words in 100 words."""
    return 100 * sum(w.lower() in FUNCTION_WORDS for w in words) / max(1, len(words))


@dataclass(frozen=True)
class Language:
    """What tells the language of samples.

    Attributes:
        script: see `script`.
        english: see `grammar_share`.
        amounts: their words, as `features.word_amounts` counts them.
        words: how many.
    """

    script: str
    english: float
    amounts: Counts
    words: int


def language(samples: Sequence[Sequence[str]]) -> Language:
    """The language of samples from the words of each."""
    together = [word for words in samples for word in words]
    return Language(
        script(together), grammar_share(together), merge(word_amounts(words) for words in samples), len(together)
    )


def shared(text: Counts, samples: Counts) -> float:
    """How much of a text are the commonest words of the samples, as a part of how much of the samples they are: about
    1 in the same language, near 0 in another. Amounts grow with the logarithm, so names that are repeated count little.
    """
    common = samples.ids[np.lexsort((samples.ids, -samples.n))[:_COMMONEST]]
    of_text, of_samples = (
        float(c.n[np.isin(c.ids, common, assume_unique=True)].sum()) / max(c.total, 1e-9) for c in (text, samples)
    )
    return of_text / max(of_samples, 1e-9)


def require_language(words: Sequence[str], amounts: Counts, samples: Language) -> None:
    """Refuse a text that is plainly in another language than the samples.

    Args:
        words: the words of the text; below 30 only the script is looked at, below 80 English words as well.
        amounts: the same words, as `features.word_amounts` counts them.
        samples: of fewer than 1,000 words, the commonest tell nothing yet.

    Raises:
        InvalidInput: another script, English against another language, or hardly a common word of the samples.
    """
    english = grammar_share(words)
    long = len(words) >= _ENOUGH_WORDS
    told = "The text is in another language than the samples of this voice."
    if script(words) != samples.script or (long and english > _ENGLISH and samples.english < _NOT_ENGLISH):
        pass
    elif long and english < _NOT_ENGLISH and samples.english > _ENGLISH:
        told = "The text is in another language than the samples of this voice, or in no sentences."
    elif (
        len(words) < _ENOUGH_OF_TEXT
        or samples.words < _ENOUGH_OF_SAMPLES
        or samples.english >= _NOT_ENGLISH
        or shared(amounts, samples.amounts) >= _FOREIGN
    ):
        return
    raise InvalidInput(
        told, field="text", remedy="Score it with a profile that was trained on samples in its language."
    )
