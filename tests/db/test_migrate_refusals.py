"""History and files that do not fit together: refused, and nothing is touched."""

import pytest
from tests.db.folders import Folder

from blogai.db.database import Connection
from blogai.db.migrate import Limits, migrate, pending, rollback, status, verify
from blogai.errors import DatabaseUnavailable, InvalidInput, MigrationError


async def tables(conn: Connection) -> set[str]:
    cursor = await conn.execute("select tablename from pg_tables where schemaname = 'public'")
    return {name for (name,) in await cursor.fetchall()}


async def test_changed_file(folder: Folder, blank_dsn: str, blank: Connection) -> None:
    await migrate(blank_dsn, to=1, folder=folder.path)
    folder.write("001_second.sql", "create table second (id bigint primary key);\n")
    for work in (
        migrate(blank_dsn, folder=folder.path),
        rollback(blank_dsn, None, folder=folder.path),
        pending(blank, folder=folder.path),
    ):
        with pytest.raises(MigrationError, match=r"001_second\.sql was changed after it was applied"):
            await work
    assert await tables(blank) == {"first", "second"}
    assert [(s.id, s.state) for s in await status(blank_dsn, folder=folder.path)] == [
        ("000_first", "applied"),
        ("001_second", "changed"),
        ("002_third", "pending"),
    ]
    problems = {s.id: s.problem for s in await verify(blank_dsn, folder=folder.path)}
    assert problems == {
        "000_first": None,
        "001_second": "001_second.sql was changed after it was applied",
        "002_third": None,
    }


async def test_corrected_down_script_is_no_change(folder: Folder, blank_dsn: str, blank: Connection) -> None:
    await migrate(blank_dsn, folder=folder.path)
    folder.write("002_third.down.sql", "drop table if exists third;\n")
    assert await rollback(blank_dsn, 1, folder=folder.path) == ["002_third"]
    assert await tables(blank) == {"first", "second"}


async def test_database_newer_than_the_program(folder: Folder, blank_dsn: str, blank: Connection) -> None:
    await migrate(blank_dsn, folder=folder.path)
    for kind in ("", ".down", ".verify"):
        folder.remove(f"002_third{kind}.sql")
    for work in (
        migrate(blank_dsn, folder=folder.path),
        rollback(blank_dsn, 0, folder=folder.path),
        pending(blank, folder=folder.path),
    ):
        with pytest.raises(MigrationError, match=r"002_third, which this program .* does not know") as caught:
            await work
        assert caught.value.remedy
    assert await tables(blank) == {"first", "second", "third"}
    assert (await status(blank_dsn, folder=folder.path))[-1].state == "unknown"
    assert (await verify(blank_dsn, folder=folder.path))[-1].problem == "002_third is not known to this program"


async def test_gap_in_the_history(folder: Folder, blank_dsn: str, blank: Connection) -> None:
    await migrate(blank_dsn, folder=folder.path)
    await blank.execute("delete from private.schema_migrations where id = '001_second'")
    with pytest.raises(MigrationError, match=r"001_second\.sql is not applied, but a later migration is"):
        await migrate(blank_dsn, folder=folder.path)


async def test_rollback_to_a_number_that_does_not_exist(folder: Folder, blank_dsn: str, blank: Connection) -> None:
    await migrate(blank_dsn, folder=folder.path)
    with pytest.raises(InvalidInput, match="There is no migration 7"):
        await rollback(blank_dsn, 7, folder=folder.path)
    assert await tables(blank) == {"first", "second", "third"}


async def test_another_runner_holds_the_lock(folder: Folder, blank_dsn: str, blank: Connection) -> None:
    from blogai.db.session import session

    async with session(blank_dsn, Limits()) as other:
        with pytest.raises(MigrationError, match=rf"server process {other.info.backend_pid}\b"):
            await migrate(blank_dsn, folder=folder.path, limits=Limits(runner=0.05))
    assert await migrate(blank_dsn, folder=folder.path, limits=Limits(runner=0.05))


async def test_no_server() -> None:
    with pytest.raises(DatabaseUnavailable, match="cannot be reached"):
        await migrate("host=/nonexistent dbname=blogai")
