"""The adoption's own notes: what was done when, and every row as it was before a repair changed it.

They lie in a schema of their own, so that our schema is the same as anywhere; the operator drops it when
nobody will want to look again.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from psycopg.types.json import Jsonb

from blogai.db.adopt.shape import literal, quote
from blogai.db.database import Connection

_CREATE = """
create schema if not exists blogai_adoption;
comment on schema blogai_adoption is 'Notes of `blogai db adopt`; may be dropped when nobody wants to look again.';
create table if not exists blogai_adoption.steps (
    id bigint generated always as identity primary key,
    step text not null,
    taken_at timestamptz not null default clock_timestamp(),
    details jsonb not null
);
create table if not exists blogai_adoption.originals (
    id bigint generated always as identity primary key,
    relation text not null,
    reason text not null,
    original jsonb not null,
    kept_at timestamptz not null default clock_timestamp()
);
"""


async def create(conn: Connection) -> None:
    """Makes schema and tables where they are missing."""
    await conn.execute(_CREATE)


async def step(conn: Connection, name: str, details: object) -> None:
    """Notes that a step was taken, in its transaction."""
    await conn.execute("insert into blogai_adoption.steps (step, details) values (%s, %s)", [name, Jsonb(details)])


async def keep(conn: Connection, table: str, condition: str, reason: str, what: str = "to_jsonb(t)") -> int:
    """Keeps the rows `t` of a table as they are now, or what of them is asked for; how many."""
    cursor = await conn.execute(
        "insert into blogai_adoption.originals (relation, reason, original)"
        f" select {literal(f'public.{table}')}, {literal(reason)}, {what} from public.{quote(table)} as t"
        f" where {condition}"
    )
    return cursor.rowcount


@asynccontextmanager
async def quiet(conn: Connection, table: str) -> AsyncIterator[None]:
    """Keeps `updated_at` as it is while rows of a table are repaired."""
    trigger = f"update_{table}_updated_at"
    cursor = await conn.execute(
        "select from pg_trigger where tgrelid = to_regclass(%s) and tgname = %s and tgenabled = 'O'",
        [f"public.{table}", trigger],
    )
    if not cursor.rowcount:
        yield
        return
    change = f"alter table public.{quote(table)} {{}} trigger {quote(trigger)}"
    await conn.execute(change.format("disable"))
    yield
    await conn.execute(change.format("enable"))
