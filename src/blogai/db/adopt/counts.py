"""The rows that an adoption changes or tells about, counted before anything happens."""

from dataclasses import dataclass
from typing import Literal

import psycopg

from blogai.db.adopt.report import Count
from blogai.db.database import Connection

_RANK = "array_position(array['free', 'starter', 'pro', 'business'], {})"
_HAS = "exists (select from public.stripe_subscriptions as s where s.user_id = {}.user_id)"
_ENTITLED = (
    "s.status in ('active', 'trialing', 'past_due')"
    " and (not coalesce(s.cancel_at_period_end, false) or coalesce(s.current_period_end, 'infinity') > now())"
    " and (s.status <> 'past_due' or s.updated_at > now() - interval '7 days')"
)
"""What the entitlements take for entitled, with the grace that they start with."""
_RUNS = "exists (select from public.stripe_subscriptions as s where s.user_id = {}.user_id and " + _ENTITLED + ")"
_PAID = (
    "(select user_id from public.user_quotas where tier <> 'free'"
    " union select user_id from public.users where tier <> 'free')"
)


@dataclass(frozen=True)
class _Question:
    name: str
    by: Literal["adopt", "migrate", "kept"]
    what: str
    rows: str
    """A query of one column: what to show as examples."""


DISAGREE = (
    "from public.users as u where q.user_id = u.user_id and u.tier <> 'free'"
    f" and {_RANK.format('u.tier')} > {_RANK.format('q.tier')} and not {_HAS.format('u')}"
)
"""Quota rows `q` of users without any subscription whose tier is lower than what `users` says."""

_QUESTIONS = [
    _Question(
        "tiers_not_entitled",
        "migrate",
        "users on a paid tier whose subscriptions have all ended or were never paid: they become free",
        f"select p.user_id from {_PAID} as p where {_HAS.format('p')} and not {_RUNS.format('p')}",
    ),
    _Question(
        "tiers_from_subscriptions",
        "migrate",
        "subscribers whose tier is not the best one that they are entitled to: they get that",
        "select b.user_id from (select s.user_id, max(" + _RANK.format("s.tier") + ") as best"
        " from public.stripe_subscriptions as s where " + _ENTITLED + " group by s.user_id) as b"
        " left join public.user_quotas as q on q.user_id = b.user_id"
        " left join public.users as u on u.user_id = b.user_id"
        f" where b.best is distinct from {_RANK.format('q.tier')}"
        f" or b.best is distinct from {_RANK.format('coalesce(u.tier, q.tier)')}",
    ),
    _Question(
        "paid_without_subscription",
        "kept",
        "users on a paid tier without any subscription: they keep it, as granted by hand",
        f"select p.user_id from {_PAID} as p where not {_HAS.format('p')}",
    ),
    _Question(
        "tiers_that_disagree",
        "adopt",
        "of these, users whose quota row has a lower tier than their account: the quota row gets the better one",
        f"select q.user_id from public.user_quotas as q where exists (select {DISAGREE})",
    ),
    _Question(
        "buyers_without_quota",
        "migrate",
        "paid users and subscribers without a quota row: they get one",
        "select p.user_id from (select user_id from public.users where tier <> 'free'"
        " union select user_id from public.stripe_subscriptions)"
        " as p where not exists (select from public.user_quotas as q where q.user_id = p.user_id)",
    ),
    _Question(
        "quota_counters",
        "migrate",
        "quota rows with usage in their period: the counters are made from the log",
        "select q.user_id from public.user_quotas as q where exists (select from public.usage_records as r"
        ' where r.user_id = q.user_id and r."timestamp" >= q.period_start and r."timestamp" < q.period_end)',
    ),
    _Question(
        "negative_tokens",
        "migrate",
        "usage records with negative tokens: they count as 0, what they said stays in metadata",
        "select id::text from public.usage_records where tokens_used < 0",
    ),
    _Question(
        "duplicate_payments",
        "migrate",
        "payments that repeat an invoice: they move to an archive table",
        "select id::text from (select id, row_number() over (partition by invoice_id order by paid_at, id) as n"
        " from public.payments where invoice_id is not null) as p where n > 1",
    ),
    _Question(
        "duplicate_payment_failures",
        "migrate",
        "payment failures that repeat an invoice: they move to an archive table",
        "select id::text from (select id, row_number() over (partition by invoice_id order by failed_at, id) as n"
        " from public.payment_failures where invoice_id is not null) as p where n > 1",
    ),
    _Question(
        "several_default_profiles",
        "migrate",
        "default brand profiles beside the newest of their owner: they are no default any more",
        "select id::text from (select id, row_number() over (partition by user_hash order by updated_at desc, id) as n"
        " from public.brand_profiles where is_default and user_hash is not null) as b where n > 1",
    ),
    _Question(
        "foreign_fingerprints",
        "migrate",
        "brand profiles linked to the fingerprint of another profile: they point at none",
        "select b.id::text from public.brand_profiles as b join public.voice_fingerprints as f"
        " on f.id = b.voice_fingerprint_id where f.profile_id <> b.id",
    ),
    _Question(
        "conversations_without_owner",
        "kept",
        "conversations, of which the document does not tell the owner: only the program sees them",
        "select id from public.conversations",
    ),
    _Question(
        "content_without_owner",
        "kept",
        "pieces of content, templates and brand profiles without an owner: only the program sees them",
        "select id::text from public.generated_content where user_hash is null"
        " union all select id::text from public.brand_profiles where user_hash is null"
        " union all select id::text from public.templates where user_hash is null and not is_public",
    ),
]


async def take(conn: Connection) -> list[Count]:
    """Every question that finds rows. Tables and columns that are not there yet have none."""
    found: list[Count] = []
    for question in _QUESTIONS:
        try:
            async with conn.transaction():
                cursor = await conn.execute(
                    "select count(*), coalesce((array_agg(x::text order by x))[1:10], '{}')"
                    f" from ({question.rows}) as rows (x)"
                )
                row = await cursor.fetchone()
        except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
            continue
        if row and row[0]:
            found.append(Count(name=question.name, count=row[0], what=question.what, by=question.by, examples=row[1]))
    return found
