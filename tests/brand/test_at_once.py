"""Changes of one voice at the same time: they wait for each other, and none is taken for another."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest
from tests.db.locks import somebody_waits
from tests.support.voices import chatty

from blogai.brand import queries, voice
from blogai.brand.models import NewProfile, Profile, ProfileChange
from blogai.brand.samples import Samples
from blogai.brand.scores import Scores
from blogai.brand.service import Profiles
from blogai.brand.training import Training
from blogai.db.database import LOCAL_OWNER, Connection
from blogai.errors import Conflict, NotFound

T = TypeVar("T")


async def waiting(conn: Connection, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
    """The work, once the database keeps it waiting for a lock."""
    task = asyncio.create_task(work)
    await somebody_waits(conn)
    return task


async def test_a_sample_is_deleted_while_a_training_ends(
    trained: Profile, samples: Samples, owner_conn: Connection
) -> None:
    first = (await samples.page(LOCAL_OWNER, trained.id)).items[0]
    async with owner_conn.transaction():  # in the order of a training: the profile, then its samples
        await owner_conn.execute("select from public.brand_profiles where id = %s for no key update", [trained.id])
        deleting = await waiting(owner_conn, samples.delete(LOCAL_OWNER, trained.id, first.id))
        await owner_conn.execute("update public.voice_samples set quality_score = 0.5 where id = %s", [first.id])
    await deleting
    assert first.id not in [item.id for item in (await samples.page(LOCAL_OWNER, trained.id)).items]


async def test_an_edit_makes_a_default_while_another_is_made(profiles: Profiles, owner_conn: Connection) -> None:
    made = [await profiles.create(LOCAL_OWNER, NewProfile(name=f"V{number}")) for number in range(2)]
    low, high = sorted(one.id for one in made)
    async with owner_conn.transaction():  # in the order of set_default_brand_profile: by id
        await owner_conn.execute("select from public.brand_profiles where id = %s for no key update", [low])
        change = ProfileChange(name="Renamed", is_default=True)
        editing = await waiting(owner_conn, profiles.edit(LOCAL_OWNER, high, change))
        await owner_conn.execute("select from public.brand_profiles where id = %s for no key update", [high])
    edited = await editing
    assert (edited.name, edited.is_default) == ("Renamed", True)


async def test_a_list_shows_one_default_while_another_is_made(
    profiles: Profiles, owner_conn: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = await profiles.create(LOCAL_OWNER, NewProfile(name="Old", is_default=True))
    new = await profiles.create(LOCAL_OWNER, NewProfile(name="New"))
    listed = queries.list_profiles

    async def overtaken(*values: Any, **named: Any) -> Any:
        rows = await listed(*values, **named)
        await owner_conn.execute("update public.brand_profiles set is_default = false where id = %s", [old.id])
        await owner_conn.execute("update public.brand_profiles set is_default = true where id = %s", [new.id])
        return rows

    monkeypatch.setattr(queries, "list_profiles", overtaken)
    page = await profiles.page(LOCAL_OWNER)
    assert [(item.name, item.is_default) for item in page.items] == [("Old", True), ("New", False)]
    again = await profiles.page(LOCAL_OWNER)
    assert [(item.name, item.is_default) for item in again.items] == [("New", True), ("Old", False)]


async def test_a_training_that_is_overtaken_asks_for_another(
    trained: Profile,
    samples: Samples,
    training: Training,
    profiles: Profiles,
    scores: Scores,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One reads the samples, one is exchanged, another reads the new ones and ends; only then the first one ends."""
    loop, train, overtaken = asyncio.get_running_loop(), voice.train, [False]

    async def overtake() -> None:
        newest = (await samples.page(LOCAL_OWNER, trained.id)).items[0]
        await samples.delete(LOCAL_OWNER, trained.id, newest.id)
        await samples.add(LOCAL_OWNER, trained.id, chatty(9))
        assert (await training.train_now(LOCAL_OWNER, trained.id)).needs_training is None

    def slow(texts: list[str]) -> Any:
        if not overtaken[0]:
            overtaken[0] = True
            asyncio.run_coroutine_threadsafe(overtake(), loop).result()
        return train(texts)

    monkeypatch.setattr(voice, "train", slow)
    state = await training.train_now(LOCAL_OWNER, trained.id)
    assert (state.status, state.needs_training) == ("trained", "samples-changed")
    assert (await training.train_now(LOCAL_OWNER, trained.id)).needs_training is None
    texts = [
        (await samples.get(LOCAL_OWNER, trained.id, one.id)).content
        for one in (await samples.page(LOCAL_OWNER, trained.id)).items
    ]
    scored = await scores.score(LOCAL_OWNER, trained.id, chatty(12), keep=False)
    assert scored.assessment.overall == voice.score(train(texts[::-1]), chatty(12))
    assert (await profiles.get(LOCAL_OWNER, trained.id)).needs_training is None


async def test_a_slug_is_taken_just_when_a_new_default_takes_it(profiles: Profiles, owner_conn: Connection) -> None:
    """A new default waits for the other voices of its owner before it takes its slug, not with it in hand."""
    other = await profiles.create(LOCAL_OWNER, NewProfile(name="Other"))
    async with owner_conn.transaction():
        await owner_conn.execute("select from public.brand_profiles where id = %s for no key update", [other.id])
        new = NewProfile(name="New", slug="new", is_default=True)
        making = await waiting(owner_conn, profiles.create(LOCAL_OWNER, new))
        await owner_conn.execute("set local lock_timeout = '2s'")
        await owner_conn.execute("update public.brand_profiles set slug = 'new' where id = %s", [other.id])
    with pytest.raises(Conflict) as refusal:
        await making
    assert refusal.value.field == "slug"


async def test_a_voice_is_deleted_while_it_gets_a_sample(
    profile: Profile, samples: Samples, owner_conn: Connection
) -> None:
    async with owner_conn.transaction():
        await owner_conn.execute("delete from public.brand_profiles where id = %s", [profile.id])
        adding = await waiting(owner_conn, samples.add(LOCAL_OWNER, profile.id, chatty(1)))
    with pytest.raises(NotFound):
        await adding


async def test_the_first_voices_of_all_are_made_as_the_default_at_once(profiles: Profiles) -> None:
    """There is no other voice yet that they could wait for."""
    for _ in range(8):
        made = await asyncio.gather(
            *(profiles.create(LOCAL_OWNER, NewProfile(name=f"V{number}", is_default=True)) for number in range(6))
        )
        listed = (await profiles.page(LOCAL_OWNER)).items
        assert len(listed) == 6
        assert sum(one.is_default for one in listed) == 1
        for one in made:
            await profiles.delete(LOCAL_OWNER, one.id)
