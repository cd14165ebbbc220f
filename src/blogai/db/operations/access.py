"""How maintenance and monitoring reach the database, with whatever login the process has."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

from blogai.db.database import Actor, Connection, Database
from blogai.db.migrate import pending
from blogai.db.session import connection
from blogai.errors import ConfigurationError
from blogai.settings import Settings

Begin = Callable[[], AbstractAsyncContextManager[Connection]]


@dataclass(frozen=True)
class Access:
    """Ways in."""

    begin: Begin
    """A transaction that may read and tidy everything: the service role's, or the owner's."""
    owner_dsn: str | None = field(default=None, repr=False)
    """The login that owns the tables, where this process knows one."""


@asynccontextmanager
async def open_access(settings: Settings, database: Database | None = None) -> AsyncIterator[Access]:
    """Opens what the settings name: the embedded server, the runtime login, the owner's, or both.

    Args:
        database: of the running program, instead of a pool of our own.

    Raises:
        ConfigurationError: no usable address, or a schema that is not up to date.
        DatabaseUnavailable: the server cannot be reached.
    """
    from blogai.db.startup import embedded_server, open_database

    owner = settings.owner_database_url.get_secret_value() if settings.owner_database_url else None
    if database is not None:
        if settings.embedded_database:
            async with embedded_server(settings) as server:
                yield Access(_as_service(database), server.owner_dsn())
        else:
            yield Access(_as_service(database), owner)
    elif owner is not None and settings.database_url is None:
        await _check(owner)
        yield Access(_as_owner(owner), owner)
    else:
        async with open_database(settings) as opened, open_access(settings, opened) as access:
            yield access


def _as_service(database: Database) -> Begin:
    return lambda: database.transaction(Actor.service())


def _as_owner(dsn: str) -> Begin:
    """An ordinary owner may not be a member of service_role; he has policies of his own."""

    @asynccontextmanager
    async def begin() -> AsyncIterator[Connection]:
        async with connection(dsn) as conn, conn.transaction():
            yield conn

    return begin


async def _check(dsn: str) -> None:
    async with connection(dsn) as conn:
        missing = await pending(conn)
    if missing:
        raise ConfigurationError(
            f"The database is not up to date: {len(missing)} migrations are missing, from {missing[0]} on.",
            field="owner_database_url",
            remedy="Run `blogai db migrate`.",
        )
