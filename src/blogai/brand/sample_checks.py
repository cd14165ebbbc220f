"""What a text must be to become a sample of a voice."""

import re
import unicodedata
from itertools import takewhile

from blogai.brand.models import CONTENT_TYPES
from blogai.errors import InvalidInput

LEAST, MOST = 10, 50_000
"""Characters of a sample."""
_MOST_TITLE = 300
_TURNS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
"""Marks that turn the direction of what follows, which is not part of the title."""
_TELLING = 5_000
"""Words that tell the language of a voice: more take time and tell no more."""


def one_line(title: str | None) -> str | None:
    """The title as it is kept: one line of 300 characters at most; None when nothing is left."""
    return " ".join((title or "").translate(_TURNS).split())[:_MOST_TITLE].strip() or None


def words(content: str, title: str | None, content_type: str) -> list[str]:
    """The words of a text that may be a sample.

    Raises:
        InvalidInput: an unknown kind, too short or too long, a title with control characters, or no prose.
    """
    if content_type not in CONTENT_TYPES:
        raise InvalidInput(
            f"{content_type!r} is no kind of sample.",
            field="content_type",
            remedy=f"Use one of {', '.join(CONTENT_TYPES)}.",
        )
    if not LEAST <= len(content) <= MOST:
        raise InvalidInput(
            f"The text has {len(content):,} characters.",
            field="content",
            remedy=f"Samples have {LEAST} to {MOST:,} characters; split longer ones.",
        )
    if title is not None and any(unicodedata.category(character) in ("Cc", "Cs") for character in title):
        raise InvalidInput("The title holds control characters.", field="title", remedy="Give one line of text.")
    from blogai.brand.voice import samples

    found = samples.readable(content, "content", samples.MIN_SAMPLE_WORDS).words
    samples.refuse_code(content, "content")
    return found


def refuse_language(found: list[str], others: list[str]) -> None:
    """Raises InvalidInput when the words of a text are in another language than the samples that are there, if any."""
    from blogai.brand.voice import language, samples
    from blogai.brand.voice.features import word_amounts

    listed: list[list[str]] = []
    for text in takewhile(lambda _: sum(map(len, listed)) < _TELLING, others):
        listed.append(samples.readable(text, "content", 0).words)
    if not any(listed):
        return
    try:
        language.require_language(found, word_amounts(found), language.language(listed))
    except InvalidInput as exc:
        raise InvalidInput(exc.message, field="content", remedy="Make a voice for each language.") from exc


def comparable(text: str) -> str:
    """What counts when two texts are compared: letters and digits, whatever case, form and spacing."""
    return re.sub(r"\W+", " ", unicodedata.normalize("NFKC", text).casefold()).strip()
