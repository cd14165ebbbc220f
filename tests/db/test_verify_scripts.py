"""A verify script notices each object of its migration that is missing. Policies have tests of their own: later
migrations replace many, and a verify script must hold on the newest schema as well."""

import psycopg
from tests.db.connecting import owner

from blogai.db.database import Connection
from blogai.db.migrate import load, migrate

OBJECTS = """
select 'drop table ' || oid::regclass || ' cascade'
  from pg_class where relnamespace in ('public'::regnamespace, 'private'::regnamespace) and relkind = 'r'
   and relname <> 'schema_migrations'
union all
select 'alter table ' || attrelid::regclass || ' drop column ' || quote_ident(attname) || ' cascade'
  from pg_attribute join pg_class c on c.oid = attrelid
 where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and attnum > 0 and not attisdropped
union all
select 'drop ' || case prokind when 'p' then 'procedure ' else 'function ' end || oid::regprocedure || ' cascade'
  from pg_proc where pronamespace in ('public'::regnamespace, 'private'::regnamespace, 'auth'::regnamespace)
union all
select 'drop index ' || i.indexrelid::regclass
  from pg_index i join pg_class c on c.oid = i.indexrelid
 where c.relnamespace = 'public'::regnamespace and c.relname like 'idx_%'
union all
select 'drop trigger ' || quote_ident(tgname) || ' on ' || tgrelid::regclass
  from pg_trigger join pg_class c on c.oid = tgrelid
 where c.relnamespace = 'public'::regnamespace and not tgisinternal
union all
select 'alter table ' || oid::regclass || ' disable row level security'
  from pg_class where relnamespace = 'public'::regnamespace and relrowsecurity
union all
select 'alter table ' || oid::regclass || ' no force row level security'
  from pg_class where relnamespace = 'public'::regnamespace and relforcerowsecurity
union all
select 'drop view ' || oid::regclass || ' cascade'
  from pg_class where relnamespace in ('public'::regnamespace, 'private'::regnamespace) and relkind = 'v'
"""


async def removals(conn: Connection) -> set[str]:
    """One statement for each object that exists, which takes it away."""
    cursor = await conn.execute("select to_regnamespace('auth') is null")
    if await cursor.fetchone() == (True,):
        return set()
    return {row[0] for row in await (await conn.execute(OBJECTS)).fetchall()}


async def unnoticed(conn: Connection, script: str, statements: set[str]) -> list[str]:
    """The removals that the script does not object to."""
    silent = []
    for statement in sorted(statements):
        await conn.execute("begin")
        try:
            await conn.execute(statement.encode())
            await conn.execute(script.encode())
            silent.append(statement)
        except psycopg.Error:
            pass
        finally:
            await conn.execute("rollback")
    return silent


async def test_every_missing_object_is_noticed(blank_dsn: str) -> None:
    async with owner(blank_dsn) as conn:
        before: set[str] = set()
        missed = {}
        for migration in load():
            await migrate(blank_dsn, to=migration.number)
            after = await removals(conn)
            if silent := await unnoticed(conn, migration.verify, after - before):
                missed[migration.id] = silent
            before = after
        assert not missed, "\n".join(f"{k}: {s}" for k, v in missed.items() for s in v)
