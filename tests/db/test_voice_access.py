"""The brand voice: profiles by owner, samples, fingerprints and scores through their profile."""

import asyncio
from typing import Any

import psycopg
import pytest
from tests.db.tenants import ANN, BOB, OTHER_VISITOR, PROGRAM, STRANGERS, TENANTS, VISITOR, changed, rows, value

from blogai.db.database import Actor, Connection, Database
from blogai.db.migrate import migrate, rollback
from blogai.errors import Fault, Forbidden, NotFound

CHILDREN = ("voice_samples", "voice_fingerprints", "voice_scores")


async def profile(database: Database, actor: Actor, slug: str = "voice", owner: str | None = None) -> str:
    made: str = await value(
        database,
        actor,
        "insert into brand_profiles (name, slug, user_hash) values ('Voice', %s, %s) returning id::text",
        slug,
        owner or actor.user_hash,
    )
    return made


async def sample(database: Database, actor: Actor, profile_id: str) -> None:
    await changed(database, actor, "insert into voice_samples (profile_id, content) values (%s, 'Text')", profile_id)


async def fingerprint(database: Database, profile_id: str) -> str:
    made: str = await value(
        database, PROGRAM, "insert into voice_fingerprints (profile_id) values (%s) returning id::text", profile_id
    )
    return made


@pytest.fixture
async def profiles(database: Database) -> dict[str, str]:
    """A profile with sample, fingerprint and score for each tenant, by what it is printed as."""
    made = {}
    for tenant in TENANTS:
        made[str(tenant)] = profile_id = await profile(database, tenant)
        await sample(database, tenant, profile_id)
        await fingerprint(database, profile_id)
        await changed(
            database,
            PROGRAM,
            "insert into voice_scores"
            " (profile_id, content_id, overall_score, tone_match, vocabulary_match, style_match)"
            " values (%s, 'c', 1, 1, 1, 1)",
            profile_id,
        )
    return made


@pytest.mark.parametrize("actor", [ANN, VISITOR])
async def test_a_tenant_works_with_an_own_voice_alone(
    database: Database, profiles: dict[str, str], actor: Actor
) -> None:
    mine = profiles[str(actor)]
    assert await rows(database, actor, "select id::text from brand_profiles") == [(mine,)]
    for table in CHILDREN:
        assert await rows(database, actor, f"select profile_id::text from {table}") == [(mine,)]
    assert await changed(database, actor, "update brand_profiles set name = 'New', tone_keywords = '{warm}'") == 1
    assert await changed(database, actor, "update voice_samples set content = 'New'") == 1
    assert await changed(database, actor, "delete from voice_samples") == 1
    assert await changed(database, actor, "delete from brand_profiles") == 1
    for table in (*CHILDREN, "brand_profiles"):
        assert await value(database, PROGRAM, f"select count(*) from {table}") == len(TENANTS) - 1


@pytest.mark.usefixtures("profiles")
async def test_strangers_see_and_change_nothing(database: Database) -> None:
    for stranger in STRANGERS:
        for table in (*CHILDREN, "brand_profiles"):
            assert await value(database, stranger, f"select count(*) from {table}") == 0
        for table in ("voice_samples", "brand_profiles"):
            assert await changed(database, stranger, f"delete from {table}") == 0
        with pytest.raises(Forbidden):
            await profile(database, stranger, owner="some-hash")


async def test_nothing_is_planted_on_somebody_else(database: Database, profiles: dict[str, str]) -> None:
    for actor, victim in ((ANN, BOB), (VISITOR, OTHER_VISITOR), (ANN, VISITOR), (VISITOR, ANN)):
        with pytest.raises(Forbidden):
            await profile(database, actor, "planted", owner=victim.user_hash)
        with pytest.raises(Forbidden):
            await sample(database, actor, profiles[str(victim)])
        with pytest.raises(Forbidden):
            await changed(database, actor, "update voice_samples set profile_id = %s", profiles[str(victim)])
        with pytest.raises(Forbidden):
            await changed(database, actor, "update brand_profiles set user_hash = %s", victim.user_hash)


@pytest.mark.usefixtures("profiles")
async def test_what_training_finds_out_is_the_programs(database: Database) -> None:
    for statement in (
        "update brand_profiles set training_status = 'trained'",
        "update brand_profiles set training_quality = 1",
        "update brand_profiles set sample_count = 100",
        "update brand_profiles set voice_fingerprint_id = null",
        "update voice_samples set is_analyzed = true",
        "update voice_samples set quality_score = 1",
        "update voice_samples set analysis_result = '{}'",
        "update voice_fingerprints set training_quality = 1",
        "delete from voice_fingerprints",
        "update voice_scores set overall_score = 1",
        "delete from voice_scores",
    ):
        for actor in (ANN, VISITOR):
            with pytest.raises(Forbidden):
                await changed(database, actor, statement)


async def test_slugs_of_profiles_are_unique_for_each_owner(database: Database) -> None:
    for tenant in TENANTS:
        await profile(database, tenant, "house")
        with pytest.raises(Fault, match="unique"):
            await profile(database, tenant, "house")


