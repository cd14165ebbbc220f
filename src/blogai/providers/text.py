"""Text from a model: structured or streamed, with repeats and fallbacks inside.

A `TextModel` is a chain of providers. A call goes to the first; what fails for a passing reason is
repeated with growing waits, and when that does not help the next provider of the chain has its turn.
Fallbacks are tried for every failure of a provider, a rejected key included: who named a fallback
wants the text. When all have failed, the error is that of the first, which is the one that was asked for;
its details list every attempt.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pydantic import BaseModel, ValidationError

from blogai import errors
from blogai.providers.backoff import Backoff
from blogai.providers.faults import BadOutput, BrokenStream, Declined, fault_from
from blogai.providers.values import Options, Prompt, Restart, Tokens, Used

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage, ModelResponse

    from blogai.providers.link import Link

__all__ = ["Options", "Prompt", "Restart", "TextModel", "TextStream", "Tokens", "Used"]

T = TypeVar("T", bound=BaseModel)

DEFAULT_OPTIONS = Options()


class TextModel:
    """A model to write with. Cheap to make; take a new one for each run.

    Attributes:
        name: name of the provider that was asked for.
        kind: its kind; prompts for `local` must be short.
        model: name of its model.
        used: provider and model of the last call, which may be a fallback's.
    """

    def __init__(self, chain: "Sequence[Link]", *, repeats: int, backoff: Backoff) -> None:
        """Args:
        chain: the provider and its fallbacks, in order; at least one.
        repeats: how often a call is repeated with one provider.
        backoff: how long to wait before a repeat.
        """
        self._chain = tuple(chain)
        self._repeats = repeats
        self._backoff = backoff
        self.used: Used = self._chain[0].used

    @property
    def name(self) -> str:
        return self._chain[0].name

    @property
    def kind(self) -> str:
        return self._chain[0].kind

    @property
    def model(self) -> str:
        return self._chain[0].model

    async def structured(self, prompt: Prompt, output: type[T], options: Options = DEFAULT_OPTIONS) -> tuple[T, Tokens]:
        """An answer of a given shape.

        The provider is bound to the JSON schema of `output` where it can be; the answer is validated here.

        Args:
            prompt: what to ask.
            output: the shape.
            options: how to answer.

        Returns:
            The answer and the tokens of all attempts.

        Raises:
            ProviderError: no provider of the chain gave a valid answer.
        """
        attempts = _Attempts(self)
        tokens = Tokens()
        follow_up: list[ModelMessage] = []
        async for link, attempt in attempts:
            if attempt == 0:
                follow_up = []
            try:
                response = await link.request(
                    prompt,
                    attempts.options(options),
                    output=output,
                    follow_up=follow_up,
                )
                text = response.text or ""
                tokens += link.tokens(response, prompt, written=text, pieces=0)
                try:
                    return _parse(output, response), tokens
                except BadOutput as bad:
                    follow_up = _follow_up(link, text, bad)
                    raise
            except Exception as exc:
                await attempts.failed(exc)
        raise attempts.error

    def stream(self, prompt: Prompt, options: Options = DEFAULT_OPTIONS) -> "TextStream":
        """An answer as it is written. Use it as `async with model.stream(...) as pieces: async for piece in pieces`."""
        return TextStream(self, prompt, options)


class TextStream:
    """Pieces of text as they come, and a `Restart` where all text so far is void.

    Leaving the context, or cancelling the task that reads, closes the connection to the provider at once.

    Attributes:
        tokens: what the call used; complete when the stream has ended or its context was left.
        cut_off: True when the text ended because it reached max_tokens.
    """

    def __init__(self, model: TextModel, prompt: Prompt, options: Options) -> None:
        self._model = model
        self._prompt = prompt
        self._options = options
        self._source = self._pieces()
        self.tokens = Tokens()
        self.cut_off = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    def __aiter__(self) -> AsyncIterator[str | Restart]:
        return self

    async def __anext__(self) -> str | Restart:
        """Raises:
        ProviderError: no provider of the chain could finish the text.
        """
        return await anext(self._source)

    async def aclose(self) -> None:
        """Ends the stream and the provider's work on it; `tokens` is complete afterwards."""
        await self._source.aclose()

    async def _pieces(self) -> Any:  # an async generator of str | Restart
        attempts = _Attempts(self._model)
        told = False
        async for link, _ in attempts:
            if told:
                told = False
                yield Restart(provider=attempts.last_provider, reason=attempts.error.message)
            written: list[str] = []
            try:
                async with link.stream(self._prompt, attempts.options(self._options)) as response:
                    try:
                        async for piece in _texts(response):
                            written.append(piece)
                            told = True
                            yield piece
                        self._check(response.finish_reason, "".join(written))
                    finally:
                        # also when the caller leaves in mid stream or is cancelled: what was written was paid for
                        self.tokens += link.tokens(
                            response.get(), self._prompt, written="".join(written), pieces=len(written)
                        )
                return
            except Exception as exc:
                await attempts.failed(exc)
        raise attempts.error

    def _check(self, finish_reason: str | None, text: str) -> None:
        self.cut_off = finish_reason == "length"
        if finish_reason == "error":
            raise BrokenStream("the stream ended with an error")
        if finish_reason == "content_filter":
            raise Declined
        if not text.strip():
            raise BadOutput("the answer is empty.", cut_off=self.cut_off)


