"""Counters of tools."""

import pytest

from blogai.db.database import LOCAL_OWNER, Actor, Database
from blogai.errors import Forbidden
from blogai.tools import service


async def test_uses_are_counted_and_listed(database: Database) -> None:
    async with database.transaction(Actor.service()) as conn:
        for tool in ("poem-generator", "summarizer", "summarizer"):
            await conn.execute("select public.increment_tool_usage(%s)", [tool])
    for actor in (LOCAL_OWNER, Actor.user("somebody")):
        async with database.transaction(actor) as conn:
            assert [(each.tool_id, each.count) for each in await service.tool_stats(conn)] == [
                ("summarizer", 2),
                ("poem-generator", 1),
            ]


async def test_callers_cannot_count_by_themselves(database: Database) -> None:
    with pytest.raises(Forbidden):
        async with database.transaction(LOCAL_OWNER) as conn:
            await conn.execute("select public.increment_tool_usage('summarizer')")
