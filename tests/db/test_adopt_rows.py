"""What an adoption tells about the rows, what it mends, and that nothing is lost on the way."""

import asyncio
import json
import os
import re
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tests.db.live import make, take, totals

from blogai.db.adopt.owners import Owners, from_file
from blogai.db.adopt.report import Report
from blogai.db.adopt.service import adopt
from blogai.db.catalog import differences, picture
from blogai.db.database import Connection
from blogai.db.migrate import load, migrate, rollback, status
from blogai.errors import InvalidInput, MigrationError

MD5 = Owners(expression="md5(user_id)")

DOCUMENTED = [migration.id for migration in load() if migration.number <= 12]


def hash_of(user: str) -> str:
    return sha256(user.encode()).hexdigest()


def counted(report: Report) -> dict[str, int]:
    return {count.name: count.count for count in report.counts}


async def value(conn: Connection, query: str) -> Any:
    cursor = await conn.execute(query)
    row = await cursor.fetchone()
    return row[0] if row else None


async def rows(conn: Connection, query: str) -> list[tuple[Any, ...]]:
    cursor = await conn.execute(query)
    return await cursor.fetchall()


async def test_a_look_counts_and_changes_nothing(blank_dsn: str, blank: Connection) -> None:
    await make(blank)
    before, had = await picture(blank), await totals(blank)
    report = await adopt(blank_dsn, agree=lambda report: False, known=MD5)
    assert not report.done
    assert report.steps == [*DOCUMENTED, "owners"]
    assert counted(report) == {
        "tiers_not_entitled": 1,
        "tiers_from_subscriptions": 1,
        "paid_without_subscription": 2,
        "tiers_that_disagree": 1,
        "buyers_without_quota": 1,
        "quota_counters": 2,
        "negative_tokens": 1,
        "duplicate_payments": 1,
        "duplicate_payment_failures": 1,
        "several_default_profiles": 1,
        "foreign_fingerprints": 1,
        "conversations_without_owner": 2,
        "content_without_owner": 1,
        "owners_found": 5,
        "owners_unknown": 1,
    }
    examples = {count.name: count.examples for count in report.counts}
    assert examples["paid_without_subscription"] == ["gift", "torn"]
    assert examples["owners_unknown"] == ["nobody"]
    assert differences(before, await picture(blank)) == []
    assert await totals(blank) == had


async def test_every_number_comes_true(blank_dsn: str, blank: Connection) -> None:
    await make(blank)
    stamps = await rows(blank, "select id, updated_at from public.brand_profiles order by id")
    report = await take(blank_dsn, known=MD5)
    assert counted(report)["owners_found"] == 5
    assert await rows(blank, "select id, updated_at from public.brand_profiles order by id") == stamps
    await migrate(blank_dsn)
    owners = dict(await rows(blank, "select output, user_hash from public.generated_content"))
    assert owners == {"Bees": hash_of("ann"), "Ants": hash_of("bob"), "Owls": "nobody", "Frogs": None}
    assert await value(blank, "select user_hash from public.templates") == hash_of("bob")
    assert dict(await rows(blank, "select name, is_default from public.brand_profiles")) == {"One": False, "Two": True}
    assert await value(blank, "select count(*) from public.brand_profiles where voice_fingerprint_id is not null") == 1
    used = dict(await rows(blank, "select user_id, month_used from public.user_quotas"))
    assert {user: used[user] for user in ("ann", "gift", "torn")} == {"ann": 2, "gift": 0, "torn": 0}
    tiers = dict(await rows(blank, "select user_id, tier from public.user_quotas"))
    assert (tiers["ann"], tiers["gift"], tiers["torn"]) == ("pro", "business", "pro")
    assert await value(blank, "select count(*) from public.conversations where user_hash is null") == 2
    kept = await rows(
        blank, "select relation, original ->> 'tier' from blogai_adoption.originals where reason like 'tiers%'"
    )
    assert kept == [("public.user_quotas", "free")]
    assert await value(blank, "select count(*) from blogai_adoption.originals where reason = 'another hash'") == 5


async def test_the_subscriptions_decide_after_the_migration_that_says_so(blank_dsn: str, blank: Connection) -> None:
    await make(blank)
    await take(blank_dsn)
    await migrate(blank_dsn)
    tiers = dict(await rows(blank, "select user_id, tier from public.user_quotas"))
    assert tiers == {"ann": "pro", "bob": "free", "gift": "business", "torn": "pro", "buyer": "starter"}
    assert dict(await rows(blank, "select user_id, tier from public.users")) == tiers
    assert await value(blank, "select count(*) from public.payments") == 3
    assert await value(blank, "select status from public.payments where invoice_id = 'in_1'") == "refunded"
    assert await value(blank, "select count(*) from private.duplicate_payments") == 1
    assert await value(blank, "select count(*) from private.duplicate_payment_failures") == 1


