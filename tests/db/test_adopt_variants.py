"""Each way in which a live database may differ, adopted and migrated: the same catalog as anywhere, every row there."""

import re

import psycopg
import pytest
from tests.db.live import make, ours, rows, take, totals, value

from blogai.db.catalog import Picture, differences, picture
from blogai.db.database import Connection
from blogai.db.migrate import migrate, verify

FAVORITES, TEMPLATES = "004_add_favorites", "009_create_templates"

VARIANTS: dict[str, tuple[list[str], str, str]] = {
    # what was not applied, what the operator did, what takes away what is his own
    "neither of the two 004, and no recommended table": (
        [FAVORITES, TEMPLATES, "010_create_batch_jobs", "011_create_remix_history", "012_create_generated_images"],
        "",
        "",
    ),
    "only the favourites, and other parameter names": (
        [TEMPLATES],
        """
        drop function public.get_daily_usage(text);
        create function public.get_daily_usage(user_id text) returns bigint language sql as 'select 0::bigint';
        drop function public.increment_tool_usage(text);
        create function public.increment_tool_usage(tool text) returns void language sql as 'select';
        drop function public.toggle_favorite(uuid);
        create function public.toggle_favorite(p_id uuid) returns text language sql as $$ select 'x' $$;
        drop function public.upsert_conversation(text, jsonb, jsonb);
        create function public.upsert_conversation(id text, messages jsonb, metadata jsonb)
            returns public.conversations language sql as 'select null::public.conversations';
        alter function public.get_tool_stats() reset search_path;
        create or replace function public.get_tool_stats()
            returns table (tool_id text, count integer, last_used_at timestamptz)
            language sql as 'select null, 0, now()';
        """,
        "",
    ),
    "only the templates, and the operator's columns and indexes": (
        [FAVORITES],
        """
        alter table public.generated_content add column campaign text default 'none';
        alter table public.users add column phone text;
        alter table public.payments add column tax_cents integer not null default 0;
        alter table public.payment_failures add column note text;
        alter table public.user_quotas add column note text;
        alter table public.usage_records add column region text;
        alter table public.stripe_subscriptions add column seats integer default 1;
        create index my_campaigns on public.generated_content (campaign);
        create index idx_templates_user_created on public.templates (user_hash);
        create table public.my_table (id integer primary key);
        create view public.my_view as select user_id, phone from public.users;
        create policy "Reports" on public.users for select to pg_monitor using (true);
        """,
        """
        drop view public.my_view;
        drop table public.my_table;
        drop policy "Reports" on public.users;
        drop index public.idx_templates_user_created_before;
        alter table public.generated_content drop column campaign;
        alter table public.users drop column phone;
        alter table public.payments drop column tax_cents;
        alter table public.payment_failures drop column note;
        alter table public.user_quotas drop column note;
        alter table public.usage_records drop column region;
        alter table public.stripe_subscriptions drop column seats;
        alter table if exists private.duplicate_payments drop column if exists tax_cents;
        alter table if exists private.duplicate_payment_failures drop column if exists note;
        """,
    ),
    "parts of migrations": (
        [],
        """
        drop table public.voice_scores;
        drop table public.tier_limits;
        drop function public.get_daily_usage(text);
        drop function public.toggle_favorite(uuid);
        alter table public.generated_content drop column title;
        alter table public.payments drop column created_at;
        drop trigger sync_user_tier_on_subscription_change on public.stripe_subscriptions;
        drop function public.sync_user_tier_from_subscription();
        """,
        "",
    ),
    "other defaults, types, names and rights": (
        [],
        """
        alter table public.generated_content alter column id set default gen_random_uuid(),
            alter column provider drop default, alter column tool_id type varchar(200);
        alter table public.user_quotas alter column period_end set default now() + interval '30 days';
        alter table public.payments alter column currency set not null, alter column paid_at drop not null;
        alter table public.templates rename constraint templates_slug_key to templates_slug_unique;
        alter table public.users drop constraint users_tier_check;
        alter table public.users add constraint users_tier_check check (tier <> '') not valid;
        drop index public.idx_usage_records_recent;
        drop index public.idx_templates_tags;
        create index idx_templates_tags on public.templates (tags);
        drop trigger update_users_updated_at on public.users;
        create trigger set_updated_at before update on public.users
            for each row execute function public.update_updated_at_column();
        drop policy "Anonymous can manage" on public.conversations;
        create policy "Anonymous can manage" on public.conversations to anon using (metadata is null);
        create policy "Users can read own" on public.templates for select to authenticated using (true);
        alter table public.voice_scores disable row level security;
        alter table public.payments force row level security;
        revoke all on public.users from anon;
        grant select (email) on public.users to public;
        """,
        "",
    ),
}


@pytest.fixture
def final(server: object, owner_dsn: str) -> str:
    """A fresh installation."""
    return owner_dsn


async def fresh(dsn: str) -> Picture:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as conn:
        return ours(await picture(conn))


@pytest.mark.parametrize("variant", VARIANTS)
async def test_becomes_the_same_and_loses_no_row(blank_dsn: str, blank: Connection, final: str, variant: str) -> None:
    without, change, undo = VARIANTS[variant]
    await make(blank, without=without)
    if change:
        await blank.execute(change)
    before = await totals(blank)
    report = await take(blank_dsn)
    assert report.done
    assert await totals(blank) == {**dict.fromkeys(await totals(blank), 0), "tier_limits": 4, **before}
    await migrate(blank_dsn)
    assert [step.problem for step in await verify(blank_dsn) if step.problem] == []
    if undo:
        await blank.execute(undo)
    assert differences(await fresh(final), ours(await picture(blank))) == []


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
