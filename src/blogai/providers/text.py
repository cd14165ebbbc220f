"""Text from a model: structured or streamed, with repeats and fallbacks inside.

A `TextModel` is a chain of providers. A call goes to the first; what fails for a passing reason is
repeated with growing waits, and when that does not help the next provider of the chain has its turn.
Fallbacks are tried for every failure of a provider, a rejected key included: who named a fallback
wants the text. When all have failed, the error is that of the first, which is the one that was asked for;
its details list every attempt.
"""

from collections.abc import AsyncIterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pydantic import BaseModel, ValidationError

from blogai.providers.attempts import Account, Attempts
from blogai.providers.backoff import Backoff
from blogai.providers.faults import BadOutput, BrokenStream, Declined
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
        spent: the tokens of all calls so far, those that failed included.
    """

    def __init__(
        self, chain: "Sequence[Link]", *, repeats: int, backoff: Backoff, account: Account | None = None
    ) -> None:
        """Args:
        chain: the provider and its fallbacks, in order; at least one.
        repeats: how often a call is repeated with one provider.
        backoff: how long to wait before a repeat.
        account: of the model that this one is a part of.
        """
        self._chain = tuple(chain)
        self._repeats = repeats
        self._backoff = backoff
        self._account = account or Account(self._chain[0].used)

    @property
    def used(self) -> Used:
        return self._account.used

    @property
    def spent(self) -> Tokens:
        return self._account.spent

    def parts(self) -> "tuple[TextModel, ...]":
        """The chain in its order, parted wherever the embedded model and others meet: who has prompts for each tries
        one part after the other. `used` and `spent` are those of the whole."""
        return tuple(
            TextModel(tuple(links), repeats=self._repeats, backoff=self._backoff, account=self._account)
            for _, links in groupby(self._chain, key=lambda link: link.kind == "local")
        )

    @property
    def name(self) -> str:
        return self._chain[0].name

    @property
    def kind(self) -> str:
        return self._chain[0].kind

    @property
    def model(self) -> str:
        return self._chain[0].model

    def _attempts(self) -> Attempts:
        return Attempts(self._chain, self._repeats, self._backoff, self._account)

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
        attempts = self._attempts()
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
                    left=self._account.add,
                )
                text = response.text or ""
                used = link.tokens(response, prompt, written=text, pieces=0)
                tokens += used
                self._account.add(used)
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
        attempts = self._model._attempts()
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
                        used = link.tokens(response.get(), self._prompt, written="".join(written), pieces=len(written))
                        self.tokens += used
                        self._model._account.add(used)
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
