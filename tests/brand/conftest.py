"""Brand voices on a real database, with samples in two clearly different voices."""

import pytest

from blogai.brand.models import NewProfile, Profile
from blogai.brand.service import Profiles
from blogai.db.database import LOCAL_OWNER, Actor, Database

STRANGER = Actor.user("stranger")


@pytest.fixture
def profiles(database: Database) -> Profiles:
    return Profiles(database)


@pytest.fixture
async def profile(profiles: Profiles) -> Profile:
    return await profiles.create(LOCAL_OWNER, NewProfile(name="Acme blog"))
