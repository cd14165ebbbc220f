"""Each way in which a live database may differ, adopted and migrated: the same catalog as anywhere, every row there."""

import re

import psycopg
import pytest
from tests.db.live import VARIANTS, make, ours, rows, take, totals, value

from blogai.db.catalog import Picture, differences, picture
from blogai.db.database import Connection
from blogai.db.migrate import migrate, verify


@pytest.fixture
def final(server: object, owner_dsn: str) -> str:
    """A fresh installation."""
    return owner_dsn


async def fresh(dsn: str) -> Picture:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as conn:
        return ours(await picture(conn))


@pytest.mark.parametrize("variant", VARIANTS)
async def test_becomes_the_same_and_loses_no_row(blank_dsn: str, blank: Connection, final: str, variant: str) -> None:
    without, change, undo = VARIANTS[variant]
    await make(blank, without=without)
    if change:
        await blank.execute(change)
    before = await totals(blank)
    report = await take(blank_dsn)
    assert report.done
    assert await totals(blank) == {**dict.fromkeys(await totals(blank), 0), "tier_limits": 4, **before}
    await migrate(blank_dsn)
    assert [step.problem for step in await verify(blank_dsn) if step.problem] == []
    if undo:
        await blank.execute(undo)
    assert differences(await fresh(final), ours(await picture(blank))) == []


async def test_every_parameter_by_another_name(blank_dsn: str, blank: Connection) -> None:
    await make(blank, rows=False)
    functions = await rows(
        blank,
        "select p.oid::regprocedure::text, pg_get_functiondef(p.oid) from pg_proc p"
        " where pronamespace = 'public'::regnamespace and pg_get_function_arguments(oid) like '%p\\_%'",
    )
    assert len(functions) >= 10
    await blank.execute("set check_function_bodies = off")
    for name, definition in functions:
        await blank.execute(f"drop function {name}")
        await blank.execute(re.sub(r"\bp_", "", re.sub(r"\bp_(start|end)\b", r"\1_at", definition)))
    report = await take(blank_dsn)
    replaced = [each for each in report.differences if each.found.startswith("parameters")]
    assert len(replaced) == len(functions)
    assert {each.action for each in replaced} == {"replaced"}
    assert all(re.search(r"\bp_", each.documented) and not re.search(r"\bp_", each.found) for each in replaced)
    # What was there can be made again from the notes.
    old = await value(
        blank,
        "select d ->> 'old' from blogai_adoption.steps, jsonb_array_elements(details -> 'differences') as d"
        " where d ->> 'object' = 'function get_daily_usage(text)'",
    )
    assert "get_daily_usage(user_id text)" in old
    now = await rows(blank, "select pg_get_function_arguments(oid) from pg_proc where proname = 'get_daily_usage'")
    assert now == [("p_user_id text",)]
