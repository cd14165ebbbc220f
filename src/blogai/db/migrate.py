"""The migration runner: applies, undoes, lists and verifies the files of `blogai.db.scripts`.

Every operation takes the DSN of the login that owns the schema, and one session advisory lock, which dies
with its connection. That connection must reach PostgreSQL directly or through a pooler in session mode.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from blogai.db import history, queue_schema
from blogai.db.database import Connection
from blogai.db.rights import check_owner
from blogai.db.scripts import MIGRATIONS, Migration, load
from blogai.db.session import Limits, connection, prepare, run, session
from blogai.errors import InvalidInput, MigrationError

__all__ = ["MIGRATIONS", "Limits", "Migration", "Step", "load", "migrate", "pending", "rollback", "status", "verify"]

State = Literal["applied", "pending", "changed", "unknown"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """Where one migration stands. `problem` is what its verify script raised, after `verify` only."""

    id: str
    state: State
    applied_at: datetime | None = None
    duration_ms: int | None = None
    applied_by: str | None = None
    problem: str | None = None


async def migrate(
    conninfo_owner: str, to: int | None = None, *, folder: Path = MIGRATIONS, limits: Limits | None = None
) -> list[str]:
    """Applies what is missing, up to and including number `to`, and returns the ids that it applied.

    Each migration, its verify script and its row of the history share one transaction. The queue's own
    schema follows once migration 013 is there.

    Raises:
        MigrationError: files and history do not fit together, or a script failed; that one is rolled back.
        DatabaseUnavailable: no connection.
    """
    migrations = load(folder)
    limits = limits or Limits()
    done: list[str] = []
    async with session(conninfo_owner, limits) as conn:
        applied = await history.read(conn)
        history.check(migrations, applied)
        known = {row.id for row in applied}
        missing = [m for m in migrations if m.id not in known and (to is None or m.number <= to)]
        if missing:
            await check_owner(conn)
            await history.check_kept(conn, applied)
            await _check_ours(conn, missing)
        async with conn.transaction():
            await history.create(conn)
        for migration in missing:
            await _apply(conn, migration, limits)
            done.append(migration.id)
        await _settle(conn, migrations, limits)
    return done


async def rollback(
    conninfo_owner: str, to: int | None, *, folder: Path = MIGRATIONS, limits: Limits | None = None
) -> list[str]:
    """Undoes every applied migration numbered above `to`, newest first; None undoes all and drops the history.

    Returns the ids that it undid.

    Raises:
        InvalidInput: no migration has the number `to`.
        MigrationError: as for `migrate`.
    """
    migrations = load(folder)
    limits = limits or Limits()
    if to is not None and to not in {m.number for m in migrations}:
        raise InvalidInput(f"There is no migration {to}.", field="to", remedy="`blogai db status` lists them.")
    done: list[str] = []
    async with session(conninfo_owner, limits) as conn:
        applied = await history.read(conn)
        history.check(migrations, applied)
        known = {row.id for row in applied}
        for migration in reversed(migrations):
            if migration.id in known and (to is None or migration.number > to):
                await _undo(conn, migration, limits)
                done.append(migration.id)
        if not await history.exists(conn):
            return done
        if to is None:
            async with conn.transaction():
                await history.drop(conn)
        else:
            await _settle(conn, migrations, limits)
    return done


async def status(conninfo_owner: str, *, folder: Path = MIGRATIONS) -> list[Step]:
    """Every migration of the folder and of the history, in the order of their numbers. Changes nothing."""
    migrations = load(folder)
    async with connection(conninfo_owner) as conn:
        applied = await history.read(conn)
    return _compare(migrations, applied)


async def verify(conninfo_owner: str, *, folder: Path = MIGRATIONS) -> list[Step]:
    """Runs the verify script of every applied migration and compares the checksums. Keeps no change.

    What a script raised is in its step's `problem`; a step is good when it is applied and has none.
    """
    migrations = {m.id: m for m in load(folder)}
    steps: list[Step] = []
    async with session(conninfo_owner, Limits()) as conn:
        for step in _compare(list(migrations.values()), await history.read(conn)):
            migration = migrations.get(step.id)
            problem: str | None = None
            if step.state == "changed":
                problem = f"{step.id}.sql was changed after it was applied"
            elif migration is None:
                problem = f"{step.id} is not known to this program"
            elif step.state == "applied":
                try:
                    async with conn.transaction(force_rollback=True):
                        await prepare(conn, Limits())
                        await run(conn, f"{migration.id}.verify.sql", migration.verify)
                except MigrationError as exc:
                    problem = exc.message
            steps.append(Step(**{**vars(step), "problem": problem}))
    return steps


async def pending(conn: Connection, *, folder: Path = MIGRATIONS) -> list[str]:
    """The ids still to be applied, as the runtime login sees it; last comes `queue` when its schema is missing.

    Raises:
        MigrationError: the database is newer than the program, or an applied file was changed.
    """
    migrations = load(folder)
    applied = await history.read_as_service(conn)
    history.check(migrations, applied)
    known = {row.id for row in applied}
    missing = [m.id for m in migrations if m.id not in known]
    if queue_schema.belongs(m.number for m in migrations) and await queue_schema.pending(conn):
        missing.append("queue")
    return missing


async def _check_ours(conn: Connection, missing: Sequence[Migration]) -> None:
    """Refuses to make tables over those of somebody who runs the documented schema already."""
    if not any(migration.id == "001_create_generated_content" for migration in missing):
        return
    cursor = await conn.execute("select to_regclass('public.generated_content') is not null")
    if await cursor.fetchone() == (True,):
        raise MigrationError(
            "The table public.generated_content is there already, but no migration is recorded.",
            remedy="Run `blogai db adopt` first (docs/adopting.md): it takes over a database of the documented schema.",
        )


async def _apply(conn: Connection, migration: Migration, limits: Limits) -> None:
    start = time.perf_counter()
    async with conn.transaction():
        await prepare(conn, limits)
        await run(conn, f"{migration.id}.sql", migration.up)
        # What a verify script writes to try a rule out does not stay.
        async with conn.transaction(force_rollback=True):
            await run(conn, f"{migration.id}.verify.sql", migration.verify)
        await history.add(conn, migration, time.perf_counter() - start)


async def _undo(conn: Connection, migration: Migration, limits: Limits) -> None:
    async with conn.transaction():
        await prepare(conn, limits)
        if migration.number == queue_schema.SINCE:
            await queue_schema.remove(conn)
        if migration.number == 0:
            await history.unshare(conn)
        await run(conn, f"{migration.id}.down.sql", migration.down)
        await history.remove(conn, migration)


async def _settle(conn: Connection, migrations: Sequence[Migration], limits: Limits) -> None:
    """What must hold after every change: the history is readable for the program, the queue is there."""
    applied = {row.id for row in await history.read(conn)}
    async with conn.transaction():
        await history.share(conn)
    if queue_schema.belongs(m.number for m in migrations if m.id in applied):
        await queue_schema.install(conn)


def _compare(migrations: Sequence[Migration], applied: Sequence[history.Applied]) -> list[Step]:
    rows = {row.id: row for row in applied}
    steps = [_step(migration, rows.pop(migration.id, None)) for migration in migrations]
    steps += [_step(None, row) for row in rows.values()]
    return sorted(steps, key=lambda step: step.id)


def _step(migration: Migration | None, row: history.Applied | None) -> Step:
    if row is None:
        assert migration is not None
        return Step(id=migration.id, state="pending")
    state: State = "applied"
    if migration is None:
        state = "unknown"
    elif migration.sha256 != row.sha256:
        state = "changed"
    return Step(
        id=row.id,
        state=state,
        applied_at=row.applied_at,
        duration_ms=row.duration_ms,
        applied_by=row.applied_by,
    )
