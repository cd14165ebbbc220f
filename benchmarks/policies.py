"""Listing the newest 20 of many rows through each hardened policy, and the whole request around it.

    python -m benchmarks.policies [--rows 1000000] [--rounds 100] [--tables conversations payments]

The owner of a hundred rows among thousands like him lists his own: as the caller with the WHERE that the program
writes, as the caller without any, and as the owner of the table with WHERE, which is the yardstick. The last row of a
table compares requests: BEGIN, role and claims, the list, COMMIT as the runtime login, against BEGIN, the list, COMMIT
as the table's owner.

Ratios of medians of alternating slices, each turn beginning with another way; the control is the yardstick against
itself. What is timed is told by benchmarks/ways.py.
"""

import argparse
import asyncio
import sys
from dataclasses import dataclass
from functools import partial
from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from benchmarks.history import new_server
from benchmarks.table import Row, show
from benchmarks.ways import Way, times
from blogai.db.database import Actor, Connection, Database
from blogai.db.startup import prepare_embedded

OWNED = 100
"""Rows of each owner."""


@dataclass(frozen=True)
class Listing:
    """A table as its list query sees it.

    Attributes:
        columns: what the list shows.
        owner: column that says whose a row is.
        order: column that the list follows, newest first.
        values: names and SQL values of the other columns that a row needs; `i` counts the rows, `whose` the owners.
    """

    columns: str
    owner: str
    order: str
    values: dict[str, str]
    public: bool = False
    """Whether public rows show beside own ones, so that a list has to say which it wants."""


TEXT = "repeat('about bees and what they do all day ', 8)"

TABLES = {
    "generated_content": Listing(
        "id, title, tool_id, created_at",
        "user_hash",
        "created_at",
        {"tool_id": "'t'", "inputs": "'{}'", "output": TEXT, "title": "'Piece ' || i"},
    ),
    "conversations": Listing(
        "id, metadata, updated_at", "user_hash", "updated_at", {"id": "'c-' || i", "messages": f"to_jsonb({TEXT})"}
    ),
    "templates": Listing(
        "id, name, slug, created_at",
        "user_hash",
        "created_at",
        {"name": "'T'", "slug": "'s-' || i", "tool_id": "'t'", "category": "'c'", "is_public": "false"},
        public=True,
    ),
    "brand_profiles": Listing(
        "id, name, slug, created_at", "user_hash", "created_at", {"name": "'P'", "slug": "'s-' || i"}
    ),
    "voice_samples": Listing("id, title, created_at", "profile_id", "created_at", {"content": TEXT}),
    "voice_scores": Listing(
        "id, overall_score, created_at",
        "profile_id",
        "created_at",
        {
            "content_id": "'c'",
            "overall_score": "1",
            "tone_match": "1",
            "vocabulary_match": "1",
            "style_match": "1",
        },
    ),
    "batch_jobs": Listing("id, name, status, created_at", "user_id", "created_at", {"total_items": "1"}),
    "remix_history": Listing(
        "id, target_format, created_at", "user_id", "created_at", {"target_format": "'x'", "remixed_content": "'{}'"}
    ),
    "generated_images": Listing(
        "id, url, created_at",
        "user_id",
        "created_at",
        {"prompt": "'p'", "url": "'u'", "provider": "'x'", "image_type": "'hero'", "size": "'1x1'"},
    ),
    "usage_records": Listing('id, operation_type, "timestamp"', "user_id", '"timestamp"', {"operation_type": "'blog'"}),
    "payments": Listing("id, amount_cents, paid_at", "user_id", "paid_at", {"amount_cents": "100"}),
    "payment_failures": Listing("id, attempt_count, failed_at", "user_id", "failed_at", {}),
}


def user(number: str) -> str:
    """SQL for the id of an owner: `u-` and the number."""
    return f"'u-' || {number}"


def owner_value(listing: Listing, number: str) -> str:
    """SQL for what the owner column holds."""
    if listing.owner == "user_hash":
        return f"encode(sha256(convert_to({user(number)}, 'UTF8')), 'hex')"
    if listing.owner == "profile_id":
        return f"md5({user(number)})::uuid"
    return user(number)


