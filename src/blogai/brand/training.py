"""Training of a brand voice: begun by its owner, carried out by the program, in a job or at once.

While it runs the profile is `analyzing` (each sample on its own), then `training` (all together); in the end it is
`trained` or `failed`. The measure is local and free: training and scoring cost no tokens and count against no quota.
"""

import asyncio
import contextlib
import logging
import re
from typing import Any
from uuid import UUID

from blogai.brand import queries
from blogai.brand import sample_queries as samples
from blogai.brand.entitlement import require_feature
from blogai.brand.models import TrainingState, TrainingStatus
from blogai.brand.service import read
from blogai.db.database import Actor, Connection, Database, acting_as
from blogai.errors import Conflict, InvalidInput, NotFound
from blogai.queue import JobOptions, defer

log = logging.getLogger(__name__)

TASK = "brand:train"
LEAST_SAMPLES = 2

_SERVICE = Actor.service()


class Training:
    """Begins, carries out and tells of trainings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, actor: Actor, profile_id: UUID) -> TrainingState:
        """Queues the training; the job and the state `analyzing` are committed together. Beginning one that waits
        already changes nothing.

        Raises:
            NotFound: there is no such profile, or it is somebody else's.
            Forbidden: brand voices are not part of the caller's tier.
            InvalidInput: fewer than two samples.
        """
        async with self._database.transaction(actor) as conn:
            await _mark_begun(conn, actor, profile_id)
            name = f"{TASK}:{profile_id}"
            with contextlib.suppress(Conflict):  # a job that waits already will do
                await defer(conn, TASK, JobOptions(lock=name, queueing_lock=name), profile_id=str(profile_id))
            return await _state(conn, profile_id)

    async def train_now(self, actor: Actor, profile_id: UUID) -> TrainingState:
        """Trains in this process, for programs without a worker.

        Raises:
            as `begin`. That a sample is not usable is no error: the state says `failed` and why.
        """
        async with self._database.transaction(actor) as conn:
            await _mark_begun(conn, actor, profile_id)
        try:
            await self.carry_out(profile_id)
        except asyncio.CancelledError:  # Ctrl-C: nobody will take it up again
            await self._note(profile_id, "failed")
            raise
        return await self.state(actor, profile_id)

    async def state(self, actor: Actor, profile_id: UUID) -> TrainingState:
        """Where it stands.

        Raises:
            NotFound: there is no such profile, or it is somebody else's.
        """
        async with self._database.transaction(actor) as conn:
            return await _state(conn, profile_id)

    async def carry_out(self, profile_id: UUID) -> None:
        """The training itself, as the program. Doing it twice is harmless; a profile deleted meanwhile is left alone.

        Raises:
            DatabaseUnavailable: try again.
        """
        try:
            await self._train(profile_id)
        except NotFound:
            log.info("Profile %s was deleted before it was trained", profile_id)
        except InvalidInput as exc:
            await self._fail(profile_id, exc)
        except Exception:
            log.exception("The training of profile %s failed", profile_id)
            with contextlib.suppress(Exception):
                async with self._database.transaction(_SERVICE) as conn:
                    await queries.set_training(conn, profile_id, "failed")
            raise

    async def _train(self, profile_id: UUID) -> None:
        from blogai.brand import voice

        async with self._database.transaction(_SERVICE) as conn:
            if not await queries.lock_profile(conn, profile_id):
                raise NotFound()
            await queries.set_training(conn, profile_id, "analyzing")
            await samples.forget_analysis(conn, profile_id)
            texts = await samples.contents(conn, profile_id)
        described = []
        for number, (sample_id, text) in enumerate(texts):
            found = await asyncio.to_thread(_describe, text, number)
            described.append(found)
            async with self._database.transaction(_SERVICE) as conn:
                await samples.note_analysis(conn, sample_id, found)
        await self._note(profile_id, "training")
        fingerprint = await asyncio.to_thread(voice.train, [text for _, text in texts])
        report = fingerprint.training_report
        outliers = set(report["inconsistent_samples"])
        async with self._database.transaction(_SERVICE) as conn:
            if not await queries.lock_profile(conn, profile_id):
                raise NotFound()
            kept = await queries.upsert_fingerprint(conn, profile_id, fingerprint.to_json())
            await samples.forget_analysis(conn, profile_id)  # another training may have read samples that this did not
            for number, (sample_id, _) in enumerate(texts):
                fit = float(report["sample_fit"][number])
                result = {**described[number], "fit": fit, "consistent": number not in outliers}
                await samples.note_analysis(conn, sample_id, result, quality=fit)
            await queries.count_samples(conn, profile_id)
            await queries.set_training(
                conn, profile_id, "trained", quality=fingerprint.training_quality, fingerprint=kept
            )

    async def _note(self, profile_id: UUID, status: TrainingStatus) -> None:
        async with self._database.transaction(_SERVICE) as conn:
            await queries.set_training(conn, profile_id, status)

    async def _fail(self, profile_id: UUID, error: InvalidInput) -> None:
        """The reason stands at the sample that is to blame, or at the first one."""
        place = re.search(r"\[(\d+)\]", error.field or "")
        number = int(place[1]) if place else 0
        async with self._database.transaction(_SERVICE) as conn:
            texts, titles = await samples.contents(conn, profile_id), await samples.titles(conn, profile_id)
            if number < len(texts):
                sample_id = texts[number][0]
                problem = {
                    **error.problem(),
                    "detail": _told(error.message, titles, number),
                    "sample_id": str(sample_id),
                }
                await samples.note_analysis(conn, sample_id, {"problem": problem}, analyzed=False)
            await queries.set_training(conn, profile_id, "failed")


def _told(message: str, titles: list[str], number: int) -> str:
    """A message of the measure about a sample, with titles in the place of numbers."""
    if "samples[" not in message:
        return f"{titles[number]!r}: {message}"
    return re.sub(r"samples\[(\d+)\]", lambda match: repr(titles[int(match[1])]), message)


def _describe(text: str, number: int) -> dict[str, Any]:
    """What is measured of one sample alone.

    Raises:
        InvalidInput: it is no usable prose.
    """
    from blogai.brand.voice import style
    from blogai.brand.voice.samples import MIN_SAMPLE_WORDS, readable

    passage = readable(text, f"samples[{number}]", MIN_SAMPLE_WORDS)
    return {
        "words": len(passage.words),
        "style": {name: round(float(value), 3) for name, value in style.style(passage).items()},
    }


async def _mark_begun(conn: Connection, actor: Actor, profile_id: UUID) -> None:
    profile = await read(conn, profile_id)
    await require_feature(conn, actor)
    if profile.sample_count < LEAST_SAMPLES:
        raise InvalidInput(
            f"The voice has {profile.sample_count} of the {LEAST_SAMPLES} samples that it needs at least.",
            field="samples",
            remedy="Add samples first; five to ten are good.",
        )
    async with acting_as(conn, _SERVICE):  # the profile is the caller's, its state is the program's to write
        await queries.lock_profile(conn, profile_id)
        await samples.forget_analysis(conn, profile_id)
        await queries.set_training(conn, profile_id, "analyzing")


async def _state(conn: Connection, profile_id: UUID) -> TrainingState:
    profile = await read(conn, profile_id)
    status = profile.training_status
    progress = {"training": 0.9, "trained": 1.0}.get(status, 0.0)
    problem = None
    if status == "analyzing":
        progress = round(0.8 * await samples.analyzed_share(conn, profile_id), 2)
    elif status == "failed":
        problem = await samples.problem(conn, profile_id) or {
            "detail": "The last training failed, and no sample that is here is to blame.",
            "remedy": "Train it again; if it fails again, the log of the program says why.",
        }
    return TrainingState(
        profile_id=profile.id,
        status=status,
        progress=progress,
        needs_training=profile.needs_training,
        training_quality=profile.training_quality,
        sample_count=profile.sample_count,
        trained_at=profile.trained_at,
        problem=problem,
    )
