"""The operator's views: what they say, that they agree with the functions, and that nobody else reads them."""

import io
from typing import Any

import psycopg
import pytest
from rich.console import Console
from tests.conftest import SYSTEM
from tests.db.operators import rows

from blogai.db.database import Actor, Connection, Database
from blogai.db.embedded import EmbeddedPostgres
from blogai.db.operations import monitor, monitor_tables
from blogai.db.operations.maintenance import NEEDS_OWNER, TASKS
from blogai.db.operations.monitor import Report
from blogai.db.startup import prepare_embedded
from blogai.errors import BlogAIError, Forbidden

VIEWS = (
    "quota_status",
    "revenue_by_tier",
    "tool_popularity",
    "unresolved_payments",
    "open_reservations",
    "relation_sizes",
    "maintenance_state",
)
FUNCTIONS = ("users_approaching_quota(5)", "stuck_batch_jobs()", "slow_statements()")

USERS = """
insert into public.users (user_id, tier)
select u, 'free' from unnest('{fresh,full,near,unlimited,stale,stale-day,held,expired,nobody}'::text[]) as u;
insert into public.user_quotas (user_id, tier, period_start, period_end, day_start, month_used, day_used)
values ('fresh', 'starter', default, default, default, 0, 0),
       ('full', 'free', default, default, default, 5, 2),
       ('near', 'pro', default, default, default, 197, 3),
       ('unlimited', 'business', default, default, default, 40, 40),
       ('stale', 'pro', now() - interval '70 days', now() - interval '40 days', current_date - 60, 199, 4),
       ('stale-day', 'free', default, default, current_date - 1, 4, 2),
       ('held', 'free', default, default, default, 2, 2),
       ('expired', 'free', default, default, default, 2, 2),
       ('quota only', 'free', default, default, default, 1, 1);
insert into public.usage_reservations (user_id, operation_type, units, expires_at)
values ('held', 'blog', 2, now() + interval '1 hour'), ('expired', 'blog', 2, now() - interval '10 minutes');
"""

SUBSCRIBERS = """
insert into public.stripe_subscriptions (subscription_id, user_id, tier, current_period_start, current_period_end,
                                         cancel_at_period_end)
values ('s1', 'lapsed', 'pro', now() - interval '20 days', now() + interval '10 days', true),
       ('s2', 'renewed', 'pro', now() - interval '20 days', now() + interval '10 days', false);
set session_replication_role = replica;
update public.stripe_subscriptions set current_period_start = now() - interval '40 days',
       current_period_end = now() - interval '10 days';
update public.user_quotas set period_start = now() - interval '40 days', period_end = now() - interval '10 days'
 where user_id in ('lapsed', 'renewed');
set session_replication_role = origin;
"""
"""Nobody has used, or rolled, their quota since the period ended."""

MONEY = """
insert into public.stripe_subscriptions (subscription_id, user_id, tier, status)
values ('s1', 'ann', 'pro', 'active'), ('s2', 'bob', 'pro', 'active'), ('s3', 'cat', 'pro', 'active'),
       ('s4', 'dan', 'starter', 'cancelled'), ('s5', 'ann', 'pro', 'active');
insert into public.payments (user_id, subscription_id, invoice_id, amount_cents, currency, status, refunded_cents)
values ('ann', 's1', 'i1', 4900, 'usd', 'paid', 0), ('ann', 's1', 'i2', 4900, 'usd', 'paid', 0),
       ('ann', 's5', 'i3', 4900, 'usd', 'refunded', 0), ('bob', 's2', 'i4', 4900, 'usd', 'partially_refunded', 1000),
       ('bob', 's2', 'i5', 100, 'usd', 'partially_refunded', 0), ('cat', 's3', 'i6', 4500, 'eur', 'paid', 0),
       ('dan', 's4', 'i7', 1900, 'usd', 'paid', 0), ('ann', null, 'i8', 1, 'usd', 'paid', 0);
insert into public.payment_failures (user_id, invoice_id, failed_at, resolved_at)
values ('ann', 'f1', now() - interval '3 days', null), ('bob', 'f2', now(), now());
"""


async def seen(database: Database, **options: Any) -> Report:
    async with database.transaction(Actor.service()) as conn:
        return await monitor.report(conn, **options)


