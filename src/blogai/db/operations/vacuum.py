"""VACUUM ANALYZE of the tables that are written all the time."""

from collections.abc import Callable

from psycopg import sql

from blogai.db.database import Connection
from blogai.errors import Forbidden

BUSY = (
    "public.generated_content",
    "public.usage_records",
    "public.user_quotas",
    "public.usage_reservations",
    "public.generation_runs",
    "public.generation_events",
    "public.tool_usage",
    "queue.procrastinate_jobs",
    "queue.procrastinate_events",
)
"""The document names the first two; the others are written as often."""


_FOREIGN = """
select n.nspname || '.' || c.relname
  from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
 where n.nspname || '.' || c.relname = any (%s) and not pg_has_role(current_user, c.relowner, 'usage')
"""


async def vacuum(conn: Connection, progress: Callable[[int, int], None]) -> dict[str, int]:
    """Vacuums and analyses the busy tables, one after the other.

    Args:
        conn: the owner's, in autocommit mode.

    Raises:
        Forbidden: the login does not own the tables. PostgreSQL itself would only warn, and skip them.
    """
    cursor = await conn.execute(_FOREIGN, [list(BUSY)])
    if foreign := [row[0] for row in await cursor.fetchall()]:
        raise Forbidden(
            f"The login {conn.info.user} does not own {', '.join(foreign)}.",
            remedy="Put the login that ran the migrations into BLOGAI_OWNER_DATABASE_URL.",
        )
    await conn.execute("set statement_timeout = 0")
    # Waiting for the lock would hold up everybody who comes after.
    await conn.execute("set lock_timeout = '30s'")
    for number, name in enumerate(BUSY):
        progress(number, len(BUSY))
        await conn.execute(sql.SQL("vacuum (analyze) {}").format(sql.Identifier(*name.split("."))))
    progress(len(BUSY), len(BUSY))
    return {"tables": len(BUSY)}
