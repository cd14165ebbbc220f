"""The choke point: every generation starts here, is followed here, and ends stored and booked, or released."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from types import TracebackType
from typing import Any, Self
from uuid import UUID, uuid4

from blogai.content import keys, queries
from blogai.content import sweep as sweeping
from blogai.content.events import EventLog
from blogai.content.execution import Execution
from blogai.content.models import Event, Run
from blogai.content.operation import OPERATION_TYPES, Operation
from blogai.content.pump import Pump
from blogai.content.recovery import Recovery
from blogai.content.text import storable_json
from blogai.db.database import Actor, Database, become
from blogai.errors import Conflict, DatabaseUnavailable, Forbidden, NotFound
from blogai.providers.registry import Providers
from blogai.providers.text import TextModel
from blogai.settings import Settings

POLL = 0.25
"""Seconds between looks at a run that another process carries out."""

HOLD = timedelta(hours=24)
"""How long a reservation may stay open at most. The sweep of runs releases much sooner; this is for the case that
the run's row itself is gone."""


class Runs:
    """All runs that this process starts, and a view on those of others."""

    def __init__(self, database: Database, providers: Providers, settings: Settings) -> None:
        self._database = database
        self._providers = providers
        self._lease = timedelta(seconds=settings.run_lease)
        self._patience = settings.run_patience
        self._recovery = Recovery(settings.data_dir / "recovery")
        self._pump = Pump(database, self._lease)
        self._closing = False

    async def __aenter__(self) -> Self:
        await self.sweep()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def known(
        self, actor: Actor, operation: Operation, provider: str | None, key: str | None, asked: Mapping[str, Any]
    ) -> Run | None:
        """The run that a key has been given for the same before, as `start` takes it; None when there is none.

        Raises:
            Conflict: the key stands for another request.
            InvalidInput: unusable key, or inputs that cannot be stored.
        """
        keys.check(key)
        if key is None or actor.role != "authenticated":
            return None
        expected = keys.fingerprint(operation, provider, asked)
        async with self._database.transaction(actor) as conn:
            return await keys.run_of(conn, key, expected)

    async def start(
        self,
        actor: Actor,
        operation: Operation,
        provider: str | None = None,
        idempotency_key: str | None = None,
        *,
        asked: Mapping[str, Any] | None = None,
    ) -> Run:
        """Reserves quota, notes the run and begins it.

        Args:
            actor: a signed-in user; the run, its text and its costs are theirs.
            operation: what to write.
            provider: name of the provider; the default one when left out.
            idempotency_key: the same key with the same request gives the same run, however often; after a run that
                failed, which has charged nothing, it begins another.
            asked: what the key stands for, where the inputs also hold what was not asked for, such as a default.

        Raises:
            QuotaExceeded: nothing was started.
            Conflict: the key stands for another request.
            InvalidInput: unknown provider, unusable key, or inputs that cannot be stored.
            Forbidden: the caller is not signed in.
        """
        if actor.role != "authenticated" or not actor.user_id:
            raise Forbidden("Only signed-in users can generate.", remedy="Sign in first.")
        if self._closing:
            raise DatabaseUnavailable("The program is about to stop.", remedy="Try again in a moment.")
        if operation.operation_type not in OPERATION_TYPES:
            raise ValueError(f"unknown operation type {operation.operation_type!r}")
        keys.check(idempotency_key)
        inputs = storable_json(operation.inputs)
        model = self._providers.model(provider)
        fingerprint = keys.fingerprint(operation, provider, operation.inputs if asked is None else asked)
        run_id = uuid4()
        events = EventLog()
        started = _started(events, run_id, operation, model)
        run = None
        async with self._database.transaction(actor, pipeline=True) as conn:
            inserted = await queries.insert_run(
                conn,
                run_id=run_id,
                tool_id=operation.tool_id,
                tool_name=operation.tool_name,
                operation_type=operation.operation_type,
                units=operation.units,
                inputs=inputs,
                provider=model.name,
                idempotency_key=idempotency_key,
                fingerprint=fingerprint,
            )
            if idempotency_key is not None:  # without one there is no clash to wait for, and all goes out at once
                run = await inserted.fetchone()
                if run is None:
                    known = await keys.run_of(conn, idempotency_key, fingerprint)
                    if known is None:  # it failed or was deleted between two statements
                        raise Conflict(
                            "That idempotency key is just being used.", remedy="Try again.", field="idempotency_key"
                        )
                    return known
            await become(conn, Actor.service())
            await queries.hold_run(conn, run_id, HOLD, started)
        run = run or await inserted.fetchone()
        assert run is not None
        events.stored = len(events.events)
        self._pump.add(
            Execution(
                database=self._database,
                recovery=self._recovery,
                patience=self._patience,
                actor=actor,
                run=run,
                operation=operation,
                model=model,
                events=events,
                on_end=self._pump.remove,
            )
        )
        return run

    async def get(self, actor: Actor, run_id: UUID) -> Run:
        """The run as it stands; a run whose process died is ended by this look.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        _signed_in(actor)
        async with self._database.transaction(actor) as conn:
            run = await queries.get_run(conn, run_id)
        if run is None:
            raise NotFound("There is no such run.")
        if (
            not run.over
            and self._pump.get(run_id) is None
            and await sweeping.sweep(self._database, self._lease, run_id)
        ):
            async with self._database.transaction(actor) as conn:
                run = await queries.get_run(conn, run_id) or run
        return run

    async def running(self, actor: Actor) -> list[Run]:
        """The caller's runs that are not over, the newest first."""
        _signed_in(actor)
        async with self._database.transaction(actor) as conn:
            return await queries.running_runs(conn)

    async def events(self, actor: Actor, run_id: UUID, after: int = 0) -> AsyncIterator[Event]:
        """The events with a greater id, stored ones first, then those to come; ends with the run. Who stops reading
        does not stop the run, and may come back with the id of the last event seen.

        Raises:
            NotFound: there is no such run, or it is somebody else's.
        """
        if execution := self._own(actor, run_id):
            async for event in execution.events.follow(after):
                yield event
            return
        run = await self.get(actor, run_id)
        away_since: float | None = None
        while True:
            try:
                # the state is read before the events: when it says "over", the last event is stored
                async with self._database.transaction(actor) as conn:
                    found = await queries.events_after(conn, run_id, after)
                for event in found:
                    after = event.id
                    yield event
                    if event.last:
                        return
                if not found:
                    if run.over:
                        return
                    await asyncio.sleep(POLL)
                    run = await self.get(actor, run_id)
                away_since = None
            except DatabaseUnavailable:
                away_since = away_since or time.monotonic()
                if time.monotonic() - away_since > self._patience:
                    raise
                await asyncio.sleep(POLL)

    async def wait(self, actor: Actor, run_id: UUID) -> Run:
        """The run when it is over.

        Raises:
            NotFound: there is no such run, or it is somebody else's.
        """
        if execution := self._own(actor, run_id):
            return await execution.wait()
        run = await self.get(actor, run_id)
        if not run.over:
            async for _ in self.events(actor, run_id):
                pass
            run = await self.get(actor, run_id)
        return run

    async def cancel(self, actor: Actor, run_id: UUID) -> Run:
        """Asks a run to stop, whichever process carries it out. What was written is kept and charged; when nothing
        was written nothing is. A run that is over stays as it is.

        Raises:
            NotFound: there is no such run, or it is somebody else's.
        """
        if execution := self._own(actor, run_id):
            execution.cancel()
            return execution.run
        _signed_in(actor)
        async with self._database.transaction(actor) as conn:
            await queries.request_cancel(conn, run_id)
        return await self.get(actor, run_id)

    async def sweep(self) -> int:
        """Ends runs whose process died and stores what waits in recovery files; how many runs it ended."""
        await self._recovery.store_all(self._database)
        return await sweeping.sweep(self._database, self._lease)

    async def close(self, grace: float = 5.0) -> None:
        """Lets running runs end, then interrupts the rest: they fail and are not charged.

        Args:
            grace: seconds to wait before that.
        """
        self._closing = True
        if waits := [asyncio.ensure_future(execution.wait()) for execution in self._pump.all()]:
            _, late = await asyncio.wait(waits, timeout=grace)
            for execution in self._pump.all():
                execution.interrupt()
            if late:
                await asyncio.wait(late)
        await self._pump.close()

    def _own(self, actor: Actor, run_id: UUID) -> Execution | None:
        """The run if this process carries it out.

        Raises:
            NotFound: it is somebody else's.
        """
        execution = self._pump.get(run_id)
        if execution is not None and execution.actor.user_id != actor.user_id:
            raise NotFound("There is no such run.")
        return execution


def _signed_in(actor: Actor) -> None:
    """Only signed-in users have runs; others could not even ask the database."""
    if actor.role != "authenticated":
        raise NotFound("There is no such run.")


def _started(events: EventLog, run_id: UUID, operation: Operation, model: TextModel) -> Event:
    return events.emit(
        "started",
        {
            "run_id": str(run_id),
            "tool_id": operation.tool_id,
            "tool_name": operation.tool_name,
            "provider": model.name,
            "model": model.model,
            "units": operation.units,
        },
    )
