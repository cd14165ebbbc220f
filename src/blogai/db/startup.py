"""Opens the database for one process: the embedded server, or the user's own."""

from typing import Any

import psycopg

from blogai.db.cluster import RUNTIME_LOGIN
from blogai.db.database import LOCAL_USER_ID, Actor, Connection, acting_as
from blogai.db.embedded import EmbeddedPostgres
from blogai.db.migrate import migrate

_PREPARING = 0x426C6F67_41490002  # "BlogAI" and 2: one process prepares the embedded database at a time


async def prepare_embedded(server: EmbeddedPostgres, db: str = "blogai") -> None:
    """Brings an embedded database up to date: schema, rights of the runtime login, local owner."""
    async with await _connect(server.owner_dsn(db)) as owner:
        await owner.execute("select pg_advisory_lock(%s)", [_PREPARING])
        await migrate(server.owner_dsn(db))
        await owner.execute(f"grant anon, authenticated, service_role to {RUNTIME_LOGIN}")
        async with await _connect(server.app_dsn(db)) as conn:
            await ensure_local_owner(conn)


async def ensure_local_owner(conn: Connection) -> None:
    """Makes the one owner of an installation without sign-in, on the business tier; never changes one."""
    async with conn.transaction(), acting_as(conn, Actor.service()):
        await conn.execute(
            "insert into public.users (user_id, name, tier) values (%s, 'Local owner', 'business')"
            " on conflict (user_id) do nothing",
            [LOCAL_USER_ID],
        )
        await conn.execute(
            "insert into public.user_quotas (user_id, tier) values (%s, 'business') on conflict (user_id) do nothing",
            [LOCAL_USER_ID],
        )


async def _connect(dsn: str) -> Connection:
    return await psycopg.AsyncConnection[Any].connect(dsn, autocommit=True, application_name="blogai start")
