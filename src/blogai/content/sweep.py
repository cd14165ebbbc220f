"""Ends the runs whose process died: failed, quota released, every event that was told kept."""

from datetime import timedelta
from uuid import UUID

from blogai.content import ending_queries as queries
from blogai.content.models import Event
from blogai.db.database import Actor, Database
from blogai.errors import RunInterrupted
from blogai.usage.service import release

UNSEEN = 1_000_000
"""How far the last event of a dead run stands off: its readers may have seen some events that were not stored
any more, and must not take the last event for one of those."""


async def sweep(database: Database, lease: timedelta, run_id: UUID | None = None) -> int:
    """Ends dead runs, or the named one if it is dead. Any number of sweeps may run at once; each run is ended once.

    Args:
        database: where the runs are.
        lease: how long ago the last sign of life must be.
        run_id: look at this one alone.

    Returns:
        How many runs it ended.
    """
    ended = 0
    while await _end_one(database, lease, run_id):
        ended += 1
    return ended


async def _end_one(database: Database, lease: timedelta, run_id: UUID | None) -> bool:
    """Ends one dead run if there is one.

    Never two in a transaction: to give back what a run held locks the quota of its user, and whoever holds one user's
    and waits for another's is in the way of all who do the same in another order.
    """
    async with database.transaction(Actor.service()) as conn:
        run = await queries.lock_dead_run(conn, lease, run_id)
        if run is None:
            return False
        error = RunInterrupted(
            remedy="What was written until then is kept with the run; start it again."
            if run.last_event > 1
            else "Start it again.",
            run_id=str(run.id),
        ).problem()
        last = Event(id=run.last_event + UNSEEN, kind="failed", data={"error": error})
        await queries.fail_dead_run(conn, run.id, error, last)
        if run.reservation_id is not None:
            await release(conn, run.reservation_id)
        return True