BROKEN = """
alter table public.templates drop constraint templates_slug_key;
alter table public.brand_profiles drop constraint brand_profiles_slug_key;
alter table public.stripe_subscriptions drop constraint stripe_subscriptions_status_check;
alter table public.generated_content alter column provider drop not null;
alter table public.voice_samples drop constraint voice_samples_profile_id_fkey;
drop index public.idx_voice_fingerprints_profile;
update public.brand_profiles set slug = 'same';
update public.stripe_subscriptions set status = 'canceled' where user_id = 'bob';
insert into public.stripe_subscriptions (subscription_id, user_id, tier, status) values
    ('sub_8', 'late', 'pro', 'unpaid'), ('sub_9', 'odd', 'pro', 'strange');
update public.generated_content set provider = null where output = 'Owls';
insert into public.voice_samples (profile_id, content) values ('00000000-0000-4000-8000-0000000000ee', 'lost');
insert into public.voice_fingerprints (profile_id, last_trained_at)
    values ('00000000-0000-4000-8000-000000000001', now());
insert into public.templates (name, slug, tool_id, category, created_at) values ('Old', 't', 'blog', 'c', '2020-01-01');
delete from public.tier_limits where tier = 'starter';
update public.tier_limits set monthly_limit = 7 where tier = 'free';
"""


async def test_rows_that_break_documented_rules(blank_dsn: str, blank: Connection) -> None:
    await make(blank)
    await blank.execute(BROKEN)
    report = await take(blank_dsn)
    assert {name.removeprefix("breach: "): number for name, number in counted(report).items() if "breach" in name} == {
        "column generated_content.provider": 1,
        "constraint brand_profiles_slug_key on brand_profiles": 1,
        "constraint stripe_subscriptions_status_check on stripe_subscriptions": 3,
        "constraint templates_slug_key on templates": 1,
        "constraint voice_samples_profile_id_fkey on voice_samples": 1,
        "index idx_voice_fingerprints_profile on voice_fingerprints": 1,
    }
    assert counted(report)["tiers_missing"] == 1
    await migrate(blank_dsn)
    assert dict(await rows(blank, "select subscription_id, status from public.stripe_subscriptions")) == {
        "sub_1": "active", "sub_2": "cancelled", "sub_3": "active", "sub_8": "past_due", "sub_9": "incomplete",
    }  # fmt: skip
    slugs = dict(await rows(blank, "select name, slug from public.templates"))
    assert slugs["Old"] == "t"
    assert slugs["T"].startswith("t-")
    assert await value(blank, "select count(distinct slug) from public.brand_profiles") == 2
    assert await value(blank, "select provider from public.generated_content where output = 'Owls'") == "openai"
    assert await value(blank, "select count(*) from public.voice_fingerprints") == 1
    assert await value(blank, "select string_agg(content, ',') from public.voice_samples") == "x"
    assert await value(blank, "select monthly_limit from public.tier_limits where tier = 'free'") == 7
    assert await value(blank, "select monthly_limit from public.tier_limits where tier = 'starter'") == 50
    aside = await value(
        blank,
        "select count(*) from blogai_adoption.originals where relation in"
        " ('public.voice_samples', 'public.voice_fingerprints', 'public.stripe_subscriptions', 'public.templates')",
    )
    assert aside == 6


STOP = """
create function public.stop() returns event_trigger language plpgsql as $$
begin
    if exists (select from pg_event_trigger_ddl_commands() where object_identity = 'public.templates') then
        raise 'no templates';
    end if;
end
$$;
create event trigger stop on ddl_command_end execute function public.stop();
"""


async def test_it_goes_on_where_it_was_interrupted(blank_dsn: str, blank: Connection) -> None:
    await make(blank, without=["009_create_templates"])
    had = await totals(blank)

    class Stopped(Exception):
        pass

    def stop(step: str) -> None:
        if step == "005_create_brand_profiles":
            raise Stopped

    with pytest.raises(Stopped):
        await adopt(blank_dsn, agree=lambda report: True, known=MD5, step_taken=stop)
    assert [step.id for step in await status(blank_dsn) if step.state == "applied"] == DOCUMENTED[:6]
    # A step that fails half-way leaves nothing of itself.
    await blank.execute(STOP)
    with pytest.raises(MigrationError, match="no templates"):
        await take(blank_dsn, known=MD5)
    assert [step.id for step in await status(blank_dsn) if step.state == "applied"] == DOCUMENTED[:9]
    await blank.execute("drop event trigger stop; drop function public.stop()")
    report = await take(blank_dsn, known=MD5)
    assert report.steps == [*DOCUMENTED[9:], "owners"]
    assert {table: number for table, number in (await totals(blank)).items() if table in had} == had
    await migrate(blank_dsn)
    again = await take(blank_dsn)
    assert again.steps == []
    assert not again.done


