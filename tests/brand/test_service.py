"""Profiles: made, found, listed, changed, made the default, deleted; never a stranger's."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.brand.conftest import STRANGER

from blogai.brand.models import NewProfile, Profile, ProfileChange
from blogai.brand.service import Page, Profiles, slug_of
from blogai.db.database import LOCAL_OWNER, Actor, Connection
from blogai.errors import Conflict, Forbidden, InvalidInput, NotFound

VISITOR = Actor.visitor("f" * 64)


async def test_a_new_profile_has_what_was_given(profiles: Profiles) -> None:
    made = await profiles.create(
        LOCAL_OWNER,
        NewProfile.parse(
            {
                "name": "  Acme blog ",
                "tone_keywords": ["dry", "dry", "warm"],
                "writing_style": "casual",
                "preferred_words": ["simple"],
                "avoid_words": ["leverage", "game changer"],
                "is_default": True,
            }
        ),
    )
    assert (made.name, made.slug, made.tone_keywords) == ("Acme blog", "acme-blog", ["dry", "warm"])
    assert (made.training_status, made.sample_count, made.needs_training) == ("untrained", 0, "untrained")
    assert made.is_default
    assert not made.usable
    assert await profiles.get(LOCAL_OWNER, "acme-blog") == made
    assert await profiles.get(LOCAL_OWNER, str(made.id)) == made


async def test_slugs_are_made_unique_unless_they_were_chosen(profiles: Profiles) -> None:
    slugs = [(await profiles.create(LOCAL_OWNER, NewProfile(name="Café Münster"))).slug for _ in range(3)]
    assert slugs == ["cafe-munster", "cafe-munster-2", "cafe-munster-3"]
    with pytest.raises(Conflict) as caught:
        await profiles.create(LOCAL_OWNER, NewProfile(name="x1", slug="cafe-munster"))
    assert caught.value.field == "slug"
    assert (await profiles.create(STRANGER, NewProfile(name="x1", slug="cafe-munster"))).slug == "cafe-munster"


ID = "c160fca9-aaa0-44e2-849d-b58ecbceb46e"
"""Of a voice: as the slug of another it would stand for that one."""


@pytest.mark.parametrize(
    ("name", "slug"), [("日本語", "voice"), ("none", "voice"), ("A & B!", "a-b"), ("x" * 90, "x" * 56), (ID, "voice")]
)
def test_a_slug_of_any_name(name: str, slug: str) -> None:
    assert slug_of(name) == slug


@pytest.mark.parametrize(
    ("inputs", "field"),
    [
        ({}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "!!"}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "A", "slug": "Not A Slug"}, "slug"),
        ({"name": "A", "slug": "a--b"}, "slug"),
        ({"name": "A", "slug": "none"}, "slug"),
        ({"name": "A", "slug": ID}, "slug"),
        ({"name": "A", "slug": ID.replace("-", "")}, "slug"),
        ({"name": "A", "writing_style": "angry"}, "writing_style"),
        ({"name": "A", "avoid_words": ["..."]}, "avoid_words.0"),
        ({"name": "A", "avoid_words": ["x" * 101]}, "avoid_words.0"),
        ({"name": "A", "preferred_words": [f"w{n}" for n in range(201)]}, "preferred_words"),
        ({"name": "A", "example_content": "a\x00b"}, "example_content"),
    ],
)
def test_a_refusal_names_field_and_remedy(inputs: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        NewProfile.parse(inputs)
    assert caught.value.field == field
    assert caught.value.remedy


def test_an_unknown_input_is_named_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match="colour is not an input of a profile") as caught:
        NewProfile.parse({"name": "A", "colour": "red"})
    assert "writing_style" in (caught.value.remedy or "")


async def test_a_word_is_not_both_preferred_and_avoided(profiles: Profiles) -> None:
    with pytest.raises(InvalidInput, match="both preferred and avoided"):
        NewProfile.parse({"name": "A", "preferred_words": ["Simple"], "avoid_words": ["simple"]})
    made = await profiles.create(LOCAL_OWNER, NewProfile(name="A1", preferred_words=("simple",)))
    with pytest.raises(InvalidInput, match="both preferred and avoided"):
        await profiles.edit(LOCAL_OWNER, made.id, ProfileChange.parse({"avoid_words": ["simple"]}))


async def test_an_edit_changes_what_is_given_and_null_empties(profiles: Profiles) -> None:
    made = await profiles.create(LOCAL_OWNER, NewProfile(name="A1", industry="Bees", avoid_words=("wasp",)))
    changed = await profiles.edit(
        LOCAL_OWNER, made.id, ProfileChange.parse({"industry": None, "avoid_words": None, "slug": "bees"})
    )
    assert (changed.name, changed.industry, changed.avoid_words, changed.slug) == ("A1", None, [], "bees")
    assert changed.updated_at > made.updated_at
    await profiles.create(LOCAL_OWNER, NewProfile(name="Other", slug="other"))
    with pytest.raises(Conflict):
        await profiles.edit(LOCAL_OWNER, made.id, ProfileChange(slug="other"))
    assert await profiles.edit(LOCAL_OWNER, made.id, ProfileChange()) == changed


async def test_one_default_at_a_time(profiles: Profiles) -> None:
    made = [await profiles.create(LOCAL_OWNER, NewProfile(name=f"V{n}", is_default=True)) for n in range(4)]
    theirs = await profiles.create(STRANGER, NewProfile(name="V", is_default=True))
    await asyncio.gather(*(profiles.set_default(LOCAL_OWNER, one.id) for one in made * 3))
    listed = (await profiles.page(LOCAL_OWNER)).items
    assert sum(one.is_default for one in listed) == 1
    chosen = await profiles.edit(LOCAL_OWNER, made[0].id, ProfileChange(is_default=True))
    assert await profiles.default(LOCAL_OWNER) == chosen
    await profiles.edit(LOCAL_OWNER, made[0].id, ProfileChange(is_active=False))
    assert await profiles.default(LOCAL_OWNER) is None
    await profiles.edit(LOCAL_OWNER, made[0].id, ProfileChange(is_active=True))
    await profiles.clear_default(LOCAL_OWNER)
    assert await profiles.default(LOCAL_OWNER) is None
    assert (await profiles.get(STRANGER, theirs.id)).is_default


async def test_pages_follow_each_other(profiles: Profiles) -> None:
    made = [(await profiles.create(LOCAL_OWNER, NewProfile(name=f"V{n}"))).id for n in range(5)]
    await profiles.create(STRANGER, NewProfile(name="Theirs", is_default=True))
    assert await every_page(profiles, 2) == made[::-1]
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": ""}, "cursor"),
        ({"cursor": "."}, "cursor"),
        ({"cursor": f"nonsense.{made[0].hex}"}, "cursor"),
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"search": "x" * 501}, "search"),
        ({"search": "a\x00b"}, "search"),
    ]
    for given, field in wrong:
        with pytest.raises(InvalidInput) as caught:
            await profiles.page(LOCAL_OWNER, **given)
        assert caught.value.field == field


@pytest.mark.parametrize("limit", [1, 2, 3, 5])
async def test_the_default_voice_comes_first_and_once(profiles: Profiles, limit: int) -> None:
    made = [(await profiles.create(LOCAL_OWNER, NewProfile(name=f"V{n}"))).id for n in range(5)]
    await profiles.set_default(LOCAL_OWNER, made[1])
    in_order = [made[1], made[4], made[3], made[2], made[0]]
    assert await every_page(profiles, limit) == in_order
    first = await profiles.page(LOCAL_OWNER, limit=limit)
    await profiles.set_default(LOCAL_OWNER, made[0])  # while somebody leafs through
    assert await every_page(profiles, limit, first) == in_order
    await profiles.edit(LOCAL_OWNER, made[0], ProfileChange(is_active=False))
    assert (await profiles.page(LOCAL_OWNER, limit=1)).items[0].id == made[0]


async def every_page(profiles: Profiles, limit: int, page: Page[Profile] | None = None) -> list[UUID]:
    """The ids of all profiles in the order of the pages."""
    page = page or await profiles.page(LOCAL_OWNER, limit=limit)
    seen = [item.id for item in page.items]
    while page.next is not None:
        assert len(page.items) == limit
        page = await profiles.page(LOCAL_OWNER, cursor=page.next, limit=limit)
        seen += [item.id for item in page.items]
    return seen


async def test_voices_are_found_by_parts_of_their_names(profiles: Profiles) -> None:
    names = ("École de Nîmes", "Mill notes", "Mill news", "100% wool", "a_b\\c", "axb")
    for name in names:
        await profiles.create(LOCAL_OWNER, NewProfile(name=name, is_default=name == "Mill notes"))
    await profiles.create(STRANGER, NewProfile(name="Mill of a stranger"))

    async def found(search: str, **more: Any) -> list[str]:
        return [item.name for item in (await profiles.page(LOCAL_OWNER, search=search, **more)).items]

    assert await found("MILL") == ["Mill notes", "Mill news"]
    assert await found("news mill") == ["Mill news"]
    assert await found("e\u0301COLE") == ["École de Nîmes"]
    assert await found("%") == ["100% wool"]
    assert await found("a_b") == await found("\\") == ["a_b\\c"]
    assert await found("stranger") == await found("mill wool") == []
    assert sorted(await found("  ")) == sorted(names)
    page = await profiles.page(LOCAL_OWNER, search="mill", limit=1)
    assert [item.name for item in page.items] == ["Mill notes"]
    assert await found("mill", limit=1, cursor=page.next) == ["Mill news"]


@pytest.mark.parametrize("other", [STRANGER, VISITOR], ids=["stranger", "visitor"])
async def test_a_stranger_reaches_nothing(profiles: Profiles, profile: Profile, other: Actor) -> None:
    for attempt in (
        profiles.get(other, profile.id),
        profiles.get(other, profile.slug),
        profiles.edit(other, profile.id, ProfileChange(name="Mine")),
        profiles.set_default(other, profile.id),
        profiles.delete(other, profile.id),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert (await profiles.page(other)).items == []
    assert await profiles.get(LOCAL_OWNER, profile.id) == profile


async def test_nobody_in_particular_has_no_voice(profiles: Profiles) -> None:
    with pytest.raises(Forbidden):
        await profiles.create(Actor(role="anon"), NewProfile(name="A1"))


@pytest.mark.parametrize("other", [Actor.user("on-free"), VISITOR], ids=["free", "visitor"])
async def test_a_tier_without_brand_voices_makes_none(profiles: Profiles, other: Actor) -> None:
    with pytest.raises(Forbidden, match="not part of your tier") as caught:
        await profiles.create(other, NewProfile(name="A1"))
    assert caught.value.remedy == "Change to pro or business."
    assert (await profiles.page(other)).items == []


async def test_what_no_tier_names_everybody_has(profiles: Profiles, owner_conn: Connection) -> None:
    await owner_conn.execute("update tier_limits set features = array_remove(features, 'brand_voice')")
    assert (await profiles.create(Actor.user("on-free"), NewProfile(name="A1"))).slug == "a1"


async def test_delete_takes_everything_with_it(profiles: Profiles, profile: Profile, owner_conn: Connection) -> None:
    await owner_conn.execute(
        "insert into voice_samples (profile_id, content) values (%s, 'text of a sample')", [profile.id]
    )
    await profiles.delete(LOCAL_OWNER, profile.id)
    cursor = await owner_conn.execute("select count(*) from voice_samples")
    assert await cursor.fetchone() == (0,)
    for missing in (profile.id, uuid4()):
        with pytest.raises(NotFound):
            await profiles.delete(LOCAL_OWNER, missing)
