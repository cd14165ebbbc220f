"""Access to PostgreSQL: a pool whose every transaction runs as an actor.

The login role owns nothing and bypasses nothing. A transaction takes on one of the three roles and
the claims of the caller, both local to the transaction, as PostgREST and Supabase do, so that the same
policies hold whoever connects.
"""

import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal, Self
from weakref import WeakKeyDictionary

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from blogai import errors
from blogai.cancellation import heed

Role = Literal["anon", "authenticated", "service_role"]
Connection = AsyncConnection[Any]

FRESH = 0.5
"""Seconds for which a connection that has just served counts as alive."""

_BECOME = "select set_config('role', %s, true), set_config('request.jwt.claims', %s, true)"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acts: a database role and the verified claims of the caller."""

    role: Role
    claims: dict[str, str] = field(default_factory=dict)

    @classmethod
    def user(cls, user_id: str) -> Self:
        """A signed-in user; the local owner's id is `local`."""
        return cls(role="authenticated", claims={"sub": user_id, "role": "authenticated"})

    @classmethod
    def visitor(cls, user_hash: str) -> Self:
        """An anonymous visitor that is known by a hash."""
        return cls(role="anon", claims={"user_hash": user_hash, "role": "anon"})

    @classmethod
    def service(cls) -> Self:
        """The program itself. Only settling, counters and maintenance need it."""
        return cls(role="service_role", claims={"role": "service_role"})

    @property
    def user_id(self) -> str | None:
        return self.claims.get("sub")

    @property
    def user_hash(self) -> str | None:
        """As the database computes it: the claim, else hex SHA-256 of the subject."""
        if given := self.claims.get("user_hash"):
            return given
        return sha256(self.user_id.encode()).hexdigest() if self.user_id else None


LOCAL_USER_ID = "local"
LOCAL_OWNER = Actor.user(LOCAL_USER_ID)
"""The one owner of an installation without sign-in."""


_UNREACHABLE = "Check that PostgreSQL runs, then try again; `blogai doctor` helps."


def from_database(exc: psycopg.Error) -> errors.BlogAIError:
    """Our error for one of the driver's; the cause is kept by the caller's `raise ... from`."""
    if cls := errors.from_sqlstate(exc.sqlstate):
        diag = exc.diag
        details: dict[str, Any] = {}
        if diag.message_detail:
            try:
                details = dict(json.loads(diag.message_detail))
            except (TypeError, ValueError):
                details = {"reason": diag.message_detail}
        return cls(diag.message_primary, remedy=diag.message_hint, field=diag.column_name, **details)
    match exc.sqlstate:
        case None if isinstance(exc, psycopg.OperationalError | psycopg.InterfaceError):
            return errors.DatabaseUnavailable(remedy=_UNREACHABLE)
        case "53300":
            return errors.DatabaseUnavailable(
                "The database has no connection left.", remedy="Lower BLOGAI_DATABASE_POOL_SIZE or try again."
            )
        case "57014" | "55P03" | "40001" | "40P01":
            return errors.Conflict(
                "Somebody else was changing the same thing.", remedy="Nothing was changed; try again."
            )
        case str(state) if state[:2] in ("08", "57"):
            return errors.DatabaseUnavailable(remedy=_UNREACHABLE)
        case str(state) if state[:2] == "53":
            return errors.DatabaseUnavailable(
                f"The database ran out of resources: {exc.diag.message_primary}.",
                remedy="Free disk space or memory of the database server.",
            )
    if isinstance(exc, psycopg.errors.InsufficientPrivilege):
        return errors.Forbidden()
    return errors.Fault(f"The database refused the statement: {exc.diag.message_primary or exc}.")


_actors: WeakKeyDictionary[Connection, Actor] = WeakKeyDictionary()
"""Who acts on each connection of a pool that has a transaction open; spares asking the server."""


