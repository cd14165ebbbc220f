"""Jobs, remixes, images and billing: everyone his own, written by the program."""

import pytest
from tests.db.tenants import ANN, BOB, PROGRAM, STRANGERS, VISITOR, changed, rows, value

from blogai.db.database import Connection, Database
from blogai.db.migrate import migrate, rollback
from blogai.errors import Fault, Forbidden, MigrationError

SEEDS = {
    "batch_jobs": "(user_id, total_items) values (%s, 3)",
    "remix_history": "(user_id, target_format, remixed_content) values (%s, 'thread', '{}')",
    "generated_images": "(user_id, prompt, url, provider, image_type, size) values (%s, 'p', 'u', 'x', 'hero', '1x1')",
    "stripe_customers": "(user_id, customer_id) values (%s, gen_random_uuid()::text)",
    "stripe_subscriptions": "(user_id, subscription_id, tier) values (%s, gen_random_uuid()::text, 'pro')",
    "payments": "(user_id, amount_cents) values (%s, 100)",
    "payment_failures": "(user_id) values (%s)",
}
DELETABLE = ("batch_jobs", "remix_history", "generated_images")


@pytest.fixture
async def seeded(database: Database) -> Database:
    for table, columns in SEEDS.items():
        for actor in (ANN, BOB):
            await changed(database, PROGRAM, f"insert into {table} {columns}", actor.user_id)
    return database


@pytest.mark.parametrize("table", SEEDS)
async def test_users_see_their_own(seeded: Database, table: str) -> None:
    for actor in (ANN, BOB):
        assert await rows(seeded, actor, f"select user_id from {table}") == [(actor.user_id,)]
    for stranger in (VISITOR, *STRANGERS):
        if stranger.role == "anon":
            with pytest.raises(Forbidden):
                await rows(seeded, stranger, f"select user_id from {table}")
        else:
            assert await rows(seeded, stranger, f"select user_id from {table}") == []


@pytest.mark.parametrize("table", SEEDS)
async def test_users_throw_away_what_was_made_for_them_but_no_bills(seeded: Database, table: str) -> None:
    if table in DELETABLE:
        assert await changed(seeded, ANN, f"delete from {table}") == 1
        assert await rows(seeded, BOB, f"select user_id from {table}") == [("bob",)]
    else:
        with pytest.raises(Forbidden):
            await changed(seeded, ANN, f"delete from {table}")
    with pytest.raises(Forbidden):
        await changed(seeded, VISITOR, f"delete from {table}")


async def test_a_batch_is_asked_for_by_its_user_and_done_by_the_program(seeded: Database) -> None:
    ask = "insert into batch_jobs (user_id, name, total_items, items) values (%s, 'June', 1, '[{}]')"
    assert await changed(seeded, ANN, ask, "ann") == 1
    assert await changed(seeded, ANN, "update batch_jobs set name = 'July'") == 2
    with pytest.raises(Forbidden):
        await changed(seeded, ANN, ask, "bob")
    for column in (
        "status", "completed_items", "failed_items", "estimated_cost_usd", "actual_cost_usd", "results", "total_items",
        "user_id", "created_at", "started_at", "completed_at", "items",
    ):  # fmt: skip
        with pytest.raises(Forbidden):
            await changed(seeded, ANN, f"update batch_jobs set {column} = default")
    with pytest.raises(Forbidden):
        await changed(
            seeded, ANN, "insert into batch_jobs (user_id, total_items, status) values ('ann', 1, 'completed')"
        )


@pytest.mark.parametrize("table", [table for table in SEEDS if table != "batch_jobs"])
async def test_results_and_bills_are_written_by_the_program(seeded: Database, table: str) -> None:
    with pytest.raises(Forbidden):
        await changed(seeded, ANN, f"insert into {table} {SEEDS[table]}", "ann")
    with pytest.raises(Forbidden):
        await changed(seeded, ANN, f"update {table} set user_id = 'ann'")


async def test_tiers_are_read_by_all_and_written_by_the_program(database: Database) -> None:
    for actor in (ANN, VISITOR, *STRANGERS):
        assert await value(database, actor, "select count(*) from tier_limits") == 4
        for statement in ("update tier_limits set monthly_limit = -1", "delete from tier_limits"):
            with pytest.raises(Forbidden):
                await changed(database, actor, statement)
    assert await changed(database, PROGRAM, "update tier_limits set monthly_limit = 6 where tier = 'free'") == 1


async def test_the_subscription_is_told_to_its_user(seeded: Database) -> None:
    status = "select has_subscription from get_subscription_status(p_user_id => %s)"
    assert await rows(seeded, ANN, status, "ann") == [(True,)]
    assert await rows(seeded, PROGRAM, status, "ann") == [(True,)]
    for actor in (BOB, VISITOR, *STRANGERS):
        with pytest.raises(Forbidden):
            await rows(seeded, actor, status, "ann")
    with pytest.raises(Forbidden):
        await rows(seeded, ANN, status, None)


async def test_a_login_of_the_operators_is_a_tenant_too(seeded: Database, owner_conn: Connection) -> None:
    """One that takes part in a tenant's role without taking it on: the setting says nothing of it."""
    try:
        await owner_conn.execute("create role reporting; grant authenticated to reporting")
        async with owner_conn.transaction(force_rollback=True):
            await owner_conn.execute("set session authorization reporting")
            with pytest.raises(Exception, match="own account only"):
                await owner_conn.execute("select * from public.get_subscription_status('ann')")
    finally:
        await owner_conn.execute("drop role reporting")


async def test_a_tier_in_use_keeps_its_limits(seeded: Database, owner_dsn: str, owner_conn: Connection) -> None:
    await changed(seeded, PROGRAM, "insert into user_quotas (user_id, tier) values ('zoe', 'starter')")
    for tier in ("starter", "pro", "business"):
        with pytest.raises(Fault, match="foreign key"):
            await changed(seeded, PROGRAM, "delete from tier_limits where tier = %s", tier)
    await rollback(owner_dsn, 17)
    await owner_conn.execute("delete from public.tier_limits where tier = 'starter'")
    with pytest.raises(MigrationError, match="no row"):
        await migrate(owner_dsn)
