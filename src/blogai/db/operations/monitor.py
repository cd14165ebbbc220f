"""What an operator looks at: the views, and what they warn of."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from blogai.db.database import Connection
from blogai.db.operations import monitor_queries as queries
from blogai.db.operations import rolling_index
from blogai.db.operations.maintenance import NEEDS_OWNER, TASKS

Row = dict[str, Any]

STUCK_AFTER = timedelta(hours=1)
BLOATED_BYTES, BLOATED_SHARE = 64 << 20, 0.5
"""A table or index is worth a warning when so much, and such a part of it, is empty."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """One look."""

    at: datetime
    warnings: list[str]
    sections: dict[str, list[Row]]


async def report(conn: Connection, *, threshold: int = 5, limit: int = 20) -> Report:
    """Reads every view.

    Args:
        conn: in a transaction of the service role or the owner.
        threshold: users with so many units of the month left, or fewer, are approaching their quota.
        limit: most rows of a section.
    """
    sections = {
        "quota": await queries.quota(conn, limit),
        "approaching": await queries.approaching(conn, threshold, limit),
        "revenue": await queries.revenue(conn),
        "tools": await queries.tools(conn, limit),
        "failed_payments": await queries.payments(conn, limit),
        "stuck_batch_jobs": await queries.batch_jobs(conn, STUCK_AFTER),
        "reservations": await queries.reservations(conn, limit),
        "queue": await queries.queue(conn),
        "sizes": await queries.sizes(conn, limit),
        "statements": await queries.statements(conn, limit),
        "maintenance": await queries.maintenance(conn),
    }
    at = datetime.now(UTC)
    index_is_old = await rolling_index.is_due(conn, at)
    found = warnings(sections, at, index_is_old=index_is_old)
    if grants := await queries.hidden_statements(conn):
        found.append(f"pg_stat_statements is there and must not be read; ask an administrator: {grants}")
    return Report(at=at, warnings=found, sections=sections)


def warnings(sections: dict[str, list[Row]], at: datetime, *, index_is_old: bool) -> list[str]:
    """What needs somebody's attention, one sentence each, the remedy included."""
    found: list[str] = []
    if failures := sections["failed_payments"]:
        found.append(f"Failed payments not resolved: {failures[0]['of_failures']}. Ask these customers to pay.")
    if stuck := sections["stuck_batch_jobs"]:
        found.append(f"Batch jobs running for over an hour: {len(stuck)}. Look at the worker.")
    if (held := sections["reservations"]) and held[0]["overdue"]:
        found.append(f"Expired reservations not given back: {held[0]['overdue']}. Does a worker run?")
    late = sum(row["late"] for row in sections["queue"])
    failed = sum(row["failed_today"] for row in sections["queue"])
    if late:
        found.append(f"Jobs waiting for over ten minutes: {late}. Does a worker run?")
    if failed:
        found.append(f"Jobs failed within a day: {failed}. The worker's log says why.")
    unknown = sum(row["refunds_of_unknown_amount"] for row in sections["revenue"])
    if unknown:
        found.append(f"Partial refunds without an amount: {unknown}. The revenue is too high; set refunded_cents.")
    for row in sections["sizes"]:
        bloat = row["bloat_bytes"] or 0
        if bloat > BLOATED_BYTES and bloat > BLOATED_SHARE * row["bytes"]:
            remedy = "REINDEX CONCURRENTLY" if row["kind"] == "index" else "VACUUM FULL in a quiet hour, or pg_repack,"
            found.append(
                f"About {bloat >> 20} MiB of the {row['kind']} {row['relation']} are empty; {remedy} gives them back."
            )
    found += _of_maintenance(sections["maintenance"], at)
    if index_is_old:
        found.append("The bound of idx_usage_records_recent is old; run `blogai db maintain roll_recent_index`.")
    return found


def _of_maintenance(rows: list[Row], at: datetime) -> list[str]:
    found: list[str] = []
    state = {row["task"]: row for row in rows}
    for task in TASKS.values():
        row = state.get(task.name)
        if row is None:
            found.append(f"{task.name} never ran; run `blogai db maintain`, or a worker.")
        elif row["last_outcome"] == "failed":
            found.append(f"{task.name} failed: {row['last_detail']}")
        elif row["last_detail"] == NEEDS_OWNER:
            found.append(
                f"{task.name} was {NEEDS_OWNER}; run `blogai db maintain {task.name}` from cron with"
                " BLOGAI_OWNER_DATABASE_URL."
            )
        elif row["last_done_at"] is None or row["last_done_at"] < at - 2 * task.every:
            since = f"since {row['last_done_at']:%Y-%m-%d}" if row["last_done_at"] else "to its end"
            found.append(f"{task.name} did not run {since}; run `blogai db maintain`, or a worker.")
    return found