@asynccontextmanager
async def acting_as(conn: Connection, actor: Actor) -> AsyncIterator[Connection]:
    """Runs some statements of an open transaction as somebody else, then switches back.

    After an error there is no switching back: the transaction is over, and the settings with it.
    """
    known = _actors.get(conn)
    if known == actor:
        yield conn
        return
    if known is None:
        cursor = await conn.execute(
            "select current_setting('role'), coalesce(current_setting('request.jwt.claims', true), '')"
        )
        before = await cursor.fetchone()
        assert before is not None
    else:
        before = (known.role, json.dumps(known.claims))
    await conn.execute(_BECOME, [actor.role, json.dumps(actor.claims)])
    if known is not None:
        _actors[conn] = actor
    try:
        yield conn
    finally:  # also when a savepoint around this takes the statements back, and the settings with them
        if known is not None:
            _actors[conn] = known
    await conn.execute(_BECOME, list(before))


async def become(conn: Connection, actor: Actor) -> None:
    """Runs the rest of an open transaction as somebody else."""
    await conn.execute(_BECOME, [actor.role, json.dumps(actor.claims)])
    if conn in _actors:
        _actors[conn] = actor


class Database:
    """A pool of connections of the runtime login."""

    def __init__(self, conninfo: str, *, max_size: int = 10, timeout: float = 10.0) -> None:
        """Args:
        conninfo: DSN of the runtime login.
        max_size: most connections.
        timeout: seconds to wait for a free connection.
        """
        self.conninfo = conninfo
        self._pool = AsyncConnectionPool[Connection](
            conninfo,
            min_size=1,
            max_size=max_size,
            timeout=timeout,
            open=False,
            check=self._check,
        )
        self._used: WeakKeyDictionary[Connection, float] = WeakKeyDictionary()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Opens the pool and waits for the first connection.

        Raises:
            DatabaseUnavailable: no connection could be made in time.
        """
        await self._pool.open()
        try:
            await self._pool.wait()
            heed()
        except BaseException as exc:
            await self._pool.close()
            if isinstance(exc, PoolTimeout):
                raise errors.DatabaseUnavailable(remedy="Check BLOGAI_DATABASE_URL; `blogai doctor` helps.") from exc
            raise

    async def close(self) -> None:
        await self._pool.close()

    async def _check(self, conn: Connection) -> None:
        """Asks the server for a sign of life, unless it has just given one on this connection."""
        if time.monotonic() - self._used.get(conn, 0.0) > FRESH:
            await self._pool.check_connection(conn)

    @asynccontextmanager
    async def transaction(self, actor: Actor, *, pipeline: bool = False) -> AsyncIterator[Connection]:
        """One unit of work, seen by the database as the given actor. Only edges call this.

        Args:
            actor: who acts.
            pipeline: send statements without waiting for the results of those before, up to the next fetch. Fewer
                round trips; an error shows at the next fetch or at the end.

        Raises:
            BlogAIError: what the driver raised, as one of ours.
        """
        try:
            conn, begun = await self._begin(actor, pipeline)
            async with begun:
                _actors[conn] = actor
                try:
                    yield conn
                finally:
                    del _actors[conn]
                self._used[conn] = time.monotonic()
        except PoolTimeout as exc:
            raise errors.DatabaseUnavailable() from exc
        except psycopg.Error as exc:
            raise from_database(exc) from exc

    async def _begin(self, actor: Actor, pipeline: bool) -> tuple[Connection, AsyncExitStack]:
        """Opens a transaction; once more on another connection when the first proves dead: nothing is lost yet."""
        try:
            return await self._begin_once(actor, pipeline)
        except PoolTimeout:
            raise
        except psycopg.OperationalError:
            self._used.clear()  # the others have lost the same server: each is checked before its next use
            return await self._begin_once(actor, pipeline)

    async def _begin_once(self, actor: Actor, pipeline: bool) -> tuple[Connection, AsyncExitStack]:
        async with AsyncExitStack() as stack:
            conn = await stack.enter_async_context(self._pool.connection())
            if pipeline:
                await stack.enter_async_context(conn.pipeline())
            await stack.enter_async_context(conn.transaction())
            await conn.execute(_BECOME, [actor.role, json.dumps(actor.claims)])
            return conn, stack.pop_all()