async def test_quota_of_all_users_is_what_the_function_says(database: Database, owner_conn: Connection) -> None:
    await owner_conn.execute(USERS)
    await owner_conn.execute(SUBSCRIBERS)
    async with database.transaction(Actor.service()) as conn:
        documented = await rows(
            conn,
            "select u.user_id, q.*"
            " from (select user_id from public.users union select user_id from public.user_quotas) as u"
            " cross join lateral public.check_quota_available(u.user_id) as q order by 1",
        )
        view = await rows(conn, "select * from private.quota_status order by user_id")
    assert len(view) == 13
    assert view == documented
    assert {row["user_id"]: row["tier"] for row in view if row["user_id"] in ("lapsed", "renewed")} == {
        "lapsed": "free",
        "renewed": "pro",
    }


async def test_users_approaching_their_quota(database: Database, owner_conn: Connection) -> None:
    await owner_conn.execute(USERS)
    report = await seen(database)
    assert [(row["user_id"], row["remaining"]) for row in report.sections["approaching"]] == [
        ("stale-day", 1),
        ("held", 3),
        ("near", 3),
        ("quota only", 4),
        ("expired", 5),
        ("nobody", 5),
    ]
    report = await seen(database, threshold=1)
    assert [row["user_id"] for row in report.sections["approaching"]] == ["stale-day"]


async def test_revenue_is_net_counts_users_once_and_keeps_currencies_apart(
    database: Database, owner_conn: Connection
) -> None:
    await owner_conn.execute(MONEY)
    report = await seen(database)
    assert [
        {key: float(value) if key in ("gross", "refunded", "revenue") else value for key, value in row.items()}
        for row in report.sections["revenue"]
    ] == [
        {
            "tier": "pro",
            "currency": "eur",
            "users": 1,
            "payments": 1,
            "gross": 45.0,
            "refunded": 0.0,
            "revenue": 45.0,
            "refunds_of_unknown_amount": 0,
        },
        {
            "tier": "pro",
            "currency": "usd",
            "users": 2,
            "payments": 5,
            "gross": 197.0,
            "refunded": 59.0,
            "revenue": 138.0,
            "refunds_of_unknown_amount": 1,
        },
    ]
    assert [row["invoice_id"] for row in report.sections["failed_payments"]] == ["f1"]


async def test_tools_stuck_jobs_and_reservations(database: Database, owner_conn: Connection) -> None:
    await owner_conn.execute(USERS)
    await owner_conn.execute(
        """
        insert into public.tool_usage (tool_id, count) values ('blog', 3), ('email', 1);
        insert into public.batch_jobs (user_id, name, status, total_items, started_at, completed_at)
        values ('ann', 'stuck', 'running', 5, now() - interval '2 hours', null),
               ('ann', 'busy', 'running', 5, now() - interval '1 minute', null),
               ('ann', 'failed', 'failed', 5, now() - interval '2 hours', null),
               ('ann', 'over', 'running', 5, now() - interval '2 hours', now());
        """
    )
    report = await seen(database)
    assert [(row["tool_id"], row["percent"]) for row in report.sections["tools"]] == [("blog", 75), ("email", 25)]
    assert [row["name"] for row in report.sections["stuck_batch_jobs"]] == ["stuck"]
    assert [(row["user_id"], row["expired"]) for row in report.sections["reservations"]] == [
        ("expired", True),
        ("held", False),
    ]


async def test_bloat_is_found_and_goes_with_a_rewrite(database: Database, owner_conn: Connection) -> None:
    await owner_conn.execute(
        "insert into public.usage_records (user_id, operation_type, metadata)"
        " select 'user-' || i % 100, 'blog', '{\"a\": 1}' from generate_series(1, 20000) as i"
    )

    async def look() -> dict[str, Any]:
        await owner_conn.execute("analyze public.usage_records")
        found = await rows(
            owner_conn,
            "select * from private.relation_sizes where table_name = 'usage_records'"
            " or table_name = 'public.usage_records'",
        )
        return {row["relation"]: row["bloat_bytes"] / row["bytes"] for row in found}

    assert (await look())["usage_records"] < 0.1
    await owner_conn.execute("delete from public.usage_records where hashtext(id::text) % 4 <> 0")
    bloated = await look()
    assert bloated["usage_records"] > 0.6
    assert bloated["usage_records_pkey"] > 0.5
    await owner_conn.execute("vacuum full public.usage_records")
    compact = await look()
    assert max(compact["usage_records"], compact["usage_records_pkey"]) < 0.15


