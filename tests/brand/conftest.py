"""Brand voices on a real database, with samples in two clearly different voices."""

import pytest
from tests.support.voices import chatty, put_on_tier

from blogai.brand.models import NewProfile, Profile
from blogai.brand.samples import Samples
from blogai.brand.scores import Scores
from blogai.brand.service import Profiles
from blogai.brand.training import Training
from blogai.db.database import LOCAL_OWNER, Actor, Connection, Database

STRANGER = Actor.user("stranger")


@pytest.fixture
async def profiles(database: Database, owner_conn: Connection) -> Profiles:
    """The voices of all users; the stranger is on a tier that has them, too."""
    await put_on_tier(owner_conn, STRANGER, "pro")
    return Profiles(database)


@pytest.fixture
def samples(database: Database) -> Samples:
    return Samples(database)


@pytest.fixture
def training(database: Database) -> Training:
    return Training(database)


@pytest.fixture
def scores(database: Database) -> Scores:
    return Scores(database)


@pytest.fixture
async def profile(profiles: Profiles) -> Profile:
    return await profiles.create(LOCAL_OWNER, NewProfile(name="Acme blog", avoid_words=("leverage",)))


@pytest.fixture
async def trained(profile: Profile, profiles: Profiles, samples: Samples, training: Training) -> Profile:
    """A profile that was trained on four chatty samples."""
    for seed in range(4):
        await samples.add(LOCAL_OWNER, profile.id, chatty(seed), primary=seed == 2)
    state = await training.train_now(LOCAL_OWNER, profile.id)
    assert state.status == "trained", state
    return await profiles.get(LOCAL_OWNER, profile.id)
