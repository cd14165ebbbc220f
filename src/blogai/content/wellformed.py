"""Is a Markdown text a whole post? Titles, headings, paragraphs, endings; nothing of a chat, nothing twice."""

import re
from dataclasses import dataclass

from blogai.content import boilerplate
from blogai.content.repetition import repeated
from blogai.content.sentences import count_words, ends_sentence, words

LEAST_SECTIONS = 3

MOST_LISTED = 0.7
"""Share of the lines that may be list items."""

_HEADING = re.compile(r"^(#{1,6})[ \t]+(.*?)[ \t]*#*$")
_ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")
_FENCE = re.compile(r"^\s*(?:```|~~~)")


@dataclass(frozen=True)
class Post:
    """A Markdown post taken apart.

    Attributes:
        titles: headings of level 1.
        headings: headings of level 2, in order.
        bodies: what stands below each of them.
        lead: what stands before the first of them, without the title.
    """

    titles: tuple[str, ...]
    headings: tuple[str, ...]
    bodies: tuple[str, ...]
    lead: str

    @property
    def words(self) -> int:
        """Words of the prose, without title and headings."""
        return sum(
            count_words(line)
            for body in (self.lead, *self.bodies)
            for line in body.split("\n")
            if not _HEADING.match(line)
        )


def parse(markdown: str) -> Post:
    """Takes a post apart. Lines in code blocks are never headings."""
    titles, headings, parts = [], [], [[]]  # type: tuple[list[str], list[str], list[list[str]]]
    fenced = False
    for line in markdown.split("\n"):
        if _FENCE.match(line):
            fenced = not fenced
        match = None if fenced else _HEADING.match(line)
        if match is not None and len(match[1]) == 1:
            titles.append(match[2])
        elif match is not None and len(match[1]) == 2:
            headings.append(match[2])
            parts.append([])
        else:
            parts[-1].append(line)
    lead, *bodies = ("\n".join(part).strip() for part in parts)
    return Post(tuple(titles), tuple(headings), tuple(bodies), lead)


def faults(markdown: str) -> list[str]:
    """What is wrong with a post, one phrase each; empty for a well-formed one."""
    post = parse(markdown)
    found = []
    if len(post.titles) != 1 or not post.titles[0].strip():
        found.append(f"it has {len(post.titles)} titles")
    elif not markdown.lstrip().startswith("# "):
        found.append("it does not begin with its title")
    elif post.titles[0][0] in "\"'“«" and post.titles[0][-1] in "\"'”»":
        found.append("its title is in quotation marks")
    if len(post.headings) < LEAST_SECTIONS:
        found.append(f"it has {len(post.headings)} sections")
    names = [" ".join(words(heading)) for heading in (*post.titles, *post.headings)]
    if not all(names):
        found.append("a heading is empty")
    if len(set(names)) < len(names):
        found.append("two headings are the same")
    for heading, body in zip(post.headings, post.bodies, strict=True):
        found += [f"section {heading!r} {fault}" for fault in section_faults(body)]
    passages = [part for body in post.bodies for part in body.split("\n\n") if count_words(part) >= 8]
    found += [f"a paragraph comes twice: {passage[:60]!r}" for passage in repeated(passages)]
    return found


def section_faults(body: str) -> list[str]:
    """What is wrong with the text of one section."""
    if not words(body):
        return ["is empty"]
    found = []
    if (phrase := boilerplate.boilerplate(_prose(body))) is not None:
        found.append(f"has boilerplate: {phrase!r}")
    lines = [line for line in body.split("\n") if line.strip()]
    if sum(map(bool, map(_ITEM.match, lines))) > MOST_LISTED * len(lines) and len(lines) > 3:
        found.append("is nothing but a list")
    if sum(map(bool, map(_FENCE.match, lines))) % 2:
        found.append("has an open code block")
    elif not whole(lines[-1]):
        found.append(f"breaks off: {lines[-1][-40:]!r}")
    return found


def whole(line: str) -> bool:
    """True when a last line may end a section: a sentence, an item of a list, a code block or a table row."""
    return ends_sentence(line) or bool(_ITEM.match(line) or _FENCE.match(line)) or line.rstrip().endswith("|")


def _prose(body: str) -> str:
    """The text without code, in which brackets and braces are no blanks to fill in."""
    without = re.sub(r"(?ms)^\s*(```|~~~).*?^\s*\1", "", body)
    return re.sub(r"`[^`\n]*`", "", without)