async def test_bloat_that_nobody_can_know_is_unknown(database: Database, owner_conn: Connection) -> None:
    await owner_conn.execute("insert into public.usage_records (user_id, operation_type) values ('ann', 'blog')")
    look = "select bytes, bloat_bytes from private.relation_sizes where relation = 'usage_records'"
    assert (await rows(owner_conn, look))[0]["bloat_bytes"] is None
    await owner_conn.execute("delete from public.usage_records; analyze public.usage_records")
    assert await rows(owner_conn, look) == [{"bytes": 8192, "bloat_bytes": 8192}]
    await owner_conn.execute("create role hidden; grant usage on schema private to hidden")
    try:
        await owner_conn.execute(
            "insert into public.usage_records (user_id, operation_type) values ('ann', 'blog');"
            " analyze public.usage_records; grant select on private.relation_sizes, public.usage_records to hidden"
        )
        await owner_conn.execute("set role hidden")
        assert (await rows(owner_conn, look))[0]["bloat_bytes"] is None
    finally:
        await owner_conn.execute("reset role")
        await owner_conn.execute("drop owned by hidden; drop role hidden")


async def test_warnings(database: Database, owner_conn: Connection) -> None:
    assert [warning.split()[0] for warning in (await seen(database)).warnings if "never ran" in warning] == list(TASKS)
    await owner_conn.execute(
        "insert into private.maintenance_log (task, started_at, finished_at, outcome, run_by)"
        " select t, now(), now(), 'done', 'x' from unnest(%s::text[]) as t",
        [list(TASKS)],
    )
    await owner_conn.execute("drop index public.idx_usage_records_recent")
    await owner_conn.execute(
        'create index idx_usage_records_recent on public.usage_records (user_id, "timestamp")'
        " where \"timestamp\" >= '2999-01-01 00:00:00+00'"
    )
    report = await seen(database)
    assert report.warnings == []
    await owner_conn.execute(USERS + MONEY)
    await owner_conn.execute(
        """
        update private.maintenance_log
           set started_at = now() - interval '3 days', finished_at = now() - interval '3 days'
         where task in ('archive_usage', 'vacuum');
        insert into private.maintenance_log (task, finished_at, outcome, detail, run_by)
        values ('roll_recent_index', now(), 'not done', 'not done: needs the owner', 'x'),
               ('tidy_logs', now(), 'failed', 'No space left.', 'x');
        insert into public.batch_jobs (user_id, status, total_items, started_at)
        values ('ann', 'running', 5, now() - interval '2 hours');
        insert into queue.procrastinate_jobs (task_name, queue_name, status)
        values ('late', 'default', 'todo'), ('broken', 'default', 'failed');
        update queue.procrastinate_events set at = now() - interval '1 hour';
        insert into queue.procrastinate_events (job_id, type, at)
        select id, 'failed', now() from queue.procrastinate_jobs where task_name = 'broken';
        drop index public.idx_usage_records_recent;
        """
    )
    found = "\n".join((await seen(database)).warnings)
    for part in (
        "Failed payments not resolved: 1.",
        "Batch jobs running for over an hour: 1.",
        "Expired reservations not given back: 1.",
        "Jobs waiting for over ten minutes: 1.",
        "Jobs failed within a day: 1.",
        "Partial refunds without an amount: 1.",
        "archive_usage did not run since",
        f"roll_recent_index was {NEEDS_OWNER}",
        "tidy_logs failed: No space left.",
        "bound of idx_usage_records_recent is old",
    ):
        assert part in found
    assert "vacuum did not" not in found
    assert "reset_quotas" not in found


