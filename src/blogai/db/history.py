"""The history of applied migrations: the table private.schema_migrations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from psycopg.rows import class_row

from blogai.db.database import Actor, Connection, acting_as
from blogai.db.scripts import Migration, number_of
from blogai.errors import MigrationError

_TABLE = """
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'private' and c.relname = 'schema_migrations'
"""

_CREATE = """
create table private.schema_migrations (
    id text primary key,
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    applied_at timestamptz not null default clock_timestamp(),
    duration_ms integer not null check (duration_ms >= 0),
    applied_by text not null default session_user,
    program_version text not null
);
comment on table private.schema_migrations is
    'One row for each applied migration; written by `blogai db` alone, readable by service_role.';
"""


@dataclass(frozen=True, kw_only=True)
class Applied:
    """A row of the history."""

    id: str
    sha256: str
    applied_at: datetime
    duration_ms: int
    applied_by: str
    program_version: str


async def exists(conn: Connection) -> bool:
    """Whether there is a history; asks the catalog, so it needs no right in the schema."""
    cursor = await conn.execute(f"select exists (select {_TABLE})")
    row = await cursor.fetchone()
    return bool(row and row[0])


async def read(conn: Connection) -> list[Applied]:
    """The history in the order of the numbers; empty when there is none. Needs the owner or service_role."""
    if not await exists(conn):
        return []
    async with conn.cursor(row_factory=class_row(Applied)) as cursor:
        await cursor.execute(
            "select id, sha256, applied_at, duration_ms, applied_by, program_version from private.schema_migrations"
        )
        return sorted(await cursor.fetchall(), key=lambda applied: number_of(applied.id))


async def check_kept(conn: Connection, applied: Sequence[Applied]) -> None:
    """Refuses a database that our migrations made and whose history is gone: which of them it has, nobody knows.

    Raises:
        MigrationError: 000 was applied here, but is not recorded.
    """
    cursor = await conn.execute("select 1 from pg_class where oid = to_regclass('private.prepared_objects')")
    if await cursor.fetchone() and not any(number_of(row.id) == 0 for row in applied):
        raise MigrationError(
            "Blog AI migrated this database itself, but its history, the table private.schema_migrations, is gone.",
            remedy="Nothing was changed. Restore it from a backup: pg_restore -n private -t schema_migrations.",
        )


async def read_as_service(conn: Connection) -> list[Applied]:
    """The same for the runtime login, which may become service_role; its own settings stay as they are."""
    cursor = await conn.execute(
        "select has_table_privilege(c.oid, 'select') and has_schema_privilege(n.oid, 'usage'),"
        f" to_regrole('service_role') is not null {_TABLE}"
    )
    row = await cursor.fetchone()
    if row is None:
        return []
    readable, service_role_exists = row
    if readable:
        return await read(conn)
    if not service_role_exists:
        return []
    async with conn.transaction(), acting_as(conn, Actor.service()):
        return await read(conn)


async def create(conn: Connection) -> None:
    """Makes schema and table where missing. In the caller's transaction."""
    if await exists(conn):
        return
    cursor = await conn.execute("select to_regnamespace('private') is null")
    row = await cursor.fetchone()
    if row and row[0]:
        await conn.execute("create schema private")
    await conn.execute(_CREATE)


async def share(conn: Connection) -> None:
    """Lets service_role read the history, as soon as that role exists."""
    if await _service_role_exists(conn):
        await conn.execute("grant usage on schema private to service_role")
        await conn.execute("grant select on private.schema_migrations to service_role")


async def unshare(conn: Connection) -> None:
    """Takes that back, so that migration 000 can drop the role."""
    if await _service_role_exists(conn):
        await conn.execute("revoke select on private.schema_migrations from service_role")
        await conn.execute("revoke usage on schema private from service_role")


async def drop(conn: Connection) -> None:
    """Removes the table, and the schema when nothing else is in it and it is ours to drop."""
    await conn.execute("drop table private.schema_migrations")
    cursor = await conn.execute(
        "select from pg_namespace n where n.nspname = 'private' and pg_has_role(n.nspowner, 'usage')"
        " and not exists (select from pg_depend d where d.refclassid = 'pg_namespace'::regclass"
        " and d.refobjid = n.oid)"
    )
    if cursor.rowcount:
        await conn.execute("drop schema private")


async def add(conn: Connection, migration: Migration, seconds: float, *, adopted: bool = False) -> None:
    """Records a migration that was applied just now; an adopted one was there already."""
    await conn.execute(
        "insert into private.schema_migrations (id, sha256, duration_ms, applied_by, program_version)"
        " values (%s, %s, %s, session_user || %s, %s)",
        [
            migration.id,
            migration.sha256,
            round(seconds * 1000),
            " (adopted)" if adopted else "",
            version("blogai"),
        ],
    )


async def remove(conn: Connection, migration: Migration) -> None:
    """Forgets a migration that was undone."""
    await conn.execute("delete from private.schema_migrations where id = %s", [migration.id])


def check(migrations: Sequence[Migration], applied: Sequence[Applied]) -> None:
    """Compares the history with the files.

    Raises:
        MigrationError: the database knows a migration that this program does not, an applied file
            was changed, or a file is numbered below one that is applied already.
    """
    known = {migration.id: migration for migration in migrations}
    for row in applied:
        migration = known.get(row.id)
        if migration is None:
            raise MigrationError(
                f"The database has migration {row.id}, which this program ({version('blogai')}) does not know;"
                f" it was applied by version {row.program_version}.",
                remedy="Use a version of the program at least as new as the database.",
            )
        if migration.sha256 != row.sha256:
            raise MigrationError(
                f"{row.id}.sql was changed after it was applied on {row.applied_at:%Y-%m-%d %H:%M}.",
                remedy="Restore the file, and put the change into a new migration.",
            )
    done = {row.id for row in applied}
    newest = max((known[row.id].number for row in applied), default=-1)
    for migration in migrations:
        if migration.number < newest and migration.id not in done:
            raise MigrationError(
                f"{migration.id}.sql is not applied, but a later migration is: the history has a gap.",
                remedy="Give it the next free number, or restore the history from a backup.",
            )


async def _service_role_exists(conn: Connection) -> bool:
    cursor = await conn.execute("select to_regrole('service_role') is not null")
    row = await cursor.fetchone()
    return bool(row and row[0])
