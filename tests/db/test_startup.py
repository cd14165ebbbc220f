import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr

from blogai.db import startup
from blogai.db.database import LOCAL_OWNER, Actor, Connection, Database
from blogai.db.embedded import EmbeddedPostgres
from blogai.db.migrate import load
from blogai.db.server_process import ended_within
from blogai.db.startup import ensure_local_owner, open_database, prepare_embedded
from blogai.errors import ConfigurationError, DatabaseUnavailable, MigrationError
from blogai.settings import Settings, load_settings

OWNER = "select u.tier, q.tier from public.users u join public.user_quotas q using (user_id) where user_id = 'local'"


def own_server(dsn: str) -> Settings:
    return load_settings(database_url=SecretStr(dsn))


async def row(conn: Connection, statement: str) -> Any:
    return await (await conn.execute(statement.encode())).fetchone()


async def opened(settings: Settings) -> None:
    async with open_database(settings):
        pass


async def test_an_empty_data_directory_becomes_a_working_database(data_dir: Path) -> None:
    async with open_database(load_settings(data_dir=data_dir)) as database:
        async with database.transaction(LOCAL_OWNER) as conn:
            assert await row(conn, "select count(*)::int from public.generated_content") == (0,)
        async with database.transaction(Actor.service()) as conn:
            assert await row(conn, OWNER) == ("business", "business")
            applied = await row(conn, "select count(*)::int from private.schema_migrations")
            assert applied == (len(load()),)
    assert EmbeddedPostgres(data_dir).pid is None


async def test_the_next_start_finds_all_done(used_data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def prepare(*_: object) -> None:
        raise AssertionError("nothing is to be prepared")

    monkeypatch.setattr(startup, "prepare_embedded", prepare)
    async with (
        open_database(load_settings(data_dir=used_data_dir)) as one,
        open_database(load_settings(data_dir=used_data_dir)) as other,
    ):
        assert one.conninfo == other.conninfo


async def test_a_start_that_was_killed_between_migrating_and_granting_is_finished(used_data_dir: Path) -> None:
    with EmbeddedPostgres(used_data_dir) as server, psycopg.connect(server.owner_dsn(), autocommit=True) as conn:
        conn.execute("revoke anon, authenticated, service_role from blogai_app")
        conn.execute("delete from public.users where user_id = 'local'")
    async with (
        open_database(load_settings(data_dir=used_data_dir)) as database,
        database.transaction(Actor.service()) as conn,
    ):
        assert await row(conn, OWNER) == ("business", "business")


async def test_a_database_of_a_newer_program_is_refused(used_data_dir: Path) -> None:
    with EmbeddedPostgres(used_data_dir) as server, psycopg.connect(server.owner_dsn(), autocommit=True) as conn:
        conn.execute(
            "insert into private.schema_migrations (id, sha256, duration_ms, program_version)"
            " values ('990_later', repeat('0', 64), 1, '99.0')"
        )
    with pytest.raises(MigrationError, match="990_later"):
        await opened(load_settings(data_dir=used_data_dir))
    assert EmbeddedPostgres(used_data_dir).pid is None


async def test_the_local_owner_is_never_changed(database: Database, owner_conn: Connection) -> None:
    await owner_conn.execute("update public.users set name = 'Me' where user_id = 'local'")
    await owner_conn.execute("update public.user_quotas set tier = 'free' where user_id = 'local'")
    async with database._pool.connection() as conn:
        await ensure_local_owner(conn)
    assert await row(owner_conn, "select tier, name from public.users where user_id = 'local'") == ("free", "Me")


async def test_the_users_own_server_is_used(app_dsn: str) -> None:
    async with open_database(own_server(app_dsn)) as database, database.transaction(Actor.service()) as conn:
        assert await row(conn, OWNER) == ("business", "business")


async def test_with_an_owner_alone_the_program_does_not_work(owner_dsn: str) -> None:
    with pytest.raises(ConfigurationError, match="blogai db create-login NAME") as refused:
        await opened(load_settings(owner_database_url=SecretStr(owner_dsn)))
    assert refused.value.exit_code == 2


async def test_the_owner_is_no_runtime_login(owner_dsn: str) -> None:
    with pytest.raises(ConfigurationError, match="is a superuser"):
        await opened(own_server(owner_dsn))


async def test_a_database_without_migrations_names_the_command(
    new_server: EmbeddedPostgres, owner_dsn: str, blank_dsn: str
) -> None:
    with pytest.raises(ConfigurationError, match="blogai db migrate"):  # no roles either
        await opened(own_server(new_server.app_dsn()))
    with pytest.raises(ConfigurationError, match=r"migrations are missing, from 000\w+ on. Run `blogai db migrate`"):
        await opened(own_server(blank_dsn.replace("postgres@", "blogai_app@")))


async def test_an_old_server_is_refused(app_dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "OLDEST", 99)
    with pytest.raises(ConfigurationError, match="Blog AI needs 99 or later"):
        await opened(own_server(app_dsn))


async def test_a_server_that_is_down_is_reported_at_once(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match=r"cannot be reached: .*BLOGAI_DATABASE_URL"):
        await opened(own_server(f"postgresql://someone@/blogai?host={tmp_path}"))


async def test_a_malformed_address_is_refused_without_showing_it() -> None:
    with pytest.raises(ConfigurationError, match="not a valid connection address") as refused:
        await opened(own_server("postgresql://someone:hunter2@[half/blogai?hunter2"))
    assert "hunter2" not in str(refused.value)


async def test_the_pool_recovers_when_the_server_goes_and_comes_back(used_data_dir: Path) -> None:
    server = EmbeddedPostgres(used_data_dir)
    server.start()
    async with Database(server.app_dsn(), timeout=0.5) as database:

        async def ask(*, stop: bool = False) -> Any:
            async with database.transaction(LOCAL_OWNER) as conn:
                if stop:
                    server.stop()
                return await row(conn, "select 1")

        assert await ask() == (1,)
        with pytest.raises(DatabaseUnavailable):
            await ask(stop=True)
        with pytest.raises(DatabaseUnavailable):
            await ask()
        server.start()
        database._pool.timeout = 30
        assert await ask() == (1,)
    server.stop()


async def test_an_embedded_server_that_dies_is_started_again(
    used_data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(startup, "_LOOK_EVERY", 0.05)
    async with open_database(load_settings(data_dir=used_data_dir)) as database:
        pid = EmbeddedPostgres(used_data_dir).pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        assert await asyncio.to_thread(ended_within, pid, 60)
        async with database.transaction(LOCAL_OWNER) as conn:
            assert await row(conn, "select 1") == (1,)
        assert EmbeddedPostgres(used_data_dir).pid not in (None, pid)
    assert EmbeddedPostgres(used_data_dir).pid is None


async def test_preparing_at_the_same_time_is_harmless(new_server: EmbeddedPostgres) -> None:
    await asyncio.gather(*(prepare_embedded(new_server) for _ in range(3)))
    async with Database(new_server.app_dsn()) as database, database.transaction(Actor.service()) as conn:
        assert await row(conn, OWNER) == ("business", "business")