async def test_a_profile_links_its_own_fingerprint_alone(database: Database, profiles: dict[str, str]) -> None:
    mine, other = profiles[str(ANN)], await profile(database, ANN, "second")
    own = await value(database, PROGRAM, "select id::text from voice_fingerprints where profile_id = %s", mine)
    theirs = await value(
        database, PROGRAM, "select id::text from voice_fingerprints where profile_id = %s", profiles[str(BOB)]
    )
    link = "update brand_profiles set voice_fingerprint_id = %s where id = %s"
    assert await changed(database, PROGRAM, link, own, mine) == 1
    for fingerprint_id, profile_id in ((theirs, mine), (own, other)):
        with pytest.raises(Fault, match="foreign key"):
            await changed(database, PROGRAM, link, fingerprint_id, profile_id)
    assert await changed(database, PROGRAM, "delete from voice_fingerprints where id = %s", own) == 1
    assert await rows(database, ANN, "select voice_fingerprint_id from brand_profiles where id = %s", mine) == [(None,)]
    assert await changed(database, ANN, "delete from brand_profiles where id = %s", mine) == 1


async def test_one_profile_of_an_owner_is_the_default(database: Database) -> None:
    mine = [await profile(database, ANN, slug) for slug in ("a", "b")]
    theirs = await profile(database, BOB)
    await rows(database, BOB, "select set_default_brand_profile(%s, %s)", theirs, BOB.user_hash)
    for profile_id in (*mine, mine[1]):
        await rows(
            database,
            ANN,
            "select set_default_brand_profile(p_profile_id => %s, p_user_hash => %s)",
            profile_id,
            ANN.user_hash,
        )
        assert await rows(database, ANN, "select id::text from brand_profiles where is_default") == [(profile_id,)]
    assert await rows(database, BOB, "select id::text from brand_profiles where is_default") == [(theirs,)]
    with pytest.raises(Fault, match="unique"):
        await changed(database, ANN, "update brand_profiles set is_default = true")
    await rows(database, PROGRAM, "select set_default_brand_profile(%s, %s)", mine[0], ANN.user_hash)
    assert await rows(database, ANN, "select id::text from brand_profiles where is_default") == [(mine[0],)]


async def test_nobody_sets_the_default_of_somebody_else(database: Database) -> None:
    mine, theirs = await profile(database, ANN), await profile(database, BOB)
    set_default = "select set_default_brand_profile(%s, %s)"
    for actor in (ANN, VISITOR, *STRANGERS):
        with pytest.raises(Forbidden):
            await rows(database, actor, set_default, theirs, BOB.user_hash)
        with pytest.raises(Forbidden):
            await rows(database, actor, set_default, mine, None)
    with pytest.raises(NotFound):
        await rows(database, ANN, set_default, theirs, ANN.user_hash)
    assert await value(database, PROGRAM, "select count(*) from brand_profiles where is_default") == 0


async def test_many_choose_a_default_at_once(database: Database) -> None:
    mine = [await profile(database, ANN, f"p-{number}") for number in range(8)]

    async def choose(profile_id: str) -> list[tuple[Any, ...]]:
        return await rows(database, ANN, "select set_default_brand_profile(%s, %s)", profile_id, ANN.user_hash)

    for _ in range(5):
        await asyncio.gather(*(choose(profile_id) for profile_id in mine * 2))
        assert await value(database, ANN, "select count(*) from brand_profiles where is_default") == 1


async def test_old_defaults_and_foreign_fingerprints_are_repaired(
    owner_dsn: str, owner_conn: Connection, database: Database
) -> None:
    await rollback(owner_dsn, 17)
    ids: dict[str, str] = {}
    for slug, owner, default, updated in (
        ("old", "ann", True, "2026-01-01"),
        ("new", "ann", True, "2026-02-01"),
        ("plain", "ann", False, "2026-03-01"),
        ("bobs", "bob", True, "2026-01-01"),
        ("nobodys", None, True, "2026-01-01"),
        ("nobodys-2", None, True, "2026-01-01"),
    ):
        cursor = await owner_conn.execute(
            "insert into public.brand_profiles (name, slug, user_hash, is_default, updated_at)"
            " values ('', %s, %s, %s, %s) returning id::text",
            [slug, owner, default, updated],
        )
        row = await cursor.fetchone()
        assert row is not None
        ids[slug] = row[0]
    for slug, linked_by in (("plain", ["plain", "bobs"]), ("new", [])):
        cursor = await owner_conn.execute(
            "insert into public.voice_fingerprints (profile_id) values (%s) returning id", [ids[slug]]
        )
        row = await cursor.fetchone()
        assert row is not None
        for other in linked_by:
            await owner_conn.execute(
                "update public.brand_profiles set voice_fingerprint_id = %s where slug = %s", [row[0], other]
            )
    await migrate(owner_dsn)
    cursor = await owner_conn.execute("select slug from public.brand_profiles where is_default order by slug")
    assert [row[0] for row in await cursor.fetchall()] == ["bobs", "new", "nobodys", "nobodys-2"]
    cursor = await owner_conn.execute("select slug from public.brand_profiles where voice_fingerprint_id is not null")
    assert [row[0] for row in await cursor.fetchall()] == ["plain"]


async def test_deleting_a_linked_fingerprint_failed_before(owner_dsn: str, owner_conn: Connection) -> None:
    await rollback(owner_dsn, 17)
    await owner_conn.execute(
        "insert into public.brand_profiles (name, slug) values ('', 'x');"
        "insert into public.voice_fingerprints (profile_id) select id from public.brand_profiles;"
        "update public.brand_profiles set voice_fingerprint_id = (select id from public.voice_fingerprints)"
    )
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        await owner_conn.execute("delete from public.voice_fingerprints")
    await migrate(owner_dsn)
    await owner_conn.execute("delete from public.voice_fingerprints")
