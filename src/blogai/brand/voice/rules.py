"""Hard rules of a brand: words and phrases to prefer and to avoid, found as whole words, with offsets."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from blogai.brand.voice.report import Hit, RuleReport
from blogai.brand.voice.tokens import WORD, prose, sentences
from blogai.errors import InvalidInput

_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_SAME = str.maketrans({"‘": "'", "’": "'", "ʼ": "'", "‐": "-", "‑": "-"})
_UNSEEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
"""Soft hyphens, joiners and marks of no width: a reader sees one word where they stand inside it."""
_CLUSTER = re.compile(rf"[{_UNSEEN}]+|.[\u0300-\u036f]*", re.DOTALL)
_SPLIT = re.compile(rf"[{_UNSEEN}\u0300-\u036f]")
_TAG = re.compile(r"<[^<>\n]*>")
_HEADING = re.compile(r"^[ ]{0,3}#{1,6}[ ]+", re.MULTILINE)
_NEW_BLOCK = re.compile(r"\n[\s>]*\n|\n[\s>]*[-*+•]\s")
"""An empty line or a new item of a list: no phrase runs across it."""


class _Written:
    """Prose, headings and tables as rules are compared with them: one apostrophe, one hyphen, composed letters, nothing
    that is not seen."""

    def __init__(self, text: str) -> None:
        self._whole = text
        clean = prose(text, headings=True)
        self._places: list[int] | None = None
        """Where each character stands, when that is not its own number."""
        if _SPLIT.search(clean):
            pieces, self._places = [], []
            for cluster in _CLUSTER.finditer(clean):
                piece = "" if cluster.group(0)[0] in _UNSEEN else unicodedata.normalize("NFC", cluster.group(0))
                pieces.append(piece)
                self._places += [cluster.start()] * len(piece)
            clean = "".join(pieces)
        self.text = clean.translate(_SAME)

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where a piece of it stands in the whole text."""
        if self._places is None:
            return start, end
        last = _CLUSTER.match(self._whole, self._places[end - 1])
        return self._places[start], last.end() if last else len(self._whole)

    def found(self, rule: str) -> Iterator[tuple[int, int]]:
        """Places of a rule, but not across paragraphs, items of a list, or what is no prose."""
        for match in _pattern(rule).finditer(self.text):
            start, end = self.place(*match.span())
            between = _TAG.sub("", self._whole[start:end])
            if " " in rule and (_NEW_BLOCK.search(between) or _letters(between) != _letters(match.group(0))):
                continue
            yield match.span()


def _letters(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFC", text) if c.isalnum())


def plain(rule: str) -> str:
    """A rule as it is looked for: rules that are written in different ways and mean the same are equal."""
    rule = _SPLIT.sub("", unicodedata.normalize("NFC", rule)).translate(_SAME)
    return " ".join(re.sub(r"[*`]", " ", rule).split())  # the two signs are markup, which is blank in prose


def _pattern(rule: str) -> re.Pattern[str]:
    rule = plain(rule)
    body = r"\s+".join(re.escape(part) for part in rule.split())
    exact = any(c.isupper() for c in rule)
    if not _UNSPACED.search(rule):
        # Joined by a hyphen, dot, slash, underscore or @ a word is part of a longer name: `simple-git`, `simple.js`.
        body = rf"(?<![\w@])(?<!\w[-./']){body}(?!\w)(?![-./@]\w)(?!'(?!s\b)\w)"
    return re.compile(body, 0 if exact else re.IGNORECASE)


def _cleaned(rules: Iterable[str], field: str) -> list[str]:
    out: list[str] = []
    for i, rule in enumerate(rules):
        rule = " ".join(rule.split())
        if not rule or not any(c.isalnum() for c in rule):
            raise InvalidInput("A rule is empty.", field=f"{field}[{i}]", remedy="Remove it or write a word or phrase.")
        if rule not in out:
            out.append(rule)
    return out


def _in_name(written: _Written, start: int, end: int, opening: set[int]) -> str | None:
    """The longer name that a hit is part of, judged by capitals on both it and a neighbour."""
    text = written.text
    if not text[start].isupper():
        return None
    before = re.search(r"(\w[\w'’-]*)[ \t]$", text[max(0, start - 40) : start])
    after = re.match(r"[ \t](\w[\w'’-]*)", text[end : end + 40])
    if after and after.group(1)[0].isupper():
        return f"part of the name {text[start : end + after.end()]}"
    if before and before.group(1)[0].isupper():
        at = max(0, start - 40) + before.start()
        if written.place(at, at + 1)[0] not in opening:
            return f"part of the name {text[at:end]}"
    return None


def check(
    text: str, *, preferred: Iterable[str] = (), avoid: Iterable[str] = (), exceptions: Iterable[str] = ()
) -> RuleReport:
    """Find rules in the prose, the headings and the tables of a text, not in code and addresses.

    Args:
        preferred: words or phrases that the brand likes; those that never occur are `missing`.
        avoid: words or phrases that the brand does not use.
        exceptions: longer names in which a rule does not count ("Simple Storage Service").

    A rule in lower case matches every case; one with a capital matches exactly as written. A lower-case rule is
    excused inside a capitalised name of several words, and any inside a longer phrase that is preferred. A phrase may
    run over the end of a line, not into the next paragraph or item. Forms of an apostrophe, a hyphen or an accented
    letter are one; soft hyphens count as nothing.

    Raises:
        InvalidInput: a rule is empty.
    """
    written = _Written(text)
    allowed: dict[int, list[tuple[int, str]]] = {}  # names over a place, with their ends
    wanted, unwanted = _cleaned(preferred, "preferred_words"), _cleaned(avoid, "avoid_words")
    never = {plain(rule).casefold() for rule in unwanted}
    longer = [rule for rule in wanted if plain(rule).casefold() not in never]
    for exception in [*_cleaned(exceptions, "exceptions"), *longer]:
        for start, end in written.found(exception):
            for place in range(start, end):
                allowed.setdefault(place, []).append((end, written.text[start:end]))
    opening = {s.start + m.start() for s in sentences(text) if (m := WORD.search(s.text))}
    opening |= {heading.end() for heading in _HEADING.finditer(text)}

    def hits(rule: str, excuse: bool) -> list[Hit]:
        out = []
        for start, end in written.found(rule):
            reason = next((f"part of {name}" for b, name in allowed.get(start, ()) if end <= b), None)
            if reason is None and excuse and rule == rule.lower():
                reason = _in_name(written, start, end, opening)
            first, last = written.place(start, end)
            out.append(Hit(rule, text[first:last], first, last, reason))
        return out

    avoided = [h for rule in unwanted for h in hits(rule, True)]
    liked = [h for rule in wanted for h in hits(rule, False)]
    used = {h.rule for h in liked}
    return RuleReport(
        avoided=tuple(sorted(avoided, key=lambda h: (h.start, h.end, h.rule))),
        preferred=tuple(sorted(liked, key=lambda h: (h.start, h.end, h.rule))),
        missing=tuple(rule for rule in wanted if rule not in used),
    )
