"""VACUUM ANALYZE of the tables that are written all the time."""

from collections.abc import Callable

from psycopg import sql
from psycopg.errors import Diagnostic

from blogai.db.database import Connection
from blogai.errors import Fault

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


async def vacuum(conn: Connection, progress: Callable[[int, int], None]) -> dict[str, int]:
    """Vacuums and analyses the busy tables, one after the other.

    Args:
        conn: the owner's, in autocommit mode.

    Raises:
        Fault: PostgreSQL skipped a table; it warns when the login may not, and raises no error.
    """
    complaints: list[str] = []

    def note(diagnostic: Diagnostic) -> None:
        if diagnostic.severity_nonlocalized == "WARNING" and diagnostic.message_primary:
            complaints.append(diagnostic.message_primary)

    conn.add_notice_handler(note)
    await conn.execute("set statement_timeout = 0")
    # Waiting for the lock would hold up everybody who comes after.
    await conn.execute("set lock_timeout = '30s'")
    for number, name in enumerate(BUSY):
        progress(number, len(BUSY))
        await conn.execute(sql.SQL("vacuum (analyze) {}").format(sql.Identifier(*name.split("."))))
    progress(len(BUSY), len(BUSY))
    if complaints:
        raise Fault(f"PostgreSQL did not vacuum everything: {'; '.join(complaints)}.")
    return {"tables": len(BUSY)}
