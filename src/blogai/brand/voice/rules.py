"""Hard rules of a brand: words and phrases to prefer and to avoid, found as whole words, with offsets."""

import re
from collections.abc import Iterable

from blogai.brand.voice.report import Hit, RuleReport
from blogai.brand.voice.tokens import WORD, prose, sentences
from blogai.errors import InvalidInput

_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]")


def _pattern(rule: str) -> re.Pattern[str]:
    body = r"\s+".join(re.escape(part) for part in rule.split())
    exact = any(c.isupper() for c in rule)
    if not _UNSPACED.search(rule):
        # Joined by a hyphen, dot, slash, underscore or @ a word is part of a longer name: `simple-git`, `simple.js`.
        body = rf"(?<![\w@])(?<!\w[-./'’]){body}(?!\w)(?![-./@]\w)(?!['’](?!s\b)\w)"
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


def _in_name(text: str, start: int, end: int, opening: set[int]) -> str | None:
    """The longer name that a hit is part of, judged by capitals on both it and a neighbour."""
    if not text[start].isupper():
        return None
    before = re.search(r"(\w[\w'’-]*)[ \t]$", text[max(0, start - 40) : start])
    after = re.match(r"[ \t](\w[\w'’-]*)", text[end : end + 40])
    if after and after.group(1)[0].isupper():
        return f"part of the name {text[start : end + after.end()]}"
    if before and before.group(1)[0].isupper():
        at = max(0, start - 40) + before.start()
        if at not in opening:
            return f"part of the name {text[at:end]}"
    return None


def check(
    text: str, *, preferred: Iterable[str] = (), avoid: Iterable[str] = (), exceptions: Iterable[str] = ()
) -> RuleReport:
    """Find rules in the prose of a text.

    Args:
        preferred: words or phrases that the brand likes; those that never occur are `missing`.
        avoid: words or phrases that the brand does not use.
        exceptions: longer names in which a rule does not count ("Simple Storage Service").

    A rule in lower case matches every case; one with a capital matches exactly as written. A lower-case rule is
    excused inside a capitalised name of several words.

    Raises:
        InvalidInput: a rule is empty.
    """
    clean = prose(text)
    allowed: dict[int, list[tuple[int, str]]] = {}  # names over a place, with their ends
    for exception in _cleaned(exceptions, "exceptions"):
        for match in _pattern(exception).finditer(clean):
            for place in range(*match.span()):
                allowed.setdefault(place, []).append((match.end(), match.group(0)))
    opening = {s.start + m.start() for s in sentences(text) if (m := WORD.search(s.text))}

    def hits(rule: str, excuse: bool) -> list[Hit]:
        out = []
        for match in _pattern(rule).finditer(clean):
            start, end = match.span()
            reason = next((f"part of {name}" for b, name in allowed.get(start, ()) if end <= b), None)
            if reason is None and excuse and rule == rule.lower():
                reason = _in_name(clean, start, end, opening)
            out.append(Hit(rule, text[start:end], start, end, reason))
        return out

    avoided = [h for rule in _cleaned(avoid, "avoid_words") for h in hits(rule, True)]
    wanted = _cleaned(preferred, "preferred_words")
    liked = [h for rule in wanted for h in hits(rule, False)]
    used = {h.rule for h in liked}
    return RuleReport(
        avoided=tuple(sorted(avoided, key=lambda h: (h.start, h.end, h.rule))),
        preferred=tuple(sorted(liked, key=lambda h: (h.start, h.end, h.rule))),
        missing=tuple(rule for rule in wanted if rule not in used),
    )
