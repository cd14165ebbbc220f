"""The owner's connection while the schema changes: one lock, fixed settings, errors that name the file."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

from blogai.db.database import Connection
from blogai.db.rights import missing_right
from blogai.errors import ConfigurationError, DatabaseUnavailable, MigrationError

LOCK_KEY = 0x426C6F67_41490001
"""The advisory lock of all runners: "BlogAI" and 1, a number that nobody else takes."""

_BROKEN = ("08", "57P")
"""Beginnings of the SQLSTATEs with which a connection ends; the driver has one class for these and for locks."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long the runner waits, in seconds; 0 waits for ever."""

    runner: float = 120.0
    """For another runner on the same database to finish."""
    lock: float = 10.0
    """For a table that others use."""
    statement: float = 900.0
    """For one statement of a migration."""


@asynccontextmanager
async def connection(conninfo: str) -> AsyncIterator[Connection]:
    """The owner in autocommit mode; what the driver raises inside becomes a MigrationError.

    Raises:
        DatabaseUnavailable: no connection could be made.
        ConfigurationError: the address cannot be read.
    """
    try:
        conn: Connection = await psycopg.AsyncConnection[Any].connect(
            conninfo, autocommit=True, application_name="blogai db", connect_timeout=10
        )
    except psycopg.OperationalError as exc:
        raise DatabaseUnavailable(
            f"The database cannot be reached: {str(exc).strip().splitlines()[0]}.",
            remedy="Check BLOGAI_OWNER_DATABASE_URL and that the server runs.",
        ) from exc
    except psycopg.ProgrammingError:  # without its text, which may show a part of the password
        raise ConfigurationError(
            "BLOGAI_OWNER_DATABASE_URL is not a valid connection address.",
            field="owner_database_url",
            remedy="Write it as postgresql://user:password@host:port/database.",
        ) from None
    login = conn.info.user  # a closed connection does not tell
    try:
        async with conn:
            yield conn
    except psycopg.Error as exc:
        again = "What was not finished is rolled back; run the command again"
        if isinstance(exc, psycopg.OperationalError) and (exc.sqlstate is None or exc.sqlstate.startswith(_BROKEN)):
            raise MigrationError(
                f"The connection to the database broke: {str(exc).strip().splitlines()[0]}.", remedy=f"{again}."
            ) from exc
        remedy = None
        if isinstance(exc, psycopg.errors.InsufficientPrivilege):
            remedy = missing_right(login, str(exc))
        elif isinstance(exc, psycopg.errors.LockNotAvailable | psycopg.errors.DeadlockDetected):
            remedy = f"Others use the tables. {again}, at a quiet time."
        raise MigrationError(f"{exc.diag.message_primary or exc} ({exc.sqlstate}).", remedy=remedy) from exc


@asynccontextmanager
async def session(conninfo: str, limits: Limits) -> AsyncIterator[Connection]:
    """A connection that holds the lock of all runners."""
    async with connection(conninfo) as conn:
        await conn.execute(
            "select set_config('lock_timeout', %s, false), set_config('statement_timeout', '0', false)",
            [f"{round(limits.runner * 1000)}ms"],
        )
        try:
            await conn.execute("select pg_advisory_lock(%s)", [LOCK_KEY])
        except psycopg.errors.LockNotAvailable as exc:
            raise MigrationError(
                f"Another `blogai db` works on this database since {limits.runner:g} seconds{await _holder(conn)}.",
                remedy="Wait for it, or end that connection, and run the command again.",
            ) from exc
        yield conn


async def _holder(conn: Connection) -> str:
    cursor = await conn.execute(
        "select l.pid from pg_locks l join pg_database d on d.oid = l.database"
        " where l.locktype = 'advisory' and l.granted and d.datname = current_database()"
        " and l.classid = %s and l.objid = %s",
        [LOCK_KEY >> 32, LOCK_KEY & 0xFFFFFFFF],
    )
    row = await cursor.fetchone()
    return f" (server process {row[0]})" if row else ""


async def prepare(conn: Connection, limits: Limits) -> None:
    """Makes a transaction independent of what the login or the server has set."""
    settings = {
        "lock_timeout": f"{round(limits.lock * 1000)}ms",
        "statement_timeout": f"{round(limits.statement * 1000)}ms",
        "search_path": "public, extensions",  # extensions: where Supabase keeps uuid-ossp
        "timezone": "UTC",
        "datestyle": "ISO, MDY",
    }
    for name, value in settings.items():
        await conn.execute("select set_config(%s, %s, true)", [name, value])


async def run(conn: Connection, name: str, script: str) -> None:
    """Runs a script in the open transaction.

    Raises:
        MigrationError: names the file, the line where PostgreSQL knows it, and the error.
    """
    try:
        await conn.execute(script)
    except psycopg.Error as exc:
        raise _failure(conn, name, script, exc) from exc
    if conn.info.transaction_status != TransactionStatus.INTRANS:
        raise MigrationError(
            f"{name} ended the transaction that it runs in.",
            remedy="Leave transactions to the runner, and look what stayed behind.",
        )


def _failure(conn: Connection, name: str, script: str, exc: psycopg.Error) -> MigrationError:
    where = name
    if exc.diag.statement_position:
        line = script.count("\n", 0, int(exc.diag.statement_position) - 1) + 1
        where = f"{name}, line {line}"
    elif exc.diag.context and (inner := re.search(r"(?:function|block) .*|SQL statement.*", exc.diag.context)):
        where = f"{name}, {inner[0]}"
    message = (exc.diag.message_primary or str(exc)).strip()
    parts = [f"{where}: {message} ({exc.sqlstate or type(exc).__name__})."]
    if exc.diag.message_detail:
        parts.append(exc.diag.message_detail)
    remedy = "Nothing of this file was kept; put the cause right and run the command again."
    if isinstance(exc, psycopg.errors.LockNotAvailable):
        remedy = "Others use the table: choose a quiet time, or raise --lock-timeout. Nothing of this file was kept."
    elif isinstance(exc, psycopg.errors.DeadlockDetected):
        remedy = "Others use the tables: run the command again, at a quiet time. Nothing of this file was kept."
    elif isinstance(exc, psycopg.errors.QueryCanceled):
        remedy = "Raise --statement-timeout. Nothing of this file was kept."
    elif isinstance(exc, psycopg.errors.InsufficientPrivilege):
        remedy = f"{missing_right(conn.info.user, message)} Nothing of this file was kept."
    return MigrationError(" ".join(parts), remedy=remedy, file=name, sqlstate=exc.sqlstate)
