"""One provider as one link of a chain: its name, its settings and its pydantic-ai model, built on first use."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel

from blogai.providers.pricing import cost_usd
from blogai.providers.values import Options, Prompt, Tokens, Used

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from pydantic_ai.messages import ModelMessage, ModelResponse
    from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
    from pydantic_ai.settings import ModelSettings

SAMPLING = ("top_p", "top_k", "presence_penalty", "frequency_penalty")
"""What of Options.extra a provider gets that does not speak the OpenAI-compatible dialect of local servers."""

REASONING_ROOM = 4000
"""Tokens on top of the limit for models that cannot be kept from thinking, which counts as writing."""


@dataclass(slots=True)
class Link:
    """One provider.

    Attributes:
        name: as in the settings.
        kind: which API it speaks.
        model: name of the model.
        base_url: address, where it is not the kind's own.
        key_hint: where its key is set, for remedies.
        timeout: seconds to wait for the next byte.
        build: makes the pydantic-ai model; awaited once, on first use.
        slots: a context that a call is made inside, which bounds how many run at once.
    """

    name: str
    kind: str
    model: str
    base_url: str | None
    key_hint: str
    timeout: float
    build: "Callable[[], Awaitable[Model]]"
    slots: "Callable[[], AbstractAsyncContextManager[Any]] | None" = None
    _model: "Model | None" = None
    _building: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def used(self) -> Used:
        return Used(provider=self.name, model=self.model, kind=self.kind)

    async def warm(self) -> None:
        """Builds the model before its first call. Raises ModelUnavailable."""
        await self._ready()

    async def request(
        self,
        prompt: Prompt,
        options: Options,
        *,
        output: type[BaseModel],
        follow_up: "list[ModelMessage]",
        left: Callable[[Tokens], None],
    ) -> "ModelResponse":
        """One call that is answered in one piece, of the shape `output`. Raises whatever pydantic-ai raises.

        `left` is told what was read so far, estimated, when the caller is cancelled after the provider was asked.
        """
        from pydantic_ai import direct

        model = await self._ready()
        native = bool(model.profile.get("supports_json_schema_output", False))
        async with self._slot():
            try:
                return await direct.model_request(
                    model,
                    [_request(prompt), *follow_up],
                    model_settings=self._settings(model, options),
                    model_request_parameters=_parameters(output, native=native),
                    instrument=False,
                )
            except asyncio.CancelledError:
                read = _estimate(prompt.system) + _estimate(prompt.user)
                left(Tokens(input=read, cost_usd=self._cost(self.model, read, 0, 0), estimated=True))
                raise

    @asynccontextmanager
    async def stream(self, prompt: Prompt, options: Options) -> "AsyncIterator[StreamedResponse]":
        """One call that is answered piece by piece; leaving the context closes its HTTP response."""
        from pydantic_ai import direct

        model = await self._ready()
        async with (
            self._slot(),
            direct.model_request_stream(
                model, [_request(prompt)], model_settings=self._settings(model, options), instrument=False
            ) as response,
        ):
            try:
                yield response
            finally:
                if not response.cancelled:
                    await response.cancel()

    def tokens(self, response: "ModelResponse", prompt: Prompt, *, written: str, pieces: int) -> Tokens:
        """What a call used: as reported, else estimated from the text.

        Args:
            response: the answer so far.
            prompt: what was asked.
            written: the text that came.
            pieces: in how many pieces it came; llama.cpp sends one a token, so for it this is a count.
        """
        usage = response.usage
        reported = usage.output_tokens > 0 or (usage.input_tokens > 0 and not written)
        if reported:
            read, wrote = usage.input_tokens, usage.output_tokens
        else:
            read = usage.input_tokens or _estimate(prompt.system) + _estimate(prompt.user)
            wrote = pieces if self.kind == "local" and pieces > 1 else _estimate(written)
        return Tokens(
            input=read,
            output=wrote,
            cost_usd=self._cost(response.model_name or self.model, read, wrote, usage.cache_read_tokens),
            estimated=not reported,
        )

    def _cost(self, model: str, read: int, wrote: int, cached: int) -> Decimal | None:
        return cost_usd(
            kind=self.kind,
            model=model,
            base_url=self.base_url,
            input_tokens=read,
            output_tokens=wrote,
            cached_tokens=cached,
        )

    async def _ready(self) -> "Model":
        if self._model is None:
            async with self._building:
                if self._model is None:
                    self._model = await self.build()
        return self._model

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        if self.slots is None:
            yield
            return
        async with self.slots():
            yield

    def _settings(self, model: "Model", options: Options) -> "ModelSettings":
        from httpx2 import Timeout

        timeout: Any = Timeout(self.timeout, connect=min(10.0, self.timeout))
        settings: dict[str, Any] = {
            "temperature": options.temperature,
            "max_tokens": options.max_tokens,
            "timeout": self.timeout if self.kind == "google" else timeout,  # its SDK takes nothing but a number
            # repeats are ours alone, else each of them would be multiplied by the SDK's
            "max_retries": 0,
        }
        if options.seed is not None and self.kind != "anthropic":
            settings["seed"] = options.seed
        if self.kind in ("local", "openai-compatible"):
            if options.extra:
                settings["extra_body"] = dict(options.extra)
        else:
            settings |= {key: options.extra[key] for key in SAMPLING if key in options.extra}
            # reasoning would eat the token limit of a section before its first word
            settings["thinking"] = False
            if model.profile.get("thinking_always_enabled", False):
                settings["max_tokens"] += REASONING_ROOM
        if not self._takes_sampling(model):
            settings = {key: value for key, value in settings.items() if key not in ("temperature", *SAMPLING)}
        return cast("ModelSettings", settings)

    def _takes_sampling(self, model: "Model") -> bool:
        """Whether a model takes a temperature and the like; some reasoning models refuse them."""
        profile = cast("dict[str, Any]", model.profile)
        if profile.get("anthropic_disallows_sampling_settings", False):
            return False
        if not profile.get("openai_supports_reasoning", False):
            return True
        efforts = profile.get("openai_reasoning_efforts")
        can_be_off = (
            profile.get("openai_supports_reasoning_effort_none", False) if efforts is None else "none" in efforts
        )
        return self.kind == "openai" and can_be_off and not profile.get("thinking_always_enabled", False)


def _request(prompt: Prompt) -> "ModelMessage":
    from pydantic_ai.messages import ModelRequest

    return ModelRequest.user_text_prompt(prompt.user, instructions=prompt.system or None)


@lru_cache(maxsize=256)
def _parameters(output: type[BaseModel], *, native: bool) -> "ModelRequestParameters":
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.output import OutputObjectDefinition

    schema = output.model_json_schema()
    description = schema.pop("description", None)
    return ModelRequestParameters(
        output_mode="native" if native else "prompted",
        output_object=OutputObjectDefinition(json_schema=schema, name=output.__name__, description=description),
    )


def _estimate(text: str) -> int:
    """Tokens of a text at four characters each, the usual rule of thumb for English."""
    return -(-len(text) // 4)
