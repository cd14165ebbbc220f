"""Takes over a live database of the documented schema, one transaction a step.

Where a database stands is read from the catalogs, never from anybody's version table. Each step looks again at
what is there, so that an interrupted adoption goes on where it stopped.
"""

from collections.abc import Callable, Sequence

import psycopg

from blogai.db import history
from blogai.db.adopt import counts, differences, owners, reference, shape
from blogai.db.adopt import steps as steps_of
from blogai.db.adopt.ground import check_ground
from blogai.db.adopt.owners import Owners
from blogai.db.adopt.reference import ALIASES, LAST, Reference
from blogai.db.adopt.report import Count, Difference, Found, Report, State
from blogai.db.adopt.shape import Shape, quote
from blogai.db.database import Connection
from blogai.db.rights import check_owner
from blogai.db.scripts import MIGRATIONS, Migration, load
from blogai.db.session import Limits, prepare, session


async def adopt(
    conninfo_owner: str,
    *,
    agree: Callable[[Report], bool],
    known: Owners | None = None,
    limits: Limits | None = None,
    step_taken: Callable[[str], None] = lambda step: None,
) -> Report:
    """Looks, asks, and brings the database to where `migrate` goes on.

    Args:
        agree: gets the report before anything is changed; False leaves the database as it is.
        known: how the owners of old content are found; None leaves their rows as they are.
        step_taken: is told each step when its transaction is committed.

    Raises:
        MigrationError: nothing here is ours to adopt, a right is missing, or a difference is left that only the
            operator can put right; nothing is changed then. Or a step failed; it alone is rolled back.
        InvalidInput: the owners cannot be found in this way.
    """
    limits = limits or Limits()
    migrations = load(MIGRATIONS)
    async with session(conninfo_owner, limits) as conn:
        await check_owner(conn)
        applied = await history.read(conn)
        history.check(migrations, applied)
        recorded = {row.id for row in applied}
        await history.check_kept(conn, applied)
        async with conn.transaction(force_rollback=True):
            await prepare(conn, limits)
            report, expected = await _look(conn, migrations, recorded, known, limits)
        if not report.steps or not agree(report):
            return report
        if report.blocking:
            raise steps_of.blocked(report.blocking)
        for step in report.steps:
            async with conn.transaction():
                await prepare(conn, limits)
                if step == steps_of.OWNERS:
                    assert known is not None
                    await steps_of.carry(conn, known)
                elif expected is not None:
                    migration = next(each for each in migrations if each.id == step)
                    await steps_of.take(conn, migration, expected)
            step_taken(step)
        async with conn.transaction():
            await history.share(conn)
    return Report(**{**vars(report), "done": True})


async def _look(
    conn: Connection, migrations: Sequence[Migration], recorded: set[str], known: Owners | None, limits: Limits
) -> tuple[Report, Reference | None]:
    documented = [migration for migration in migrations if migration.number <= LAST]
    steps = [migration.id for migration in documented if migration.id not in recorded]
    live = await shape.read(conn)
    expected: Reference | None = None
    found: list[Difference] = []
    states: list[Found] = []
    rows: list[Count] = []
    if steps:
        expected = await reference.build(conn, migrations, prepared=documented[0].id in recorded, limits=limits)
        await check_ground(conn, expected, live)
        states = [_found(expected, migration, live, recorded) for migration in documented if migration.number]
        skip = {state.id for state in states if state.state in ("missing", "recorded")}
        found = differences.compare(expected, live, skip)
        rows = await _breaches(conn, found) + await counts.take(conn) + await _tiers(conn, expected, live)
    if known is not None:
        async with owners.mapped(conn, known, live):
            rows += await owners.count(conn, live)
        steps = [*steps, steps_of.OWNERS]
    cursor = await conn.execute("select current_database()")
    row = await cursor.fetchone()
    assert row is not None
    found = [_decided(difference, rows) for difference in found]
    return Report(database=row[0], migrations=states, differences=found, counts=rows, steps=steps), expected


def _found(expected: Reference, migration: Migration, live: Shape, recorded: set[str]) -> Found:
    missing = differences.missing(expected, migration.id, live)
    state: State = "present"
    if migration.id in recorded:
        state = "recorded"
    elif missing == expected.core(migration.id):
        state = "missing"
    elif missing:
        state = "partial"
    return Found(
        id=migration.id,
        aliases=ALIASES.get(migration.id, ()),
        state=state,
        missing=sorted(expected.shape[key].label for key in missing) if state == "partial" else [],
    )


async def _breaches(conn: Connection, found: Sequence[Difference]) -> list[Count]:
    rows = []
    for difference in found:
        if difference.fix is None:
            continue
        try:
            async with conn.transaction():
                cursor = await conn.execute(
                    f"select count(*) from public.{quote(difference.fix.table)} as t where {difference.fix.condition}"
                )
        except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
            continue  # to be made yet, so nothing breaks its rules
        row = await cursor.fetchone()
        if row and row[0]:
            rows.append(
                Count(
                    name=f"breach: {difference.object}",
                    count=row[0],
                    what=f"{difference.fix.table}: {difference.fix.what}",
                    by="adopt",
                )
            )
    return rows


def _decided(difference: Difference, rows: Sequence[Count]) -> Difference:
    """A rule that rows break, and nobody but the operator knows how to mend them, cannot be repaired."""
    breaks = any(row.name == f"breach: {difference.object}" for row in rows)
    if difference.fix and difference.fix.change is None and breaks:
        return Difference(**{**vars(difference), "action": "blocks"})
    return difference


async def _tiers(conn: Connection, expected: Reference, live: Shape) -> list[Count]:
    if ("table", "tier_limits", "") not in live:
        return []
    missing = await steps_of.missing_tiers(conn, expected)
    if not missing:
        return []
    names = [str(tier["tier"]) for tier in missing]
    return [
        Count(name="tiers_missing", count=len(missing), what="documented tiers that tier_limits lacks: they are added",
              by="adopt", examples=names)
    ]  # fmt: skip
