"""Texts scored with a brand voice, and the scores over time."""

import asyncio
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from blogai.brand import queries, score_queries, voice
from blogai.brand.models import Profile, StoredScore
from blogai.brand.reading import MOST_TEXT
from blogai.brand.service import find, read
from blogai.brand.voice import Assessment
from blogai.db import paging
from blogai.db.database import Actor, Connection, Database, acting_as
from blogai.db.paging import Page
from blogai.errors import Conflict, InvalidInput, NotFound

if TYPE_CHECKING:
    from blogai.brand.voice.fingerprint import Fingerprint


@dataclass(frozen=True)
class Scored:
    """A scored text: the voice, all that was found, and the score as it was kept, if it was."""

    profile: Profile
    assessment: Assessment
    stored: StoredScore | None


class Scores:
    """Scores texts with callers' profiles and keeps the scores. Scoring is local and free."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def score(
        self, actor: Actor, voice: UUID | str, text: str, *, content_id: UUID | None = None, keep: bool = True
    ) -> Scored:
        """Assesses a text with a profile's fingerprint and its preferred and avoided words.

        Args:
            voice: id or slug.
            text: 10 words to 200,000 characters.
            content_id: the generated content that the text is; else it is known by the hash of the text.
            keep: store the score, so that it shows in the trend.

        Raises:
            NotFound: there is no such profile, or it is somebody else's.
            Conflict: the profile is not trained, or was trained by another version; training it again helps.
            InvalidInput: the text is too short, too long, or no prose.
        """
        if len(text) > MOST_TEXT:
            raise InvalidInput(
                f"The text has {len(text):,} characters.", field="text", remedy=f"Score up to {MOST_TEXT:,} at a time."
            )
        async with self._database.transaction(actor) as conn:
            profile = await find(conn, actor, voice)
            fingerprint = await trained(conn, profile)
        assessment = await asyncio.to_thread(_assess, fingerprint, profile, text)
        if not keep:
            return Scored(profile, assessment, None)
        known = str(content_id) if content_id is not None else f"sha256:{sha256(text.encode()).hexdigest()}"
        async with self._database.transaction(actor) as conn:
            await read(conn, profile.id)
            score_id = uuid4()
            async with acting_as(conn, Actor.service()):  # scores are the program's to write
                await score_queries.insert_score(
                    conn, score_id, profile.id, actor.user_hash, known, assessment.to_json()
                )
            stored = await score_queries.get_score(conn, score_id)
        if stored is None:  # the profile was deleted between two statements
            raise NotFound("There is no such brand voice.")
        return Scored(profile, assessment, stored)

    async def page(
        self,
        actor: Actor,
        profile_id: UUID,
        *,
        content_id: str | None = None,
        cursor: str | None = None,
        limit: int = 20,
    ) -> Page[StoredScore]:
        """A page of a profile's scores, the newest first.

        Args:
            content_id: only those of this content.

        Raises:
            NotFound: there is no such profile, or it is somebody else's.
            InvalidInput: limit, cursor or content is not usable.
        """
        paging.check_limit(limit)
        if content_id is not None and not content_id.isprintable():
            raise InvalidInput("That is no id of a content.", field="content", remedy="Take one from a kept score.")
        before = paging.position(cursor)
        async with self._database.transaction(actor) as conn:
            await read(conn, profile_id)
            return paging.page_of(
                await score_queries.list_scores(conn, profile_id, content_id, before, limit + 1), limit
            )

    async def fingerprint(self, actor: Actor, profile_id: UUID) -> "Fingerprint":
        """What training has found out about a profile, to be shown.

        Raises:
            NotFound, Conflict: as `score`.
        """
        async with self._database.transaction(actor) as conn:
            return await trained(conn, await read(conn, profile_id))


async def trained(conn: Connection, profile: Profile) -> "Fingerprint":
    """The fingerprint of a profile, which scores as it did when it was trained.

    Raises:
        Conflict: there is none yet, another version of the measure made it, or it is damaged.
    """
    row = await queries.get_fingerprint(conn, profile.id)
    if row is None:
        raise Conflict(
            f"The voice {profile.slug} is not trained.",
            field="voice",
            remedy=f"Train it first, on its page or with `blogai voice train {profile.slug}`.",
            training_status=profile.training_status,
        )
    try:
        return voice.restore(row)
    except (Conflict, InvalidInput) as exc:  # the request is right: what it names has to be trained again
        raise Conflict(
            f"The voice {profile.slug} has to be trained again: {exc.message}",
            field="voice",
            remedy=f"Train it again, on its page or with `blogai voice train {profile.slug}`; its samples are kept.",
            training_status=profile.training_status,
        ) from exc


def _assess(fingerprint: "Fingerprint", profile: Profile, text: str) -> Assessment:
    return voice.assess(fingerprint, text, preferred_words=profile.preferred_words, avoid_words=profile.avoid_words)
