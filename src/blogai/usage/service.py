"""What every costly path does: reserve before the first call, settle with the result, or release.

All functions work in the caller's open transaction. Reserve in a transaction of its own, so that others see
the units as taken while the work goes on; settle in the one that stores the result, so that neither is there
without the other.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from blogai.db.database import Actor, Connection, acting_as
from blogai.usage import queries
from blogai.usage.models import OperationType, Reservation, Usage, UsageOfType


async def reserve(
    conn: Connection,
    *,
    user_id: str,
    operation_type: OperationType,
    units: int = 1,
    idempotency_key: str | None = None,
    expires_in: timedelta = timedelta(minutes=15),
) -> Reservation:
    """Counts units before they are made.

    Args:
        user_id: who pays.
        operation_type: what the log will say.
        units: 1 to 10,000; all or none are taken.
        idempotency_key: a second call with it returns the first reservation, unless that was given back.
        expires_in: how long the work may take at most, up to 7 days; later the sweep gives the units back.

    Raises:
        QuotaExceeded: details tier, used, limit, requested, window (`day` or `month`) and resets_at (ISO 8601).
        InvalidInput: an argument is out of range.
        Conflict: the idempotency key belongs to another operation.
    """
    async with acting_as(conn, Actor.service()):
        return await queries.reserve(conn, user_id, operation_type, units, expires_in, idempotency_key)


async def settle(
    conn: Connection,
    reservation_id: UUID,
    *,
    units: int | None = None,
    tokens: int,
    metadata: dict[str, Any] | None = None,
) -> bool:
    """Moves what was made into the log, one row a unit, and gives the rest of the units back.

    A reservation that expired meanwhile is settled all the same, even above the limit: it was made.

    Args:
        units: how many of the reserved units were made, at least 1; None means all.
        tokens: of all units together, as the provider counted them.
        metadata: what the log rows say about the operation.

    Returns:
        False when the reservation was settled before; nothing is counted twice.

    Raises:
        NotFound: there is no such reservation.
        Conflict: it was released.
        InvalidInput: units or tokens are out of range.
    """
    async with acting_as(conn, Actor.service()):
        return await queries.settle(conn, reservation_id, units, tokens, metadata)


async def release(conn: Connection, reservation_id: UUID) -> bool:
    """Gives the units of a reservation back, in the windows in which they were taken.

    Returns:
        False when it was settled, released or swept before, or never existed.
    """
    async with acting_as(conn, Actor.service()):
        return await queries.release(conn, reservation_id)


async def sweep(conn: Connection) -> int:
    """Gives back the reservations of all users that have expired, except of those who are busy right now.

    Returns:
        How many.
    """
    async with acting_as(conn, Actor.service()):
        return await queries.sweep(conn)


async def usage(conn: Connection) -> Usage:
    """What the caller of the transaction has used and may use.

    Raises:
        Forbidden: nobody is signed in.
    """
    return await queries.usage(conn)


async def breakdown(conn: Connection, start: datetime | None = None, end: datetime | None = None) -> list[UsageOfType]:
    """The caller's log by type of operation, the commonest first.

    Args:
        start: first moment; None means the start of the billing period.
        end: first moment after it; None means no end.

    Raises:
        Forbidden: nobody is signed in.
    """
    return await queries.breakdown(conn, start, end)
