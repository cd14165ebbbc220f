"""Opens the database for one process: the embedded server, or the user's own.

On the embedded server everything is done here: started, migrated, login and local owner made. On a server
of the user's the schema is the user's decision; we only look whether it and the login are right.
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import psycopg

from blogai.db.database import LOCAL_USER_ID, Actor, Connection, Database, acting_as, from_database
from blogai.db.migrate import migrate, pending
from blogai.db.rights import OLDEST
from blogai.errors import BlogAIError, ConfigurationError, DatabaseUnavailable
from blogai.settings import Settings

if TYPE_CHECKING:
    from blogai.db.embedded import EmbeddedPostgres

_LOOK_EVERY = 1.0
"""Seconds between two looks after the embedded server."""

_log = logging.getLogger(__name__)

_PREPARING = 0x426C6F67_41490002  # "BlogAI" and 2: one process prepares the embedded database at a time


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """The open database, ready for use; closed, and the embedded server let go of, at the end.

    Raises:
        ConfigurationError: no runtime login, one that could bypass the policies, a schema that is not up to
            date, or an unusable data directory; the remedy says what to do.
        DatabaseUnavailable: the server does not start or cannot be reached.
        MigrationError: the embedded database could not be brought up to date.
    """
    if settings.database_url is not None:
        dsn = settings.database_url.get_secret_value()
        await _check_own_server(dsn)
        async with Database(dsn, max_size=settings.database_pool_size) as database:
            yield database
    elif settings.owner_database_url is not None:
        raise ConfigurationError(
            "BLOGAI_OWNER_DATABASE_URL is set, but not BLOGAI_DATABASE_URL: the program does not work as the owner.",
            field="database_url",
            remedy="Make a login with `blogai db create-login NAME` and put its address into BLOGAI_DATABASE_URL.",
        )
    else:
        async with (
            embedded_server(settings) as server,
            Database(await _ready_embedded(server), max_size=settings.database_pool_size) as database,
        ):
            yield database


@asynccontextmanager
async def embedded_server(settings: Settings) -> "AsyncIterator[EmbeddedPostgres]":
    """The running embedded server of the data directory; shared with our other processes.

    Raises:
        ConfigurationError, DatabaseUnavailable: as `EmbeddedPostgres.start`.
    """
    if os.name != "posix":
        raise ConfigurationError(
            "The embedded PostgreSQL runs on Linux and macOS only.",
            field="database_url",
            remedy="Set BLOGAI_OWNER_DATABASE_URL and BLOGAI_DATABASE_URL to a server of your own.",
        )
    from blogai.db.embedded import EmbeddedPostgres  # loads modules that only POSIX has

    server = EmbeddedPostgres(settings.data_dir)
    try:
        await asyncio.to_thread(server.start)
        guard = asyncio.create_task(_keep_alive(server))
        try:
            yield server
        finally:
            guard.cancel()
    finally:
        await asyncio.to_thread(server.stop)


async def _keep_alive(server: "EmbeddedPostgres") -> None:
    """Starts a server again that died (killed for lack of memory, say); the pool finds its way back alone."""
    pause = _LOOK_EVERY
    while True:
        await asyncio.sleep(pause)
        pause = _LOOK_EVERY
        if server.pid is None:
            try:
                await asyncio.to_thread(server.revive)
            except BlogAIError as exc:
                _log.error("%s", exc)
                pause *= 10


async def prepare_embedded(server: "EmbeddedPostgres", db: str = "blogai") -> None:
    """Brings an embedded database up to date: schema, rights of the runtime login, local owner."""
    async with await _connect(server.owner_dsn(db)) as owner:
        await owner.execute("select pg_advisory_lock(%s)", [_PREPARING])
        await migrate(server.owner_dsn(db))
        await owner.execute("grant anon, authenticated, service_role to blogai_app")
        async with await _connect(server.app_dsn(db)) as conn:
            await ensure_local_owner(conn)


async def ensure_local_owner(conn: Connection) -> None:
    """Makes the one owner of an installation without sign-in, on the business tier; never changes one."""
    async with conn.transaction(), acting_as(conn, Actor.service()):
        cursor = await conn.execute(
            "select from public.users u join public.user_quotas q using (user_id) where user_id = %s", [LOCAL_USER_ID]
        )
        if await cursor.fetchone() is not None:
            return
        await conn.execute(
            "insert into public.users (user_id, name, tier) values (%s, 'Local owner', 'business')"
            " on conflict (user_id) do nothing",
            [LOCAL_USER_ID],
        )
        await conn.execute(
            "insert into public.user_quotas (user_id, tier) values (%s, 'business') on conflict (user_id) do nothing",
            [LOCAL_USER_ID],
        )


async def _ready_embedded(server: "EmbeddedPostgres") -> str:
    """The DSN of the runtime login, once the database is up to date."""
    dsn = server.app_dsn()
    async with await _connect(dsn) as conn:
        try:
            ready = not await pending(conn)
        except psycopg.errors.InsufficientPrivilege:  # a start was killed between migrating and granting
            ready = False
        if ready:
            await ensure_local_owner(conn)
    if not ready:
        await prepare_embedded(server)
    return dsn


async def _check_own_server(dsn: str) -> None:
    from blogai.db.login import check_runtime_login

    async with await _connect(dsn) as conn:
        if conn.info.server_version < OLDEST * 10000:
            raise ConfigurationError(
                f"The server of BLOGAI_DATABASE_URL is PostgreSQL {conn.info.server_version // 10000}.",
                field="database_url",
                remedy=f"Blog AI needs {OLDEST} or later.",
            )
        try:
            await check_runtime_login(conn)
            if missing := await pending(conn):
                raise ConfigurationError(
                    f"The database is not up to date: {len(missing)} migrations are missing, from {missing[0]} on.",
                    field="database_url",
                    remedy="Run `blogai db migrate` with BLOGAI_OWNER_DATABASE_URL set.",
                )
            await ensure_local_owner(conn)
        except psycopg.Error as exc:
            raise from_database(exc) from exc


async def _connect(dsn: str) -> Connection:
    try:
        return await psycopg.AsyncConnection[Any].connect(
            dsn, autocommit=True, connect_timeout=10, application_name="blogai start"
        )
    except psycopg.OperationalError as exc:
        raise DatabaseUnavailable(
            f"The database cannot be reached: {str(exc).strip().splitlines()[0]}.",
            remedy="Check BLOGAI_DATABASE_URL and that the server runs; `blogai doctor` helps.",
        ) from exc
    except psycopg.ProgrammingError as exc:  # its text may show a part of the password
        raise ConfigurationError(
            "BLOGAI_DATABASE_URL is not a valid connection address.",
            field="database_url",
            remedy="It looks like postgresql://NAME:PASSWORD@HOST:5432/DATABASE.",
        ) from exc