async def test_the_owners_can_be_told_later(blank_dsn: str, blank: Connection, tmp_path: Path) -> None:
    await make(blank)
    await take(blank_dsn)
    await migrate(blank_dsn)
    file = tmp_path / "map.csv"
    ann = await value(blank, "select md5('ann')")
    file.write_text(f"user_hash,user_id\n{ann},ann\nnobody,owl\n")
    report = await take(blank_dsn, known=from_file(file))
    assert report.steps == ["owners"]
    assert counted(report) == {"owners_found": 4, "owners_unknown": 2}
    owners = dict(await rows(blank, "select output, user_hash from public.generated_content"))
    assert (owners["Bees"], owners["Owls"]) == (hash_of("ann"), hash_of("owl"))
    assert counted(await take(blank_dsn, known=from_file(file))) == {"owners_found": 0, "owners_unknown": 2}


WRONG = {
    "nonsense(user_id)": "does not work",
    "'same'": "belongs to",
    "user_id) from x; drop table public.users; select (1": "does not work",
}


async def test_a_hash_that_cannot_be_right(blank_dsn: str, blank: Connection) -> None:
    await make(blank)
    before = await picture(blank)
    for expression, seen in WRONG.items():
        with pytest.raises(InvalidInput, match=seen):
            await take(blank_dsn, known=Owners(expression=expression))
    assert differences(before, await picture(blank)) == []


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", '{"a": 1}', "{", "user_hash,user_id\nx,ann\nx,bob\n"])
def test_a_map_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    file = tmp_path / "map"
    file.write_text(text)
    with pytest.raises(InvalidInput):
        from_file(file)


def test_a_map_in_json(tmp_path: Path) -> None:
    file = tmp_path / "map.json"
    file.write_text(json.dumps({"x": "ann", "y": "bob"}))
    assert from_file(file).pairs == (("x", "ann"), ("y", "bob"))
    with pytest.raises(InvalidInput):
        from_file(tmp_path / "none")


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


async def test_migrate_alone_points_here(blank_dsn: str, blank: Connection) -> None:
    await make(blank)
    before = await picture(blank)
    with pytest.raises(MigrationError) as refused:
        await migrate(blank_dsn)
    assert "blogai db adopt" in str(refused.value.remedy)
    assert differences(before, await picture(blank)) == []
    await migrate(blank_dsn, to=0)
    assert (await take(blank_dsn)).steps == DOCUMENTED[1:]


async def test_back_to_the_documented_schema_with_every_row(blank_dsn: str, blank: Connection) -> None:
    await make(blank)
    await take(blank_dsn)
    before, had = await picture(blank), await totals(blank)
    await migrate(blank_dsn)
    await rollback(blank_dsn, 12)
    assert differences(before, await picture(blank)) == []
    now = await totals(blank)
    assert now.pop("user_quotas") == had.pop("user_quotas") + 1
    assert now == had


async def test_every_parameter_by_another_name(blank_dsn: str, blank: Connection) -> None:
    await make(blank, rows=False)
    functions = await rows(
        blank,
        "select p.oid::regprocedure::text, pg_get_functiondef(p.oid) from pg_proc p"
        " where pronamespace = 'public'::regnamespace and pg_get_function_arguments(oid) like '%p\\_%'",
    )
    assert len(functions) >= 10
    await blank.execute("set check_function_bodies = off")
    for name, definition in functions:
        await blank.execute(f"drop function {name}")
        await blank.execute(re.sub(r"\bp_", "", re.sub(r"\bp_(start|end)\b", r"\1_at", definition)))
    report = await take(blank_dsn)
    replaced = [each for each in report.differences if each.found.startswith("parameters")]
    assert len(replaced) == len(functions)
    assert {each.action for each in replaced} == {"replaced"}
    assert all(re.search(r"\bp_", each.documented) and not re.search(r"\bp_", each.found) for each in replaced)
    # What was there can be made again from the notes.
    old = await value(
        blank,
        "select d ->> 'old' from blogai_adoption.steps, jsonb_array_elements(details -> 'differences') as d"
        " where d ->> 'object' = 'function get_daily_usage(text)'",
    )
    assert "get_daily_usage(user_id text)" in old
    now = await rows(blank, "select pg_get_function_arguments(oid) from pg_proc where proname = 'get_daily_usage'")
    assert now == [("p_user_id text",)]


async def test_a_killed_process_is_no_harm(blank_dsn: str, blank: Connection) -> None:
    await make(blank)
    had = await totals(blank)
    command = [sys.executable, "-m", "blogai", "db", "adopt", "--yes", "--user-hash-sql", "md5(user_id)"]
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, "BLOGAI_OWNER_DATABASE_URL": blank_dsn},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    async for line in process.stdout:
        if line.startswith(b"adopted 003"):
            process.kill()
            break
    await process.wait()
    taken = [step.id for step in await status(blank_dsn) if step.state == "applied"]
    assert DOCUMENTED[:4] == taken[:4]
    assert len(taken) < len(DOCUMENTED)
    report = await take(blank_dsn, known=MD5)
    assert report.steps == [*DOCUMENTED[len(taken) :], "owners"]
    assert await totals(blank) == had
    assert await value(blank, "select count(distinct step) = count(*) from blogai_adoption.steps") is True
