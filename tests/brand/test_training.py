"""Training: as a job and at once, its states, what it fills, and what makes it necessary again."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.brand.conftest import STRANGER
from tests.support.voices import chatty, stiff

from blogai import queue
from blogai.brand import jobs, voice
from blogai.brand.models import NewProfile, Profile
from blogai.brand.samples import Samples
from blogai.brand.scores import Scores
from blogai.brand.service import Profiles
from blogai.brand.training import Training
from blogai.brand.voice import MODEL
from blogai.db.database import LOCAL_OWNER, Connection, Database
from blogai.errors import Conflict, InvalidInput, NotFound


async def row(conn: Connection, statement: str, *values: Any) -> Any:
    cursor = await conn.execute(statement.encode(), values)
    found = await cursor.fetchone()
    assert found is not None
    return found


async def test_a_job_trains_the_profile(
    database: Database,
    profile: Profile,
    profiles: Profiles,
    samples: Samples,
    training: Training,
    owner_conn: Connection,
) -> None:
    for seed in range(4):
        await samples.add(LOCAL_OWNER, profile.id, chatty(seed))
    begun = await training.begin(LOCAL_OWNER, profile.id)
    again = await training.begin(LOCAL_OWNER, profile.id)  # a job waits already
    assert (begun.status, begun.progress) == (again.status, again.progress) == ("analyzing", 0.0)
    assert await row(owner_conn, "select count(*) from queue.procrastinate_jobs where task_name = 'brand:train'") == (
        1,
    )
    await queue.work(database.conninfo, [jobs.tasks], context={"database": database}, wait=False)

    state = await training.state(LOCAL_OWNER, profile.id)
    assert (state.status, state.progress, state.needs_training, state.problem) == ("trained", 1.0, None, None)
    done = await profiles.get(LOCAL_OWNER, profile.id)
    assert done.usable
    assert 0 < done.training_quality <= 1
    assert (done.sample_count, done.embedding_model) == (4, voice.train([chatty(1), chatty(2)]).embedding_model)
    for sample in (await samples.page(LOCAL_OWNER, profile.id)).items:
        assert sample.is_analyzed
        assert sample.quality_score == sample.analysis_result["fit"] > 0
        assert sample.fit == sample.quality_score
        assert sample.analysis_result["words"] == sample.word_count
    stored = await row(
        owner_conn,
        "select f.id, f.vocabulary_profile <> '{}', f.sentence_patterns <> '{}', f.tone_distribution <> '{}',"
        " f.style_metrics <> '{}', length(f.voice_summary) > 10, cardinality(f.embedding_vector) > 0, f.sample_count,"
        " f.last_trained_at is not null, f.training_quality, f.profile_id from voice_fingerprints f",
    )
    assert stored[0] == done.voice_fingerprint_id
    assert all(stored[1:7])
    assert stored[7:] == (4, True, done.training_quality, profile.id)


async def test_a_stored_fingerprint_scores_as_the_trained_one(
    trained: Profile, samples: Samples, scores: Scores
) -> None:
    fresh = voice.train([chatty(seed) for seed in range(4)])
    for text in (chatty(50), stiff(50)):
        scored = await scores.score(LOCAL_OWNER, trained.slug, text, keep=False)
        assert scored.assessment.overall == voice.score(fresh, text)


async def test_too_few_samples_are_refused_at_once(
    training: Training, samples: Samples, profile: Profile, profiles: Profiles
) -> None:
    for _ in range(2):
        with pytest.raises(InvalidInput, match="of the 2 samples") as caught:
            await training.begin(LOCAL_OWNER, profile.id)
        assert caught.value.field == "samples"
        if (await profiles.get(LOCAL_OWNER, profile.id)).sample_count == 0:
            await samples.add(LOCAL_OWNER, profile.id, chatty(1))
    assert (await profiles.get(LOCAL_OWNER, profile.id)).training_status == "untrained"


async def test_a_failure_names_the_sample_and_the_remedy(
    training: Training, samples: Samples, profile: Profile, profiles: Profiles
) -> None:
    text = chatty(1)
    await samples.add(LOCAL_OWNER, profile.id, text)
    copy = await samples.add(LOCAL_OWNER, profile.id, text + "\n\nThis one sentence is new.", title="A copy")
    state = await training.train_now(LOCAL_OWNER, profile.id)
    assert (state.status, state.needs_training) == ("failed", "failed")
    assert state.problem is not None
    assert state.problem["sample_id"] == str(copy.id)
    assert state.problem["detail"] == f"'A copy' repeats {text[:40]!r}."
    assert state.problem["remedy"]
    assert not (await profiles.get(LOCAL_OWNER, profile.id)).usable
    assert [item.fit for item in (await samples.page(LOCAL_OWNER, profile.id)).items] == [None, None]
    await samples.delete(LOCAL_OWNER, profile.id, copy.id)
    gone = (await training.state(LOCAL_OWNER, profile.id)).problem
    assert gone is not None
    assert "no sample that is here is to blame" in gone["detail"]
    await samples.add(LOCAL_OWNER, profile.id, chatty(2))
    assert (await training.train_now(LOCAL_OWNER, profile.id)).status == "trained"


async def test_an_interrupted_command_leaves_a_failed_training(
    training: Training, samples: Samples, profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(2):
        await samples.add(LOCAL_OWNER, profile.id, chatty(seed))
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def wait(*_: object) -> None:
        begun.set()
        await go_on.wait()

    monkeypatch.setattr(training, "_train", wait)
    running = asyncio.create_task(training.train_now(LOCAL_OWNER, profile.id))
    await begun.wait()
    assert (await training.state(LOCAL_OWNER, profile.id)).status == "analyzing"
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await training.state(LOCAL_OWNER, profile.id)).status == "failed"


async def test_an_inconsistent_sample_is_named(
    training: Training, samples: Samples, trained: Profile, profiles: Profiles
) -> None:
    odd = await samples.add(LOCAL_OWNER, trained.id, stiff(1))
    await training.train_now(LOCAL_OWNER, trained.id)
    listed = {item.id: item for item in (await samples.page(LOCAL_OWNER, trained.id)).items}
    assert listed[odd.id].analysis_result["consistent"] is False
    assert listed[odd.id].quality_score == min(item.quality_score for item in listed.values())


async def test_a_change_of_samples_asks_for_a_new_training(
    trained: Profile, samples: Samples, training: Training, profiles: Profiles
) -> None:
    added = await samples.add(LOCAL_OWNER, trained.id, chatty(9))
    stale = await profiles.get(LOCAL_OWNER, trained.id)
    assert (stale.training_status, stale.needs_training, stale.usable) == ("trained", "samples-changed", True)
    assert (await training.train_now(LOCAL_OWNER, trained.id)).needs_training is None
    await samples.set_primary(LOCAL_OWNER, trained.id, added.id, True)
    assert (await profiles.get(LOCAL_OWNER, trained.id)).needs_training is None
    await samples.delete(LOCAL_OWNER, trained.id, added.id)
    assert (await profiles.get(LOCAL_OWNER, trained.id)).needs_training == "samples-changed"


async def test_an_older_version_is_never_scored(
    trained: Profile, scores: Scores, profiles: Profiles, training: Training, owner_conn: Connection
) -> None:
    await owner_conn.execute("update voice_fingerprints set embedding_model = 'blogai-voice-0'")
    old = await profiles.get(LOCAL_OWNER, trained.id)
    assert (old.needs_training, old.usable) == ("older-version", False)
    with pytest.raises(Conflict, match="blogai-voice-0") as caught:
        await scores.score(LOCAL_OWNER, trained.id, chatty(9))
    assert caught.value.field == "voice"
    assert f"blogai voice train {trained.slug}" in (caught.value.remedy or "")
    await training.train_now(LOCAL_OWNER, trained.id)
    assert (await scores.score(LOCAL_OWNER, trained.id, chatty(9))).assessment.overall > 0.5


async def test_an_older_version_stays_out_of_use_when_its_new_training_fails(
    trained: Profile, training: Training, profiles: Profiles, owner_conn: Connection
) -> None:
    await owner_conn.execute("update voice_fingerprints set embedding_model = null")
    await owner_conn.execute("update voice_samples set content = '`a` `b`' where is_primary_example")
    assert (await training.train_now(LOCAL_OWNER, trained.id)).status == "failed"
    failed = await profiles.get(LOCAL_OWNER, trained.id)
    assert (failed.needs_training, failed.usable) == ("failed", False)


async def test_a_damaged_fingerprint_is_never_scored(trained: Profile, scores: Scores, owner_conn: Connection) -> None:
    await owner_conn.execute("update voice_fingerprints set vocabulary_profile = '{}'")
    with pytest.raises(Conflict, match="damaged"):
        await scores.score(LOCAL_OWNER, trained.id, chatty(9))


async def test_a_profile_deleted_before_its_job_is_left_alone(training: Training, owner_conn: Connection) -> None:
    await training.carry_out(uuid4())
    assert await row(owner_conn, "select count(*) from voice_fingerprints") == (0,)


async def test_a_stranger_cannot_train(training: Training, trained: Profile, profiles: Profiles) -> None:
    theirs = await profiles.create(STRANGER, NewProfile(name="Theirs"))
    for actor, profile_id in ((STRANGER, trained.id), (LOCAL_OWNER, theirs.id)):
        for attempt in (
            training.begin(actor, profile_id),
            training.train_now(actor, profile_id),
            training.state(actor, profile_id),
        ):
            with pytest.raises(NotFound):
                await attempt


async def test_scores_are_kept_for_the_trend(trained: Profile, scores: Scores) -> None:
    content_id = uuid4()
    high = await scores.score(LOCAL_OWNER, trained.slug, chatty(60), content_id=content_id)
    low = await scores.score(LOCAL_OWNER, trained.id, stiff(60) + " We leverage it.")
    unkept = await scores.score(LOCAL_OWNER, trained.id, stiff(61), keep=False)
    assert high.assessment.overall > 0.8 > 0.2 > low.assessment.overall
    assert [hit.found for hit in low.assessment.rules.avoided] == ["leverage"]
    assert unkept.stored is None
    listed = (await scores.page(LOCAL_OWNER, trained.id)).items
    assert [item.overall_score for item in listed] == [low.assessment.overall, high.assessment.overall]
    assert listed == [low.stored, high.stored]
    assert (listed[0].content_id[:7], UUID(listed[1].content_id)) == ("sha256:", content_id)
    assert listed[0].feedback["grade"] == "F"
    assert {item.feedback["measure"] for item in listed} == {MODEL}
    assert listed[0].deviations
    only = await scores.page(LOCAL_OWNER, trained.id, content_id=str(content_id))
    assert only.items == [high.stored]
    first = await scores.page(LOCAL_OWNER, trained.id, limit=1)
    assert (await scores.page(LOCAL_OWNER, trained.id, limit=1, cursor=first.next)).items == [high.stored]


async def test_what_cannot_be_scored(trained: Profile, profile: Profile, scores: Scores, profiles: Profiles) -> None:
    fresh = await profiles.create(LOCAL_OWNER, NewProfile(name="Fresh"))
    with pytest.raises(Conflict, match="not trained"):
        await scores.score(LOCAL_OWNER, fresh.id, chatty(1))
    with pytest.raises(InvalidInput, match="words"):
        await scores.score(LOCAL_OWNER, trained.id, "Four words are few.")
    with pytest.raises(InvalidInput, match="characters"):
        await scores.score(LOCAL_OWNER, trained.id, "word " * 50_000)
    for attempt in (
        scores.score(STRANGER, trained.id, chatty(1)),
        scores.page(STRANGER, trained.id),
        scores.fingerprint(STRANGER, trained.id),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert (await scores.page(LOCAL_OWNER, trained.id)).items == []
    assert (await scores.fingerprint(LOCAL_OWNER, trained.id)).sample_count == 4
