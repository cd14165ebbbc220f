"""How a capable model writes a post."""

import re
from collections.abc import Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, cast

from blogai.content import wellformed
from blogai.content.posts.draft import Draft, Meta, Outline, Seeds, paragraphs
from blogai.content.posts.full import plan, rewriting
from blogai.content.posts.full.gate import MarkdownGate, Rejected
from blogai.content.posts.request import PostRequest
from blogai.content.prompts import render
from blogai.content.sentences import ENDS
from blogai.content.writer import Writer
from blogai.errors import ProviderOutputInvalid
from blogai.providers.text import Options, Prompt, Restart

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

TRIES = 3
"""Answers for one section before the run fails."""

CONTEXT = 8000
"""Characters of the post so far that the model sees: enough to go on from, and the price stays linear."""

EXAMPLES, EXAMPLE_WORDS = 3, 120
"""Passages of a voice that the model is shown, and the most words of each."""

LEAST_LEFT = 0.6
"""Share of a text that must remain when an unfinished last sentence is cut off."""

_LAST_END = re.compile(rf".*[{ENDS}][\"'”’»)\]*_]*(?=\s|$)", re.DOTALL)


class FullStyle:
    """Outline, sections and meta data for every provider but the embedded model."""

    def __init__(self, seeds: Seeds) -> None:
        self._seeds = seeds

    def check(self, request: PostRequest) -> None:
        """Every request that is valid is within reach."""

    async def outline(self, writer: Writer, request: PostRequest) -> Outline:
        return await plan.outline(writer, request, self._seeds)

    async def meta(self, writer: Writer, draft: Draft) -> Meta:
        return await plan.meta(writer, draft, self._seeds)

    async def rewrite(self, writer: Writer, draft: Draft, passage: str, wishes: Sequence[str]) -> str | None:
        return await rewriting.rewrite(writer, draft, passage, wishes, self._seeds)

    async def section(self, writer: Writer, draft: Draft) -> str:
        """Writes the section in work and streams it piece by piece; a rejected text is begun again.

        Raises:
            ProviderOutputInvalid: three texts were rejected.
        """
        reason = ""
        for _ in range(TRIES):
            try:
                return await self._try(writer, draft)
            except Rejected as rejected:
                reason = str(rejected)
                draft.restarts += 1
                await writer.restart(f"The text was not usable: {reason}.")
        raise ProviderOutputInvalid(
            f"The model wrote no usable text for the section {draft.section.heading!r}: {reason}.",
            remedy="Try again, or choose another provider.",
        )

    async def _try(self, writer: Writer, draft: Draft) -> str:
        gate = self._gate(draft)
        stream = cast(
            "AsyncGenerator[str | Restart, None]", writer.stream(_prompt(draft), self._options(draft), silent=True)
        )
        async with aclosing(stream):
            async for piece in stream:
                if isinstance(piece, Restart):
                    gate = self._gate(draft)
                else:
                    await writer.write(gate.feed(piece))
            await writer.write(gate.end())
        text = gate.text
        if text and not wellformed.whole(text.split("\n")[-1]):
            text = await _cut(writer, text)
        if faults := wellformed.section_faults(text):
            raise Rejected(f"it {faults[0]}")
        return text

    def _gate(self, draft: Draft) -> MarkdownGate:
        # a passage of the voice's samples counts as said already: it is there to be heard, not to be copied
        known = [*paragraphs(draft.bodies), *draft.examples(EXAMPLES, EXAMPLE_WORDS)]
        return MarkdownGate(draft.section.heading, known, draft.budget)

    def _options(self, draft: Draft) -> Options:
        # four tokens a word also cover scripts whose words take several
        return Options(temperature=0.7, max_tokens=4 * draft.budget + 400, seed=self._seeds.next())


async def _cut(writer: Writer, text: str) -> str:
    """The text without its unfinished last sentence; readers are told to take the rest back."""
    match = _LAST_END.match(text)
    if match is None or len(match[0]) < LEAST_LEFT * len(text):
        raise Rejected("it breaks off")
    await writer.restart("The last sentence was not finished.")
    await writer.write(match[0])
    return match[0]


def _prompt(draft: Draft) -> Prompt:
    written = draft.body
    left = len(draft.outline.sections) - draft.index
    keywords = draft.missing_keywords()
    return render(
        "full/section",
        topic=draft.request.topic,
        tone=draft.request.tone,
        title=draft.outline.title or draft.request.topic,
        sections=draft.outline.sections,
        written=written[-CONTEXT:],
        shortened=len(written) > CONTEXT,
        number=draft.index + 1,
        heading=draft.section.heading,
        points=draft.section.points,
        words=draft.budget,
        voice=draft.voice.description if draft.voice is not None else None,
        examples=draft.examples(EXAMPLES, EXAMPLE_WORDS),
        keywords=keywords[: max(2, -(-2 * len(keywords) // left))],
    )