async def load(owner: Connection, table: str, listing: Listing, rows: int) -> None:
    """Fills an empty table, without triggers and keys: they are not what is measured."""
    await owner.execute("set session_replication_role = replica")
    if listing.owner == "profile_id":
        hashed = owner_value(TABLES["brand_profiles"], "n")
        await owner.execute("truncate public.brand_profiles cascade")
        await owner.execute(
            f"insert into public.brand_profiles (id, name, slug, user_hash)"
            f" select {owner_value(listing, 'n')}, 'P', 's', {hashed}"
            f" from generate_series(0, {rows // OWNED}) n".encode()
        )
        await owner.execute("vacuum analyze public.brand_profiles")
    names = [listing.owner, listing.order, *listing.values]
    number = f"(i % {rows // OWNED})"
    values = [owner_value(listing, number), "now() - i * interval '1 second'", *listing.values.values()]
    if listing.owner == "profile_id":  # which a trigger writes otherwise
        names.append("user_hash")
        values.append(owner_value(TABLES["brand_profiles"], number))
    await owner.execute(
        f"insert into public.{table} ({', '.join(names)}) select {', '.join(values)}"
        f" from generate_series(1, {rows}) i".encode()
    )
    await owner.execute("set session_replication_role = origin")
    await owner.execute(f"vacuum analyze public.{table}".encode())


async def fetch(conn: Connection, statement: str, *values: Any) -> list[Any]:
    cursor = await conn.execute(statement.encode(), values)
    return await cursor.fetchall()


async def measure(tables: list[str], rows: int, rounds: int) -> list[Row]:
    table: list[Row] = []
    who = f"u-{rows // OWNED // 2}"
    actor = Actor.user(who)
    with new_server() as server:
        await prepare_embedded(server)
        async with (
            Database(server.app_dsn()) as database,
            await AsyncConnection[Any].connect(server.owner_dsn(), autocommit=True) as owner,
        ):
            for name in tables:
                listing = TABLES[name]
                await load(owner, name, listing, rows)
                found = await fetch(owner, f"select {owner_value(listing, '(' + who[2:] + ')')}")
                mine = found[0][0]
                ordered = f"order by {listing.order} desc, id desc limit 20"
                own = f"select {listing.columns} from public.{name} where {listing.owner} = %s {ordered}"
                bare = f"select {listing.columns} from public.{name} {ordered}"
                async with owner.transaction(), database.transaction(actor) as conn:
                    assert len(await fetch(conn, own, mine)) == 20
                    assert await fetch(conn, own, mine) == await fetch(conn, bare) == await fetch(owner, own, mine)
                    as_owner = Way(partial(fetch, owner, own, mine), owner.info.backend_pid)
                    pid = conn.info.backend_pid
                    ways = [Way(partial(fetch, conn, own, mine), pid), as_owner, as_owner]
                    if not listing.public:  # where public rows show too, a list says which it wants
                        ways.append(Way(partial(fetch, conn, bare), pid))
                    caller, control, base, *without = await times(rounds, *ways)
                against = f"owner's query with WHERE, {base * 1e3:.2f} ms (control {control / base:.2f})"
                table.append(Row(f"{name}: 20 of {rows:,}", caller / base, "<= 1.2", against))
                for taken in without:
                    table.append(Row(f"{name}: 20 of {rows:,}, no WHERE", taken / base, "<= 1.2", against))
                sys.stderr.write(f"{name} {caller / base:.2f} ({control / base:.2f})\n")
                table.append(await request(database, server.owner_dsn(), actor, name, own, mine, rounds))
                await owner.execute(f"truncate public.{name} cascade".encode())
    return table


async def request(
    database: Database, server_dsn: str, actor: Actor, name: str, own: str, mine: Any, rounds: int
) -> Row:
    """The rate of a whole request, as a share of that of the owner's."""

    async def as_caller(source: Database) -> int:
        async with source.transaction(actor) as conn:
            await fetch(conn, own, mine)
            return conn.info.backend_pid

    async def as_owner(source: AsyncConnectionPool[Connection]) -> int:
        async with source.connection() as conn, conn.transaction():
            await fetch(conn, own, mine)
            return conn.info.backend_pid

    async with (
        Database(database.conninfo, max_size=1) as callers,
        AsyncConnectionPool[Connection](
            server_dsn, min_size=1, max_size=1, check=AsyncConnectionPool.check_connection
        ) as owners,
    ):
        yardstick = Way(partial(as_owner, owners), await as_owner(owners))
        caller, control, base = await times(
            rounds, Way(partial(as_caller, callers), await as_caller(callers)), yardstick, yardstick
        )
    return Row(
        f"{name}: request, rate",
        base / caller,
        ">= 0.7",
        f"the owner's, {base * 1e3:.2f} ms (control {base / control:.2f})",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Lists through the policies")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--tables", nargs="+", choices=list(TABLES), default=list(TABLES))
    given = parser.parse_args()
    show(
        "The newest 20 of a table through its policy: time; requests: rate",
        asyncio.run(measure(given.tables, given.rows, given.rounds)),
    )


if __name__ == "__main__":
    main()
