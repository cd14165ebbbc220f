"""Sentences and words of prose in any script, also while the prose is still coming in."""

import re
import unicodedata

ENDS = ".!?…。！？؟۔।"
"""Characters that end a sentence."""

_CLOSERS = "\"'”’»)]*_"
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|prof|st|mt|vs|etc|no|fig|inc|ltd|co|jr|sr|approx|ca|e\.g|i\.e|a\.m|p\.m|u\.s|u\.k)|\b[A-Z])\.$",
    re.IGNORECASE,
)
_BREAK = re.compile(rf"(?<=[{ENDS}])[{re.escape(_CLOSERS)}]*(?=\s)|(?<=[。！？])|\n+")
_IDEOGRAPHS = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"[^\W_]+(?:[-'’.,·][^\W_]+)*")


def count_words(text: str) -> int:
    """Words of a text; in scripts without spaces each character counts as one."""
    return len(words(text))


def words(text: str) -> list[str]:
    """The words in lower case, without punctuation."""
    spaced = _IDEOGRAPHS.sub(lambda match: f" {match[0]} ", unicodedata.normalize("NFC", text))
    return [word.casefold().replace("’", "'") for word in _WORD.findall(spaced)]


def ends_sentence(text: str) -> bool:
    """True when the text ends where a sentence ends."""
    bare = text.rstrip().rstrip(_CLOSERS)
    return bool(bare) and bare[-1] in ENDS


def split(text: str) -> list[str]:
    """The sentences of a text, trimmed; a rest that is no whole sentence is the last item."""
    splitter = SentenceSplitter()
    found = [sentence for sentence, _ in splitter.feed(text)]
    rest, _ = splitter.rest()
    return [*found, rest] if rest else found


class SentenceSplitter:
    """Takes text in pieces and gives each sentence as soon as it is known to be whole.

    A sentence comes with True when it begins a paragraph.
    """

    def __init__(self) -> None:
        self._buffer = ""
        self._paragraph = True

    def feed(self, piece: str) -> list[tuple[str, bool]]:
        """The sentences that this piece has completed."""
        self._buffer += piece
        found = []
        while (end := self._end()) is not None:
            sentence, rest = self._buffer[:end].strip(), self._buffer[end:]
            if sentence:
                found.append((sentence, self._paragraph))
                self._paragraph = False
            if rest.startswith("\n") or "\n" in self._leading(rest):
                self._paragraph = True
            self._buffer = rest.lstrip()
        return found

    def rest(self) -> tuple[str, bool]:
        """What is left at the end of the text, which need not be a whole sentence."""
        return self._buffer.strip(), self._paragraph

    @staticmethod
    def _leading(text: str) -> str:
        return text[: len(text) - len(text.lstrip())]

    def _end(self) -> int | None:
        """Where the first sentence of the buffer ends, if that is sure."""
        for match in _BREAK.finditer(self._buffer):
            head = self._buffer[: match.end()].rstrip()
            if "\n" in match[0]:
                return match.start() if head else match.end()
            if not head or (head.endswith(".") and _ABBREVIATION.search(head)):
                continue
            following = self._buffer[match.end() :].lstrip(" ")
            if following == "":
                return None  # the next character decides
            if following[0].islower():
                continue  # "?" or "..." in the middle of a sentence
            return match.end()
        return None
