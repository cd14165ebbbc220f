"""Listing 20 pieces of history through row level security, against the owner's query with an explicit WHERE.

    python -m benchmarks.history [--rows 10000 1000000] [--rounds 150] [--search]

Ratios are taken from alternating slices of one run; the control is the yardstick against itself. What is timed is told
by benchmarks/ways.py.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import class_row

from benchmarks.table import Row, show
from benchmarks.ways import Way, times
from blogai.content.library_queries import Summary, list_content
from blogai.db.database import Actor, Connection, Database
from blogai.db.embedded import EmbeddedPostgres
from blogai.db.startup import prepare_embedded

SOME, FEW, ALL = "user of a hundred", "user of few beside one of many", "user of all"
"""One owner of 100 rows among thousands like him; one of 100 old rows beside one of all others; one of all rows."""

LIST = """
select c.id, c.created_at, c.updated_at, c.tool_id, c.tool_name, c.title, left(c.output, 300) as excerpt, c.provider,
       c.execution_time_ms, c.is_favorite
  from public.generated_content as c
 where c.user_hash = %s
 order by c.created_at desc, c.id desc
 limit 21
"""

SEARCH = """
select c.id, c.created_at, c.updated_at, c.tool_id, c.tool_name, c.title, left(c.output, 300) as excerpt, c.provider,
       c.execution_time_ms, c.is_favorite
  from public.generated_content as c
 where c.user_hash = %s and private.content_document(c.title, c.output) @@ private.search_query(%s)
 order by c.created_at desc, c.id desc
 limit 21
"""

FILL = """
insert into public.generated_content (tool_id, tool_name, inputs, title, output, provider, user_hash, created_at)
select 'tool-' || i %% 39, 'Tool', '{"topic": "bees"}', 'Piece ' || i,
       'Row ' || i || ' word' || i %% 5003 || repeat(' about bees and what they do all day', 8), 'local',
       case %(user)s::text
           when 'user of all' then %(user)s
           when 'user of a hundred' then %(user)s || (i / 100)::text
           else case when i > %(rows)s - 100 then %(user)s else 'another' end
       end,
       now() - i * interval '1 second'
  from generate_series(1, %(rows)s) as i
"""


def plain(user: str) -> Actor:
    return Actor(role="authenticated", claims={"sub": "somebody", "user_hash": user})


async def as_caller(conn: Connection, owner: str, search: str | None = None) -> list[Summary]:
    return await list_content(
        conn,
        owner=owner,
        search=search,
        favorites=False,
        tool_id=None,
        provider=None,
        since=None,
        until=None,
        before=None,
        limit=21,
    )


async def as_owner(conn: Connection, statement: str, *values: str) -> list[Summary]:
    async with conn.cursor(row_factory=class_row(Summary)) as cursor:
        await cursor.execute(statement.encode(), values, prepare=False)
        return await cursor.fetchall()


async def load(owner: Connection, rows: int, user: str) -> str:
    """Fills the table; the user whose rows are listed."""
    await owner.execute("truncate public.generated_content cascade")
    await owner.execute("drop index if exists public.idx_generated_content_search")
    await owner.execute(FILL, {"user": user, "rows": rows})
    await owner.execute("vacuum analyze public.generated_content")
    return f"{user}{rows // 200}" if user == SOME else user


@contextmanager
def new_server() -> Iterator[EmbeddedPostgres]:
    """An embedded server of its own, in a folder that its account can reach also as root."""
    with tempfile.TemporaryDirectory(prefix="blogai-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        with EmbeddedPostgres(Path(folder, "data")) as server:
            yield server


async def measure(sizes: list[int], rounds: int, *, search: bool) -> list[Row]:
    table: list[Row] = []
    first: dict[str, float] = {}
    with new_server() as server:
        await prepare_embedded(server)
        async with (
            Database(server.app_dsn()) as database,
            await AsyncConnection[Any].connect(server.owner_dsn(), autocommit=True) as owner,
        ):
            for rows in sizes:
                for user in (SOME, FEW, ALL):
                    name = await load(owner, rows, user)
                    async with owner.transaction(), database.transaction(plain(name)) as conn:
                        assert await as_caller(conn, name) == await as_owner(owner, LIST, name)
                        as_table_owner = Way(partial(as_owner, owner, LIST, name), owner.info.backend_pid)
                        caller, control, base = await times(
                            rounds,
                            Way(partial(as_caller, conn, name), conn.info.backend_pid),
                            as_table_owner,
                            as_table_owner,
                        )
                    table.append(
                        Row(
                            f"list 20 of {rows:,}, {user}",
                            caller * 2 / (base + control),
                            "<= 1.2",
                            f"owner's query with WHERE (control {control / base:.2f})",
                        )
                    )
                    if user in first:
                        table.append(
                            Row(
                                f"list 20 of {rows:,}, {user}, growth",
                                caller / first[user],
                                "about 1",
                                f"the same of {sizes[0]:,}",
                            )
                        )
                    first.setdefault(user, caller)
                    if search:
                        table.append(await measure_search(database, owner, rows, user, name, rounds))
    return table


async def measure_search(database: Database, owner: Connection, rows: int, user: str, name: str, rounds: int) -> Row:
    await owner.execute(
        "create index idx_generated_content_search on public.generated_content"
        " using gin (private.content_document(title, output))"
    )
    await owner.execute("vacuum analyze public.generated_content")
    word = '"row 50"'
    async with owner.transaction(), database.transaction(plain(name)) as conn:
        assert await as_caller(conn, name, word) == await as_owner(owner, SEARCH, name, word)
        caller, base = await times(
            rounds,
            Way(partial(as_caller, conn, name, word), conn.info.backend_pid),
            Way(partial(as_owner, owner, SEARCH, name, word), owner.info.backend_pid),
        )
    return Row(f"search {rows:,}, {user}", caller / base, "about 1", "owner's query with WHERE")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 1_000_000], help="sizes of the table")
    parser.add_argument("--rounds", type=int, default=150, help="slices of each way")
    parser.add_argument("--search", action="store_true", help="measure the search too (builds its index: minutes)")
    chosen = parser.parse_args()
    show("History", asyncio.run(measure(chosen.rows, chosen.rounds, search=chosen.search)))


if __name__ == "__main__":
    main()
