"""Old usage moves to files: whenever the process dies, every record is in the table or in a file, and never in both."""

import asyncio
import csv
import gzip
import hashlib
import os
import signal
import subprocess
import sys
from asyncio.subprocess import PIPE
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.db import killed_archive
from tests.db.other_user import environment

from blogai.db.database import Actor, Connection, Database
from blogai.db.operations import archive_file
from blogai.db.operations.archive import archive
from blogai.errors import Forbidden

OLD = 50
STEPS = ["selected", "half written", "written", "synced", "renamed", "deleted", "committed"]

FILL = """
insert into public.user_quotas (user_id, tier, period_start, period_end, day_start)
values ('ann', 'pro', now() - interval '10 days', now() + interval '20 days', current_date),
       ('bob', 'free', now() - interval '26 months', now() - interval '25 months', current_date - 780);
insert into public.usage_records (user_id, operation_type, tokens_used, "timestamp", metadata)
select case when i % 3 = 0 then 'ann' when i % 3 = 1 then 'bob' else E'new\nline, "quoted"' end,
       case when i % 2 = 0 then 'blog' else 'tool' end, i, now() - interval '13 months' - i * interval '9 days',
       case when i % 4 = 0 then '{}'::jsonb when i % 4 = 1 then '{"title": "Über, \\"B\\""}'::jsonb end
  from generate_series(1, 50) as i;
insert into public.usage_records (user_id, operation_type, tokens_used, "timestamp")
select 'ann', 'blog', 7, now() - i * interval '1 day' from generate_series(0, 4) as i;
insert into public.usage_records (user_id, operation_type, "timestamp")
values ('ann', 'book', now() - interval '364 days');
select private.recount_usage();
"""


class Ledger:
    """Looks at the table, the manifest and the files together."""

    def __init__(self, owner: Connection, folder: Path) -> None:
        self.owner = owner
        self.folder = folder

    async def rows(self, statement: str) -> list[Any]:
        return await (await self.owner.execute(statement.encode())).fetchall()

    async def in_table(self) -> list[str]:
        return [row[0] for row in await self.rows("select id::text from public.usage_records")]

    async def in_files(self) -> list[str]:
        """Of the files in the manifest, whose checksums and counts are compared as well."""
        found = []
        for name, digest, size, count in await self.rows(
            "select file, sha256, bytes, row_count from private.usage_archives"
        ):
            data = (self.folder / name).read_bytes()
            assert (hashlib.sha256(data).hexdigest(), len(data)) == (digest, size)
            ids = archive_file.ids(self.folder / name)
            assert len(ids) == count
            found += ids
        return found

    async def totals(self) -> Counter[tuple[Any, ...]]:
        """Units and tokens of each user, month and type: the table and the monthly totals together."""
        counted: Counter[tuple[Any, ...]] = Counter()
        for user, month, kind, units, tokens in await self.rows(
            "select user_id, date_trunc('month', \"timestamp\" at time zone 'UTC')::date, operation_type,"
            " count(*), sum(tokens_used) from public.usage_records group by 1, 2, 3"
            " union all select user_id, month, operation_type, units, tokens from private.usage_monthly_totals"
        ):
            counted[user, month, kind, "units"] += units
            counted[user, month, kind, "tokens"] += tokens
        return counted

    async def wrong_counters(self) -> list[Any]:
        return await self.rows(
            "select user_id from private.usage_reconciliation where month_difference <> 0 or day_difference <> 0"
        )

    def files(self) -> set[str]:
        return {path.name for path in self.folder.glob("*")}


@pytest.fixture
async def ledger(owner_conn: Connection, tmp_path: Path) -> Ledger:
    await owner_conn.execute(FILL)
    return Ledger(owner_conn, tmp_path / "archive" / "usage")


async def run(database: Database, folder: Path, batch: int = 20) -> dict[str, int]:
    return await archive(lambda: database.transaction(Actor.service()), folder, batch=batch)


def archive_and_die(dsn: str, folder: Path, step: str, which: int) -> None:
    command = [sys.executable, killed_archive.__file__, dsn, str(folder), "20", step, str(which)]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


async def test_everything_old_moves_and_comes_back_by_copy(database: Database, ledger: Ledger) -> None:
    before = await ledger.totals()
    originals = await ledger.rows("select * from public.usage_records where timestamp < now() - interval '1 year'")
    assert await run(database, ledger.folder) == {"rows": OLD, "files": 3, "removed_files": 0, "unknown_files": 0}
    assert len(await ledger.in_table()) == 6
    assert len(set(await ledger.in_files())) == OLD
    assert await ledger.totals() == before
    assert await ledger.wrong_counters() == []
    assert await run(database, ledger.folder) == {"rows": 0, "files": 0, "removed_files": 0, "unknown_files": 0}

    await ledger.owner.execute("create temp table back (like public.usage_records)")
    for path in ledger.folder.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
        async with ledger.owner.cursor().copy("copy back from stdin (format csv, header)") as copy:
            await copy.write(gzip.decompress(path.read_bytes()))
    assert sorted(map(str, await ledger.rows("select * from back"))) == sorted(map(str, originals))


