"""Title, description and tags of a finished text, by a small model: the best of several answers."""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, TypeVar

from pydantic import BaseModel, Field

from blogai.content import boilerplate
from blogai.content.posts.draft import Draft, Meta, Seeds
from blogai.content.posts.tiny.outline import OPEN_ENDS, STOP, same_question, same_stem
from blogai.content.posts.tiny.topic import spoken
from blogai.content.prompts import render
from blogai.content.repetition import containment, loops, shingles
from blogai.content.sentences import count_words, ends_sentence, split, words
from blogai.content.writer import Writer
from blogai.errors import ProviderOutputInvalid
from blogai.providers.values import Options

SAMPLES, MOST_SAMPLES = 3, 6
"""Answers that are compared unless one is good, and how many are asked for while none is usable."""

EXCERPT = 160
"""Words of the text that the model is shown."""


MOST_TITLE = 80
"""Characters of a title."""

GOOD = 3.0
"""Score from which no further answer is asked for."""

T = TypeVar("T", bound=BaseModel)


class Title(BaseModel):
    title: str = Field(pattern=r"^[A-Z][A-Za-z0-9'’-]*( [A-Za-z0-9'’-]+){2,8}$")


class Description(BaseModel):
    summary: str = Field(pattern=r"^[A-Z][^\"\\<>{}\[\]*#_|:.!?\n]{50,170}\.$")


class Subjects(BaseModel):
    subjects: list[Annotated[str, Field(pattern=r"^[A-Za-z][a-z-]{2,20}( [A-Za-z][a-z-]{2,20}){0,2}$")]] = Field(
        min_length=4, max_length=6
    )


async def describe(writer: Writer, draft: Draft, seeds: Seeds) -> Meta:
    """Asks for each of them alone: one question at a time is what a small model can answer.

    Raises:
        ProviderOutputInvalid: no usable title came.
    """
    values = {"text": _excerpt(draft), "topic": spoken(draft.request.topic)}
    title = await _best(writer, "local/title", Title, seeds, lambda answer: title_score(answer.title, draft), values)
    summary = await _best(
        writer, "local/description", Description, seeds, lambda answer: description_score(answer.summary, draft), values
    )
    subjects = await _best(
        writer, "local/tags", Subjects, seeds, lambda answer: float(len(usable_tags(answer.subjects, draft))), values
    )
    tags = [keyword.casefold() for keyword in draft.request.keywords[:3]]
    tags += usable_tags(subjects.subjects, draft) if subjects is not None else []
    return Meta(
        title=title.title if title is not None else _own_title(draft),
        # a text may describe itself: its first sentence is the model's too
        description=summary.summary if summary is not None else split(draft.bodies[0])[0],
        tags=tuple(dict.fromkeys(tags))[:6],
    )


async def _best(
    writer: Writer,
    prompt: str,
    shape: type[T],
    seeds: Seeds,
    score: Callable[[T], float],
    values: Mapping[str, str],
) -> T | None:
    """The best of a few answers, None when all score 0."""
    request = render(prompt, **values)
    best: tuple[float, T] | None = None
    for attempt in range(MOST_SAMPLES):
        options = Options(temperature=0.3 + 0.1 * attempt, max_tokens=120, seed=seeds.next(), extra={"min_p": 0.1})
        try:
            answer = await writer.structured(request, shape, options)
        except ProviderOutputInvalid:
            continue
        points = score(answer)
        if points > 0 and (best is None or points > best[0]):
            best = (points, answer)
        if best is not None and (best[0] >= GOOD or attempt + 1 >= SAMPLES):
            break
    return best[1] if best is not None else None


def _own_title(draft: Draft) -> str:
    """The topic as the title, as a last resort: the user's own words. Raises ProviderOutputInvalid if it cannot be."""
    topic = draft.request.topic
    if (
        len(topic) > MOST_TITLE
        or not words(topic)
        or any(same_question(topic, s.heading) for s in draft.outline.sections)
    ):
        raise ProviderOutputInvalid(
            "The embedded model found no title for its text.", remedy="Try again, or choose another provider."
        )
    return topic[0].upper() + topic[1:]


def title_score(title: str, draft: Draft) -> float:
    """How good a title is; 0 for one that repeats itself, a heading, or breaks off."""
    found = words(title)
    own = [word for word in found if word not in STOP]
    if not own or found[-1] in OPEN_ENDS or len(title) > MOST_TITLE or loops(title) or len(set(own)) < len(own):
        return 0.0
    if boilerplate.boilerplate(title) or boilerplate.own_text(title) or _run_together(title, draft.request.topic):
        return 0.0
    if any(same_question(title, section.heading) for section in draft.outline.sections):
        return 0.0
    subject = set(words(spoken(draft.request.topic))) - STOP
    named = sum(any(same_stem(word, other) for other in subject) for word in own)
    points = 1.0 + min(named, 2) * (1.0 if subject else 0.0)
    if found == words(draft.request.topic):
        points = 0.5  # true, but not worth a call
    elif 3 <= len(found) <= 9:
        points += 0.5
    return points


def description_score(description: str, draft: Draft) -> float:
    """How good a description is; 0 for one that speaks of itself, runs in circles or is a sentence of the text."""
    if boilerplate.boilerplate(description) or loops(description) or not ends_sentence(description):
        return 0.0
    if not description.rstrip(".")[-1:].isalnum():  # as in "the network,."
        return 0.0
    if _run_together(description, draft.request.topic) or words(description)[-1] in OPEN_ENDS:
        return 0.0
    points = 1.0 if boilerplate.own_text(description) else 2.0
    sentences = [sentence for body in draft.bodies for sentence in split(body)]
    own = shingles(description)
    copied = max((containment(own, shingles(sentence)) for sentence in sentences), default=0.0)
    points += 1.0 - copied
    subject = set(words(spoken(draft.request.topic))) - STOP
    points += 1.0 if any(same_stem(word, other) for word in words(description) for other in subject) else 0.0
    return points


def usable_tags(subjects: list[str], draft: Draft) -> list[str]:
    """Those that stand in the text or the topic, without repeats."""
    have = f" {' '.join(words(draft.request.topic))} {' '.join(words(draft.body))} "
    found = [" ".join(subject.split()).lower() for subject in subjects]
    return [
        tag
        for tag in dict.fromkeys(found)
        if f" {' '.join(words(tag))} " in have and not {words(tag)[0], words(tag)[-1]} & STOP
    ]


def _run_together(text: str, topic: str) -> bool:
    return any(
        (len(word) > 20 or re.search(r"[a-z]{2}[A-Z]", word)) and word.casefold() not in topic.casefold()
        for word in text.split()
    )


def _excerpt(draft: Draft) -> str:
    """The beginning of each section, so that the model sees the whole range."""
    share = EXCERPT // len(draft.bodies)
    parts = []
    for body in draft.bodies:
        taken: list[str] = []
        for sentence in split(body):
            if taken and count_words(" ".join([*taken, sentence])) > share:
                break
            taken.append(sentence)
        parts.append(" ".join(taken))
    return "\n".join(parts)
