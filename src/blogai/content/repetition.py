"""Text that says the same again: near-duplicate passages and loops.

Two passages are compared by their runs of three words (shingles). The measure is containment, the share of
the smaller set that the greater one also has, so that a repeat with a few words more is still a repeat.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from blogai.content.sentences import count_words, words

SAME = 0.6
"""Containment from which two passages count as the same."""

COMPARED = 25
"""Words from which a paragraph can be a near-duplicate; shorter ones resemble each other by nature."""

_RUN = 3


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """All runs of three words of a text; of a shorter text, the text as a whole."""
    found = words(text)
    if not found:
        return frozenset()
    if len(found) < _RUN:
        return frozenset([tuple(found)])
    return frozenset(tuple(found[i : i + _RUN]) for i in range(len(found) - _RUN + 1))


def containment(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    """Share of the smaller set that is in the other too, 0 to 1; 0 when one is empty."""
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller else 0.0


def repeats(text: str, earlier: Iterable[str]) -> bool:
    """True when a paragraph is one of the earlier ones again, or a near-duplicate of one."""
    own, length = shingles(text), count_words(text)
    for other in earlier:
        least = min(length, count_words(other))
        share = containment(own, shingles(other))
        if least and (share == 1.0 or (least >= COMPARED and share >= SAME)):
            return True
    return False


def repeated(passages: Sequence[str]) -> list[str]:
    """The paragraphs that repeat an earlier one."""
    return [passage for index, passage in enumerate(passages) if repeats(passage, passages[:index])]


def loops(text: str) -> bool:
    """True when a sentence runs in circles: a run of three words comes three times, one of five twice, or a
    word of five letters and more is every fifth word or so."""
    found = words(text)
    long = Counter(word for word in found if len(word) >= 5)
    if long and long.most_common(1)[0][1] >= max(4, len(found) // 6):
        return True
    for size, least in ((3, 3), (5, 2)):
        runs = Counter(tuple(found[i : i + size]) for i in range(len(found) - size + 1))
        if runs and runs.most_common(1)[0][1] >= least:
            return True
    return False
