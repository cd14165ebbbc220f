"""Amounts of the surface patterns that carry voice, one family a kind of pattern, hashed into buckets.

A pattern that a text repeats says less each time, because repeated words are mostly its subject: n occurrences in a
text count as log(1 + n), and a voice is the sum over its samples, so that a habit of every post outweighs one topic.
What is averaged over a text (`v1`) counts as it is.

Families (n-grams over the normalised text):
    c4  four characters, lower case, across word borders
    w1  words
    s2  pairs of skeleton tokens: function words and punctuation stay, other words become their ending
    p2  pairs of punctuation marks with the distance between them
    v1  words and marks, which `space` looks up in a table of vectors
Hashing keeps the tables of all families of one fixed size and works for every script.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from blogai.brand.voice.function_words import FUNCTION_WORDS
from blogai.brand.voice.tokens import PARAGRAPH, TOKEN, Passage

BITS = 18
BUCKETS = 1 << BITS
PATTERNS = ("c4", "w1", "s2", "p2")
FAMILIES = (*PATTERNS, "v1")
STEPS = 64
"""Amounts are rounded to this part of one, so that sums and differences of them are exact and store as integers."""

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

_ENDINGS = ("ing", "tion", "ly", "ed", "ment", "ness", "able", "ful", "ous", "ive", "al", "er", "est", "ity", "ize",
            "ise", "'s", "s")  # fmt: skip
_GAPS = (0, 2, 5, 10, 20)


@dataclass(frozen=True)
class Counts:
    """How much of each bucket there is: `ids` ascending and distinct, `n` the amounts."""

    ids: Ints
    n: Floats

    @property
    def total(self) -> float:
        return float(self.n.sum())


def merge(parts: Iterable[Counts]) -> Counts:
    """The sum of several counts."""
    listed = list(parts)
    ids, where = np.unique(np.concatenate([p.ids for p in listed]), return_inverse=True)
    n = np.bincount(where, np.concatenate([p.n for p in listed]), len(ids))
    return Counts(ids, n.astype(np.float64))


def _mix(h: NDArray[np.uint64]) -> Ints:
    """The finaliser of MurmurHash3, cut to the highest bits."""
    h = h ^ (h >> np.uint64(33))
    h = h * np.uint64(0xFF51AFD7ED558CCD)
    h = h ^ (h >> np.uint64(33))
    h = h * np.uint64(0xC4CEB9FE1A85EC53)
    h = h ^ (h >> np.uint64(33))
    return (h >> np.uint64(64 - BITS)).astype(np.int64)


def _ngrams(symbols: NDArray[np.uint64], n: int, damped: bool = True) -> Counts:
    size = len(symbols) - n + 1
    if size < 1:
        return Counts(np.zeros(0, np.int64), np.zeros(0, np.float64))
    h = np.full(size, n, np.uint64)
    for i in range(n):
        h = h * np.uint64(0x9E3779B97F4A7C15) + symbols[i : i + size] + np.uint64(1)
    ids, occurrences = np.unique(_mix(h), return_counts=True)
    return Counts(ids, np.round(np.log1p(occurrences) * STEPS) / STEPS if damped else occurrences.astype(np.float64))


def _characters(text: str) -> NDArray[np.uint64]:
    return np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32).astype(np.uint64)


def _symbols(tokens: Iterable[str]) -> NDArray[np.uint64]:
    return np.array([zlib.crc32(t.encode()) for t in tokens], np.uint64)


def word_bucket(word: str) -> int:
    """The bucket of one lower-case word in families w1 and v1."""
    return int(_ngrams(_symbols([word]), 1).ids[0])


def word_amounts(words: Iterable[str]) -> Counts:
    """Family w1 of a text of these words."""
    return _ngrams(_symbols(w.lower() for w in words), 1)


def skeleton(token: str) -> str:
    """What is left of a token without its subject: a function word, a mark, or case and ending of a content word."""
    low = token.lower()
    if low in FUNCTION_WORDS:
        return low
    first = token[0]
    if first.isdigit():
        return "#" if len(token) < 3 else "##"
    if not first.isalpha():
        return token
    if len(token) > 1 and token.isupper():
        return "UP"
    case = "C" if first.isupper() else "c"
    if "-" in token:
        return case + "-"
    for ending in _ENDINGS:
        if low.endswith(ending) and len(low) > len(ending) + 1:
            return case + ending
    return case


def _punctuation(tokens: list[str]) -> list[str]:
    marks, gap = [], 0
    for token in tokens:
        if token[0].isalnum():
            gap += 1
        else:
            marks.append(token + str(sum(gap > g for g in _GAPS)))
            gap = 0
    return marks


def features(text: str) -> dict[str, Counts]:
    """Amounts of every family for a text as it comes (markup is dropped first)."""
    return features_of(Passage(text))


def features_of(passage: Passage) -> dict[str, Counts]:
    """The same for a passage that others read, too."""
    clean = passage.clean
    flat = clean.replace(PARAGRAPH, "¶")
    tokens = TOKEN.findall(clean)
    out = {"c4": _ngrams(_characters(f" {flat.lower()} "), 4)}
    out["w1"] = word_amounts(t for t in tokens if t[0].isalnum())
    out["s2"] = _ngrams(_symbols(skeleton(t) for t in tokens), 2)
    out["p2"] = _ngrams(_symbols(_punctuation(tokens)), 2)
    out["v1"] = _ngrams(_symbols(t.lower() for t in tokens), 1, damped=False)
    return out
