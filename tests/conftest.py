"""Real servers for the tests: the embedded one always, and the system's PostgreSQL where there is one.

Each worker starts a server once, migrates one template database on it, and gives every test a clone
(about 30 ms). Tests below tests/db run on every server; all others on the embedded one alone.
"""

import asyncio
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from blogai.db.database import Connection, Database
from blogai.db.embedded import EmbeddedPostgres
from blogai.db.server_binaries import Binaries
from blogai.db.startup import prepare_embedded

TEMPLATE = "blogai"
DAY_LEFT = 10.0
"""Seconds of a day (UTC) that a test must find: several times what any test takes that counts the use of a day."""


def roomy_memory() -> str | None:
    """A file system in memory for the servers of the tests, some times faster than a disk; None: the usual one."""
    shared = Path("/dev/shm")
    if not (shared.is_dir() and os.access(shared, os.W_OK)):
        return None
    runs_programs = not os.statvfs(shared).f_flag & getattr(os, "ST_NOEXEC", 8)  # some tests copy the server there
    return str(shared) if runs_programs and shutil.disk_usage(shared).free > 4 << 30 else None


FOLDER = roomy_memory()


def system_postgres() -> Binaries | None:
    """PostgreSQL 15 or later of this machine: that on the PATH, else the newest that packages install.

    Without one its tests are left out, but on CI there must be one.
    """
    on_path = shutil.which("postgres")
    found = [Binaries.at(Path(on_path).resolve().parent)] if on_path else []
    installed = [Binaries.at(path.parent) for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    found += sorted(installed, key=lambda binaries: -binaries.version)
    newest = next((binaries for binaries in found if binaries.version >= 15), None)
    if newest is None and os.environ.get("CI"):
        raise pytest.UsageError("no PostgreSQL 15 or later on this machine: install the package postgresql")
    return newest


SYSTEM = system_postgres()
EVERY_SERVER = ["embedded", *([f"system-{SYSTEM.version}"] if SYSTEM else [])]


class Server:
    """One running server with its migrated template."""

    def __init__(self, postgres: EmbeddedPostgres) -> None:
        self.postgres = postgres
        self._numbers = count(1)
        self._ready = False

    def create(self, *, migrated: bool = True) -> str:
        """A new database: a clone of the migrated template, or an empty one."""
        if migrated and not self._ready:
            with ThreadPoolExecutor(1) as pool:  # asyncio.run here would disturb the loop of the test
                pool.submit(asyncio.run, prepare_embedded(self.postgres)).result()
            self._ready = True
        name = f"test_{next(self._numbers)}"
        source = TEMPLATE if migrated else "template1"
        self._admin("create database {} template {} strategy file_copy", name, source)
        return name

    def drop(self, name: str) -> None:
        self._admin("drop database {} with (force)", name)

    def _admin(self, statement: str, *names: str) -> None:
        with closing(psycopg.connect(self.postgres.owner_dsn("postgres"), autocommit=True)) as conn:
            conn.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@pytest.fixture(scope="session")
def servers() -> Iterator[Callable[[str], Server]]:
    """Starts a server by its name, once; all stop at the end."""
    running: dict[str, Server] = {}
    with tempfile.TemporaryDirectory(prefix="blogai-tests-", dir=FOLDER, ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # as root the server runs under another account, which must pass

        def start(name: str) -> Server:
            if name not in running:
                running[name] = Server(new_postgres(Path(folder, name), name))
                running[name].postgres.start()
            return running[name]

        yield start
        for server in running.values():
            server.postgres.stop()


def new_postgres(data_dir: Path, name: str) -> EmbeddedPostgres:
    """A server of its own, not started: embedded, or that of the system."""
    binaries = None if name == "embedded" else SYSTEM
    return EmbeddedPostgres(data_dir, binaries=binaries, durable=False, password_logins=True)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "server_name" in metafunc.fixturenames:
        below_db = Path(__file__).parent / "db" in metafunc.definition.path.parents
        names = EVERY_SERVER if below_db else ["embedded"]
        if metafunc.definition.get_closest_marker("contrib"):
            names = names[1:]
        metafunc.parametrize("server_name", names, scope="session")


@pytest.fixture(scope="session")
def postgres(servers: Callable[[str], Server]) -> EmbeddedPostgres:
    """The embedded server of this worker."""
    return servers("embedded").postgres


@pytest.fixture
def server(server_name: str, servers: Callable[[str], Server]) -> Server:
    """The server that the test runs on; tests below tests/db run once on each."""
    return servers(server_name)


@pytest.fixture
def database_name(server: Server) -> Iterator[str]:
    """A clone of the migrated template, with the local owner on the business tier."""
    name = server.create()
    yield name
    server.drop(name)


@pytest.fixture
def owner_dsn(server: Server, database_name: str) -> str:
    """The owner's login of this test's database."""
    return server.postgres.owner_dsn(database_name)


@pytest.fixture
def app_dsn(server: Server, database_name: str) -> str:
    """The runtime login of this test's database."""
    return server.postgres.app_dsn(database_name)


@pytest.fixture
def blank_dsn(server: Server) -> Iterator[str]:
    """The owner's login of an empty database without any migration. The server's roles are there already."""
    name = server.create(migrated=False)
    yield server.postgres.owner_dsn(name)
    server.drop(name)


@pytest.fixture
async def database(app_dsn: str) -> AsyncIterator[Database]:
    """An open Database on the runtime login of this test's database."""
    async with Database(app_dsn) as opened:
        yield opened


@pytest.fixture
async def owner_conn(owner_dsn: str) -> AsyncIterator[Connection]:
    """A connection of the owner in autocommit mode: a superuser, above all policies."""
    async with await psycopg.AsyncConnection[Any].connect(owner_dsn, autocommit=True) as conn:
        yield conn


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """An empty data directory that the server's account can reach also as root, unlike `tmp_path`."""
    path = Path(tempfile.mkdtemp(prefix="blogai-test-", dir=FOLDER)).resolve()
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def _finished_start() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="blogai-tests-", dir=FOLDER)).resolve()
    with (
        EmbeddedPostgres(path, durable=False) as postgres,
        ThreadPoolExecutor(1) as pool,
    ):
        pool.submit(asyncio.run, prepare_embedded(postgres)).result()
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def used_data_dir(_finished_start: Path, data_dir: Path) -> Path:
    """A data directory that was started, migrated and stopped before: a copy, quicker than another first start."""
    subprocess.run(["cp", "-a", f"{_finished_start}/.", data_dir], check=True)
    return data_dir


@pytest.fixture
def new_server(server_name: str, data_dir: Path) -> Iterator[EmbeddedPostgres]:
    """A whole new server of the same kind as the test's, for what concerns roles (takes about a second)."""
    with new_postgres(data_dir, server_name) as started:
        yield started


@pytest.fixture(autouse=True)
def _within_one_day() -> None:
    """Waits for midnight when it is near: units that a test uses on both sides of it count on two days, rightly."""
    left = 86_400 - time.time() % 86_400
    if left < DAY_LEFT:
        time.sleep(left + 0.1)


@pytest.fixture(autouse=True)
def _no_settings_of_the_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    """No BLOGAI_ variable, libpq variable, provider key or width of a terminal reaches a test from outside."""
    for name in list(os.environ):
        if name.startswith(("BLOGAI_", "PG")) or name.endswith("_API_KEY") or name == "COLUMNS":
            monkeypatch.delenv(name)
