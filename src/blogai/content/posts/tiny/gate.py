"""What stands between a small model and the reader: each sentence is looked at before it is let through."""

import re
from collections.abc import Iterable

from blogai.brand.voice.function_words import FUNCTION_WORDS
from blogai.content import boilerplate
from blogai.content.posts.tiny.outline import same_question
from blogai.content.repetition import containment, loops, shingles
from blogai.content.sentences import SentenceSplitter, count_words, ends_sentence, words

SHORTEST, LONGEST = 4, 60
"""Words of a sentence; longer ones of a small model have lost their way."""

ECHOES = 3
"""Words in common with a passage that was shown for its sound alone, from which a sentence speaks of its subject."""

SAME_OPENING = 5
"""Sentences that begin with the same five words sound like a stuck record."""

_MARKUP = re.compile(r"[*#_`|<>{}\[\]~\\]|https?:|www\.|^\s*(?:[-•–]|\d+[.)])\s")
_PERSONAL = re.compile(r"\b(?:I|I'm|I’m|I've|I’ve|I'd|I'll|me|my|mine|myself)\b")
_RUN_ON = re.compile(r"[a-z]{2}[A-Z]{1}[a-z]|[a-z]\.[A-Z]|\w{24,}")
_WRAPPING_UP = re.compile(
    r"^(?:in (?:conclusion|summary|short|closing)|to (?:sum up|summari[sz]e|conclude)|overall|finally|ultimately)\b",
    re.IGNORECASE,
)
_ANNOUNCES = re.compile(
    r"\b(?:let's|let’s|let us)\s+(?:consider|look|take|explore|start|begin|imagine|dive|discuss|examine|see|break)\b"
    r"|\b(?:the following|as follows|below)\W*$",
    re.IGNORECASE,
)
_LEANING = re.compile(
    r"(?:it|its|it's|it’s|this|that|these|those|they|their|he|she|his|her|such|another|however|additionally|moreover|"
    r"furthermore|also|similarly|therefore|thus|as a result|for example|for instance|in addition|but|and|so|then)\b",
    re.IGNORECASE,
)


class Gate:
    """Takes the pieces of one answer and gives the sentences that readers may see, with the space before each.

    Attributes:
        words: words let through.
        dropped: why sentences were held back, one reason each.
    """

    def __init__(
        self,
        heading: str,
        earlier: Iterable[str],
        *,
        last: bool,
        topic: str = "",
        heard: Iterable[str] = (),
        personal: bool = False,
    ) -> None:
        """Args:
        heading: heading of the section; a sentence that only repeats it is held back.
        earlier: the sentences of the post so far.
        last: the section ends the post, so that it may wrap up.
        topic: words of it are never taken for run-together ones.
        heard: passages that the model was shown for their sound; a sentence about their subject is held back.
        personal: sentences with I and my may pass when they speak of the topic or the heading: a small model likes to
            tell of a family that it does not have.
        """
        self.words = 0
        self.dropped: list[str] = []
        self.kept: list[str] = []
        self._heading = heading
        self._topic = topic
        self._last = last
        self._personal = personal
        self._subject = subjects(f"{topic} {heading}")
        self._subject_heard = subjects(" ".join(heard)) - self._subject
        self._splitter = SentenceSplitter()
        self._shingles = [shingles(sentence) for sentence in earlier]
        self._openings = {_beginning(sentence) for sentence in earlier}
        self._paragraph = False

    def feed(self, piece: str) -> list[str]:
        """The sentences that this piece has completed and that are good."""
        return self._pass(self._splitter.feed(piece))

    def end(self) -> list[str]:
        """The last sentence, if it is whole; an unfinished one is held back."""
        rest, paragraph = self._splitter.rest()
        return self._pass([(rest, paragraph)]) if ends_sentence(rest) else []

    def _pass(self, sentences: list[tuple[str, bool]]) -> list[str]:
        good = []
        for sentence, paragraph in sentences:
            self._paragraph = self._paragraph or paragraph
            if (reason := self._objection(sentence)) is not None:
                self.dropped.append(f"{reason}: {sentence}")
                continue
            space = "" if not self.kept else "\n\n" if self._paragraph else " "
            self._paragraph = False
            self.kept.append(sentence)
            self.words += count_words(sentence)
            self._shingles.append(shingles(sentence))
            self._openings.add(_beginning(sentence))
            good.append(space + sentence)
        return good

    def _objection(self, sentence: str) -> str | None:
        length = count_words(sentence)
        if not ends_sentence(sentence):
            return "unfinished"
        if not SHORTEST <= length <= LONGEST:
            return "length"
        if (found := boilerplate.boilerplate(sentence) or boilerplate.own_text(sentence)) is not None:
            return f"boilerplate: {found}"
        if _MARKUP.search(sentence) or sentence[0].islower():
            return "markup"
        if sentence.count('"') % 2 or sentence.count("(") != sentence.count(")"):
            return "unbalanced"
        if (match := _RUN_ON.search(sentence)) is not None and match[0] not in self._topic:
            return "run together"
        if says_i(sentence) and not (self._personal and subjects(sentence) & self._subject):
            return "first person"
        if _WRAPPING_UP.match(sentence) and not (self._last and self.words > 20):
            return "wraps up"
        if _ANNOUNCES.search(sentence):
            return "announces"
        if self.dropped and not self.kept and _LEANING.match(sentence):
            return "leans on a sentence that was held back"
        if self._echoes(sentence):
            return "speaks of what the passage is about"
        if same_question(sentence, self._heading):
            return "repeats the heading"
        if loops(sentence):
            return "loops"
        own = shingles(sentence)
        if _beginning(sentence) in self._openings or any(containment(own, other) >= 0.4 for other in self._shingles):
            return "repeats"
        return None

    def _echoes(self, sentence: str) -> bool:
        own = subjects(sentence)
        shared = len(own & self._subject_heard)
        return shared >= ECHOES or (shared >= 2 and shared >= len(own) / 4)


def says_i(text: str) -> bool:
    """Whether somebody speaks of I and my."""
    return _PERSONAL.search(text) is not None


def subjects(text: str) -> set[str]:
    """The beginnings of the words that say what a text is about."""
    return {word[:6] for word in words(text) if len(word) > 3 and word not in FUNCTION_WORDS}


def _beginning(sentence: str) -> tuple[str, ...]:
    return tuple(words(sentence)[:SAME_OPENING])