async def test_the_tables_show_every_section(database: Database, owner_conn: Connection) -> None:
    await owner_conn.execute(USERS + MONEY)
    await owner_conn.execute("update public.users set user_id = '[red]full[/]' where user_id = 'full'")
    console = Console(width=80, file=io.StringIO())
    console.print(monitor_tables.render(await seen(database, limit=40)))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "Quota of users, the fullest first\n" in text
    shortened = monitor_tables.render(await seen(database, limit=11))
    console.print(shortened)
    assert "Quota of users, the fullest first (11 of " in console.file.getvalue()  # type: ignore[attr-defined]
    assert "[red]full[/]" in text
    assert "∞" in text
    assert all(name in text for name in ("unlimited ", "quota only", "near", "stale-day"))
    assert "138.00" in text
    assert "! Failed payments" in text
    assert "Nothing to show:" in text


@pytest.mark.contrib
@pytest.mark.skipif(SYSTEM is None, reason="only a PostgreSQL of the system ships pg_stat_statements")
async def test_slow_statements_where_they_are_collected(new_server: EmbeddedPostgres) -> None:
    async with await psycopg.AsyncConnection[Any].connect(new_server.owner_dsn("postgres"), autocommit=True) as conn:
        await conn.execute("alter system set shared_preload_libraries = 'pg_stat_statements'")
    new_server.stop()
    new_server.start()
    await prepare_embedded(new_server)
    async with Database(new_server.app_dsn()) as database:
        assert (await seen(database)).sections["statements"] == []
        async with await psycopg.AsyncConnection[Any].connect(new_server.owner_dsn(), autocommit=True) as conn:
            await conn.execute('create schema "Of Others"; create extension pg_stat_statements schema "Of Others"')
            await conn.execute("select pg_sleep(1) as a_slow_one")
            await conn.execute('revoke all on function "Of Others".pg_stat_statements(boolean) from public')
            warnings = (await seen(database)).warnings
            (warning,) = [warning for warning in warnings if "pg_stat_statements" in warning]
            grants = warning.partition("administrator: ")[2]
            assert grants.startswith('grant usage on schema "Of Others" to service_role; grant execute')
            await conn.execute(grants.encode())
        report = await seen(database)
        assert not any("pg_stat_statements" in warning for warning in report.warnings)
        found = report.sections["statements"]
    # The text of what other roles ran is PostgreSQL's to hide; the times are there.
    assert (found[0]["calls"], found[0]["statement"]) == (1, "<insufficient privilege>")
    assert found[0]["mean_ms"] >= 1000
    assert any("relation_sizes" in row["statement"] for row in found)


async def test_the_grants_that_show_what_other_roles_ran(owner_conn: Connection) -> None:
    """service_role does not inherit, so a bare grant would give it nothing."""
    by_version = "grant pg_read_all_stats to service_role with inherit true"
    if owner_conn.info.server_version < 160000:
        by_version = "grant pg_read_all_stats to service_role; alter role service_role inherit"
    for grants, reads in (("grant pg_read_all_stats to service_role", False), (by_version, True)):
        async with owner_conn.transaction(force_rollback=True):
            await owner_conn.execute(grants.encode())
            found = await rows(owner_conn, "select pg_has_role('service_role', 'pg_read_all_stats', 'usage') as reads")
            assert found == [{"reads": reads}]


async def test_without_the_extension_there_are_no_statements(database: Database) -> None:
    assert (await seen(database)).sections["statements"] == []


@pytest.mark.parametrize("actor", [Actor.user("ann"), Actor.visitor("abc"), Actor(role="anon")])
async def test_strangers_are_refused(database: Database, actor: Actor) -> None:
    for name in (*VIEWS, *FUNCTIONS):
        with pytest.raises(Forbidden):
            async with database.transaction(actor) as conn:
                await conn.execute(f"select * from private.{name}".encode())


async def test_a_view_granted_by_mistake_shows_own_rows_alone(database: Database, owner_conn: Connection) -> None:
    await owner_conn.execute(USERS + MONEY)
    await owner_conn.execute("grant select on private.unresolved_payments, private.revenue_by_tier to authenticated")
    async with database.transaction(Actor.user("bob")) as conn:
        assert await rows(conn, "select * from private.unresolved_payments") == []
        own = await rows(conn, "select users, revenue from private.revenue_by_tier")
    assert [(row["users"], float(row["revenue"])) for row in own] == [(1, 40.0)]


async def test_the_views_only_look(database: Database) -> None:
    for view in VIEWS:
        with pytest.raises(BlogAIError):
            async with database.transaction(Actor.service()) as conn:
                await conn.execute(f"delete from private.{view}".encode())
