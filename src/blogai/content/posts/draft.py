"""A post in the making: its outline, the sections written so far, what belongs to it beside the text."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from blogai.brand.brief import VoiceBrief
from blogai.content.posts.request import PostRequest
from blogai.content.sentences import count_words, words

LEAST_SECTIONS = 3


@dataclass(frozen=True)
class Section:
    """A planned section.

    Attributes:
        heading: its heading, without Markdown.
        points: what it shall say, if planned.
    """

    heading: str
    points: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outline:
    """The plan of a post; `title` is a working title, if there is one yet."""

    sections: tuple[Section, ...]
    title: str | None = None


@dataclass(frozen=True)
class Meta:
    """What is told of a finished post."""

    title: str
    description: str
    tags: tuple[str, ...]


@dataclass
class Draft:
    """The state of one run.

    Attributes:
        request: what was asked for.
        outline: the plan.
        bodies: Markdown of the sections written so far.
        restarts: how often a section was thrown away.
        voice: the brand voice to write in, if any.
        answers: texts of each section from which the one most in voice was kept.
        unscored: why the voice cannot be scored, if so.
    """

    request: PostRequest
    outline: Outline
    bodies: list[str] = field(default_factory=list)
    restarts: int = 0
    voice: VoiceBrief | None = None
    answers: int = 1
    unscored: str | None = None

    @property
    def index(self) -> int:
        """Number of the section in work, from 0."""
        return len(self.bodies)

    @property
    def section(self) -> Section:
        return self.outline.sections[self.index]

    def leave_out(self) -> None:
        """Takes the section in work out of the plan; those that are left share its words."""
        sections = self.outline.sections
        self.outline = replace(self.outline, sections=sections[: self.index] + sections[self.index + 1 :])

    @property
    def last(self) -> bool:
        return self.index == len(self.outline.sections) - 1

    @property
    def words(self) -> int:
        return sum(map(count_words, self.bodies))

    def examples(self, count: int, words: int) -> list[str]:
        """Passages in the voice, for the section in work or for all when none is: `count` of at most `words` words."""
        if self.voice is None:
            return []
        headings = [section.heading for section in self.outline.sections[self.index :][:1]]
        return self.voice.best_passages(" ".join([self.request.topic, *headings]), count, words)

    @property
    def budget(self) -> int:
        """Words for the section in work: an equal share of what is left, so that lengths even out, within bounds,
        so that no section makes up for all others."""
        left = len(self.outline.sections) - self.index
        share = self.request.words / len(self.outline.sections)
        return max(25, round(share / 2), min(round(share * 1.5), round((self.request.words - self.words) / left)))

    @property
    def body(self) -> str:
        """The Markdown below the title."""
        pairs = zip(self.outline.sections, self.bodies, strict=False)
        return "\n\n".join(f"## {section.heading}\n\n{body}" for section, body in pairs)

    def missing_keywords(self) -> list[str]:
        """Keywords that the text does not have yet."""
        have = f" {' '.join(words(self.body))} "
        return [keyword for keyword in self.request.keywords if f" {' '.join(words(keyword))} " not in have]


class Seeds:
    """Seeds for the calls of one run: all different, and the same again for the same first seed."""

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.Random(seed)  # noqa: S311 (no secret)

    def next(self) -> int:
        return self._random.randrange(1, 2**31 - 1)


def heading_count(words_asked: int, per_section: int, most: int, least: int = LEAST_SECTIONS) -> int:
    """How many sections a post of that length has."""
    return max(least, min(most, round(words_asked / per_section)))


def paragraphs(bodies: Sequence[str]) -> list[str]:
    """The paragraphs of some Markdown texts."""
    return [part.strip() for body in bodies for part in body.split("\n\n") if part.strip()]