class _Attempts:
    """Whose turn it is: iterates over (provider, number of the attempt there) until nothing is left to try."""

    def __init__(self, model: TextModel) -> None:
        self._model = model
        self._links = iter(model._chain)
        self._link: Link | None = None
        self._attempt = 0
        self._bad_outputs = 0
        self._cut_off = False
        self._first: errors.ProviderError | None = None
        self._tried: list[dict[str, str]] = []

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> "tuple[Link, int]":
        if self._link is None:
            self._link = next(self._links, None)
            self._attempt = 0
            if self._link is None:
                raise StopAsyncIteration
        self._model.used = self._link.used
        return self._link, self._attempt

    @property
    def last_provider(self) -> str:
        return self._tried[-1]["provider"]

    @property
    def error(self) -> errors.ProviderError:
        """The error for the caller: of the provider that was asked for, with the story of all attempts."""
        assert self._first is not None
        self._first.details["attempts"] = list(self._tried)
        return self._first

    def options(self, options: Options) -> Options:
        """The options of this attempt: after a bad answer another seed, and more room if it was cut off."""
        if self._bad_outputs == 0:
            return options
        return Options(
            temperature=options.temperature,
            max_tokens=options.max_tokens * 2 if self._cut_off else options.max_tokens,
            seed=None if options.seed is None else options.seed + self._bad_outputs,
            extra=options.extra,
        )

    async def failed(self, exc: Exception) -> None:
        """Notes a failure and waits if the same provider shall have another turn.

        Raises:
            Exception: `exc` itself when it was not the provider's fault.
        """
        link = self._link
        assert link is not None
        fault = fault_from(exc, provider=link.name, model=link.model, key_hint=link.key_hint, timeout=link.timeout)
        fault.error.__cause__ = exc if fault.error is not exc else exc.__cause__
        self._tried.append(
            {
                "provider": link.name,
                "model": link.model,
                "error": fault.error.code(),
                "message": fault.error.message,
            }
        )
        if isinstance(exc, BadOutput):
            self._bad_outputs += 1
            self._cut_off = exc.cut_off
        if self._first is None or self._first.details.get("provider") == link.name:
            self._first = fault.error
        allowed = self._model._repeats if fault.repeats is None else min(fault.repeats, self._model._repeats)
        delay = self._model._backoff.delay(self._attempt, fault.retry_after)
        if self._attempt >= allowed or delay is None:
            self._link = None
            return
        self._attempt += 1
        if not isinstance(exc, BadOutput):  # the provider is well, waiting would not help
            await asyncio.sleep(delay)


async def _texts(response: Any) -> AsyncIterator[str]:
    """The text of a stream's events, without what the model thinks aloud."""
    from pydantic_ai.messages import PartDeltaEvent, PartStartEvent, TextPart, TextPartDelta

    async for event in response:
        if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
            text = event.part.content
        elif isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
            text = event.delta.content_delta
        else:
            continue
        if text:
            yield text


def _parse(output: type[T], response: "ModelResponse") -> T:
    text = (response.text or "").strip()
    if text.startswith("```"):  # models without a grammar like to fence their JSON
        text = text.split("\n", 1)[-1].rsplit("```", 1)[0]
    cut_off = response.finish_reason == "length"
    if response.finish_reason == "content_filter":
        raise Declined
    if not text.strip():
        raise BadOutput("the answer is empty.", cut_off=cut_off)
    try:
        return output.model_validate_json(text)
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        reason = f"{where}: {first['msg']}" if where else str(first["msg"])
        raise BadOutput(("it was cut off at max_tokens; " if cut_off else "") + reason, cut_off=cut_off) from exc


def _follow_up(link: "Link", text: str, bad: BadOutput) -> "list[ModelMessage]":
    """What to say before the model answers again. A tiny model copies what it reads, so it just tries again."""
    if link.kind == "local" or not text or bad.cut_off:
        return []
    from pydantic_ai.messages import ModelRequest, ModelResponse, TextPart

    return [
        ModelResponse(parts=[TextPart(content=text)]),
        ModelRequest.user_text_prompt(
            f"That does not fit the schema: {bad.reason}. Answer again, with the JSON alone."
        ),
    ]
