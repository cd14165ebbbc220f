"""The jobs of content, done by a real worker."""

from tests.content.conftest import NewRuns, Quiet
from tests.content.models import Gate
from tests.content.operations import Sections
from tests.content.test_library import put

from blogai.content.jobs import tasks
from blogai.content.library import Library
from blogai.db.database import LOCAL_OWNER, Connection, Database
from blogai.queue import defer, work


async def test_the_worker_sweeps_and_purges(
    new_runs: NewRuns, database: Database, owner_conn: Connection, app_dsn: str, gone_quiet: Quiet
) -> None:
    gate = Gate(["Bees "])
    dead, runs = await new_runs(gate.stream), await new_runs(run_lease=1.0)
    run = await dead.start(LOCAL_OWNER, Sections(), provider="test")
    await gate.reached.wait()
    await dead._pump.close()
    await gone_quiet()
    content_id = await put(owner_conn)
    await Library(database).delete(LOCAL_OWNER, content_id)
    await owner_conn.execute("update private.deleted_content set expires_at = now()")
    async with database.transaction(LOCAL_OWNER) as conn:
        await defer(conn, "content:sweep", timestamp=0)
        await defer(conn, "content:purge", timestamp=0)
    await work(app_dsn, [tasks], context={"runs": runs, "database": database}, wait=False)
    cursor = await owner_conn.execute("select status from generation_runs where id = %s", [run.id])
    assert await cursor.fetchone() == ("failed",)
    cursor = await owner_conn.execute("select count(*) from private.deleted_content")
    assert await cursor.fetchone() == (0,)
