"""The values of metering."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

Tier = Literal["free", "starter", "pro", "business"]
OperationType = Literal["blog", "book", "batch", "remix", "tool", "other"]

UNLIMITED = -1
"""How a limit, and what remains of it, says that there is none."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Reservation(_Value):
    """Units that count already while something is being made."""

    id: UUID
    state: Literal["open", "settled"]
    """`settled` only when the idempotency key belongs to an operation that is finished."""
    units: int
    expires_at: datetime
    replayed: bool
    """True when the idempotency key was known: nothing more was taken."""


class Usage(_Value):
    """What one user has used, settled and held, and may use now."""

    tier: Tier
    month_used: int
    month_limit: int
    day_used: int
    day_limit: int
    remaining: int
    """Units that may be taken at once, by both limits; -1 is unlimited."""
    month_tokens: int
    period_start: datetime
    resets_at: datetime
    """When the month's count starts again."""
    day_resets_at: datetime


class UsageOfType(_Value):
    """What the log holds of one type of operation."""

    operation_type: OperationType
    units: int
    tokens: int
