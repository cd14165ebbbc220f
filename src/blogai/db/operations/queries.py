"""The statements of the maintenance log, of the archive and of what is tidied away."""

from datetime import datetime, timedelta
from typing import Any

from psycopg import sql
from psycopg.rows import scalar_row
from psycopg.types.json import Jsonb

from blogai.db.database import Connection

ARCHIVE_LOCK = 0x426C6F67_41490003
"""The advisory lock of whoever writes or tidies archive files: "BlogAI" and 3."""

OLD = """
  from public.usage_records as r
 where r."timestamp" < %(before)s
   and not exists (
        select from public.user_quotas as q
         where q.user_id = r.user_id
           and (r."timestamp" >= q.period_start and r."timestamp" < q.period_end
                or (r."timestamp" at time zone 'UTC')::date = q.day_start))
"""
"""Records that may go. Those which a counter still counts stay, so that counters always equal the log."""

_FINISHED_JOBS = """
  from queue.procrastinate_jobs as j
 where j.status in ('succeeded', 'failed', 'cancelled', 'aborted')
   and not exists (select from queue.procrastinate_events as e
                    where e.job_id = j.id and e.at > now() - interval '7 days')
"""
"""Their last event is older than a week."""


async def _value(conn: Connection, statement: str | sql.Composed, arguments: dict[str, Any] | None = None) -> Any:
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(statement if isinstance(statement, sql.Composed) else statement.encode(), arguments)
        return await cursor.fetchone()


async def start(conn: Connection, task: str, run_by: str) -> int:
    """Begins an entry of the log. One that has been running for hours belongs to a process that died."""
    await conn.execute(
        "update private.maintenance_log set outcome = 'failed', finished_at = now(),"
        " detail = 'The process ended before the task did.'"
        " where task = %s and outcome = 'running' and started_at < now() - interval '6 hours'",
        [task],
    )
    return int(
        await _value(
            conn,
            "insert into private.maintenance_log (task, run_by) values (%(task)s, %(by)s) returning id",
            {"task": task, "by": run_by},
        )
    )


async def finish(conn: Connection, entry: int, outcome: str, detail: str | None, figures: dict[str, int]) -> None:
    await conn.execute(
        "update private.maintenance_log set outcome = %s, detail = %s, figures = %s, finished_at = now() where id = %s",
        [outcome, detail, Jsonb(figures), entry],
    )


async def tried(conn: Connection, task: str, within: timedelta, outcomes: list[str]) -> bool:
    """Whether a run of a task that began within some time ended in one of these ways."""
    return bool(
        await _value(
            conn,
            "select exists (select from private.maintenance_log where task = %(task)s"
            " and outcome = any (%(outcomes)s) and started_at > now() - %(within)s::interval)",
            {"task": task, "within": within, "outcomes": outcomes},
        )
    )


async def expired_quotas(conn: Connection) -> int:
    return int(await _value(conn, "select count(*) from public.user_quotas where period_end <= now()"))


async def users_to_roll(conn: Connection) -> list[str]:
    """Whose window ended."""
    cursor = await conn.execute("select user_id from public.user_quotas where period_end <= now() order by user_id")
    return [row[0] for row in await cursor.fetchall()]


async def roll_quotas(conn: Connection, users: list[str]) -> int:
    return int(await _value(conn, "select private.roll_quotas(%(users)s)", {"users": users}))


async def reset_quotas(conn: Connection) -> int:
    return int(await _value(conn, "select public.reset_expired_quotas()"))


async def expired_reservations(conn: Connection) -> int:
    return int(await _value(conn, "select count(*) from private.open_reservations where expired"))


async def release_reservations(conn: Connection) -> int:
    return int(await _value(conn, "select public.sweep_reservations()"))


async def forgettable_reservations(conn: Connection) -> int:
    return int(
        await _value(
            conn,
            "select count(*) from public.usage_reservations"
            " where state <> 'open' and closed_at < now() - interval '30 days'",
        )
    )


async def forget_reservations(conn: Connection) -> int:
    return int(await _value(conn, "select private.forget_reservations()"))


_PRUNABLE = """
  from public.generation_runs as r
 where r.finished_at < now() - make_interval(days => %(days)s) and not r.events_pruned
"""


async def count_prunable_runs(conn: Connection, days: int) -> int:
    """Runs that ended so many days ago and still have their events."""
    return int(await _value(conn, "select count(*)" + _PRUNABLE, {"days": days}))


async def prune_run_events(conn: Connection, days: int, limit: int) -> tuple[int, int]:
    """Deletes the events of the oldest such runs, but for the last one, which tells how a run ended.

    Returns:
        How many runs, and how many events.
    """
    cursor = await conn.execute(
        sql.SQL(
            """
            with ended as (
                select r.id {} order by r.finished_at limit %(limit)s for no key update skip locked
            ), pruned as (
                delete from public.generation_events as e using ended
                 where e.run_id = ended.id and e.kind not in ('finished', 'failed', 'cancelled')
                returning 1
            ), noted as (
                update public.generation_runs as r set events_pruned = true from ended where r.id = ended.id
                returning 1
            )
            select (select count(*) from noted), (select count(*) from pruned)
            """
        ).format(sql.SQL(_PRUNABLE)),
        {"days": days, "limit": limit},
    )
    row = await cursor.fetchone()
    assert row is not None
    return row[0], row[1]


