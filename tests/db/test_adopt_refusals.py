"""What an adoption refuses, with nothing changed."""

from collections.abc import Awaitable, Callable

import pytest
from tests.db.live import make, take

from blogai.db.adopt.service import adopt
from blogai.db.catalog import differences, picture
from blogai.db.database import Connection
from blogai.db.migrate import migrate
from blogai.errors import MigrationError

FOREIGN = {
    "empty": "select 1",
    "strangers": "create table public.customers (id integer)",
    "users of others": "create table public.users (id bigint primary key, login text, password text)",
    "a view": "create view public.payments as select 1 as id",
}


@pytest.mark.parametrize("kind", FOREIGN)
async def test_another_programs_database(blank_dsn: str, blank: Connection, kind: str) -> None:
    await blank.execute(FOREIGN[kind])
    before = await picture(blank)
    with pytest.raises(MigrationError) as refused:
        await take(blank_dsn)
    assert refused.value.remedy
    assert differences(before, await picture(blank)) == []


BLOCKERS = {
    "column users.must": "delete from public.users; alter table public.users add column must integer not null",
    "column conversations.user_hash": "alter table public.conversations add column user_hash text",
    "table generation_runs": "create table public.generation_runs (id integer)",
    "column payments.amount_cents": "alter table public.payments alter column amount_cents type numeric",
    "constraint user_quotas_tier_check on user_quotas": """
        alter table public.user_quotas drop constraint user_quotas_tier_check;
        update public.user_quotas set tier = 'gold' where user_id = 'gift'
        """,
}


async def test_what_only_the_operator_can_decide(blank_dsn: str, blank: Connection) -> None:
    await make(blank)
    for change in BLOCKERS.values():
        await blank.execute(change)
    before = await picture(blank)
    report = await adopt(blank_dsn, agree=lambda report: False)
    assert sorted(each.object for each in report.blocking) == sorted(BLOCKERS)
    with pytest.raises(MigrationError, match="And 4 more") as refused:
        await take(blank_dsn)
    assert refused.value.remedy
    assert differences(before, await picture(blank)) == []
    for statement in (
        "alter table public.users alter column must drop not null",
        "alter table public.conversations rename column user_hash to user_hash_before",
        "alter table public.generation_runs rename to my_runs",
        "alter table public.payments alter column amount_cents type integer",
        "update public.user_quotas set tier = 'business' where tier = 'gold'",
    ):
        await blank.execute(statement)
    assert (await take(blank_dsn)).done


async def test_tables_of_another_owner(blank_dsn: str, blank: Connection) -> None:
    await make(blank, rows=False)
    await blank.execute("alter table public.users owner to pg_monitor")
    with pytest.raises(MigrationError) as refused:
        await take(blank_dsn)
    assert 'alter table public.users owner to "postgres";' in str(refused.value.remedy)
    await blank.execute("alter table public.users owner to postgres")
    assert (await take(blank_dsn)).done


async def test_a_newer_database_is_refused(blank_dsn: str, blank: Connection) -> None:
    await migrate(blank_dsn, to=0)
    await blank.execute("insert into private.schema_migrations values ('999_new', repeat('0', 64), now(), 1, 'x', '9')")
    with pytest.raises(MigrationError, match="999_new"):
        await take(blank_dsn)


@pytest.mark.parametrize("taker", [take, migrate], ids=["adopt", "migrate"])
@pytest.mark.parametrize("to", [0, 12, None])
@pytest.mark.parametrize("loss", ["drop table private.schema_migrations", "truncate private.schema_migrations"])
async def test_a_lost_history(
    blank_dsn: str, blank: Connection, to: int | None, loss: str, taker: Callable[[str], Awaitable[object]]
) -> None:
    await migrate(blank_dsn, to=to)
    await blank.execute(loss)
    before = await picture(blank)
    with pytest.raises(MigrationError, match=r"private\.schema_migrations, is gone") as refused:
        await taker(blank_dsn)
    assert "backup" in str(refused.value.remedy)
    assert differences(before, await picture(blank)) == []
