"""The job queue's schema: procrastinate's own SQL in schema `queue`, installed by its SchemaManager.

It exists from migration 013 on, the first of ours: 000 to 012 prepare the server and keep to the documented
schema. Rolling 013 back drops it with the jobs in it. The names of procrastinate's migrations that are
in force are kept beside its tables, so that a newer procrastinate applies just what is new.
"""

from collections.abc import Iterable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, LiteralString

from psycopg import sql

from blogai.db.database import Actor, Connection, acting_as
from blogai.errors import MigrationError

SINCE = 13
"""Number of the migration with which the queue comes and goes."""

RECORD = """
create table queue.blogai_migrations (
    name text primary key,
    program_version text not null,
    applied_at timestamptz not null default clock_timestamp()
);
comment on table queue.blogai_migrations is 'Migrations of procrastinate that are in force.';
"""

_FUNCTIONS = """
select p.oid::regprocedure::text
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where n.nspname = 'queue'
"""


def belongs(numbers: Iterable[int]) -> bool:
    """Whether the queue exists beside the migrations with these numbers."""
    return SINCE in numbers


async def install(conn: Connection) -> list[str]:
    """Creates the schema, or applies what a newer procrastinate adds; returns the names that it applied.

    Takes an autocommit connection of the owner. Nothing happens when all is in place.

    Raises:
        MigrationError: the schema is somebody else's, or newer than the procrastinate of this program.
    """
    applied = await _applied(conn)
    missing = _missing(applied)
    if not missing:
        return []
    if not applied:
        async with conn.transaction():
            await _create(conn, missing)
    else:
        for name in missing:  # one transaction each: a new enum value is usable only after its commit
            async with conn.transaction():
                await conn.execute("set local search_path = queue")
                await conn.execute((_folder() / name).read_text(encoding="utf-8"))
                await _record(conn, [name])
                await _secure(conn)
    return missing


async def remove(conn: Connection) -> None:
    """Drops the queue and every job in it."""
    await conn.execute("drop schema if exists queue cascade")


async def pending(conn: Connection) -> bool:
    """Whether `install` has something to do; for the runtime login, which may become service_role."""
    cursor = await conn.execute(
        "select has_schema_privilege('service_role', oid, 'usage') from pg_namespace where nspname = 'queue'"
    )
    if await cursor.fetchone() != (True,):
        return True
    async with conn.transaction(), acting_as(conn, Actor.service()):
        return bool(_missing(await _applied(conn)))


async def _create(conn: Connection, names: list[str]) -> None:
    from procrastinate.connector import BaseAsyncConnector
    from procrastinate.schema import SchemaManager

    class OnConnection(BaseAsyncConnector):
        """Runs procrastinate's SQL in the transaction that is open."""

        async def execute_query_async(self, query: LiteralString, **arguments: Any) -> None:
            await conn.execute(query, arguments)

    await conn.execute("create schema queue")
    await conn.execute("comment on schema queue is 'Job queue (procrastinate) of Blog AI.'")
    await conn.execute("set local search_path = queue")
    await SchemaManager(OnConnection()).apply_schema_async()
    await conn.execute(RECORD)
    await _record(conn, names)
    await _secure(conn)


async def _record(conn: Connection, names: list[str]) -> None:
    async with conn.cursor() as cursor:
        await cursor.executemany(
            "insert into queue.blogai_migrations (name, program_version) values (%s, %s)",
            [(name, version("procrastinate")) for name in names],
        )


async def _secure(conn: Connection) -> None:
    """service_role works the queue; nobody else has a right in it.

    procrastinate's functions pin no search_path and so fail where a caller has an empty one: pin it.
    """
    cursor = await conn.execute(_FUNCTIONS)
    for (name,) in await cursor.fetchall():
        await conn.execute(sql.SQL("alter function {} set search_path = queue, pg_temp").format(sql.SQL(name)))
    await conn.execute(
        "revoke all on schema queue from public;"
        "revoke all on all tables in schema queue from public;"
        "revoke all on all functions in schema queue from public;"
        "grant usage on schema queue to service_role;"
        "grant select, insert, update, delete on all tables in schema queue to service_role;"
        "revoke insert, update, delete on queue.blogai_migrations from service_role;"
        "grant usage on all sequences in schema queue to service_role;"
        "grant execute on all functions in schema queue to service_role;"
    )


async def _exists(conn: Connection) -> bool:
    cursor = await conn.execute("select exists (select from pg_namespace where nspname = 'queue')")
    row = await cursor.fetchone()
    return bool(row and row[0])


async def _applied(conn: Connection) -> set[str]:
    if not await _exists(conn):
        return set()
    cursor = await conn.execute("select to_regclass('queue.blogai_migrations') is not null")
    row = await cursor.fetchone()
    if not row or not row[0]:
        raise MigrationError(
            "There is a schema queue that is not ours.",
            remedy="Rename or drop it: Blog AI keeps its job queue under that name.",
        )
    cursor = await conn.execute("select name from queue.blogai_migrations")
    return {name for (name,) in await cursor.fetchall()}


def _missing(applied: set[str]) -> list[str]:
    shipped = sorted(path.name for path in _folder().glob("*.sql"))
    if unknown := sorted(applied.difference(shipped)):
        raise MigrationError(
            f"The queue has procrastinate's migration {unknown[-1]}, which procrastinate"
            f" {version('procrastinate')} does not know.",
            remedy="Use a version of the program at least as new as the database.",
        )
    return [name for name in shipped if name not in applied]


def _folder() -> Path:
    # Found without importing procrastinate, which would take longer than the whole question.
    spec = find_spec("procrastinate")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "sql" / "migrations"
