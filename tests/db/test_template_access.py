"""Templates: public ones for everyone to read and use, own ones to write, slugs that do not tell on others."""

import psycopg
import pytest
from tests.db.tenants import ANN, BOB, NOBODY, PROGRAM, STRANGERS, TENANTS, UNNAMED, VISITOR, changed, rows, value

from blogai.db.database import Actor, Connection, Database
from blogai.db.migrate import migrate, rollback
from blogai.errors import Fault, Forbidden, NotFound


async def make(database: Database, actor: Actor, slug: str, *, public: bool = False, owner: str | None = None) -> str:
    made: str = await value(
        database,
        actor,
        "insert into templates (name, slug, tool_id, category, is_public, user_hash)"
        " values (%s, %s, 'blog-post', 'content', %s, %s) returning id::text",
        slug.title(),
        slug,
        public,
        owner or actor.user_hash,
    )
    return made


async def slugs(database: Database, actor: Actor) -> list[str]:
    return [row[0] for row in await rows(database, actor, "select slug from templates order by slug")]


@pytest.mark.parametrize("actor", [ANN, VISITOR])
async def test_a_tenant_sees_public_templates_and_own_ones(database: Database, actor: Actor) -> None:
    for number, tenant in enumerate(TENANTS):
        await make(database, tenant, f"own-{number}")
    await make(database, BOB, "public", public=True)
    own = f"own-{TENANTS.index(actor)}"
    assert await slugs(database, actor) == [own, "public"]
    assert await changed(database, actor, "update templates set name = 'Mine', tags = '{new}'") == 1
    assert await changed(database, actor, "delete from templates") == 1
    assert await slugs(database, actor) == ["public"]
    assert await slugs(database, BOB) == (["own-1", "public"])


async def test_strangers_see_public_templates_and_write_nothing(database: Database) -> None:
    await make(database, ANN, "private")
    await make(database, ANN, "public", public=True)
    for stranger in STRANGERS:
        assert await slugs(database, stranger) == ["public"]
        assert await changed(database, stranger, "update templates set name = 'Mine'") == 0
        assert await changed(database, stranger, "delete from templates") == 0
        with pytest.raises(Forbidden):
            await make(database, stranger, "new", owner="some-hash")


async def test_a_template_cannot_be_planted_on_somebody_or_handed_over(database: Database) -> None:
    await make(database, ANN, "mine")
    with pytest.raises(Forbidden):
        await make(database, VISITOR, "planted", owner=ANN.user_hash)
    with pytest.raises(Forbidden):
        await changed(
            database, VISITOR, "insert into templates (name, slug, tool_id, category) values ('', '', '', '')"
        )
    for change in ("user_hash = 'v-1'", "use_count = 1000", "created_at = now()"):
        with pytest.raises(Forbidden):
            await changed(database, ANN, f"update templates set {change}")


async def test_slugs_are_unique_for_each_owner_and_among_public_ones(database: Database) -> None:
    await make(database, ANN, "newsletter")
    await make(database, BOB, "newsletter")
    await make(database, VISITOR, "newsletter", public=True)
    for actor, public in ((ANN, False), (ANN, True), (BOB, False)):
        with pytest.raises(Fault, match="unique"):
            await make(database, actor, "newsletter", public=public)
    for count in (1, 2):
        statement = (
            "insert into templates (name, slug, tool_id, category, is_public) values ('', 'ours', '', '', false)"
        )
        if count == 1:
            await changed(database, PROGRAM, statement)
        else:  # rows of the program count as those of one owner
            with pytest.raises(Fault, match="unique"):
                await changed(database, PROGRAM, statement)


async def test_a_use_counts_for_templates_one_may_see(database: Database) -> None:
    mine = await make(database, ANN, "mine")
    public = await make(database, BOB, "public", public=True)
    hidden = await make(database, BOB, "hidden")
    for actor, template in ((ANN, mine), (ANN, public), (VISITOR, public), (PROGRAM, hidden)):
        await rows(database, actor, "select increment_template_use_count(p_template_id => %s)", template)
    counts = dict(await rows(database, PROGRAM, "select slug, use_count from templates"))
    assert counts == {"mine": 1, "public": 2, "hidden": 1}
    for actor in (ANN, VISITOR):
        with pytest.raises(NotFound):
            await rows(database, actor, "select increment_template_use_count(%s)", hidden)
    for stranger in (NOBODY, UNNAMED):
        with pytest.raises(Forbidden):
            await rows(database, stranger, "select increment_template_use_count(%s)", public)
    with pytest.raises(NotFound):
        await rows(database, ANN, "select increment_template_use_count(gen_random_uuid())")


async def test_counting_a_use_is_no_edit(database: Database, owner_conn: Connection) -> None:
    template = await make(database, ANN, "mine")
    await owner_conn.execute("alter table public.templates disable trigger update_templates_updated_at")
    await owner_conn.execute("update public.templates set updated_at = '2026-01-01Z'")
    await owner_conn.execute("alter table public.templates enable trigger update_templates_updated_at")
    await rows(database, ANN, "select increment_template_use_count(%s)", template)
    assert await value(database, ANN, "select updated_at = '2026-01-01Z' from templates")
    await changed(database, ANN, "update templates set name = 'Edited'")
    assert not await value(database, ANN, "select updated_at = '2026-01-01Z' from templates")


async def test_equal_slugs_survive_the_way_back(owner_dsn: str, database: Database) -> None:
    oldest = await make(database, ANN, "newsletter")
    other = await make(database, BOB, "newsletter")
    await rollback(owner_dsn, 17)
    async with await psycopg.AsyncConnection.connect(owner_dsn) as conn:
        cursor = await conn.execute("select id::text, slug from public.templates order by created_at")
        assert await cursor.fetchall() == [(oldest, "newsletter"), (other, f"newsletter-{other}")]
    await migrate(owner_dsn)
