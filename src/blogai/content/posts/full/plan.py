"""Outline and meta data from a capable model."""

import re
from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel, Field

from blogai.content import boilerplate
from blogai.content.posts.draft import Draft, Meta, Outline, Section, Seeds, heading_count
from blogai.content.posts.request import PostRequest
from blogai.content.prompts import render
from blogai.content.sentences import words
from blogai.content.writer import Writer
from blogai.errors import ProviderOutputInvalid
from blogai.providers.values import Options, Prompt

TRIES = 3
MOST_SECTIONS = 12
MOST_TAGS = 6
_NUMBER = re.compile(r"^(?:\d+[.):]|section \d+[.:]?|[ivx]+\.)\s+", re.IGNORECASE)
_MARKS = '#*_`"“”«»'

T = TypeVar("T", bound=BaseModel)
R = TypeVar("R")


class PlannedSection(BaseModel):
    heading: str = Field(min_length=2, max_length=150)
    points: list[str] = Field(max_length=6)


class PlannedPost(BaseModel):
    title: str = Field(min_length=2, max_length=200)
    sections: list[PlannedSection] = Field(min_length=3, max_length=MOST_SECTIONS)


class PostMeta(BaseModel):
    title: str = Field(min_length=2, max_length=200)
    description: str = Field(min_length=10, max_length=400)
    tags: list[str] = Field(min_length=1, max_length=12)


async def outline(writer: Writer, request: PostRequest, seeds: Seeds) -> Outline:
    """Raises ProviderOutputInvalid when no answer has three different headings."""
    count = heading_count(request.words, 180, MOST_SECTIONS)
    prompt = render(
        "full/outline",
        topic=request.topic,
        tone=request.tone,
        keywords=request.keywords,
        words=request.words,
        count=count,
    )
    return await _ask(
        writer, prompt, PlannedPost, Options(0.6, 1500), seeds, _outline, "an outline with three sections"
    )


async def meta(writer: Writer, draft: Draft, seeds: Seeds) -> Meta:
    """Raises ProviderOutputInvalid when no answer has a title of its own."""
    prompt = render("full/meta", written=draft.body[-24_000:], tone=draft.request.tone, keywords=draft.request.keywords)
    return await _ask(
        writer,
        prompt,
        PostMeta,
        Options(0.5, 600),
        seeds,
        lambda answer: _meta(answer, draft),
        "a title and description",
    )


async def _ask(
    writer: Writer,
    prompt: Prompt,
    shape: type[T],
    options: Options,
    seeds: Seeds,
    take: Callable[[T], R | None],
    wanted: str,
) -> R:
    for _ in range(TRIES):
        answer = await writer.structured(
            prompt, shape, Options(options.temperature, options.max_tokens, seed=seeds.next())
        )
        if (result := take(answer)) is not None:
            return result
    raise ProviderOutputInvalid(
        f"The model gave no usable answer when asked for {wanted}.", remedy="Try again, or choose another provider."
    )


def _outline(answer: PlannedPost) -> Outline | None:
    sections: dict[str, Section] = {}
    for planned in answer.sections:
        heading = tidy(planned.heading)
        if name := " ".join(words(heading)):
            points = tuple(point for point in map(tidy, planned.points) if point)
            sections.setdefault(name, Section(heading, points))
    if len(sections) < 3:
        return None
    return Outline(tuple(sections.values()), title=tidy(answer.title) or None)


def _meta(answer: PostMeta, draft: Draft) -> Meta | None:
    taken = {" ".join(words(section.heading)) for section in draft.outline.sections}
    titles = [tidy(answer.title), draft.outline.title or ""]
    description = tidy(answer.description)
    title = next((title for title in titles if words(title) and " ".join(words(title)) not in taken), None)
    if title is None or boilerplate.boilerplate(title) or boilerplate.boilerplate(description):
        return None
    tags = [tidy(tag).lower() for tag in answer.tags]
    return Meta(title, description, tuple(dict.fromkeys(tag for tag in tags if tag))[:MOST_TAGS])


def tidy(line: str) -> str:
    """One line without Markdown marks, numbers before it, or quotation marks around it."""
    bare = _NUMBER.sub("", " ".join(line.split()).lstrip("#* ").strip())
    while len(bare) > 1 and (bare[0] in _MARKS or bare[0] == bare[-1] == "'") and bare[-1] in _MARKS + "'":
        bare = bare[1:-1].strip()
    return bare.removesuffix(":").strip()
