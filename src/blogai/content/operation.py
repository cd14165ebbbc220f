"""What can be generated: an operation says what to write, the pipeline does everything around it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, get_args

from blogai.brand.models import NewScore
from blogai.content.writer import Writer

OperationType = Literal["blog", "book", "batch", "remix", "tool", "other"]
"""What usage is booked under; the database knows no other. Chat, streams, images and voice are `other`."""

OPERATION_TYPES: tuple[str, ...] = get_args(OperationType)


@dataclass(frozen=True, kw_only=True)
class Written:
    """What an operation wrote.

    Attributes:
        output: the text, Markdown as a rule; blank counts as no output and fails the run.
        title: shown in lists.
        metadata: further results (JSON values), for example description and tags; kept with the run.
        scores: how it keeps to a brand voice; stored with the text.
    """

    output: str
    title: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    scores: Sequence[NewScore] = ()


class Operation(Protocol):
    """One kind of thing to write, with its inputs, ready to run. Inputs are valid before it is made.

    It knows neither the database nor quotas nor who asks, and holds no state of a run: a run gives it a `Writer`.
    """

    @property
    def tool_id(self) -> str:
        """Id in the catalogue of tools, for example `blog-post-generator`."""

    @property
    def tool_name(self) -> str:
        """Name for people."""

    @property
    def operation_type(self) -> OperationType:
        """What usage is booked under."""

    @property
    def units(self) -> int:
        """How many generations of the quota it costs, at least 1."""

    @property
    def inputs(self) -> Mapping[str, Any]:
        """The inputs as JSON values, stored with the result; also what an idempotency key stands for."""

    async def run(self, writer: Writer) -> Written:
        """Writes, through the writer alone.

        Raises:
            BlogAIError: nothing is stored and nothing is charged.
        """
        ...
