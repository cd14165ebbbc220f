"""Markdown as safe HTML: no raw HTML passes, and what the renderer makes is sanitised once more."""

import re
from functools import cache
from typing import TYPE_CHECKING

import nh3

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_TAGS = {
    "p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "em", "strong", "s", "code", "pre", "blockquote",
    "ul", "ol", "li", "a", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # not before there is a text to show

    return MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])


def render(markdown: str) -> str:
    """HTML of a generated text. Links keep http, https and mailto addresses and open without a referrer."""
    return nh3.clean(
        _parser().render(markdown),
        tags=_TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


_MARKS = re.compile(
    r"^[#>*\-\s]+|[*`]{1,3}(?=\S)|(?<=\S)[*`]{1,3}|(?<!\w)_{1,3}(?=\S)|(?<=\S)_{1,3}(?!\w)"
)  # an underscore inside a name stays
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*(?:\)|$)")


EXCERPT = 300
"""Characters of a text that lists have."""


def excerpt(markdown: str, title: str | None = None) -> str:
    """The words of the beginning of a text on one line, without marks, addresses and its own title.

    A text of `EXCERPT` characters goes on, so its last word, which may not be whole, becomes an ellipsis.
    """
    words = _plain(markdown, title)
    return f"{words.rsplit(' ', 1)[0].rstrip(' ,;:-')} \N{HORIZONTAL ELLIPSIS}" if len(markdown) >= EXCERPT else words


def _plain(markdown: str, title: str | None) -> str:
    lines = [_LINK.sub(r"\1", _MARKS.sub("", line)) for line in markdown.splitlines() if not line.startswith("```")]
    return " ".join(line for line in lines if line and line != title)
