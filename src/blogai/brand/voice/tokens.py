"""Text to prose, tokens and sentences, for any script.

Everything that is not prose (code, links, markup) is blanked with spaces of the same length, so that every
offset that is reported later is an offset into the text that came in.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from blogai.brand.voice.markup import blanked, spaces, unlinked

PARAGRAPH = "\n\n"

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# Thai, Lao, Burmese and Khmer are written without spaces between words.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_JOINERS = "\u200c\u200d"
# What goes on after a letter. In the ten blocks of Indian scripts all but digits and sentence ends does.
_INDIAN = "".join(f"{chr(block)}-{chr(block + 0x63)}" for block in range(0x900, 0xE00, 0x80))
_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
    f"\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u0f71-\u0f84\u0f90-\u0fbc\u102b-\u103e\u1056-\u1059\u17b4-\u17d3{_INDIAN}{_JOINERS}"
)
# A word is one ideograph or kana, one letter of those without spaces, or letters joined by an apostrophe or a hyphen.
_LETTER = rf"[^\W\d_{_CJK}{_UNSPACED}]"
_JOINED = rf"{_LETTER}(?:{_LETTER}|[{_MARKS}])*(?:['’-](?:{_LETTER}|[{_MARKS}])+)*"
_ALONE = rf"[{_CJK}]|(?=[{_UNSPACED}])[^\W\d_][{_MARKS}]*"
WORD = re.compile(rf"{_ALONE}|{_JOINED}")
TOKEN = re.compile(rf"{_ALONE}|{_JOINED}|\d+(?:[.,]\d+)*|\n\n|[^\w\s]|_")

# Marks of no width: soft hyphens, breaks, turns of the direction.
_UNSEEN = dict.fromkeys(
    [0xAD, 0x61C, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A), 0xFEFF]
)

_MARKER = re.compile(
    r"^[ ]{0,3}(?:>[ ]?)+|^[ \t]*(?:[-*+•]|\d+[.)])[ \t]+|[*`]+|(?<!\w)_+|(?<!_)_++(?!\w)", re.MULTILINE
)
_ESCAPED = re.compile(r"\\(?=[^\w\s])")

_SAME = str.maketrans({c: q for q, cs in {"'": "‘’‚‛′", '"': "“”„‟″«»", "—": "–―‒"}.items() for c in cs})
_CONTROLS = dict.fromkeys([*range(9), 11, 12, 13, *range(14, 32), 127], " ")
# A run of blanks is looked at from its beginning alone: blanked code makes long ones.
_DASH = re.compile(r"(?<!\s)\s+(?:—\s*|--?-?\s+)|—\s*|(?<=\w)---?(?=\w)")
_SPACE = re.compile(r"[^\S\n]*\n\s*\n\s*|\s+")

# What stands in a sentence and is not read as words of it: images, addresses, tags.
_UNREAD = re.compile(
    r"""https?://[^\s<>)\]]+|www\.[^\s<>)\]]+|(?P<tag></?[a-zA-Z][^<>\n]*>)|!\[[^\[\]\n]*\]\([^()\n]*\)"""
)
_UNREAD_MARKS = ("](", "<", "://", "www.")

_END = re.compile(r"(?<![.!?…])[.!?…]++[\"')\]’”»]*+(?=\s|$)|[。！？؟۔।॥။។።։]+[」』”)]*|\n\s*\n")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"'])(?:[A-Z]|e\.g|i\.e|etc|vs|cf|Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|No|Fig|approx|z\.B|d\.h|bzw|usw|ca|Nr)$"
)

_SHORT = re.compile(r"(?:^|\W)\w{1,3}$")


def prose(text: str, *, headings: bool = False) -> str:
    """The text with code, markup and links blanked by spaces; offsets stay as they are.

    Args:
        headings: whether headings and tables stay.
    """
    text = text.translate(_CONTROLS)
    if any(c in text for c in "`<[#|@~/") or "---" in text or "***" in text or "www." in text:
        text = blanked(text, headings=headings)
    text = _MARKER.sub(lambda m: spaces(m.group(0)), text)
    if "\\" in text:
        text = _ESCAPED.sub(" ", text)
    if text.isascii():
        return text
    return text.translate({ord(c): " " for c in set(text) if unicodedata.category(c) in ("So", "Cs", "Co")})


def normalise(text: str) -> str:
    """Prose with typography made equal: straight quotes, one em dash, single spaces, blank line between paragraphs, of
    links just their words."""
    text = prose(unlinked(text))
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.translate(_UNSEEN))
    text = text.translate(_SAME).replace("…", "...")
    text = _DASH.sub(lambda m: "—" if m.group(0).strip() else " ", text)
    return _SPACE.sub(lambda m: PARAGRAPH if m.group(0).count("\n") > 1 else " ", text).strip()


def words(text: str) -> list[str]:
    """Words in order, as written. An ideograph or kana counts as a word, as does a letter with its marks in Thai, Lao,
    Burmese and Khmer."""
    return WORD.findall(text)


@dataclass(frozen=True)
class Sentence:
    """A sentence and where it stands: `text == whole[start:end]`."""

    text: str
    start: int
    end: int

    @property
    def words(self) -> list[str]:
        """Its words, without those of addresses and tags."""
        read = unlinked(self.text)
        if any(mark in read for mark in _UNREAD_MARKS):
            read = _UNREAD.sub(_read, read)
        return words(read if read.isascii() else read.translate(_UNSEEN))


def _read(match: re.Match[str]) -> str:
    """Nothing, but <what is in a placeholder> is read."""
    tag = match["tag"] or ""
    return tag if " " in tag and "=" not in tag else " "


def sentences(text: str) -> list[Sentence]:
    """Sentences of the prose in `text` with offsets into `text`; pieces without a word are left out."""
    clean, found, start = prose(text), [], 0
    for match in _END.finditer(clean):
        paragraph = match.group(0)[0].isspace()
        if not paragraph and match.group(0)[0] == "." and len(match.group(0)) == 1:
            before = clean[max(start, match.start() - 12) : match.start()]
            following = clean[match.end() : match.end() + 3].strip()[:1]
            if _ABBREVIATION.search(before) or (following.islower() and _SHORT.search(before)):
                continue
        found.append((start, match.start() if paragraph else match.end()))
        start = match.end()
    found.append((start, len(clean)))
    out = []
    for begin, end in found:
        piece = clean[begin:end]
        if WORD.search(piece):
            begin += len(piece) - len(piece.lstrip())
            end -= len(piece) - len(piece.rstrip())
            out.append(Sentence(text[begin:end], begin, end))
    return out


@dataclass(frozen=True)
class Passage:
    """A text and what is read of it, each found once.

    Attributes:
        text: as it came in.
    """

    text: str

    @cached_property
    def clean(self) -> str:
        """See `normalise`."""
        return normalise(self.text)

    @cached_property
    def words(self) -> list[str]:
        """The words of its prose in order."""
        return words(self.clean)

    @cached_property
    def sentences(self) -> list[Sentence]:
        """The sentences of its prose with offsets into `text`."""
        return sentences(self.text)
