"""Two versions of a text side by side, with the words that differ marked."""

import re
from difflib import SequenceMatcher

from nicegui import ui

from blogai.web import components

_TOKENS = re.compile(r"\s+|\w+|[^\w\s]")


def compare(before: str, after: str, *, titles: tuple[str, str] = ("Before", "After")) -> None:
    """Shows paragraphs that differ next to each other; those that are equal are left out."""
    with ui.element("div").classes("compare"):
        for title in titles:
            components.text("div", title, "small muted")
        for left, right in changed_paragraphs(before, after):
            for html, place in zip(marked(left, right), ("was", "now"), strict=True):
                ui.html(html, sanitize=False).classes(f"prose {place}")


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
    for kind, left, left_end, right, right_end in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        span = max(left_end - left, right_end - right)
        olds = [*old[left:left_end], *[""] * span][:span]
        news = [*new[right:right_end], *[""] * span][:span]
        pairs += zip(olds, news, strict=True)
    return pairs


def marked(before: str, after: str) -> tuple[str, str]:
    """Both texts as HTML, the words that are only in one of them in `del` and `ins`."""
    old, new = _TOKENS.findall(before), _TOKENS.findall(after)
    left: list[str] = []
    right: list[str] = []
    for kind, i, j, k, m in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        gone, come = components.escape("".join(old[i:j])), components.escape("".join(new[k:m]))
        left.append(gone if kind == "equal" or not gone else f"<del>{gone}</del>")
        right.append(come if kind == "equal" or not come else f"<ins>{come}</ins>")
    return "".join(left), "".join(right)
