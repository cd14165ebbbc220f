"""Up, down, up: every migration leaves no trace when it is undone, whatever is in the tables."""

import psycopg
import pytest
from tests.db.rows import fill

from blogai.db.catalog import Picture, differences, picture
from blogai.db.database import Connection
from blogai.db.migrate import load, migrate, rollback


async def look(dsn: str) -> Picture:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as conn:
        return await picture(conn)


async def test_every_migration_with_rows_in_the_tables(blank_dsn: str, blank: Connection) -> None:
    numbers = [migration.number for migration in load()]
    pictures: dict[int, Picture] = {}
    for before, number in zip([-1, *numbers], numbers, strict=False):
        await migrate(blank_dsn, to=number)
        pictures[number] = await picture(blank)
        assert await fill(blank) == {}
        if number == 0:
            continue
        assert len(await rollback(blank_dsn, before)) == 1
        assert differences(pictures[before], await picture(blank)) == [], f"{number} down"
        assert len(await migrate(blank_dsn, to=number)) == 1
        assert differences(pictures[number], await picture(blank)) == [], f"{number} up again"
        assert await fill(blank) == {}
    # From the top, with rows everywhere, every step down passes the same places.
    for number in reversed(numbers[:-1]):
        await rollback(blank_dsn, number)
        assert differences(pictures[number], await picture(blank)) == [], f"down to {number}"
    await migrate(blank_dsn)
    assert differences(pictures[numbers[-1]], await picture(blank)) == []


@pytest.mark.parametrize("filled", [False, True])
async def test_base_and_back(blank_dsn: str, blank: Connection, filled: bool) -> None:
    before = await picture(blank)
    await migrate(blank_dsn)
    final = await picture(blank)
    if filled:
        assert await fill(blank) == {}
    await rollback(blank_dsn, None)
    left = differences(before, await picture(blank))
    # Roles belong to the server; other databases of the test server still use them.
    assert [line for line in left if "role " not in line] == []
    await migrate(blank_dsn)
    assert differences(final, await picture(blank)) == []


async def test_differences_are_seen(blank_dsn: str, blank: Connection) -> None:
    await migrate(blank_dsn, to=1)
    before = await picture(blank)
    for change, seen in {
        "alter table public.generated_content alter column output set default 'x'": "changed: column",
        "create index on public.generated_content (output)": "new: index",
        "grant truncate on public.generated_content to public": "changed: relation",
        "grant update (output) on public.generated_content to anon": "changed: column",
        "alter table public.generated_content disable row level security": "changed: relation",
        "drop policy if exists nothing on public.generated_content;"
        "create policy more on public.generated_content using (true)": "new: policy",
        "alter default privileges in schema public grant select on tables to public": "changed: default privileges",
        "comment on table public.generated_content is 'other'": "changed: relation",
        "create function public.more() returns int language sql return 1": "new: function",
        "create trigger more before insert on public.generated_content"
        " for each row execute function suppress_redundant_updates_trigger()": "new: trigger",
        "alter table public.generated_content add check (output <> '')": "new: constraint",
        "create domain public.more as text": "new: type",
    }.items():
        async with blank.transaction(force_rollback=True):
            await blank.execute(change)
            found = differences(before, await picture(blank))
            assert any(line.startswith(seen) for line in found), change
    assert differences(before, await picture(blank)) == []
