"""The statements of `blogai db monitor`, one a section."""

from datetime import timedelta
from typing import Any

from psycopg.rows import dict_row

from blogai.db.database import Connection

Row = dict[str, Any]


async def _rows(conn: Connection, statement: str, **arguments: Any) -> list[Row]:
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(statement.encode(), arguments)
        return await cursor.fetchall()


async def quota(conn: Connection, limit: int) -> list[Row]:
    """The fullest first."""
    return await _rows(
        conn,
        """
        select user_id, tier, quota_available, current_usage, monthly_limit, daily_usage, daily_limit, remaining,
               period_end, count(*) over () as of_users
          from private.quota_status
         order by case when monthly_limit > 0 then current_usage::float8 / monthly_limit else 0 end desc, user_id
         limit %(limit)s
        """,
        limit=limit,
    )


async def approaching(conn: Connection, threshold: int, limit: int) -> list[Row]:
    return await _rows(
        conn,
        "select *, count(*) over () as of_users from private.users_approaching_quota(%(threshold)s)"
        " order by remaining, user_id limit %(limit)s",
        threshold=threshold,
        limit=limit,
    )


async def revenue(conn: Connection) -> list[Row]:
    return await _rows(conn, "select * from private.revenue_by_tier order by currency, revenue desc, tier")


async def tools(conn: Connection, limit: int) -> list[Row]:
    return await _rows(
        conn, "select * from private.tool_popularity order by count desc, tool_id limit %(limit)s", limit=limit
    )


async def payments(conn: Connection, limit: int) -> list[Row]:
    return await _rows(
        conn,
        "select *, count(*) over () as of_failures from private.unresolved_payments order by failed_at limit %(limit)s",
        limit=limit,
    )


async def batch_jobs(conn: Connection, age: timedelta) -> list[Row]:
    return await _rows(conn, "select * from private.stuck_batch_jobs(%(age)s)", age=age)


async def reservations(conn: Connection, limit: int) -> list[Row]:
    return await _rows(
        conn,
        "select *, count(*) over () as of_reservations,"
        " count(*) filter (where expires_at < now() - interval '5 minutes') over () as overdue"
        " from private.open_reservations order by expires_at limit %(limit)s",
        limit=limit,
    )


async def sizes(conn: Connection, limit: int) -> list[Row]:
    return await _rows(
        conn,
        "select schema_name, relation, kind, table_name, bytes, total_bytes, estimated_rows, dead_rows, bloat_bytes,"
        " scans, last_vacuum, last_analyze from private.relation_sizes"
        " order by bytes desc, schema_name, relation limit %(limit)s",
        limit=limit,
    )


async def statements(conn: Connection, limit: int) -> list[Row]:
    return await _rows(conn, "select * from private.slow_statements(%(limit)s)", limit=limit)


async def hidden_statements(conn: Connection) -> str | None:
    """The grants without which statements are collected but not to be seen; None when nothing is missing."""
    found = await _rows(
        conn,
        """
        select format('grant usage on schema %%I to service_role; grant execute on function %%s to service_role;',
                      n.nspname, p.oid::regprocedure) as grants
          from pg_catalog.pg_extension as e
          join pg_catalog.pg_namespace as n on n.oid = e.extnamespace
          join pg_catalog.pg_proc as p on p.pronamespace = n.oid and p.proname = 'pg_stat_statements'
         where e.extname = 'pg_stat_statements'
           and not (has_schema_privilege(n.oid, 'usage') and has_function_privilege(p.oid, 'execute'))
        """,
    )
    return str(found[0]["grants"]) if found else None


async def maintenance(conn: Connection) -> list[Row]:
    return await _rows(conn, "select * from private.maintenance_state order by task")


async def queue(conn: Connection) -> list[Row]:
    return await _rows(
        conn,
        """
        select j.task_name, j.status::text as status, count(*) as jobs,
               count(*) filter (
                   where j.status = 'todo' and coalesce(j.scheduled_at, e.at) < now() - interval '10 minutes') as late,
               count(*) filter (where j.status = 'failed' and e.at > now() - interval '1 day') as failed_today
          from queue.procrastinate_jobs as j
          left join lateral (
                select max(v.at) as at from queue.procrastinate_events as v where v.job_id = j.id) as e on true
         where j.status in ('todo', 'doing', 'failed')
         group by j.task_name, j.status
         order by j.task_name, j.status
        """,
    )
