"""Who has the next attempt of a call: one provider until nothing is left to repeat, then its fallbacks."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from blogai import errors
from blogai.providers.backoff import Backoff
from blogai.providers.faults import BadOutput, fault_from
from blogai.providers.values import Options, Tokens, Used

if TYPE_CHECKING:
    from blogai.providers.link import Link


@dataclass
class Account:
    """What a model and its parts have done."""

    used: Used
    spent: Tokens = field(default_factory=Tokens)

    def add(self, tokens: Tokens) -> None:
        """Adds what a call used."""
        self.spent += tokens


class Attempts:
    """Whose turn it is: iterates over (provider, number of the attempt there) until nothing is left to try."""

    def __init__(self, chain: "Sequence[Link]", repeats: int, backoff: Backoff, account: Account) -> None:
        self._repeats = repeats
        self._backoff = backoff
        self._account = account
        self._links = iter(chain)
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
        self._account.used = self._link.used
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
        allowed = self._repeats if fault.repeats is None else min(fault.repeats, self._repeats)
        delay = self._backoff.delay(self._attempt, fault.retry_after)
        if self._attempt >= allowed or delay is None:
            self._link = None
            return
        self._attempt += 1
        if not isinstance(exc, BadOutput):  # the provider is well, waiting would not help
            await asyncio.sleep(delay)
