"""A list through each policy reads an index in its order, and no row of anybody else."""

import pytest
from benchmarks.policies import TABLES, load
from tests.db.tenants import ANN

from blogai.db.database import Connection, Database


@pytest.mark.parametrize("table", TABLES)
async def test_a_list_reads_an_index(database: Database, owner_conn: Connection, table: str) -> None:
    listing = TABLES[table]
    await load(owner_conn, table, listing, 5_000)
    mine = "where user_hash = (select private.caller_hash())" if listing.public else ""
    query = f"select {listing.columns} from public.{table} {mine} order by {listing.order} desc, id desc limit 20"
    async with database.transaction(ANN) as conn:
        await conn.execute("set local enable_seqscan = off")  # the tables are small here
        await conn.execute("set local enable_bitmapscan = off")
        lines = [row[0] for row in await (await conn.execute(f"explain {query}".encode())).fetchall()]
    plan = "\n".join(lines)
    assert "Index Cond" in plan, plan
    assert "Seq Scan" not in plan, plan
    assert listing.public or not any(line.strip().startswith("Filter") for line in lines), plan
    assert not any(line.strip(" ->").startswith("Sort  ") for line in lines), plan


@pytest.mark.parametrize("table", ["voice_samples", "voice_scores"])
async def test_a_list_of_one_voice_reads_an_index(database: Database, owner_conn: Connection, table: str) -> None:
    await load(owner_conn, table, TABLES[table], 20_000)
    async with database.transaction(ANN) as conn:
        cursor = await conn.execute(
            f"explain select * from public.{table} where profile_id = md5('u-1')::uuid"
            " order by created_at desc, id desc limit 20".encode()
        )
        plan = "\n".join([row[0] for row in await cursor.fetchall()])
    assert f"Index Scan using idx_{table}_user_profile" in plan, plan
    assert "Sort" not in plan, plan


async def test_who_asks_for_templates_is_part_of_the_plan(database: Database) -> None:
    async with database.transaction(ANN) as conn:
        cursor = await conn.execute("explain (verbose) select id from public.templates")
        plan = "\n".join([row[0] for row in await cursor.fetchall()])
    assert "caller_hash" not in plan, plan
    assert "current_setting('request.jwt.claims'" in plan


async def test_a_list_of_visible_templates_stops_after_a_page(database: Database, owner_conn: Connection) -> None:
    await load(owner_conn, "templates", TABLES["templates"], 5_000)
    await owner_conn.execute("update public.templates set is_public = true where slug like '%0'")
    await owner_conn.execute("vacuum analyze public.templates")
    async with database.transaction(ANN) as conn:
        cursor = await conn.execute(
            "explain (analyze, format json) select id, name from public.templates"
            " order by created_at desc, id desc limit 20"
        )
        row = await cursor.fetchone()
        assert row is not None
        page = row[0][0]["Plan"]["Plans"][-1]
    assert page["Index Name"] == "idx_templates_created", page
    assert page["Actual Rows"] + page["Rows Removed by Filter"] < 250, page
