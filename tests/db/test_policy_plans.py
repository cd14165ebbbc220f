"""A list through each policy reads an index in its order, and no row of anybody else."""

import pytest
from benchmarks.policies import TABLES, load
from tests.db.tenants import ANN

from blogai.db.database import Connection, Database

SORTED_AFTERWARDS = {"voice_samples", "voice_scores", "templates"}
"""The caller may have several profiles, whose rows are put in order afterwards. Of templates the planner expects very
few, since it counts the owner in the policy as another condition. In each case they are one owner's rows."""


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
    if table not in SORTED_AFTERWARDS:
        assert not any(line.strip(" ->").startswith("Sort  ") for line in lines), plan
