"""Work for maintenance tasks, with the logins that a process may have."""

from pathlib import Path
from typing import Any

from psycopg.rows import dict_row

from blogai.db.database import Actor, Connection, Database
from blogai.db.operations.access import Access
from blogai.db.operations.maintenance import TASKS, Entry, Work, run
from blogai.settings import Settings


def work_of(database: Database, data_dir: Path, owner_dsn: str | None = None) -> Work:
    return Work(Access(lambda: database.transaction(Actor.service()), owner_dsn), Settings(data_dir=data_dir))


async def do(work: Work, task: str) -> Entry:
    return await run(work, TASKS[task])


async def rows(conn: Connection, statement: str, *arguments: Any) -> list[dict[str, Any]]:
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(statement.encode(), arguments or None)
        return await cursor.fetchall()
