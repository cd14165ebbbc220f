"""What is no prose in a text (code, links, markup), blanked by spaces in time that grows with its length alone.

A regular expression that looks for the end of something from each of its beginnings takes the square of the length
where there is no end. So beginnings are found by one expression, and ends are remembered.
"""

import re

_MARKUP = re.compile(
    r"""
      (?:\A---[ ]*+\n.*?\n---(?=[ ]*+(?:\n|\Z)))        # front matter
    | (?:^(?P<fence>`{3,}+|~{3,}+)[^\n]*+\n.*?(?:^(?P=fence)[^\n]*$|\Z))  # fenced code
    | (?P<opening><(?:pre|code|script|style|table)\b|<!--|!\[)  # up to its end: an element, a comment, an image
    | (?:</?[a-zA-Z][^<>\n]*>)                          # a tag
    | (?:(?<=\])\((?:[^()\s]|\([^()\s]*\))+(?:\s+"[^"\n]*")?\)) | (?:(?<=\])\[[^\]\n]*\])  # target of a link
    | (?:^\[[^\]\n]+\]:[^\n]*$)                         # reference definition
    | (?:https?://[^\s<>)\]]+) | (?:www\.[^\s<>)\]]+)
    | (?:(?<![\w.+-])[\w.+-]++@[\w-]++\.[\w.-]++(?:\+[\w.+-]*+@[\w-]++\.[\w.-]++)*+)  # mail addresses
    | (?P<row>^[ ]*\|)[^\n]*\|[ ]*$                     # table row
    | (?:^[ ]{0,3}(?:[-*_][ ]*){3,}$)                   # rule
    | (?P<heading>^[ ]{0,3}\#{1,6}[ ])[^\n]*$           # heading
    | (?P<inline>`[^`\n]+`)                             # inline code; a single plain word stays
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]*>")
_IMAGE = r"!\[[^\[\]\n]*\]\([^()\n]*\)"
_LABEL = rf"\[(?P<label>(?:[^\[\]\n]|{_IMAGE}|\n(?!\s*\n))*)\]"
_REFERENCE = re.compile(
    rf"""
      (?P<code>`[^`\n]+`)
    | [ ]?\[\^[^\[\]\s]+\](?!:)                        # mark of a footnote
    | (?<!!){_LABEL}
      (?P<target>\((?:[^()\s]|\([^()\s]*\))+(?:\s+"[^"\n]*")?\) | \[[^\[\]\n]*\])?
    """,
    re.VERBOSE,
)
_DEFINITION = re.compile(r"^[ ]{0,3}\[([^\[\]\n]+)\]:", re.MULTILINE)

_ENDS = {"<!--": re.compile("-->")} | {
    f"<{name}": re.compile(rf"</{name}\s*>") for name in ("pre", "code", "script", "style", "table")
}
_BRACKET, _PARENTHESIS = re.compile(r"[\]\n]"), re.compile(r"[)\n]")


class _Ends:
    """Ends of what begins in a text, asked for from left to right: no character is looked at twice for one of them."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: dict[re.Pattern[str], re.Match[str] | None] = {}

    def _next(self, pattern: re.Pattern[str], start: int) -> re.Match[str] | None:
        known = self._found.get(pattern)
        if pattern not in self._found or (known and known.start() < start):
            known = self._found[pattern] = pattern.search(self._text, start)
        return known

    def of(self, opening: str, start: int) -> int | None:
        """Where it ends that begins with `opening` just before `start`; None when it does not."""
        if opening in _ENDS:
            end = self._next(_ENDS[opening], start)
            return end.end() if end else None
        bracket = self._next(_BRACKET, start)  # ![text](target), in one line
        if bracket is None or not self._text.startswith("](", bracket.start()):
            return None
        target = self._next(_PARENTHESIS, bracket.end() + 1)
        return target.end() if target and target.group() == ")" else None


def spaces(text: str) -> str:
    """As many spaces as characters; lines stay lines."""
    return "".join(c if c == "\n" else " " for c in text)


def unlinked(text: str) -> str:
    """The text with the words of its links alone, without their brackets and targets, which nobody reads, and without
    marks of footnotes. Offsets move."""
    if not any(mark in text for mark in ("](", "][", "]:", "[^")):
        return text
    defined = {_name(label) for label in _DEFINITION.findall(text)}

    def read(match: re.Match[str]) -> str:
        if match["code"]:
            return match[0]
        label = match["label"]
        if label is None:
            return ""
        named = _name(label) in defined and not match.string.startswith(":", match.end())
        return label if match["target"] or named else match[0]

    return _REFERENCE.sub(read, text)


def _name(label: str) -> str:
    """What a reference is found by, in Markdown without regard to case and blanks."""
    return " ".join(label.split()).lower()


def blanked(text: str, *, headings: bool = False) -> str:
    """The text with code, markup and links blanked; offsets stay as they are.

    Args:
        headings: whether headings and tables stay.
    """
    pieces: list[str] = []
    ends, kept, position = _Ends(text), 0, 0
    while match := _MARKUP.search(text, position):
        start, end = match.span()
        if opening := match["opening"]:
            closed = ends.of(opening, end)
            if closed is None and (tag := _TAG.match(text, start)):
                closed = tag.end()
            if closed is None:
                position = start + 1
                continue
            end = closed
        if headings and (begun := match["heading"] or match["row"]):
            end = start + len(begun)
        inline = (match["inline"] or "")[1:-1]
        pieces += (text[kept:start], f" {inline} " if inline.isalnum() else spaces(text[start:end]))
        kept = position = end
    return "".join([*pieces, text[kept:]])
