"""A passage written anew by a small model: put into other words, sentence by sentence through the gate."""

from contextlib import aclosing
from typing import TYPE_CHECKING, cast

from blogai.content import boilerplate
from blogai.content.posts.draft import Draft, Seeds
from blogai.content.posts.tiny.gate import Gate, says_i, subjects
from blogai.content.posts.tiny.section import EXAMPLE_WORDS, SAMPLING
from blogai.content.prompts import render
from blogai.content.sentences import count_words, split
from blogai.content.writer import Writer
from blogai.providers.text import Options, Restart

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

MOST_WORDS = 120
"""Of a passage; longer ones it cannot hold together."""
SHORTEST, LONGEST = 0.5, 1.7
"""Length of the new passage as a share of the old one."""
KEPT = 0.25
"""Share of the words on the subject that a new passage keeps at least."""


async def rewrite(writer: Writer, draft: Draft, passage: str, seeds: Seeds) -> str | None:
    """The passage in other words; None when what came is not usable. Told of faults it only repeats them, so it is
    told how to sound and nothing else.

    Raises:
        ProviderError: the model failed.
    """
    voice, length = draft.voice, count_words(passage)
    if voice is None or length > MOST_WORDS:
        return None
    examples = voice.best_passages(passage, 1, EXAMPLE_WORDS)
    prompt = render("local/rewrite", manner=voice.manner, example=examples[0] if examples else "", passage=passage)
    options = Options(temperature=0.6, max_tokens=int(length * 2.2) + 40, seed=seeds.next(), extra=SAMPLING)
    others = [sentence for body in draft.bodies for sentence in split(body.replace(passage, ""))]
    heard = [sentence for example in examples for sentence in split(example)]

    def gate() -> Gate:
        return Gate(
            "",
            [*others, *heard],
            last=True,
            topic=f"{draft.request.topic} {passage}",
            heard=examples,
            personal=voice.personal
            and says_i(passage),  # else "I have made it more concise" would be the most in voice
        )

    current = gate()
    stream = cast("AsyncGenerator[str | Restart, None]", writer.stream(prompt, options, silent=True))
    async with aclosing(stream):
        async for piece in stream:
            if isinstance(piece, Restart):
                current = gate()
                continue
            current.feed(piece)
            if current.words > LONGEST * length:
                break
        else:
            current.end()
    text = " ".join(current.kept)
    return text if SHORTEST <= count_words(text) / length <= LONGEST and keeps_subject(text, passage) else None


def keeps_subject(text: str, passage: str) -> bool:
    """Whether a text still says something of what the passage is about, and nothing of how it was rewritten."""
    about = subjects(passage)
    told = boilerplate.rewriting(text) is not None and boilerplate.rewriting(passage) is None
    return not told and len(subjects(text) & about) >= KEPT * len(about)
