"""The blog post as an operation of the pipeline."""

from collections.abc import Mapping
from typing import Any, Protocol

from blogai.content import wellformed
from blogai.content.operation import OperationType, Written
from blogai.content.posts.draft import Draft, Meta, Outline, Seeds
from blogai.content.posts.full import FullStyle
from blogai.content.posts.request import PostRequest
from blogai.content.posts.tiny import TinyStyle
from blogai.content.sentences import count_words
from blogai.content.writer import Writer
from blogai.errors import ProviderOutputInvalid


class Style(Protocol):
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


class PostOperation:
    """Writes one blog post: outline, then section by section, then title, description and tags."""

    tool_id = "blog-post-generator"
    tool_name = "Blog post generator"
    operation_type: OperationType = "blog"
    units = 1

    def __init__(self, request: PostRequest, *, seed: int | None = None) -> None:
        """Args:
        request: what to write.
        seed: makes the sampling of providers that can repeat it repeatable; random when left out.
        """
        self.request = request
        self._seed = seed

    @property
    def inputs(self) -> Mapping[str, Any]:
        return self.request.model_dump(mode="json", exclude_none=True)

    async def run(self, writer: Writer) -> Written:
        """Writes the post.

        Returns:
            The Markdown (`# Title`, then sections under `##`), the title, and as metadata: description, tags,
            words, sections, restarts.

        Raises:
            InvalidInput: too long for the embedded model.
            ProviderError: the model failed, or what it wrote is no whole post.
        """
        seeds = Seeds(self._seed)
        style: Style = TinyStyle(seeds) if writer.kind == "local" else FullStyle(seeds)
        style.check(self.request)

        await writer.emit("progress", {"step": "outline", "note": "Planning the outline"})
        outline = await style.outline(writer, self.request)
        headings = [section.heading for section in outline.sections]
        await writer.emit("outline", {"title": outline.title, "sections": headings})

        draft = Draft(self.request, outline)
        total = len(headings)
        for index, heading in enumerate(headings):
            await writer.section(heading, index=index, total=total, heading=heading)
            draft.bodies.append(await style.section(writer, draft))
            await self._progress(writer, "writing", f"Section {index + 1} of {total} is written", draft)

        await self._progress(writer, "meta", "Finding a title", draft)
        meta = await style.meta(writer, draft)
        await writer.emit("meta", {"title": meta.title, "description": meta.description, "tags": list(meta.tags)})
        return self._written(draft, meta)

    def _written(self, draft: Draft, meta: Meta) -> Written:
        output = f"# {meta.title}\n\n{draft.body}\n"
        if faults := wellformed.faults(output):
            raise ProviderOutputInvalid(
                f"What the model wrote is no whole post: {faults[0]}.", remedy="Try again, or choose another provider."
            )
        return Written(
            title=meta.title,
            output=output,
            metadata={
                "description": meta.description,
                "tags": list(meta.tags),
                "words": sum(map(count_words, draft.bodies)),
                "sections": len(draft.bodies),
                "restarts": draft.restarts,
            },
        )

    async def _progress(self, writer: Writer, step: str, note: str, draft: Draft) -> None:
        await writer.emit(
            "progress",
            {"step": step, "note": note, "words": draft.words, "words_asked": self.request.words},
        )
