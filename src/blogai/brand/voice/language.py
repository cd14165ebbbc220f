"""Whether a text is written in the language of the samples, as far as script and English grammar words tell."""

import unicodedata
from collections import Counter
from collections.abc import Sequence

from blogai.brand.voice.function_words import FUNCTION_WORDS
from blogai.errors import InvalidInput

_ENOUGH_WORDS = 30
# Shares of English grammar words a 100 words: English prose has 40 to 60, other languages in Latin letters below 10.
_ENGLISH, _NOT_ENGLISH = 30.0, 12.0
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


def require_language(words: Sequence[str], of_script: str, of_share: float) -> None:
    """Refuse a text that is plainly in another language than the samples.

    Args:
        words: the words of the text; below 30 only the script is looked at.
        of_script: `script` of the samples.
        of_share: `grammar_share` of the samples.

    Raises:
        InvalidInput: another script, or English against another language.
    """
    found, share = script(words), grammar_share(words)
    english = share > _ENGLISH and of_share < _NOT_ENGLISH
    foreign = share < _NOT_ENGLISH and of_share > _ENGLISH
    if found != of_script or (len(words) >= _ENOUGH_WORDS and english):
        told = "The text is in another language than the samples of this voice."
    elif len(words) >= _ENOUGH_WORDS and foreign:
        told = "The text is in another language than the samples of this voice, or in no sentences."
    else:
        return
    raise InvalidInput(
        told, field="text", remedy="Score it with a profile that was trained on samples in its language."
    )
