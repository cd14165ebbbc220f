"""What the schema document says about policies and parameters, and the conformance script does not compare."""

import re
from typing import NamedTuple

from tests.db.connecting import owner

from blogai.db.database import Connection
from blogai.db.migrate import migrate

OWN = "user_id = auth.uid()"
HASHED = "user_hash is not null"
ANY_PROFILE = "exists (select 1 from brand_profiles where user_hash is not null)"


class Policy(NamedTuple):
    """One row of the document's tables of policies; for INSERT the condition is the WITH CHECK one."""

    table: str
    name: str
    command: str
    roles: frozenset[str]
    condition: str


def policy(table: str, name: str, command: str, roles: str, condition: str) -> Policy:
    return Policy(table, name, command, frozenset(roles.split(", ")), condition)


DOCUMENTED = {
    policy("generated_content", "Service role has full access", "ALL", "service_role", "true"),
    policy("generated_content", "Anonymous can insert", "INSERT", "anon", "true"),
    policy("generated_content", "Users can read own content", "SELECT", "anon", HASHED),
    policy("conversations", "Service role has full access", "ALL", "service_role", "true"),
    policy("conversations", "Anonymous can manage", "ALL", "anon", "true"),
    policy("templates", "Service role has full access", "ALL", "service_role", "true"),
    policy("templates", "Anonymous can read public", "SELECT", "anon", "is_public = true"),
    policy("templates", "Anonymous can create", "INSERT", "anon", "true"),
    policy("templates", "Users can update own", "UPDATE", "anon", HASHED),
    policy("templates", "Users can delete own", "DELETE", "anon", HASHED),
    policy("tool_usage", "Anyone can read", "SELECT", "anon, authenticated", "true"),
    policy("tool_usage", "Service role can write", "ALL", "service_role", "true"),
    policy("brand_profiles", "Service role has full access", "ALL", "service_role", "true"),
    policy("brand_profiles", "Anonymous can read own", "SELECT", "anon", HASHED),
    policy("brand_profiles", "Anonymous can create", "INSERT", "anon", "true"),
    policy("brand_profiles", "Anonymous can update own", "UPDATE", "anon", HASHED),
    policy("brand_profiles", "Anonymous can delete own", "DELETE", "anon", HASHED),
    # "ALL/SELECT" in the document: samples are written by their owner, the other two are computed
    policy("voice_samples", "Users can manage via profile", "ALL", "anon", ANY_PROFILE),
    policy("voice_fingerprints", "Users can manage via profile", "SELECT", "anon", ANY_PROFILE),
    policy("voice_scores", "Users can manage via profile", "SELECT", "anon", ANY_PROFILE),
    *(
        policy(table, "Service role has full access", "ALL", "service_role", "true")
        for table in ("voice_samples", "voice_fingerprints", "voice_scores")
    ),
    policy("tier_limits", "Anyone can read", "SELECT", "anon, authenticated, service_role", "true"),
    policy("users", "Users can update own", "UPDATE", "authenticated", OWN),
    *(
        policy(table, "Users can view own", "SELECT", "authenticated", OWN)
        for table in (
            "user_quotas",
            "usage_records",
            "stripe_customers",
            "stripe_subscriptions",
            "payments",
            "payment_failures",
            "users",
        )
    ),
    *(
        policy(table, "Service role can manage", "ALL", "service_role", "true")
        for table in (
            "user_quotas",
            "usage_records",
            "tier_limits",
            "stripe_customers",
            "stripe_subscriptions",
            "payments",
            "payment_failures",
            "users",
        )
    ),
}

PARAMETERS = {
    "update_updated_at_column": [],
    "toggle_favorite": ["content_id"],
    "set_favorite": ["content_id", "favorite_status"],
    "increment_tool_usage": ["p_tool_id"],
    "get_tool_stats": [],
    "upsert_conversation": ["p_id", "p_messages", "p_metadata"],
    "add_conversation_message": ["p_id", "p_message"],
    "increment_template_use_count": ["p_template_id"],
    "set_default_brand_profile": ["p_profile_id", "p_user_hash"],
    "get_current_month_usage": ["p_user_id"],
    "get_daily_usage": ["p_user_id"],
    "check_quota_available": ["p_user_id"],
    "increment_user_usage": ["p_user_id", "p_op_type", "p_tokens", "p_metadata"],
    "reset_expired_quotas": [],
    "get_usage_breakdown": ["p_user_id", "p_start", "p_end"],
    "sync_user_tier_from_subscription": [],
    "get_subscription_status": ["p_user_id"],
}


def plain(condition: str) -> str:
    """A condition without what the server adds when it prints one: brackets, casts, qualified names, aliases."""
    text = condition.lower().replace("brand_profiles.", "")
    text = re.sub(r"select auth\.uid\(\) as uid", "auth.uid()", re.sub(r"\s+", " ", text))
    return " ".join(text.replace("::text", "").replace("(", " ").replace(")", " ").split())


async def policies(conn: Connection) -> set[Policy]:
    cursor = await conn.execute(
        "select tablename, policyname, cmd, roles::text[], coalesce(qual, with_check), qual, with_check, permissive"
        " from pg_policies where schemaname = 'public'"
    )
    found = set()
    for table, name, command, roles, condition, qual, with_check, permissive in await cursor.fetchall():
        assert permissive == "PERMISSIVE"
        assert qual is None or with_check in (None, qual), f"{table}: {name} reads and writes by different rules"
        found.add(Policy(table, name, command, frozenset(roles), plain(condition)))
    return found


async def parameters(conn: Connection) -> dict[str, list[str]]:
    cursor = await conn.execute(
        "select proname, coalesce(proargnames[1:pronargs], '{}') from pg_proc"
        " where pronamespace = 'public'::regnamespace and proname = any(%s)",
        [list(PARAMETERS)],
    )
    return dict(await cursor.fetchall())


async def test_the_policies_up_to_012_are_those_of_the_document(blank_dsn: str) -> None:
    await migrate(blank_dsn, to=12)
    async with owner(blank_dsn) as conn:
        found = await policies(conn)
    expected = {p._replace(condition=plain(p.condition)) for p in DOCUMENTED}
    assert found == expected


async def test_the_parameters_up_to_012_are_those_of_the_document(blank_dsn: str) -> None:
    await migrate(blank_dsn, to=12)
    async with owner(blank_dsn) as conn:
        assert await parameters(conn) == PARAMETERS


async def test_later_migrations_keep_the_parameters(owner_conn: Connection) -> None:
    assert await parameters(owner_conn) == PARAMETERS


async def test_later_migrations_keep_the_names_of_the_policies(owner_conn: Connection) -> None:
    cursor = await owner_conn.execute("select tablename, policyname from pg_policies where schemaname = 'public'")
    assert {(p.table, p.name) for p in DOCUMENTED} <= set(await cursor.fetchall())


async def test_no_policy_calls_auth_uid_any_more(owner_conn: Connection) -> None:
    cursor = await owner_conn.execute(
        "select tablename, policyname from pg_policies where schemaname = 'public'"
        " and concat(qual, with_check) ~ 'auth\\.'"
    )
    assert await cursor.fetchall() == []
