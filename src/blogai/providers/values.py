"""The values that go into a call of a model and come out of it. Imports nothing heavy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked: standing instructions and the request itself."""

    system: str
    user: str


@dataclass(frozen=True, slots=True)
class Options:
    """How a model shall answer.

    Attributes:
        temperature: 0 (always the likeliest token) to 2.
        max_tokens: most tokens of the answer.
        seed: makes sampling repeatable where the provider can; a repeat of a call changes it.
        extra: further fields of the request. Providers of kind `local` and `openai-compatible` get all of
            them as they are (`min_p`, `repeat_penalty`, `dry_multiplier`, `grammar` ...); the others get
            `top_p`, `top_k`, `presence_penalty` and `frequency_penalty` and never see the rest.
    """

    temperature: float = 0.7
    max_tokens: int = 800
    seed: int | None = None
    extra: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a call used, repeats after faults included, since providers charge for those too.

    Attributes:
        input: tokens read.
        output: tokens written.
        cost_usd: price in US dollars; zero for the embedded model, None where no price is known.
        estimated: True when the provider did not report some of the counts (a stream that was
            closed early or broke) and they were computed from the length of the text.
    """

    input: int = 0
    output: int = 0
    cost_usd: Decimal | None = Decimal(0)
    estimated: bool = False

    @property
    def total(self) -> int:
        return self.input + self.output

    def __add__(self, other: "Tokens") -> "Tokens":
        """The sum; its cost is unknown as soon as one part's is."""
        known = self.cost_usd is not None and other.cost_usd is not None
        return Tokens(
            input=self.input + other.input,
            output=self.output + other.output,
            cost_usd=(self.cost_usd or Decimal(0)) + (other.cost_usd or Decimal(0)) if known else None,
            estimated=self.estimated or other.estimated,
        )


@dataclass(frozen=True, slots=True)
class Used:
    """The provider and model that answered, or that were tried last."""

    provider: str
    model: str
    kind: str


@dataclass(frozen=True, slots=True)
class Restart:
    """A piece of a stream that is not text: the provider broke in mid stream.

    All text that this stream has given so far is void; the next piece begins it again.

    Attributes:
        provider: who broke.
        reason: one sentence for the reader.
    """

    provider: str
    reason: str
