"""What an operation writes with: the model behind a gate that counts, tells readers and obeys a cancel."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from pydantic import BaseModel

from blogai.content.events import EventLog
from blogai.content.models import LAST_EVENTS, EventKind, replaced
from blogai.content.text import clean_text
from blogai.errors import ProviderError
from blogai.providers.text import Options, Prompt, Restart, TextModel, Tokens

if TYPE_CHECKING:
    from blogai.content.operation import Written

T = TypeVar("T", bound=BaseModel)
R = TypeVar("R")

_KINDS = frozenset(get_args(EventKind)) - LAST_EVENTS - {"started"}


class Cancelled(asyncio.CancelledError):
    """The run was cancelled. Operations let it pass; `except Exception` does not catch it."""


class Writer:
    """Given to `Operation.run`. Every method raises `Cancelled` once the run is cancelled.

    Readers, and a cancelled run, have the text that `section`, `write` and `stream` have told of; so what
    an operation streams must come in the order of the finished text.

    Attributes:
        title: kept with what was written when the run is cancelled; an `outline` or `meta` event sets it.
        kept: a whole result that is only being improved: kept in the place of the text when the run is cut off.
    """

    def __init__(self, model: TextModel, log: EventLog) -> None:
        self.title: str | None = None
        self.kept: Written | None = None
        self._model = model
        self._turns = list(model.parts())
        self._log = log
        self._parts: list[str] = []
        self._keep = 0
        self._cancelled = False
        self._streams: list[AsyncGenerator[str | Restart, None]] = []

    @property
    def provider(self) -> str:
        """Name of the provider."""
        return self._model.name

    @property
    def kind(self) -> str:
        """Kind of the provider; prompts for `local` must be short."""
        return self._model.kind

    @property
    def tokens(self) -> Tokens:
        """Used so far, answers that were rejected included: they were paid for as well."""
        return self._model.spent

    @property
    def text(self) -> str:
        """The text that readers have so far."""
        return "".join(self._parts)

    async def structured(self, prompt: Prompt, output: type[T], options: Options = Options()) -> T:  # noqa: B008
        """One answer of the model in the given shape.

        Raises:
            ProviderError: the model failed after its retries and fallbacks.
        """
        self._check()
        answer, _ = await self._model.structured(prompt, output, options)
        self._check()
        return answer

    def stream(
        self,
        prompt: Prompt,
        options: Options = Options(),  # noqa: B008
        *,
        silent: bool = False,
    ) -> AsyncIterator[str | Restart]:
        """One answer of the model, piece by piece; readers see each piece.

        A piece that is a `Restart` says: the provider broke, drop what this stream has given so far, it begins
        again. Readers have been told.

        Args:
            prompt: what to ask.
            options: how to answer.
            silent: readers do not see the pieces; the operation looks at them first and then calls `write`.

        Raises:
            ProviderError: the model failed after its retries and fallbacks.
        """
        stream = self._pieces(prompt, options, silent)
        self._streams.append(stream)
        return stream

    async def suited(self, step: Callable[[], Awaitable[R]]) -> R:
        """Carries out a step whose prompts depend on `kind`.

        Its calls go to providers of that kind alone. When they fail, the text of the step is taken back and the step
        is carried out again for the fallbacks of the next kind, with which later steps begin.

        Raises:
            ProviderError: that of the first kind, when no other could do it, or text could not be taken back.
        """
        whole, begin = self._model, self.text
        failed: list[ProviderError] = []
        try:
            while True:
                self._model = self._turns[0]
                try:
                    return await step()
                except ProviderError as exc:
                    failed.append(exc)
                    if len(self._turns) == 1:
                        break
                    if self.text != begin:  # what was told before the step is never taken back
                        if "".join(self._parts[: self._keep]) != begin:
                            break
                        await self.restart(exc.message)
                    failing = self._turns.pop(0)
                    await self.emit("progress", {"note": f"{failing.name} failed, {self._turns[0].name} goes on"})
        finally:
            self._model = whole
        if attempts := [attempt for each in failed for attempt in each.details.get("attempts", ())]:
            failed[0].details["attempts"] = attempts
        raise failed[0]

    async def section(self, title: str | None = None, *, text: str | None = None, **data: Any) -> None:
        """Begins a part of the text. A restart never goes back beyond its beginning.

        Args:
            title: name of the part.
            text: Markdown that it begins with; the title as a heading of level 2 when left out.
            data: more for the reader, for example `index` and `total`.
        """
        if text is None:
            text = f"## {title}\n\n" if title else ""
            if text and self._parts:
                text = "\n\n" + text
        await self.emit("section", {**data, "title": title, "text": text})

    async def write(self, text: str) -> None:
        """Adds text that readers see as part of the result."""
        self._check()
        if text := clean_text(text):
            self._parts.append(text)
            self._log.text(text)

    async def restart(self, reason: str = "") -> None:
        """Takes back all text since the last section, if there is any."""
        self._check()
        if len(self._parts) > self._keep:
            del self._parts[self._keep :]
            self._log.emit("restart", {"reason": reason})

    async def replace(self, before: str, after: str, **data: Any) -> None:
        """Puts a passage in the place of another that readers have already, and tells them.

        Args:
            data: more for the reader, as in a `progress` event.
        """
        self._check()
        after = clean_text(after)
        self._parts = [replaced(self.text, before, after)]
        self._keep = 1
        self._log.emit("progress", {**data, "change": {"before": before, "after": after}})

    async def emit(self, kind: str, data: Mapping[str, Any]) -> None:
        """Tells readers something.

        Args:
            kind: outline, section, delta, restart, progress or meta; `section` and `delta` carry their Markdown
                as `text`.
            data: JSON values.
        """
        self._check()
        if kind not in _KINDS:
            raise ValueError(f"an operation cannot emit {kind!r}")
        if kind == "delta":
            await self.write(str(data["text"]))
        elif kind == "restart":
            await self.restart(str(data.get("reason", "")))
        else:
            if kind in ("outline", "meta") and isinstance(title := data.get("title"), str):
                self.title = clean_text(title).strip() or self.title
            if kind == "section":
                data = {**data, "text": clean_text(str(data.get("text", "")))}
                self._parts.append(data["text"])
                self._keep = len(self._parts)
            self._log.emit(kind, data)

    def cancel(self) -> None:
        """Makes every further call raise `Cancelled`."""
        self._cancelled = True

    async def close(self) -> None:
        """Closes streams that the operation left open, so that their tokens are counted."""
        for stream in self._streams:
            await stream.aclose()
        self._streams.clear()

    def _check(self) -> None:
        if self._cancelled:
            raise Cancelled

    async def _pieces(self, prompt: Prompt, options: Options, silent: bool) -> AsyncGenerator[str | Restart, None]:
        self._check()
        if len(self._parts) > self._keep:
            await self.section(None, text="")  # so that a restart of this stream takes back this stream alone
        stream = self._model.stream(prompt, options)
        async with stream as pieces:
            async for piece in pieces:
                self._check()
                if isinstance(piece, Restart):
                    await self.restart(piece.reason)
                elif not silent:
                    await self.write(piece)
                yield piece
