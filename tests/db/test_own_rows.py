"""Who sees and changes what, on the tables that the generation pipeline touches."""

from hashlib import sha256

import pytest
from psycopg.types.json import Jsonb

from blogai.db.database import Actor, Connection, Database
from blogai.errors import Forbidden

ANN, BOB = Actor.user("ann"), Actor.user("3b5b9a4e-52c8-4a8f-9d57-0f8a24a4a0d1")
VISITOR, OTHER_VISITOR = Actor.visitor("v-1"), Actor.visitor("v-2")
NOBODY = Actor(role="anon")
BLANK = Actor(role="anon", claims={"user_hash": "", "sub": ""})
TENANTS = [ANN, BOB, VISITOR, OTHER_VISITOR]
STRANGERS = [NOBODY, BLANK, Actor(role="authenticated"), Actor(role="authenticated", claims={"sub": ""})]

NOT_FOR_TENANTS = [
    "insert into usage_records (user_id, operation_type) values ('ann', 'blog')",
    "delete from usage_records",
    "update user_quotas set tier = 'business'",
    "delete from user_quotas",
    "insert into users (user_id) values ('ann')",
    "delete from users",
    "update tool_usage set count = 0",
    "insert into tool_usage (tool_id) values ('mine')",
    "delete from tool_usage",
    "select increment_tool_usage('mine')",
    "truncate generated_content",
    "insert into remix_history (user_id, target_format, remixed_content) values ('ann', 'thread', '{}')",
    "update generated_images set url = 'https://example.org/other'",
]


async def write(database: Database, actor: Actor, user_hash: str | None = None, title: str = "Bees") -> str:
    async with database.transaction(actor) as conn:
        cursor = await conn.execute(
            "insert into generated_content (tool_id, inputs, output, user_hash, title)"
            " values ('blog-post', '{}', 'Text', %s, %s) returning id::text",
            [user_hash or actor.user_hash, title],
        )
        row = await cursor.fetchone()
        assert row is not None
        return str(row[0])


async def titles(database: Database, actor: Actor) -> list[str]:
    async with database.transaction(actor) as conn:
        cursor = await conn.execute("select title from generated_content order by title")
        return [row[0] for row in await cursor.fetchall()]


async def test_the_database_derives_id_and_hash_as_the_program_does(database: Database) -> None:
    for actor in [*TENANTS, *STRANGERS, Actor.service(), Actor.user("Zoë ☃")]:
        async with database.transaction(actor) as conn:
            cursor = await conn.execute(
                "select private.caller_id(), private.caller_hash(), private.caller_hash_in_place()"
            )
            assert await cursor.fetchone() == (actor.user_id or None, actor.user_hash, actor.user_hash)


async def test_a_hash_claim_comes_before_the_subject(database: Database) -> None:
    actor = Actor(role="authenticated", claims={"sub": "ann", "user_hash": "given"})
    async with database.transaction(actor) as conn:
        cursor = await conn.execute("select private.caller_hash()")
        assert await cursor.fetchone() == ("given",)
    assert ANN.user_hash == sha256(b"ann").hexdigest()


@pytest.mark.parametrize("actor", [ANN, VISITOR])
async def test_a_tenant_works_on_own_content_alone(database: Database, actor: Actor) -> None:
    ids = {str(tenant): await write(database, tenant, title=str(tenant)) for tenant in TENANTS}
    assert await titles(database, actor) == [str(actor)]
    async with database.transaction(actor) as conn:
        cursor = await conn.execute("update generated_content set title = 'Mine', output = 'New', is_favorite = true")
        assert cursor.rowcount == 1
        cursor = await conn.execute(
            "select count(*) from generated_content where id = any(%s) and updated_at >= created_at",
            [list(ids.values())],
        )
        assert await cursor.fetchone() == (1,)
        cursor = await conn.execute("delete from generated_content")
        assert cursor.rowcount == 1
    others = [tenant for tenant in TENANTS if tenant != actor]
    assert [await titles(database, tenant) for tenant in others] == [[str(tenant)] for tenant in others]


async def test_without_identity_there_is_nothing_to_see_or_write(database: Database) -> None:
    await write(database, ANN)
    for actor in STRANGERS:
        assert await titles(database, actor) == []
        with pytest.raises(Forbidden):
            await write(database, actor, "some-hash")


async def test_content_cannot_be_written_for_somebody_else_or_for_nobody(database: Database) -> None:
    for actor in TENANTS:
        victim = VISITOR if actor != VISITOR else ANN
        with pytest.raises(Forbidden):
            await write(database, actor, victim.user_hash)
        with pytest.raises(Forbidden):
            async with database.transaction(actor) as conn:
                await conn.execute("insert into generated_content (tool_id, inputs, output) values ('t', '{}', 'Text')")


