"""The rows and values of runs: what they are, where they stand, what they tell their readers."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from blogai.errors import BlogAIError, from_problem

RunStatus = Literal["running", "finished", "failed", "cancelled"]
EventKind = Literal[
    "started", "outline", "section", "delta", "restart", "progress", "meta", "finished", "failed", "cancelled"
]
LAST_EVENTS: frozenset[str] = frozenset({"finished", "failed", "cancelled"})


@dataclass(frozen=True, slots=True)
class Event:
    """One step of a run.

    The text of a run is the `text` of its `section` and `delta` events in their order; a `restart` takes back
    all text since the last `section`, and a `progress` with a `change` puts its `after` in the place of its `before`.

    Attributes:
        id: greater than that of the event before; gaps are possible.
        kind: one of `EventKind`; `finished`, `failed` and `cancelled` are the last of their run.
        data: JSON values.
    """

    id: int
    kind: str
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def last(self) -> bool:
        return self.kind in LAST_EVENTS


def text_of(events: Iterable[Event]) -> str:
    """The text that a reader of these events has in hand."""
    parts: list[str] = []
    keep = 0
    for event in events:
        if event.kind == "restart":
            del parts[keep:]
        elif event.kind in ("section", "delta"):
            parts.append(event.data.get("text", ""))
            if event.kind == "section":
                keep = len(parts)
        elif event.kind == "progress" and (change := event.data.get("change")):
            parts = [replaced("".join(parts), change["before"], change["after"])]
            keep = 1
    return "".join(parts)


def replaced(text: str, before: str, after: str) -> str:
    """A text with a passage in the place of another; unchanged unless that occurs once."""
    return text.replace(before, after) if text.count(before) == 1 else text


class Run(BaseModel):
    """One run of an operation, as its owner may see it."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    status: RunStatus
    tool_id: str
    tool_name: str
    operation_type: str
    units: int
    inputs: dict[str, Any]
    provider: str | None = None
    model: str | None = None
    created_at: datetime
    finished_at: datetime | None = None
    cancel_requested: bool = False
    content_id: UUID | None = None
    title: str | None = None
    output: str | None = None
    metadata: dict[str, Any] = {}
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal | None = None
    execution_time_ms: int | None = None
    error: dict[str, Any] | None = None
    """The problem document (RFC 9457) of a failed run."""

    @property
    def over(self) -> bool:
        return self.status != "running"

    @property
    def failure(self) -> BlogAIError | None:
        """Why it failed, as an error to raise."""
        return from_problem(self.error) if self.status == "failed" and self.error else None
