"""A migration that fails: its transaction is undone, the message says where and why."""

import pytest
from tests.db.folders import Folder

from blogai.db.database import Connection
from blogai.db.migrate import Limits, migrate, rollback, status, verify
from blogai.errors import MigrationError


async def states(dsn: str, folder: Folder) -> list[str]:
    return [step.state for step in await status(dsn, folder=folder.path)]


async def relation_exists(conn: Connection, name: str) -> bool:
    cursor = await conn.execute("select to_regclass(%s) is not null", [name])
    row = await cursor.fetchone()
    return bool(row and row[0])


async def test_failing_statement_names_file_line_and_error(folder: Folder, blank_dsn: str, blank: Connection) -> None:
    folder.write("001_second.sql", "create table second (id integer);\n\nselect missing\n  from second;\n")
    with pytest.raises(MigrationError) as caught:
        await migrate(blank_dsn, folder=folder.path)
    assert caught.value.message == '001_second.sql, line 3: column "missing" does not exist (42703).'
    assert caught.value.remedy
    assert caught.value.details == {"file": "001_second.sql", "sqlstate": "42703"}
    assert await states(blank_dsn, folder) == ["applied", "pending", "pending"]
    assert not await relation_exists(blank, "second")


async def test_failing_verify_takes_its_migration_back(folder: Folder, blank_dsn: str, blank: Connection) -> None:
    folder.write(
        "001_second.verify.sql",
        "do $$\nbegin\n  if not exists (select from second) then\n"
        "    raise exception 'second is empty' using detail = 'Expected a row.';\n  end if;\nend\n$$;\n",
    )
    with pytest.raises(MigrationError) as caught:
        await migrate(blank_dsn, folder=folder.path)
    assert caught.value.message == (
        "001_second.verify.sql, function inline_code_block line 4 at RAISE: second is empty (P0001). Expected a row."
    )
    assert await states(blank_dsn, folder) == ["applied", "pending", "pending"]
    assert not await relation_exists(blank, "second")


async def test_what_a_verify_script_writes_does_not_stay(folder: Folder, blank_dsn: str, blank: Connection) -> None:
    folder.write("001_second.verify.sql", "insert into second values (1);\n")
    await migrate(blank_dsn, folder=folder.path)
    assert all(step.problem is None for step in await verify(blank_dsn, folder=folder.path))
    cursor = await blank.execute("select count(*) from second")
    assert await cursor.fetchone() == (0,)


async def test_failing_down_script_keeps_its_migration(folder: Folder, blank_dsn: str, blank: Connection) -> None:
    folder.write("001_second.down.sql", "drop table second;\nselect 1 / 0;\n")
    await migrate(blank_dsn, folder=folder.path)
    with pytest.raises(MigrationError, match=r"001_second\.down\.sql: division by zero \(22012\)"):
        await rollback(blank_dsn, None, folder=folder.path)
    assert await states(blank_dsn, folder) == ["applied", "applied", "pending"]
    assert await relation_exists(blank, "second")


async def test_failing_statement_after_one_that_worked_can_be_repeated(folder: Folder, blank_dsn: str) -> None:
    folder.write("002_third.sql", "create table third (id integer);\nselect 1 / 0;\n")
    with pytest.raises(MigrationError):
        await migrate(blank_dsn, folder=folder.path)
    folder.table("002_third", "third")
    assert await migrate(blank_dsn, folder=folder.path) == ["002_third"]


async def test_waiting_for_a_table_in_use_is_bounded(folder: Folder, blank_dsn: str, blank: Connection) -> None:
    await migrate(blank_dsn, to=1, folder=folder.path)
    folder.write("002_third.sql", "alter table second add note text;\n")
    async with blank.transaction():
        await blank.execute("select * from second")
        with pytest.raises(MigrationError, match="lock timeout") as caught:
            await migrate(blank_dsn, folder=folder.path, limits=Limits(lock=0.05))
    assert "--lock-timeout" in str(caught.value)


async def test_endless_statement_is_stopped(folder: Folder, blank_dsn: str) -> None:
    folder.write("002_third.sql", "select pg_sleep(60);\n")
    with pytest.raises(MigrationError, match="statement timeout") as caught:
        await migrate(blank_dsn, folder=folder.path, limits=Limits(statement=0.05))
    assert "--statement-timeout" in str(caught.value)


async def test_settings_of_the_login_do_not_matter(folder: Folder, blank_dsn: str, blank: Connection) -> None:
    cursor = await blank.execute("select current_database()")
    row = await cursor.fetchone()
    assert row
    await blank.execute("create schema elsewhere")
    await blank.execute(f"alter database {row[0]} set search_path = elsewhere")
    await blank.execute(f"alter database {row[0]} set timezone = 'Pacific/Kiritimati'")
    folder.write(
        "002_third.sql", "create table third (at timestamptz default '2026-01-01'::timestamptz, id integer);\n"
    )
    await migrate(blank_dsn, folder=folder.path)
    cursor = await blank.execute("set timezone = 'UTC'")
    cursor = await blank.execute(
        "select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = 'public.third'::regclass"
    )
    assert await cursor.fetchone() == ("'2026-01-01 00:00:00+00'::timestamp with time zone",)
