"""Live databases of the documented schema: made from the documented files alone, without anybody's history."""

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from blogai.db.adopt.owners import Owners
from blogai.db.adopt.report import Report
from blogai.db.adopt.service import adopt
from blogai.db.catalog import Picture
from blogai.db.database import Connection
from blogai.db.scripts import load

ROLES = ("anon", "authenticated", "service_role")

PLATFORM = """
do $$ begin
    if to_regrole('anon') is null then create role anon nologin noinherit; end if;
    if to_regrole('authenticated') is null then create role authenticated nologin noinherit; end if;
    if to_regrole('service_role') is null then create role service_role nologin noinherit; end if;
end $$;
grant usage on schema public to anon, authenticated, service_role;
alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
create schema if not exists auth;
grant usage on schema auth to anon, authenticated, service_role;
create function auth.uid() returns uuid language sql stable
as $$ select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
create function public.uuid_generate_v4() returns uuid language sql volatile as $$ select gen_random_uuid() $$;
"""
"""What a managed platform had brought before."""

ROWS = """
insert into public.generated_content (tool_id, inputs, output, user_hash) values
    ('blog', '{}', 'Bees', md5('ann')), ('blog', '{}', 'Ants', md5('bob')), ('blog', '{}', 'Owls', 'nobody'),
    ('blog', '{}', 'Frogs', null);
insert into public.tool_usage (tool_id, count) values ('blog', 3);
insert into public.conversations (id, messages) values ('c1', '[1]'), ('c2', '[2]');
insert into public.brand_profiles (id, name, slug, user_hash, is_default, updated_at) values
    ('00000000-0000-4000-8000-000000000001', 'One', 'one', md5('ann'), true, '2026-01-01'),
    ('00000000-0000-4000-8000-000000000002', 'Two', 'two', md5('ann'), true, '2026-01-02');
insert into public.voice_samples (profile_id, content) values ('00000000-0000-4000-8000-000000000001', 'x');
insert into public.voice_fingerprints (id, profile_id) values
    ('00000000-0000-4000-8000-00000000000f', '00000000-0000-4000-8000-000000000001');
update public.brand_profiles set voice_fingerprint_id = '00000000-0000-4000-8000-00000000000f' where name = 'One';
update public.brand_profiles set voice_fingerprint_id = '00000000-0000-4000-8000-00000000000f' where name = 'Two';
insert into public.voice_scores (profile_id, content_id, overall_score, tone_match, vocabulary_match, style_match)
    values ('00000000-0000-4000-8000-000000000001', 'x', 1, 1, 1, 1);
insert into public.users (user_id, tier) values
    ('ann', 'pro'), ('bob', 'pro'), ('gift', 'business'), ('torn', 'pro'), ('buyer', 'free');
insert into public.user_quotas (user_id, tier) values
    ('ann', 'pro'), ('bob', 'pro'), ('gift', 'business'), ('torn', 'free');
insert into public.stripe_customers (user_id, customer_id) values ('ann', 'cus_1');
insert into public.stripe_subscriptions (subscription_id, user_id, tier, status) values
    ('sub_1', 'ann', 'pro', 'active'), ('sub_2', 'bob', 'pro', 'cancelled'), ('sub_3', 'buyer', 'starter', 'active');
update public.users set tier = case user_id when 'bob' then 'pro' when 'buyer' then 'free' else tier end;
update public.user_quotas set tier = 'pro' where user_id = 'bob';
insert into public.usage_records (user_id, operation_type, tokens_used) values
    ('ann', 'blog', 10), ('ann', 'blog', -5), ('bob', 'book', 1);
insert into public.payments (user_id, invoice_id, amount_cents, status) values
    ('ann', 'in_1', 100, 'paid'), ('ann', 'in_1', 100, 'refunded'), ('ann', null, 5, 'paid'), ('ann', null, 5, 'paid');
insert into public.payment_failures (user_id, invoice_id, attempt_count) values ('bob', 'in_2', 1), ('bob', 'in_2', 2);
insert into public.templates (name, slug, tool_id, category, user_hash) values ('T', 't', 'blog', 'c', md5('bob'));
insert into public.batch_jobs (user_id, total_items) values ('ann', 1);
insert into public.remix_history (user_id, target_format, remixed_content) values ('ann', 'thread', '{}');
insert into public.generated_images (user_id, prompt, url, provider, image_type, size)
    values ('ann', 'p', 'u', 'x', 'hero', '1');
"""
"""Rows in every table, among them what each later rule forbids."""

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
"""What takes the documented rules away, and rows that break them."""

MD5 = Owners(expression="md5(user_id)")
"""How the owners of the rows above find their content again."""

DOCUMENTED = [migration.id for migration in load() if migration.number <= 12]

FAVORITES, TEMPLATES = "004_add_favorites", "009_create_templates"

VARIANTS: dict[str, tuple[list[str], str, str]] = {
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
"""What was not applied, what the operator did, and what takes away what is his own."""


async def make(conn: Connection, *, without: Iterable[str] = (), platform: bool = True, rows: bool = True) -> None:
    """A live deployment: the documented files by hand, without 000 and without a history."""
    if platform:
        await conn.execute(PLATFORM)
    await conn.execute("set search_path = public, extensions")
    for migration in load():
        if 0 < migration.number <= 12 and migration.id not in without:
            await conn.execute(migration.up)
    if rows:
        for statement in re.split(r";\n", ROWS):
            table = re.search(r"public\.(\w+)", statement)
            there = await conn.execute("select to_regclass(%s) is not null", [f"public.{table[1]}" if table else None])
            if await there.fetchone() == (True,):
                await conn.execute(statement)
    await conn.execute("reset search_path")


async def take(dsn: str, **options: object) -> Report:
    return await adopt(dsn, agree=lambda report: True, **options)  # type: ignore[arg-type]


async def totals(conn: Connection) -> dict[str, int]:
    """How many rows each documented table has."""
    found = {}
    cursor = await conn.execute(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
    )
    for (table,) in await cursor.fetchall():
        counted = await conn.execute(f'select count(*) from public."{table}"')
        found[table] = (await counted.fetchone() or (0,))[0]
    return found


def ours(picture: Picture) -> Picture:
    """Without the adoption's notes, and without what the platform brought and migration 000 makes only elsewhere."""
    given = (
        "function auth.",
        "function public.uuid_generate_v4",
        "function uuid_generate_v4",
        "schema auth",
        "schema public",
    )
    return {
        name: definition
        for name, definition in picture.items()
        if "blogai_adoption" not in name and not name.startswith(given)
    }


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
