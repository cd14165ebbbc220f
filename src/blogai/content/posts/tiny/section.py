"""One section by a small model: answers to the heading's question until the section is long enough."""

import asyncio
import logging
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from blogai.content.posts.draft import Draft, Seeds
from blogai.content.posts.tiny.gate import Gate
from blogai.content.posts.tiny.topic import spoken
from blogai.content.prompts import render
from blogai.content.sentences import count_words, split
from blogai.content.writer import Writer
from blogai.errors import ProviderOutputInvalid
from blogai.providers.text import Options, Restart

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

log = logging.getLogger(__name__)

PASSES = 6
"""Calls for one section at most."""

ENOUGH = 0.75
"""Share of the budget from which a section is not asked to go on."""

SENTENCE = 18
"""Words of a usual sentence: a section ends when the next one would lead further from the budget than stopping."""

MOST_DROPPED = 4
"""Held-back sentences after which an answer is given up."""

POOR = 0.4
"""Share of the budget below which an answer that was given up is thrown away as a whole."""

EXAMPLE_WORDS = 45
"""Words of the one passage of a voice that the model is shown; its sentences count as said already."""

ANSWERS = 3
"""Texts of a section that are written in a voice: the one that fits it best is kept, all are paid for and told of."""

ANGLES = (
    "Explain in two short paragraphs. Give examples.",
    "Explain the details with a practical example.",
    "What else should one know? Explain in plain sentences.",
    "Describe the most important facts.",
    "Give practical advice in plain sentences.",
    "Explain in simple words.",
)
"""How an answer is asked for, one a call: the same words again would bring the same answer again."""

PROSE = r"""root ::= paragraph ("\n\n" paragraph)*
paragraph ::= first rest+
first ::= [^\x00-\x20a-z0-9*#_`|<>{}\[\]~\\:;/@(),.!?&=+%^-]
rest ::= [^\x00-\x1f*#_`|<>{}\[\]~\\:@=^]
"""
"""The grammar of plain prose: paragraphs, no lists, no markup, no line breaks inside a paragraph."""

SAMPLING = {
    "min_p": 0.08,
    "repeat_penalty": 1.05,
    "repeat_last_n": 128,
    "dry_multiplier": 0.8,
    "dry_allowed_length": 3,
    "dry_penalty_last_n": 400,
    "grammar": PROSE,
}


@dataclass
class _Answer:
    text: str
    words: int
    dropped: int


class _Readers(Protocol):
    """Where the sentences of a section go as they come."""

    async def write(self, text: str) -> None: ...

    async def restart(self, reason: str = "") -> None: ...


class _Nobody:
    """For a text that may not be the one that is kept."""

    async def write(self, text: str) -> None:
        pass

    async def restart(self, reason: str = "") -> None:
        pass


async def write(writer: Writer, draft: Draft, seeds: Seeds) -> str:
    """Writes the section in work and streams it, sentence by sentence; in a voice it writes several and then tells the
    one with which the post so far fits the voice best.

    Returns:
        The Markdown of the section.

    Raises:
        ProviderOutputInvalid: no call gave enough good text.
    """
    if draft.voice is None:
        return await _compose(writer, draft, seeds, writer)
    found: list[tuple[tuple[int, float], str]] = []
    refusal: ProviderOutputInvalid | None = None
    where = f"Section {draft.index + 1} of {len(draft.outline.sections)}"
    for number in range(1, ANSWERS + 1):
        note = f"{where}: text {number} of {ANSWERS}, to keep the one most like {draft.voice.profile.name}"
        await writer.emit("progress", {"step": "answers", "note": note})
        try:
            text = await _compose(writer, draft, seeds, _Nobody())
        except ProviderOutputInvalid as exc:
            refusal = exc
            continue
        found.append((await asyncio.to_thread(draft.voice.rank, "\n\n".join([*draft.bodies, text])), text))
    if not found:
        assert refusal is not None
        raise refusal
    draft.answers = ANSWERS
    _, best = max(found, key=lambda one: one[0])
    await writer.write(best)
    return best


async def _compose(writer: Writer, draft: Draft, seeds: Seeds, readers: _Readers) -> str:
    """One text of the section.

    A first answer without a good sentence is thrown away; a short one is kept and another is asked for, from
    another angle, whose new sentences follow it.
    """
    budget = draft.budget
    text, written = "", 0
    for attempt in range(PASSES):
        answer = await _ask(writer, draft, seeds, attempt, readers, so_far=text, budget=budget - written)
        if not text and answer.dropped >= MOST_DROPPED and answer.words < budget * POOR:
            if answer.words:
                draft.restarts += 1
                await readers.restart("Most of what the model wrote was not usable; it begins this section again.")
            continue
        text += answer.text
        written += answer.words
        if written >= budget * ENOUGH or budget - written < SENTENCE / 2:
            break
    if written < max(12, budget * 0.3):
        raise ProviderOutputInvalid(
            f"The embedded model wrote no usable text for the section {draft.section.heading!r}.",
            remedy="Try again, put the topic into other words, or choose another provider.",
        )
    return text


async def _ask(
    writer: Writer, draft: Draft, seeds: Seeds, attempt: int, readers: _Readers, *, so_far: str, budget: int
) -> _Answer:
    examples = draft.examples(1, EXAMPLE_WORDS)
    earlier = [sentence for body in [*draft.bodies, so_far, *examples] for sentence in split(body)]
    keywords = draft.missing_keywords() if attempt % 2 == 0 else []
    left = len(draft.outline.sections) - draft.index
    tone = draft.request.tone
    prompt = render(
        "local/section",
        topic=spoken(draft.request.topic),
        article="an" if tone[0] in "aeiou" else "a",
        tone=tone,
        manner=draft.voice.manner if draft.voice is not None else "",
        example=examples[0] if examples else "",
        heading=draft.section.heading,
        angle=ANGLES[attempt % len(ANGLES)],
        keywords=keywords[: -(-len(keywords) // left)][:2],
    )
    options = Options(
        temperature=0.5 + 0.08 * attempt, max_tokens=int(budget * 2.2) + 60, seed=seeds.next(), extra=SAMPLING
    )

    def gate() -> Gate:
        return Gate(
            draft.section.heading,
            earlier,
            last=draft.last,
            topic=draft.request.topic,
            heard=examples,
            personal=draft.voice is not None and draft.voice.personal,
        )

    current, text = gate(), ""
    stream = cast("AsyncGenerator[str | Restart, None]", writer.stream(prompt, options, silent=True))
    async with aclosing(stream):
        async for piece in stream:
            if isinstance(piece, Restart):
                current, text = gate(), ""
                continue
            done = False
            for sentence in current.feed(piece):
                text += await _show(readers, sentence, so_far + text)
                done = current.words >= budget - SENTENCE / 2
                if done:
                    break
            if done or len(current.dropped) >= MOST_DROPPED:
                break
        else:
            for sentence in current.end():
                text += await _show(readers, sentence, so_far + text)
    if current.dropped:
        log.debug("%s: held back %s", draft.section.heading, "; ".join(current.dropped))
    return _Answer(text, count_words(text), len(current.dropped))


async def _show(readers: _Readers, sentence: str, before: str) -> str:
    if before and not sentence[0].isspace():
        sentence = "\n\n" + sentence
    await readers.write(sentence)
    return sentence
