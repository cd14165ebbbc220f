"""Two versions of a text side by side, with the words that differ marked."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from nicegui import ui

from blogai.web import components

_TOKENS = re.compile(r"\s+|\w+|[^\w\s]")
_SENTENCES = re.compile(r"(?<=[.!?…])(?=\s)")

MOST_TOKENS = 2_000
"""Of a text that is compared word by word; the time that it takes grows with the square."""


def compare(before: str, after: str, *, titles: tuple[str, str] = ("Before", "After")) -> None:
    """Shows paragraphs that differ next to each other; those that are equal are left out."""
    show(side_by_side(before, after, titles=titles))


def show(html: str) -> None:
    """Shows what `side_by_side` made. One element: a long text has thousands of paragraphs."""
    ui.html(html, sanitize=False).classes("compare")


def side_by_side(before: str, after: str, *, titles: tuple[str, str]) -> str:
    """The comparison as HTML. For long texts it takes a moment, which belongs in a thread."""
    parts = [f'<div class="small muted">{components.escape(title)}</div>' for title in titles]
    for left, right in changed_paragraphs(before, after):
        was, now = marked(left, right)
        parts.append(f'<div class="prose was">{was}</div><div class="prose now">{now}</div>')
    return "".join(parts)


def related(before: str, after: str) -> bool:
    """Whether they are versions of one text: a fifth of the runs of four words of the shorter one are in the other."""
    old, new = (_runs(text) for text in (before, after))
    return 5 * len(old & new) >= min(len(old), len(new)) > 0


def _runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[start : start + 4]) for start in range(len(words) - 3)}


def changed_paragraphs(before: str, after: str) -> list[tuple[str, str]]:
    """The paragraphs that differ, in pairs; one without a partner is paired with an empty text."""
    old, new = (re.split(r"\n\s*\n", text.strip()) for text in (before, after))
    pairs: list[tuple[str, str]] = []
    for kind, left, left_end, right, right_end in SequenceMatcher(a=old, b=new).get_opcodes():
        if kind == "equal":
            continue
        span = max(left_end - left, right_end - right)
        olds = [*old[left:left_end], *[""] * span][:span]
        news = [*new[right:right_end], *[""] * span][:span]
        pairs += [pair for pair in zip(olds, news, strict=True) if pair[0] != pair[1]]
    return pairs


def marked(before: str, after: str) -> tuple[str, str]:
    """Both texts as HTML, the words that are only in one of them in `del` and `ins`.

    Of a paragraph without an end the sentences are compared first, and of those that differ the words. Where that is
    still too much, all of it counts as changed.
    """
    left: list[str] = []
    right: list[str] = []
    for equal, old, new in _changes(before, after):
        gone, come = components.escape(old), components.escape(new)
        left.append(gone if equal or not gone else f"<del>{gone}</del>")
        right.append(come if equal or not come else f"<ins>{come}</ins>")
    return "".join(left), "".join(right)


def _changes(before: str, after: str) -> Iterator[tuple[bool, str, str]]:
    old, new = _TOKENS.findall(before), _TOKENS.findall(after)
    if max(len(old), len(new)) <= MOST_TOKENS:
        yield from _pieces(old, new)
        return
    for equal, gone, come in _pieces(_SENTENCES.split(before), _SENTENCES.split(after)):
        old, new = _TOKENS.findall(gone), _TOKENS.findall(come)
        if equal or max(len(old), len(new)) > MOST_TOKENS:
            yield equal, gone, come
        else:
            yield from _pieces(old, new)


def _pieces(old: list[str], new: list[str]) -> Iterator[tuple[bool, str, str]]:
    for kind, i, j, k, m in SequenceMatcher(a=old, b=new).get_opcodes():
        yield kind == "equal", "".join(old[i:j]), "".join(new[k:m])
