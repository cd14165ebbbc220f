"""Stores the events of all running runs of this process, and shows that the process lives."""

import asyncio
import logging
import time
from datetime import timedelta
from uuid import UUID

from blogai.cancellation import end
from blogai.content import queries
from blogai.content.execution import Execution
from blogai.db.database import Actor, Database
from blogai.errors import DatabaseUnavailable

log = logging.getLogger(__name__)

STORE_EVERY = 0.1
"""Seconds. One statement stores what all runs have told since; a run that is over sooner costs none."""

BEAT_EVERY = 0.5
"""Seconds between looks for cancels from other processes, at most."""

AWAY = 1.0
"""Seconds between attempts while the database is away; events wait in memory."""


class Pump:
    """One task for all runs, so that a hundred runs do not make a thousand transactions a second."""

    def __init__(self, database: Database, lease: timedelta) -> None:
        self._database = database
        self._lease = lease
        self._running: dict[UUID, Execution] = {}
        self._task: asyncio.Task[None] | None = None

    def add(self, execution: Execution) -> None:
        self._running[execution.run.id] = execution
        if self._task is None:
            self._task = asyncio.create_task(self._work(), name="events of runs")

    def remove(self, execution: Execution) -> None:
        self._running.pop(execution.run.id, None)

    def get(self, run_id: UUID) -> Execution | None:
        return self._running.get(run_id)

    def all(self) -> list[Execution]:
        return list(self._running.values())

    async def close(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            await end(task)

    async def _work(self) -> None:
        """Runs while there are runs."""
        beat_every = min(BEAT_EVERY, self._lease.total_seconds() / 4)
        next_beat = time.monotonic() + beat_every
        pause = STORE_EVERY
        while self._running:
            await asyncio.sleep(pause)
            try:
                await self._store_events()
                if time.monotonic() >= next_beat:
                    await self._beat()
                    next_beat = time.monotonic() + beat_every
                pause = STORE_EVERY
            except DatabaseUnavailable as exc:
                if pause == STORE_EVERY:
                    log.warning("Events wait in memory: %s", exc)
                pause = AWAY
            except Exception:  # this task must live as long as there are runs, or they would count as dead
                log.exception("Events could not be stored; they are stored with the end of their run")
                pause = AWAY
        self._task = None

    async def _store_events(self) -> None:
        waiting = [(e, len(e.events.events), e.events.unstored()) for e in self.all()]
        if not any(events for _, _, events in waiting):
            return
        async with self._database.transaction(Actor.service()) as conn:
            await queries.insert_events(
                conn, [(execution.run.id, event) for execution, _, events in waiting for event in events]
            )
        for execution, count, _ in waiting:
            execution.events.stored = max(execution.events.stored, count)

    async def _beat(self) -> None:
        if not self._running:
            return
        async with self._database.transaction(Actor.service()) as conn:
            cancelled = await queries.beat(conn, list(self._running), self._lease / 4)
        for run_id in cancelled:
            if execution := self._running.get(run_id):
                execution.cancel()