@pytest.mark.parametrize(("step", "which"), [*((step, 2) for step in STEPS), ("renamed", 1)])
async def test_killed_after_a_step(database: Database, app_dsn: str, ledger: Ledger, step: str, which: int) -> None:
    before, everything = await ledger.totals(), set(await ledger.in_table())
    archive_and_die(app_dsn, ledger.folder, step, which)
    kept = 20 * (which - (step != "committed"))
    # The server may still hold what the dead process had not committed; the next run waits for that, we too.
    await ledger.owner.execute("select pg_advisory_lock(%s), pg_advisory_unlock(%s)", [0x426C6F67_41490003] * 2)
    table, files = await ledger.in_table(), await ledger.in_files()
    assert sorted(table + files) == sorted(everything)
    assert len(files) == kept
    assert await ledger.totals() == before

    figures = await run(database, ledger.folder)
    half_made = step in ("half written", "written", "synced", "renamed", "deleted")
    assert (figures["rows"], figures["removed_files"]) == (OLD - kept, int(half_made))
    table, files = await ledger.in_table(), await ledger.in_files()
    assert sorted(table + files) == sorted(everything)
    assert len(files) == OLD
    assert ledger.files() == {name for (name,) in await ledger.rows("select file from private.usage_archives")}
    assert await ledger.totals() == before
    assert await ledger.wrong_counters() == []


async def test_a_file_that_may_be_the_last_copy_is_left_alone(database: Database, ledger: Ledger) -> None:
    await run(database, ledger.folder)
    files = ledger.files()
    await ledger.owner.execute("delete from private.usage_archives")  # as if another database had used the folder
    (ledger.folder / "usage-20240101-20240102-0123456789ab.csv.gz").write_bytes(b"no gzip")
    figures = await run(database, ledger.folder)
    assert (figures["removed_files"], figures["unknown_files"]) == (0, 4)
    assert files < ledger.files()


async def test_after_an_older_backup_came_back_nothing_is_doubled(database: Database, ledger: Ledger) -> None:
    before, everything = await ledger.totals(), await ledger.in_table()
    await ledger.owner.execute("create temp table backup as table public.usage_records")
    await run(database, ledger.folder)
    await ledger.owner.execute(
        "delete from private.usage_archives; delete from private.usage_monthly_totals;"
        "delete from public.usage_records; insert into public.usage_records table backup"
    )
    figures = await run(database, ledger.folder)
    assert (figures["rows"], figures["removed_files"], figures["unknown_files"]) == (OLD, 3, 0)
    assert sorted(await ledger.in_table() + await ledger.in_files()) == sorted(everything)
    assert await ledger.totals() == before


async def test_what_a_counter_still_counts_stays(database: Database, ledger: Ledger) -> None:
    # Somebody works on the row of bob, so that his old window cannot be rolled meanwhile.
    async with ledger.owner.transaction():
        await ledger.owner.execute(
            'insert into public.usage_records (user_id, operation_type, "timestamp")'
            " select 'bob', 'blog', period_start + interval '1 day' from public.user_quotas where user_id = 'bob'"
        )
        await ledger.owner.execute("select private.recount_usage('bob')")
    async with ledger.owner.transaction():
        await ledger.owner.execute("select from public.user_quotas where user_id = 'bob' for no key update")
        await run(database, ledger.folder)
        left = await ledger.rows(
            "select count(*) from public.usage_records where user_id = 'bob' and timestamp < now() - interval '1 year'"
        )
        assert left[0][0] >= 1
        assert await ledger.wrong_counters() == []
    await run(database, ledger.folder)
    assert len(await ledger.in_table()) == 6
    assert await ledger.wrong_counters() == []


async def test_a_column_of_the_operators_goes_into_the_file(database: Database, ledger: Ledger) -> None:
    await ledger.owner.execute("alter table public.usage_records add column \"cost centre\" text default 'x'")
    await run(database, ledger.folder, batch=100)
    (path,) = ledger.folder.iterdir()
    with gzip.open(path, "rt", encoding="utf-8") as text:
        assert {line["cost centre"] for line in csv.DictReader(text)} == {"x"}


async def test_a_folder_that_cannot_be_written_costs_nothing(database: Database, ledger: Ledger) -> None:
    ledger.folder.parent.parent.mkdir(exist_ok=True)
    ledger.folder.parent.write_text("in the way")
    with pytest.raises(OSError, match=r"directory|exists"):
        await run(database, ledger.folder)
    assert len(await ledger.in_table()) == OLD + 6
    assert await ledger.rows("select from private.usage_archives") == []


async def test_two_at_a_time_share_the_work(app_dsn: str, ledger: Ledger) -> None:
    command = [sys.executable, killed_archive.__file__, app_dsn, str(ledger.folder), "5", "never", "1"]
    both = [await asyncio.create_subprocess_exec(*command, env=environment(), stderr=PIPE) for _ in range(2)]
    for process in both:
        _, error = await asyncio.wait_for(process.communicate(), 120)
        assert process.returncode == os.EX_OK, error
    assert len(set(await ledger.in_files())) == len(await ledger.in_files()) == OLD
    assert len(ledger.files()) == OLD // 5


@pytest.mark.parametrize("actor", [Actor.user("ann"), Actor.visitor("abc"), Actor(role="anon")])
@pytest.mark.parametrize("table", ["maintenance_log", "usage_archives", "usage_monthly_totals"])
async def test_strangers_are_refused(database: Database, actor: Actor, table: str) -> None:
    for statement in (f"select * from private.{table}", f"delete from private.{table}"):
        with pytest.raises(Forbidden):
            async with database.transaction(actor) as conn:
                await conn.execute(statement.encode())


async def test_the_service_role_alone_may_archive(database: Database, ledger: Ledger) -> None:
    with pytest.raises(Forbidden):
        await archive(lambda: database.transaction(Actor.user("ann")), ledger.folder)
    assert len(await ledger.in_table()) == OLD + 6