async def count_old_entries(conn: Connection) -> int:
    return int(
        await _value(conn, "select count(*) from private.maintenance_log where started_at < now() - interval '1 year'")
    )


async def delete_old_entries(conn: Connection) -> int:
    cursor = await conn.execute(
        "delete from private.maintenance_log where started_at < now() - interval '1 year' and outcome <> 'running'"
    )
    return cursor.rowcount


async def count_finished_jobs(conn: Connection) -> int:
    """Jobs of the queue that ended more than a week ago."""
    return int(await _value(conn, "select count(*)" + _FINISHED_JOBS))


async def delete_finished_jobs(conn: Connection, limit: int) -> int:
    """Their events go with them."""
    cursor = await conn.execute(
        sql.SQL("delete from queue.procrastinate_jobs where id in (select j.id {} limit %s)").format(
            sql.SQL(_FINISHED_JOBS)
        ),
        [limit],
    )
    return cursor.rowcount


async def lock_archive(conn: Connection) -> None:
    """Waits for others who write or tidy archive files; until the end of the transaction."""
    await conn.execute("select pg_advisory_xact_lock(%s)", [ARCHIVE_LOCK])


async def roll_days(conn: Connection, before: datetime) -> int:
    """Opens the current day for users whose last day is so old that its records may go."""
    return int(
        await _value(
            conn,
            """
            with stale as (
                select q.user_id from public.user_quotas as q
                 where q.day_start <= (%(before)s::timestamptz at time zone 'UTC')::date
                   for no key update skip locked
            ), rolled as (
                update public.user_quotas as q set day_start = (now() at time zone 'UTC')::date, day_used = 0
                  from stale as s where s.user_id = q.user_id
                returning q.user_id
            )
            select count(*) from rolled
            """,
            {"before": before},
        )
    )


async def count_old(conn: Connection, before: datetime) -> int:
    return int(await _value(conn, "select count(*)" + OLD, {"before": before}))


async def columns(conn: Connection) -> list[str]:
    """Of usage_records, in their order, whatever somebody added."""
    return list(
        await _value(
            conn,
            "select array_agg(a.attname::text order by a.attnum) from pg_catalog.pg_attribute as a"
            " where a.attrelid = 'public.usage_records'::regclass and a.attnum > 0 and not a.attisdropped",
        )
    )


async def oldest(conn: Connection, names: list[str], before: datetime, limit: int) -> list[tuple[str | None, ...]]:
    """Some records that may go, as text that COPY reads back, locked until the end of the transaction."""
    await conn.execute("set local timezone = 'UTC'; set local datestyle = 'ISO, YMD'")
    statement = sql.SQL("select {} {} limit %(limit)s for update of r").format(
        sql.SQL(", ").join(sql.SQL("r.{}::text").format(sql.Identifier(name)) for name in names),
        sql.SQL(OLD),
    )
    cursor = await conn.execute(statement, {"before": before, "limit": limit})
    return await cursor.fetchall()


async def move_to_totals(conn: Connection, ids: list[str]) -> int:
    """Deletes records and adds them to the monthly totals; how many."""
    return int(
        await _value(
            conn,
            """
            with gone as (
                delete from public.usage_records as r where r.id = any (%(ids)s::uuid[])
                returning r.user_id, (date_trunc('month', r."timestamp" at time zone 'UTC'))::date as month,
                          r.operation_type, r.tokens_used
            ), added as (
                insert into private.usage_monthly_totals as t (user_id, month, operation_type, units, tokens)
                select g.user_id, g.month, g.operation_type, count(*), coalesce(sum(g.tokens_used), 0)
                  from gone as g
                 group by g.user_id, g.month, g.operation_type
                    on conflict (user_id, month, operation_type) do update
                   set units = t.units + excluded.units, tokens = t.tokens + excluded.tokens
            )
            select count(*) from gone
            """,
            {"ids": ids},
        )
    )


async def add_archive(conn: Connection, **row: Any) -> None:
    """One line of the manifest."""
    await conn.execute(
        """
        insert into private.usage_archives (file, host, sha256, bytes, row_count, first_at, last_at)
        values (%(file)s, %(host)s, %(sha256)s, %(bytes)s, %(row_count)s, %(first_at)s, %(last_at)s)
        """,
        row,
    )


async def known_archives(conn: Connection, names: list[str]) -> set[str]:
    cursor = await conn.execute("select file from private.usage_archives where file = any (%s)", [names])
    return {row[0] for row in await cursor.fetchall()}


async def count_present(conn: Connection, ids: list[str]) -> int:
    return int(
        await _value(conn, "select count(*) from public.usage_records where id = any (%(ids)s::uuid[])", {"ids": ids})
    )
