"""The blog post as an operation of the pipeline."""

import asyncio
from collections.abc import Mapping
from typing import Any

from blogai.brand.brief import VoiceBrief
from blogai.content import wellformed
from blogai.content.operation import OperationType, Written
from blogai.content.posts.draft import LEAST_SECTIONS, Draft, Meta, Seeds
from blogai.content.posts.full import FullStyle
from blogai.content.posts.request import VOICE_TARGET, PostRequest
from blogai.content.posts.style import Suited
from blogai.content.posts.tiny import TinyStyle
from blogai.content.posts.voicing import Voiced, polish
from blogai.content.sentences import count_words
from blogai.content.writer import Writer
from blogai.errors import ProviderOutputInvalid


class PostOperation:
    """Writes one blog post: outline, then section by section, then title, description and tags."""

    tool_id = "blog-post-generator"
    tool_name = "Blog post generator"
    operation_type: OperationType = "blog"
    units = 1

    def __init__(self, request: PostRequest, *, voice: VoiceBrief | None = None, seed: int | None = None) -> None:
        """Args:
        request: what to write.
        voice: the brand voice to write in; which one the request means has been found out before.
        seed: makes the sampling of providers that can repeat it repeatable; random when left out.
        """
        self.request = request
        self._voice = voice
        self._seed = seed

    @property
    def inputs(self) -> Mapping[str, Any]:
        inputs = self.request.model_dump(mode="json", exclude_none=True)
        if self._voice is not None:  # the default voice as well: a post tells what it was written with
            return {**inputs, "voice": self._voice.slug}
        return {name: value for name, value in inputs.items() if name not in ("rewrites", "voice_target")}

    @property
    def asked(self) -> Mapping[str, Any]:
        """What the request says by itself, which is the same request whatever the default voice is by now."""
        inputs = self.request.model_dump(mode="json", exclude_none=True)
        usual = {"rewrites": 0, "voice_target": VOICE_TARGET}
        return {name: value for name, value in inputs.items() if name not in usual or value != usual[name]}

    async def run(self, writer: Writer) -> Written:
        """Writes the post.

        Returns:
            The Markdown (`# Title`, then sections under `##`), the title, and as metadata: description, tags,
            words, sections, restarts, and with a voice its scores before and after the rewrites.

        Raises:
            InvalidInput: too long for the embedded model.
            ProviderError: the model failed, or what it wrote is no whole post.
        """
        style = _style(self._seed)
        style.choose(writer.kind).check(self.request)

        writer.title = self.request.topic  # until there is a better one
        await writer.emit("progress", {"step": "outline", "note": "Planning the outline"})
        outline = await style.outline(writer, self.request)
        draft = Draft(self.request, outline, voice=self._voice)
        await self._plan(writer, draft)
        while draft.index < len(draft.outline.sections):
            await self._section(writer, style, draft)

        # The title comes before the rounds: whatever fails or is cancelled in them, the post is whole.
        await self._progress(writer, "meta", "Finding a title", draft)
        meta = await _style(self._seed if self._seed is None else self._seed + 1).meta(writer, draft)
        await writer.emit("meta", {"title": meta.title, "description": meta.description, "tags": list(meta.tags)})

        async def keep(voiced: Voiced | None) -> None:
            writer.kept = await self._written(draft, meta, voiced)

        voiced = await polish(writer, style, draft, self.request.rewrites, self.request.voice_target, keep)
        return await self._written(draft, meta, voiced)

    async def _plan(self, writer: Writer, draft: Draft) -> None:
        headings = [section.heading for section in draft.outline.sections]
        await writer.emit("outline", {"title": draft.outline.title, "sections": headings})

    async def _section(self, writer: Writer, style: Suited, draft: Draft) -> None:
        """Writes the section in work. A small model may have planned a question that it cannot answer: that is left
        out, as long as enough others stay."""
        index, total, heading = draft.index, len(draft.outline.sections), draft.section.heading
        opening = ("\n\n" if index else "") + f"## {heading}\n\n"
        await writer.section(heading, text=opening, index=index, total=total, heading=heading)
        try:
            body = await style.section(writer, draft)
        except ProviderOutputInvalid:
            if writer.kind != "local" or total <= LEAST_SECTIONS:
                raise
            draft.leave_out()
            note = f"The model had nothing to say on {heading!r}; it is left out"
            await writer.restart()
            await writer.replace(opening, "", step="outline", note=note)
            await self._plan(writer, draft)
            return
        draft.bodies.append(body)
        await self._progress(writer, "writing", f"Section {index + 1} of {total} is written", draft)

    async def _written(self, draft: Draft, meta: Meta, voiced: Voiced | None) -> Written:
        output = f"# {meta.title}\n\n{draft.body}\n"
        if faults := wellformed.faults(output):
            raise ProviderOutputInvalid(
                f"What the model wrote is no whole post: {faults[0]}.", remedy="Try again, or choose another provider."
            )
        scores = []
        if voiced is not None:  # once more on the whole text, so that offsets are those that readers have
            scores = voiced.scores(await asyncio.to_thread(voiced.voice.assess, output))
        return Written(
            scores=scores,
            title=meta.title,
            output=output,
            metadata={
                "description": meta.description,
                "tags": list(meta.tags),
                "words": sum(map(count_words, draft.bodies)),
                "sections": len(draft.bodies),
                "restarts": draft.restarts,
                **({"voice": voiced.summary()} if voiced is not None else {}),
                **({"voice_problem": draft.unscored} if draft.unscored is not None else {}),
            },
        )

    async def _progress(self, writer: Writer, step: str, note: str, draft: Draft) -> None:
        await writer.emit(
            "progress",
            {"step": step, "note": note, "words": draft.words, "words_asked": self.request.words},
        )


def _style(seed: int | None) -> Suited:
    """With seeds of its own: what the title takes of them changes nothing in the rounds after it."""
    seeds = Seeds(seed)
    return Suited(TinyStyle(seeds), FullStyle(seeds))
