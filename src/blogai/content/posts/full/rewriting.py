"""A passage written anew in a voice, by a capable model."""

from collections.abc import Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, cast

from blogai.content import boilerplate, wellformed
from blogai.content.posts.draft import Draft, Seeds
from blogai.content.prompts import render
from blogai.content.repetition import containment, shingles
from blogai.content.sentences import count_words
from blogai.content.writer import Writer
from blogai.providers.text import Options, Restart

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

EXAMPLES, EXAMPLE_WORDS = 3, 120
SHORTEST, LONGEST = 0.5, 1.7
"""Length of the new passage as a share of the old one."""
COPIED = 0.4
"""Share of word groups in common with a sample from which a passage is a copy."""


async def rewrite(writer: Writer, draft: Draft, passage: str, wishes: Sequence[str], seeds: Seeds) -> str | None:
    """The passage in the draft's voice; None when what came is not usable.

    Raises:
        ProviderError: the model failed.
    """
    voice = draft.voice
    if voice is None:
        return None
    examples = voice.best_passages(passage, EXAMPLES, EXAMPLE_WORDS)
    prompt = render("full/rewrite", voice=voice.description, examples=examples, passage=passage, wishes=wishes)
    options = Options(temperature=0.7, max_tokens=4 * count_words(passage) + 200, seed=seeds.next())
    text = ""
    stream = cast("AsyncGenerator[str | Restart, None]", writer.stream(prompt, options, silent=True))
    async with aclosing(stream):
        async for piece in stream:
            text = "" if isinstance(piece, Restart) else text + piece
    text = text.strip().strip('"').strip()
    return text if usable(text, passage, examples) else None


def usable(text: str, passage: str, examples: Sequence[str]) -> bool:
    """Whether a text can stand in the place of a passage."""
    share = count_words(text) / max(1, count_words(passage))
    if not SHORTEST <= share <= LONGEST or not wellformed.whole(text.split("\n")[-1]):
        return False
    if any(line.lstrip().startswith(("#", "```", "~~~")) for line in text.split("\n")):
        return False
    if boilerplate.opening(text) or boilerplate.chatter(text) or wellformed.section_faults(text):
        return False
    own = shingles(text)
    return all(containment(own, shingles(example)) < COPIED for example in examples)
