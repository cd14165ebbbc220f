"""What an adoption tells about the rows, what it mends, and that nothing is lost on the way."""

from tests.db.live import BROKEN, DOCUMENTED, MD5, counted, hash_of, make, rows, take, totals, value

from blogai.db.adopt.service import adopt
from blogai.db.catalog import differences, picture
from blogai.db.database import Connection
from blogai.db.migrate import migrate, rollback


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