async def test_what_happened_cannot_be_rewritten(database: Database) -> None:
    for actor in (ANN, VISITOR):
        await write(database, actor)
        for column in ("user_hash", "created_at", "provider", "inputs", "tool_id", "id"):
            with pytest.raises(Forbidden):
                async with database.transaction(actor) as conn:
                    await conn.execute(f"update generated_content set {column} = default".encode())


async def test_favourites_are_set_on_own_content_alone(database: Database) -> None:
    mine, theirs = await write(database, ANN), await write(database, VISITOR)
    async with database.transaction(ANN) as conn:
        for statement, content_id, expected in [
            ("select toggle_favorite(content_id => %s)", mine, True),
            ("select toggle_favorite(content_id => %s)", mine, False),
            ("select set_favorite(content_id => %s, favorite_status => true)", mine, True),
            ("select toggle_favorite(content_id => %s)", theirs, None),
            ("select set_favorite(content_id => %s, favorite_status => true)", theirs, None),
        ]:
            assert await (await conn.execute(statement.encode(), [content_id])).fetchone() == (expected,)
    async with database.transaction(VISITOR) as conn:
        assert await (await conn.execute("select is_favorite from generated_content")).fetchone() == (False,)


async def seed_accounts(conn: Connection) -> None:
    for user_id in (ANN.user_id, BOB.user_id):
        await conn.execute("insert into public.users (user_id, email) values (%s, 'a@example.org')", [user_id])
        await conn.execute(
            "insert into public.user_quotas (user_id) values (%s) on conflict (user_id) do nothing", [user_id]
        )
        await conn.execute(
            "insert into public.usage_records (user_id, operation_type, metadata) values (%s, 'blog', %s)",
            [user_id, Jsonb({})],
        )


async def test_users_see_their_own_account(database: Database, owner_conn: Connection) -> None:
    await seed_accounts(owner_conn)
    for table in ("users", "user_quotas", "usage_records"):
        for actor in (ANN, BOB):
            async with database.transaction(actor) as conn:
                cursor = await conn.execute(f"select user_id from {table}".encode())
                assert await cursor.fetchall() == [(actor.user_id,)]
        with pytest.raises(Forbidden):
            async with database.transaction(VISITOR) as conn:
                await conn.execute(f"select user_id from {table}".encode())


async def test_users_change_their_name_and_email_and_nothing_else(database: Database, owner_conn: Connection) -> None:
    await seed_accounts(owner_conn)
    async with database.transaction(ANN) as conn:
        cursor = await conn.execute("update users set name = 'Ann', email = 'ann@example.org'")
        assert cursor.rowcount == 1
    for change in ("tier = 'business'", "is_active = false", "stripe_customer_id = 'cus_1'", "user_id = 'bob'"):
        with pytest.raises(Forbidden):
            async with database.transaction(ANN) as conn:
                await conn.execute(f"update users set {change}".encode())


async def test_counters_quotas_and_logs_are_the_programs(database: Database) -> None:
    for actor in (ANN, VISITOR):
        for statement in NOT_FOR_TENANTS:
            with pytest.raises(Forbidden):
                async with database.transaction(actor) as conn:
                    await conn.execute(statement.encode())


async def test_the_program_counts_tools_and_everyone_reads_them(database: Database) -> None:
    async with database.transaction(Actor.service()) as conn:
        for tool in ("a", "b", "b"):
            await conn.execute("select increment_tool_usage(p_tool_id => %s)", [tool])
    for actor in (ANN, NOBODY):
        async with database.transaction(actor) as conn:
            cursor = await conn.execute("select tool_id, count from get_tool_stats()")
            assert await cursor.fetchall() == [("b", 2), ("a", 1)]


async def test_a_list_reads_the_index_in_its_order(database: Database, owner_conn: Connection) -> None:
    await owner_conn.execute(
        "insert into public.generated_content (tool_id, inputs, output, user_hash, created_at)"
        " select 'tool', '{}', 'Text', 'v-' || i % 100, now() - i * interval '1 minute'"
        " from generate_series(1, 10000) i"
    )
    await owner_conn.execute("analyze public.generated_content")
    async with database.transaction(VISITOR) as conn:
        cursor = await conn.execute(
            "explain select id, title from generated_content"
            " where (created_at, id) < (now() - interval '1 day', '00000000-0000-0000-0000-000000000000')"
            " order by created_at desc, id desc limit 20"
        )
        plan = "\n".join(row[0] for row in await cursor.fetchall())
    assert "idx_generated_content_user_created" in plan
    assert "Sort" not in plan
    assert "Filter" not in plan
