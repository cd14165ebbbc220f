"""What stands between a capable model and the reader: Markdown passes piece by piece, headings are put right."""

import re

from blogai.content import boilerplate
from blogai.content.repetition import repeats
from blogai.content.sentences import count_words, words

HELD = 48
"""Characters at the beginning that are held until it is clear that they are no greeting."""

LEAST_COMPARED = 8
"""Words from which a paragraph is compared with the earlier ones."""

_FENCE = re.compile(r"\s*(?:```|~~~)")


class Rejected(Exception):
    """What came is not usable; the message says why."""


class MarkdownGate:
    """Takes the pieces of one section and gives what readers may see.

    Held back are only: the first characters, the beginning of a line while it may become a heading or fence, and blanks
    at the end. A line that repeats the heading of the section is left out, other headings go below its level.
    """

    def __init__(self, heading: str, earlier: list[str], budget: int) -> None:
        """Args:
        heading: heading of the section.
        earlier: the paragraphs of the post so far.
        budget: words asked for; a text many times as long is taken for a runaway.
        """
        self.text = ""
        self._heading = words(heading)
        self._earlier = list(earlier)
        self._most = 4 * budget + 300
        self._line = ""
        self._held = ""
        self._open = True
        self._in_line = False
        self._fenced = False
        self._checked = 0

    def feed(self, piece: str) -> str:
        """What this piece lets through. Raises Rejected."""
        out = ""
        for part in re.split(r"(\n)", piece):
            out += self._part(part)
        return self._release(out)

    def end(self) -> str:
        """What was still held. Raises Rejected."""
        out = self._finish_line() if self._line else ""
        self._held += out
        self._check_opening()
        out, self._held = self._held.rstrip(), ""
        self.text += out
        self._check_paragraphs(final=True)
        return out

    def _part(self, part: str) -> str:
        if part == "\n":
            if self._in_line:
                self._in_line = False
                return "\n"
            return self._finish_line() + "\n"
        if self._in_line:
            return part
        self._line += part
        bare = self._line.lstrip()
        if bare and bare[0] not in "#*`~" and not self._fenced:
            line, self._line, self._in_line = self._line, "", True
            return line
        return ""

    def _finish_line(self) -> str:
        line, self._line = self._line, ""
        if _FENCE.match(line):
            self._fenced = not self._fenced
            return line
        if self._fenced:
            return line
        bare = line.strip()
        if words(bare) == self._heading and (bare.startswith("#") or bare.startswith("**")):
            return ""
        if match := re.match(r"(#{1,6})\s+(.*)", bare):
            return f"{'#' * max(3, len(match[1]))} {match[2]}"
        return line

    def _release(self, out: str) -> str:
        self._held += out
        if self._open:
            self._held = self._held.lstrip()
            if len(self._held) < HELD:
                return ""
            self._check_opening()
        solid = self._held.rstrip()
        out, self._held = solid, self._held[len(solid) :]
        self.text += out
        if "\n\n" in self.text[self._checked :]:
            self._check_paragraphs()
        if len(self.text) > 8 * self._most:
            raise Rejected("it runs on and on")
        return out

    def _check_opening(self) -> None:
        if self._open and (phrase := boilerplate.opening(self._held)) is not None:
            raise Rejected(f"it begins like a chat: {phrase!r}")
        self._open = False

    def _check_paragraphs(self, *, final: bool = False) -> None:
        """Looks at the paragraphs that have become whole."""
        done = len(self.text) if final else self.text.rfind("\n\n")
        for paragraph in self.text[self._checked : done].split("\n\n"):
            if not self._fenced and (phrase := boilerplate.chatter(paragraph)) is not None:
                raise Rejected(f"it speaks like a chat: {phrase!r}")
            if count_words(paragraph) >= LEAST_COMPARED:
                if repeats(paragraph, self._earlier):
                    raise Rejected("it repeats a paragraph")
                self._earlier.append(paragraph)
        self._checked = max(self._checked, done)
