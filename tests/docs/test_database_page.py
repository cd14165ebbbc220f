"""The generated parts of docs/database.md are what the catalog says."""

import re

import pytest
from scripts.database_page import PAGE, filled, groups, whose

from blogai.db.database import Connection
from blogai.db.migrate import load


async def test_the_page_is_current(owner_conn: Connection) -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert await filled(owner_conn, text) == text, "stale: run `make docs`"


async def test_a_change_of_rights_shows(owner_conn: Connection) -> None:
    text = PAGE.read_text(encoding="utf-8")
    for change in (
        "grant execute on function public.sweep_reservations() to anon",
        "grant update (tier) on public.users to authenticated",
        "create table public.fresh (id int)",
        "comment on function public.get_tool_stats() is 'other'",
    ):
        async with owner_conn.transaction(force_rollback=True):
            await owner_conn.execute(change.encode())
            assert await filled(owner_conn, text) != text, change


async def test_a_page_without_the_parts_is_refused(owner_conn: Connection) -> None:
    with pytest.raises(LookupError, match="functions"):
        await filled(owner_conn, "# The database")


def test_policies_in_words() -> None:
    assert whose(["(user_hash = ( SELECT private.caller_hash() AS caller_hash))", "is_public"]) == (
        "own rows and public rows"
    )
    assert whose(["(profile_id = ANY (ARRAY( SELECT b.id FROM brand_profiles b)))"]) == "rows of own profiles"
    assert whose(["true"]) == "every row"
    assert whose(["is_active"]) == "rows with is_active"


def test_every_migration_has_its_row_and_every_gap_its_reason() -> None:
    text = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d{3}) \| (\w+) \| \S", text, re.MULTILINE)
    assert rows == [tuple(migration.id.split("_", 1)) for migration in load()]
    numbers = {migration.number for migration in load()}
    gaps = sorted(set(range(max(numbers))) - numbers)
    assert f"The numbers {' and '.join(f'{gap:03}' for gap in gaps)} were never given out" in text


def test_tables_that_keys_hold_together() -> None:
    assert groups(["a", "b", "c", "d", "e"], [("d", "a"), ("b", "d"), ("b", "b")]) == [["a", "b", "d"], ["c"], ["e"]]
