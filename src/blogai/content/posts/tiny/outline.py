"""The outline of a small model: questions about the topic, the best of several lists."""

import re
from functools import cache
from typing import Any

from pydantic import BaseModel, Field, create_model

from blogai.content.posts.draft import Outline, Section, Seeds, heading_count
from blogai.content.posts.request import PostRequest
from blogai.content.posts.tiny.topic import spoken
from blogai.content.prompts import render
from blogai.content.repetition import containment
from blogai.content.sentences import words
from blogai.content.writer import Writer
from blogai.errors import ProviderOutputInvalid
from blogai.providers.values import Options

SAMPLES, MORE_SAMPLES = 3, 3
"""Lists that are asked for unless all questions of fewer are good, and how many more when too few are usable."""

GOOD = 5.0
"""Score of a good question."""

TEMPERATURES = (0.4, 0.6, 0.8)

_BEGINNINGS = (
    "What (is|are|was|were)",
    "Why (is|are|do|does|did|was|were|should|has|have)",
    "How (do|does|did|can|to|is|are|has|have|should)",
    "What (can|should|makes|happens|happened|do|does|did|are the|were the)",
    "When (is|are|do|does|did|was|were|should|can)",
    "Where (is|are|do|does|did|was|were|should|can)",
    "Who (is|are|was|were|should|can|uses|needs)",
)
"""How the questions begin, one each: a small model that is left to choose asks the same thing four times."""

STOP = frozenset(
    """
    a an the and or but of to in on at for from with by about as into over than that this these those it its is are
    was were be been do does did can could should would will has have had what why how when where who which you your
    i we they he she his her their them us our my me most more some any not no so if there here
    """.split()  # noqa: SIM905 (a list of literals would be a page long)
)
"""Words that say nothing of a subject."""

OPEN_ENDS = frozenset(
    """
    a an the and or but of to in on at for from with by about as into over than that is are was were my your their
    its his her our so if when what why how who very more most too same such each every between without
    """.split()  # noqa: SIM905 (a list of literals would be a page long)
)
"""Words that nothing ends with, unless it was cut off."""


@cache
def questions_model(count: int) -> type[BaseModel]:
    """The shape of a list of `count` questions, each bound to its own beginning by a pattern."""
    fields: dict[str, Any] = {
        f"question_{number}": (str, Field(pattern=rf"^{beginning}( [A-Za-z0-9'’-]+){{1,10}}\?$"))
        for number, beginning in enumerate(_BEGINNINGS[:count], start=1)
    }
    return create_model("Questions", **fields)


async def plan(writer: Writer, request: PostRequest, seeds: Seeds) -> Outline:
    """Asks for several lists of questions and takes the best question of each kind.

    Raises:
        ProviderOutputInvalid: fewer than three usable questions came.
    """
    count = heading_count(request.words, 120, len(_BEGINNINGS))
    shape = questions_model(count)
    topic = spoken(request.topic)
    prompt = render("local/outline", topic=topic, count=count)
    lists: list[list[str]] = []
    chosen: list[str] = []
    for attempt in range(SAMPLES + MORE_SAMPLES):
        options = Options(
            temperature=TEMPERATURES[attempt % len(TEMPERATURES)],
            max_tokens=40 * count,
            seed=seeds.next(),
            extra={"min_p": 0.1},
        )
        try:
            answer = await writer.structured(prompt, shape, options)
        except ProviderOutputInvalid:
            continue  # it ran on to the token limit; the next list may be better
        lists.append([" ".join(question.split()) for question in answer.model_dump().values()])
        chosen = choose(lists, topic)
        good = all(score(question, topic) >= GOOD for question in chosen)
        if len(chosen) == count and (good or len(lists) >= SAMPLES):
            break
    if len(chosen) < 3:
        raise ProviderOutputInvalid(
            "The embedded model found no outline for this topic.",
            remedy="Put the topic into plain English words, or choose another provider.",
        )
    return Outline(sections=tuple(Section(question) for question in chosen))


def choose(lists: list[list[str]], topic: str) -> list[str]:
    """The best question of each place, all different; places without a usable one are left out."""
    chosen: list[str] = []
    for place in zip(*lists, strict=True):
        ranked = sorted(place, key=lambda question: -score(question, topic))
        for question in ranked:
            if score(question, topic) > 0 and not any(alike(question, other) for other in chosen):
                chosen.append(question)
                break
    return chosen


def score(question: str, topic: str) -> float:
    """How good a heading is: 0 for an unusable one; naming the topic and a length of 4 to 9 words are better."""
    asked, subject = words(question), set(words(topic)) - STOP
    own = [word for word in asked if word not in STOP]
    if not own or asked[-1] in OPEN_ENDS or len(set(asked)) < len(asked) - 2:
        return 0.0
    for word in question.rstrip("?").split():
        bare = word.casefold()
        if bare not in topic.casefold() and (len(word) > 16 or re.search(r"[a-z][A-Z]|[a-z]\d|\d[a-z]", word)):
            return 0.0  # words run together
    if asked[1:3] in (["are", "you"], ["were", "you"], ["did", "you"], ["have", "you"]):
        return 0.0  # only the reader knows
    named = sum(any(same_stem(word, other) for other in subject) for word in own)
    points = 1.0 + (2.0 if named else 0.0)
    points += 1.0 if 4 <= len(asked) <= 9 else 0.0
    points += 1.0 if len(own) > named or question.startswith(("What is ", "What was ", "What are ")) else 0.0
    points -= 2.0 if {"i", "me", "my", "we"} & set(asked) or asked[:3] == ["what", "do", "you"] else 0.0
    return max(points, 0.1)


def alike(one: str, other: str) -> bool:
    """True when two questions ask the same."""
    first, second = set(words(one)) - STOP, set(words(other)) - STOP
    if one.split()[0] == other.split()[0] and first == second:
        return True
    return containment(frozenset((word,) for word in words(one)), frozenset((word,) for word in words(other))) >= 0.85


def same_question(sentence: str, heading: str) -> bool:
    """True when a sentence only says its heading again."""
    one, other = words(sentence), words(heading)
    return one == other or (sentence.rstrip().endswith("?") and len(set(one) & set(other)) >= 0.8 * len(set(one)))


def same_stem(one: str, other: str) -> bool:
    """True for forms of one word, by their beginnings: `invest` and `investing`."""
    length = min(len(one), len(other))
    return one == other or (length >= 5 and one[: max(4, length - 2)] == other[: max(4, length - 2)])
