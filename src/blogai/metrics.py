"""GET /metrics: the operator's views in the text format of Prometheus. Nothing in it names a user."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from typing import Any

from fastapi import APIRouter, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from blogai.db.database import Actor, Connection, Database
from blogai.db.operations.maintenance import TASKS
from blogai.errors import BlogAIError

KEPT_FOR = 5.0
"""Seconds for which one reading answers every scrape."""

Metric = tuple[str, str, Sequence[str], str]

METRICS: tuple[Metric, ...] = (
    (
        "blogai_users",
        "Users of each tier; available says whether they may generate.",
        ("tier", "available"),
        "select tier, case when quota_available then 'yes' else 'no' end, count(*) from private.quota_status"
        " group by 1, 2",
    ),
    (
        "blogai_users_approaching_quota",
        "Users with one to five units of the month left.",
        ("tier",),
        "select tier, count(*) from private.users_approaching_quota(5) group by 1",
    ),
    (
        "blogai_usage_month_units",
        "Units taken in the current billing periods.",
        ("tier",),
        "select tier, sum(current_usage) from private.quota_status group by 1",
    ),
    (
        "blogai_revenue",
        "Payments of active subscriptions, net of refunds, in whole units of the currency.",
        ("tier", "currency"),
        "select tier, currency, revenue from private.revenue_by_tier",
    ),
    (
        "blogai_paying_users",
        "Users with payments for an active subscription.",
        ("tier", "currency"),
        "select tier, currency, users from private.revenue_by_tier",
    ),
    (
        "blogai_tool_uses",
        "Uses of each tool since it exists.",
        ("tool",),
        "select tool_id, count from private.tool_popularity order by count desc, tool_id limit 100",
    ),
    (
        "blogai_failed_payments_unresolved",
        "Failed payments that were not made good.",
        (),
        "select count(*) from private.unresolved_payments",
    ),
    (
        "blogai_batch_jobs_stuck",
        "Batch jobs that have been running for over an hour.",
        (),
        "select count(*) from private.stuck_batch_jobs(interval '1 hour')",
    ),
    (
        "blogai_reservations_open",
        "Units held by open reservations; expired ones wait for the sweep.",
        ("expired",),
        "select case when expired then 'yes' else 'no' end, sum(units) from private.open_reservations group by 1",
    ),
    (
        "blogai_queue_jobs",
        "Jobs in the queue by state.",
        ("state",),
        "select s.status::text, count(j.id) from unnest(enum_range(null::queue.procrastinate_job_status)) as s (status)"
        " left join queue.procrastinate_jobs as j on j.status = s.status group by 1",
    ),
    (
        "blogai_relation_bytes",
        "Size of each table and index.",
        ("relation", "kind"),
        "select schema_name || '.' || relation, kind, bytes from private.relation_sizes",
    ),
    (
        "blogai_relation_bloat_bytes",
        "Estimated empty space in each table and index, where it is known.",
        ("relation", "kind"),
        "select schema_name || '.' || relation, kind, bloat_bytes from private.relation_sizes"
        " where bloat_bytes is not null",
    ),
    (
        "blogai_table_dead_rows",
        "Rows that wait for vacuum.",
        ("relation",),
        "select schema_name || '.' || relation, dead_rows from private.relation_sizes where kind = 'table'",
    ),
    (
        "blogai_database_bytes",
        "Size of the database.",
        (),
        "select pg_database_size(current_database())",
    ),
    (
        "blogai_maintenance_last_done_timestamp_seconds",
        "When each task was last done; 0 when it never was.",
        ("task",),
        "select t.task, coalesce(extract(epoch from s.last_done_at), 0) from unnest(%(tasks)s::text[]) as t (task)"
        " left join private.maintenance_state as s on s.task = t.task",
    ),
    (
        "blogai_maintenance_last_failed",
        "1 when the last run of a task failed.",
        ("task",),
        "select task, (last_outcome = 'failed')::integer from private.maintenance_state",
    ),
    (
        "blogai_usage_archived_records",
        "Usage records that were moved to files.",
        (),
        "select coalesce(sum(row_count), 0) from private.usage_archives",
    ),
)
"""Name, help, labels and statement of each metric; the last column of a statement is the value."""


class _Reading(Collector):
    """Families that were read before the registry asks."""

    def __init__(self, families: list[GaugeMetricFamily]) -> None:
        self.families = families

    def collect(self) -> Iterable[GaugeMetricFamily]:
        return self.families


class Metrics:
    """Reads the views, at most one reader at a time and once in five seconds."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._alone = asyncio.Lock()
        self._text = b""
        self._until = 0.0

    async def text(self) -> bytes:
        """The exposition. A database out of reach is `blogai_database_up 0` and nothing else, not an error."""
        async with self._alone:
            if time.monotonic() >= self._until:
                self._text = await self._read()
                self._until = time.monotonic() + KEPT_FOR
            return self._text

    async def _read(self) -> bytes:
        families = []
        up = 1
        try:
            async with self.database.transaction(Actor.service()) as conn:
                await conn.execute("set local statement_timeout = '20s'")
                families = [await _family(conn, metric) for metric in METRICS]
        except BlogAIError:
            families, up = [], 0
        registry = CollectorRegistry()
        state = GaugeMetricFamily("blogai_database_up", "1 when the database answered.", value=up)
        registry.register(_Reading([state, *families]))
        return generate_latest(registry)


async def _family(conn: Connection, metric: Metric) -> GaugeMetricFamily:
    name, text, labels, statement = metric
    arguments: dict[str, Any] | None = {"tasks": list(TASKS)} if "%(tasks)s" in statement else None
    family = GaugeMetricFamily(name, text, labels=labels)
    cursor = await conn.execute(statement.encode(), arguments)
    for *values, number in await cursor.fetchall():
        family.add_metric([str(value) for value in values], float(number))
    return family


def router(metrics: Metrics) -> APIRouter:
    """GET /metrics, for this machine alone like everything else."""
    api = APIRouter(tags=["service"])

    @api.get(
        "/metrics",
        response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    )
    async def get_metrics() -> Response:
        return Response(await metrics.text(), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return api
