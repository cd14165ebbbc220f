"""A backup by an ordinary owner, whom forced row level security binds, restored on another server."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo
from tests.conftest import SYSTEM, new_postgres
from tests.db.connecting import owner
from tests.db.live import totals
from tests.db.rows import fill

from blogai.db.audit import audit
from blogai.db.catalog import differences, picture
from blogai.db.database import Actor, Database
from blogai.db.embedded import EmbeddedPostgres
from blogai.db.login import create_login
from blogai.db.migrate import migrate, verify
from blogai.db.server_binaries import Binaries
from blogai.usage import service

ROLES = """
create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit;
grant anon, authenticated, service_role to current_user;
"""
"""As docs/operations.md says: a dump of one database has no roles in it."""

ANN = Actor.user("ann")


@pytest.fixture
def other_server(server_name: str, data_dir: Path) -> Iterator[EmbeddedPostgres]:
    """A second server, which has never seen our roles."""
    with new_postgres(data_dir / "other", server_name) as started:
        yield started


@pytest.fixture
def programs(server_name: str) -> Binaries:
    """pg_dump and pg_restore of the same version as the servers."""
    return SYSTEM if SYSTEM and server_name != "embedded" else Binaries.shipped()


async def modest(postgres: EmbeddedPostgres) -> str:
    """The DSN of an owner who may create roles and nothing more, of an empty database."""
    async with owner(postgres.owner_dsn("postgres")) as conn:
        await conn.execute("create role modest login createrole password 'secret'")
        await conn.execute("create database modest owner modest")
    return make_conninfo(postgres.owner_dsn("modest"), user="modest", password="secret")


def run(program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


async def test_a_backup_of_an_ordinary_owner_has_every_row(
    new_server: EmbeddedPostgres, other_server: EmbeddedPostgres, programs: Binaries, tmp_path: Path
) -> None:
    dsn, target = await modest(new_server), await modest(other_server)
    await migrate(dsn)
    async with owner(dsn) as conn:
        assert await fill(conn) == {}
        had, before = await totals(conn), await picture(conn)
    assert all(number > 0 for number in had.values())

    dump = str(tmp_path / "blogai.dump")
    plain = run(programs.program("pg_dump"), "--format=custom", f"--file={dump}", dsn)
    assert plain.returncode == 1
    assert "row-level security" in plain.stderr
    made = run(programs.program("pg_dump"), "--enable-row-security", "--format=custom", f"--file={dump}", dsn)
    assert (made.returncode, made.stderr) == (0, "")

    async with owner(target) as conn:
        await conn.execute(ROLES)
    restored = run(programs.program("pg_restore"), "--exit-on-error", f"--dbname={target}", dump)
    assert (restored.returncode, restored.stderr) == (0, "")

    async with owner(target) as conn:
        assert await totals(conn) == had
        left = differences(before, await picture(conn))
        assert [line for line in left if "role " not in line] == []
        cursor = await conn.execute("select count(*) from private.usage_reconciliation where month_difference <> 0")
        assert await cursor.fetchone() == (0,)
    assert [step.problem for step in await verify(target) if step.problem] == []
    assert await migrate(target) == []
    report = await audit(target)  # the tables have other numbers, so it fills them in another order
    assert (report.findings, report.not_seeded) == ([], {})
    async with (
        Database((await create_login(target, "restored_app")).url) as database,
        database.transaction(ANN) as caller,
    ):
        taken = await service.reserve(caller, user_id="ann", operation_type="blog")
        assert await service.settle(caller, taken.id, tokens=5)
