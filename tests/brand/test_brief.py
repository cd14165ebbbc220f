"""What a writer gets of a voice: which passages come first, and which voices write nothing."""

import pytest
from tests.brand.conftest import STRANGER
from tests.support.voices import chatty

from blogai.brand.brief import Briefs, paragraphs
from blogai.brand.models import NewProfile, Profile, ProfileChange
from blogai.brand.service import NONE, Profiles
from blogai.db.database import LOCAL_OWNER, Database
from blogai.errors import Conflict, NotFound

EXAMPLE = (
    "The tide was late this morning, and so was I. By the time I had found my boots the boats were out, the gulls had"
    " eaten, and nobody was left on the quay to tell me what I had missed."
)


@pytest.fixture
def briefs(database: Database) -> Briefs:
    return Briefs(database)


async def test_the_example_comes_first_then_primary_samples(
    briefs: Briefs, profiles: Profiles, trained: Profile
) -> None:
    before = await briefs.brief(LOCAL_OWNER, trained.slug)
    assert before is not None
    assert before.best_passages("", 1, 200) == [paragraphs(chatty(2))[0]]
    await profiles.edit(LOCAL_OWNER, trained.id, ProfileChange(example_content=f"# A heading\n\n{EXAMPLE}"))
    after = await briefs.brief(LOCAL_OWNER, trained.slug)
    assert after is not None
    assert after.best_passages("", 2, 200) == [EXAMPLE, paragraphs(chatty(2))[0]]
    assert (after.passages[1:], after.primary) == (before.passages, before.primary + 1)
    assert after.fingerprint.to_json() == before.fingerprint.to_json(), "nothing is learnt from the example"


async def test_a_voice_that_is_switched_off_writes_nothing(
    briefs: Briefs, profiles: Profiles, trained: Profile
) -> None:
    await profiles.edit(LOCAL_OWNER, trained.id, ProfileChange(is_active=False, is_default=True))
    with pytest.raises(Conflict, match="switched off") as caught:
        await briefs.brief(LOCAL_OWNER, trained.slug)
    assert caught.value.field == "voice"
    assert await briefs.brief(LOCAL_OWNER, None) is None
    await profiles.edit(LOCAL_OWNER, trained.id, ProfileChange(is_active=True))
    default = await briefs.brief(LOCAL_OWNER, None)
    assert default is not None
    assert default.slug == trained.slug


async def test_no_voice_an_untrained_one_and_a_stranger_s(briefs: Briefs, profiles: Profiles, trained: Profile) -> None:
    assert await briefs.brief(LOCAL_OWNER, NONE) is None
    untrained = await profiles.create(LOCAL_OWNER, NewProfile(name="New", is_default=True))
    assert await briefs.brief(LOCAL_OWNER, None) is None
    with pytest.raises(Conflict):
        await briefs.brief(LOCAL_OWNER, untrained.slug)
    for voice in (trained.slug, str(trained.id)):
        with pytest.raises(NotFound):
            await briefs.brief(STRANGER, voice)
