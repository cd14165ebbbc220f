"""The ways to write a post, and the choice between them: each kind of model gets the prompts that it can follow."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from blogai.content.posts.draft import Draft, Meta, Outline
from blogai.content.posts.request import PostRequest
from blogai.content.posts.voicing import Rewriter
from blogai.content.writer import Writer
from blogai.errors import InvalidInput, ProviderRejected

R = TypeVar("R")


class Style(Rewriter, Protocol):
    """A way to write a post that suits a kind of model. Errors are those of the writer, or ProviderOutputInvalid."""

    def check(self, request: PostRequest) -> None:
        """Raises InvalidInput before the first call when the request is too much for the model."""

    async def outline(self, writer: Writer, request: PostRequest) -> Outline:
        """Plans at least three sections with different headings."""
        ...

    async def section(self, writer: Writer, draft: Draft) -> str:
        """Writes and streams the section in work; gives its Markdown, exactly what was streamed."""
        ...

    async def meta(self, writer: Writer, draft: Draft) -> Meta:
        """Title, description and tags of the finished text."""
        ...


class Suited:
    """The style of whoever answers. When a fallback of the other kind takes over, it goes on in that one's style from
    the step that failed: outline and sections are the same values in both."""

    def __init__(self, tiny: Style, full: Style) -> None:
        """Args:
        tiny: for providers of kind `local`.
        full: for all others.
        """
        self._tiny = tiny
        self._full = full

    def choose(self, kind: str) -> Style:
        return self._tiny if kind == "local" else self._full

    async def outline(self, writer: Writer, request: PostRequest) -> Outline:
        return await self._step(writer, request, lambda style: style.outline(writer, request))

    async def section(self, writer: Writer, draft: Draft) -> str:
        return await self._step(writer, draft.request, lambda style: style.section(writer, draft))

    async def rewrite(self, writer: Writer, draft: Draft, passage: str, wishes: Sequence[str]) -> str | None:
        return await self._step(writer, draft.request, lambda style: style.rewrite(writer, draft, passage, wishes))

    async def meta(self, writer: Writer, draft: Draft) -> Meta:
        return await self._step(writer, draft.request, lambda style: style.meta(writer, draft))

    async def _step(self, writer: Writer, request: PostRequest, work: Callable[[Style], Awaitable[R]]) -> R:
        async def step() -> R:
            style = self.choose(writer.kind)
            try:
                style.check(request)
            except InvalidInput as exc:  # too much for this fallback: the error is that of the provider before it
                raise ProviderRejected(exc.message, remedy=exc.remedy) from exc
            return await work(style)

        return await writer.suited(step)
