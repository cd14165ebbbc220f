"""How a small model writes a post."""

from collections.abc import Sequence

from blogai.content.posts.draft import Draft, Meta, Outline, Seeds
from blogai.content.posts.request import PostRequest
from blogai.content.posts.tiny import meta, outline, rewriting, section
from blogai.content.posts.tiny.topic import readable
from blogai.content.writer import Writer
from blogai.errors import InvalidInput

MOST_WORDS = 1500
"""Beyond this length it has nothing left to say and repeats itself."""


class TinyStyle:
    """Outline, sections and meta data for providers of kind `local`."""

    def __init__(self, seeds: Seeds) -> None:
        self._seeds = seeds

    def check(self, request: PostRequest) -> None:
        """Raises InvalidInput when the request is beyond what the model can do."""
        if request.words > MOST_WORDS:
            raise InvalidInput(
                f"The embedded model writes at most {MOST_WORDS} words.",
                field="words",
                remedy="Ask for fewer words, or choose another provider.",
            )

    async def outline(self, writer: Writer, request: PostRequest) -> Outline:
        if not readable(request.topic):
            await writer.emit(
                "progress",
                {"step": "outline", "note": "The embedded model reads little but English; it may miss the topic"},
            )
        return await outline.plan(writer, request, self._seeds)

    async def section(self, writer: Writer, draft: Draft) -> str:
        return await section.write(writer, draft, self._seeds)

    async def rewrite(self, writer: Writer, draft: Draft, passage: str, wishes: Sequence[str]) -> str | None:
        return await rewriting.rewrite(writer, draft, passage, self._seeds)

    async def meta(self, writer: Writer, draft: Draft) -> Meta:
        return await meta.describe(writer, draft, self._seeds)
