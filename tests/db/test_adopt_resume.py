"""An adoption that stops half-way, and what goes on from there."""

import asyncio
import os
import sys

import pytest
from tests.db.live import DOCUMENTED, MD5, make, take, totals, value

from blogai.db.adopt.service import adopt
from blogai.db.catalog import differences, picture
from blogai.db.database import Connection
from blogai.db.migrate import migrate, status
from blogai.errors import MigrationError

STOP = """
create function public.stop() returns event_trigger language plpgsql as $$
begin
    if exists (select from pg_event_trigger_ddl_commands() where object_identity = 'public.templates') then
        raise 'no templates';
    end if;
end
$$;
create event trigger stop on ddl_command_end execute function public.stop();
"""


async def test_it_goes_on_where_it_was_interrupted(blank_dsn: str, blank: Connection) -> None:
    await make(blank, without=["009_create_templates"])
    had = await totals(blank)

    class Stopped(Exception):
        pass

    def stop(step: str) -> None:
        if step == "005_create_brand_profiles":
            raise Stopped

    with pytest.raises(Stopped):
        await adopt(blank_dsn, agree=lambda report: True, known=MD5, step_taken=stop)
    assert [step.id for step in await status(blank_dsn) if step.state == "applied"] == DOCUMENTED[:6]
    # A step that fails half-way leaves nothing of itself.
    await blank.execute(STOP)
    with pytest.raises(MigrationError, match="no templates"):
        await take(blank_dsn, known=MD5)
    assert [step.id for step in await status(blank_dsn) if step.state == "applied"] == DOCUMENTED[:9]
    await blank.execute("drop event trigger stop; drop function public.stop()")
    report = await take(blank_dsn, known=MD5)
    assert report.steps == [*DOCUMENTED[9:], "owners"]
    assert {table: number for table, number in (await totals(blank)).items() if table in had} == had
    await migrate(blank_dsn)
    again = await take(blank_dsn)
    assert again.steps == []
    assert not again.done


async def test_a_killed_process_is_no_harm(blank_dsn: str, blank: Connection) -> None:
    await make(blank)
    had = await totals(blank)
    command = [sys.executable, "-m", "blogai", "db", "adopt", "--yes", "--user-hash-sql", "md5(user_id)"]
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, "BLOGAI_OWNER_DATABASE_URL": blank_dsn},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    async for line in process.stdout:
        if line.startswith(b"adopted 003"):
            process.kill()
            break
    await process.wait()
    taken = [step.id for step in await status(blank_dsn) if step.state == "applied"]
    assert DOCUMENTED[:4] == taken[:4]
    assert len(taken) < len(DOCUMENTED)
    report = await take(blank_dsn, known=MD5)
    assert report.steps == [*DOCUMENTED[len(taken) :], "owners"]
    assert await totals(blank) == had
    assert await value(blank, "select count(distinct step) = count(*) from blogai_adoption.steps") is True


async def test_migrate_alone_points_here(blank_dsn: str, blank: Connection) -> None:
    await make(blank)
    before = await picture(blank)
    with pytest.raises(MigrationError) as refused:
        await migrate(blank_dsn)
    assert "blogai db adopt" in str(refused.value.remedy)
    assert differences(before, await picture(blank)) == []
    await migrate(blank_dsn, to=0)
    assert (await take(blank_dsn)).steps == DOCUMENTED[1:]
