"""What the stories about the schema share."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.conftest import Server
from tests.db.folders import Folder
from tests.db.quotas import LIMITS, Quotas

from blogai.db import server_socket
from blogai.db.database import Connection


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Three migrations, each of which makes a table."""
    made = Folder(tmp_path)
    made.table("000_first", "first")
    made.table("001_second", "second")
    made.table("002_third", "third")
    return made


@pytest.fixture
async def blank(blank_dsn: str) -> AsyncIterator[Connection]:
    """The owner on a database without any migration."""
    async with await psycopg.AsyncConnection[Any].connect(blank_dsn, autocommit=True) as conn:
        yield conn


@pytest.fixture(scope="module")
def shared_database(server_name: str, servers: Callable[[str], Server]) -> Iterator[str]:
    """One clone for a whole file: the stories about quota leave rows, which the next one deletes."""
    server = servers(server_name)
    name = server.create()
    yield name
    server.drop(name)


@pytest.fixture
async def owner(server: Server, shared_database: str) -> AsyncIterator[Connection]:
    """The owner's connection in autocommit mode to the shared database, without users, as migrated."""
    dsn = server.postgres.owner_dsn(shared_database)
    async with await psycopg.AsyncConnection[Any].connect(dsn, autocommit=True) as conn:
        await conn.execute(
            """
            delete from public.usage_reservations;
            delete from public.usage_records;
            delete from public.stripe_subscriptions;
            delete from public.user_quotas;
            delete from public.users;
            """
        )
        for tier, (monthly, daily) in LIMITS.items():
            await conn.execute(
                "update public.tier_limits set monthly_limit = %(m)s, daily_limit = %(d)s"
                " where tier = %(t)s and (monthly_limit, daily_limit) <> (%(m)s, %(d)s)",
                {"m": monthly, "d": daily, "t": tier},
            )
        yield conn


@pytest.fixture
def quotas(owner: Connection, server: Server, shared_database: str) -> Quotas:
    """Sets users up, and proves the counters."""
    return Quotas(owner, server.postgres.app_dsn(shared_database))


@pytest.fixture
async def service_conn(quotas: Quotas) -> AsyncIterator[Connection]:
    """The runtime login as service role, in autocommit mode, with rows as dictionaries."""
    async with await psycopg.AsyncConnection[Any].connect(
        quotas.app_dsn, autocommit=True, row_factory=psycopg.rows.dict_row
    ) as conn:
        await conn.execute("set role service_role")
        yield conn


@pytest.fixture
def long_dir(data_dir: Path) -> Path:
    """A data directory whose path is too long for a socket, passable all along."""
    data_dir.chmod(0o711)
    path = data_dir
    while server_socket.fits(path / "postgres"):
        path = path / ("long-" * 8)
        path.mkdir(mode=0o711)
    return path / "data"
