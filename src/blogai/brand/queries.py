"""The statements about profiles and their fingerprints, one function each. Unless said otherwise they run as the
caller, and policies keep others' rows away; the owner is named as well so that the planner sees who it is."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row, dict_row, scalar_row
from psycopg.types.json import Jsonb
from pydantic import BaseModel, ConfigDict

from blogai.brand.models import Profile, Reason
from blogai.brand.voice import MODEL
from blogai.db.database import Connection
from blogai.db.paging import Position

_PROFILE: LiteralString = """b.id, b.created_at, b.updated_at, b.name, b.slug, b.tone_keywords, b.writing_style,
       b.example_content, b.industry, b.target_audience, coalesce(b.preferred_words, '{}') as preferred_words,
       coalesce(b.avoid_words, '{}') as avoid_words, coalesce(b.brand_values, '{}') as brand_values,
       coalesce(b.content_themes, '{}') as content_themes, b.is_active, b.is_default,
       coalesce(b.training_status, 'untrained') as training_status,
       coalesce(b.training_quality, 0) as training_quality, coalesce(b.sample_count, 0) as sample_count,
       b.voice_fingerprint_id, f.last_trained_at as trained_at, f.embedding_model,
       coalesce(f.sample_count, 0) as trained_samples,
       exists (select from public.voice_samples as s where s.profile_id = b.id and not s.is_analyzed) as unread_samples
  from public.brand_profiles as b
  left join public.voice_fingerprints as f on f.id = b.voice_fingerprint_id"""


class ProfileRow(BaseModel):
    """A profile with what tells whether its fingerprint is still good."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    created_at: datetime
    updated_at: datetime
    name: str
    slug: str
    tone_keywords: list[str]
    writing_style: str
    example_content: str | None
    industry: str | None
    target_audience: str | None
    preferred_words: list[str]
    avoid_words: list[str]
    brand_values: list[str]
    content_themes: list[str]
    is_active: bool
    is_default: bool
    training_status: str
    training_quality: float
    sample_count: int
    voice_fingerprint_id: UUID | None
    trained_at: datetime | None
    embedding_model: str | None
    trained_samples: int
    unread_samples: bool

    def profile(self) -> Profile:
        """The profile as its owner sees it."""
        reason: Reason | None = None
        if self.training_status == "failed":
            reason = "failed"
        elif self.voice_fingerprint_id is None:
            reason = "untrained"
        elif self.embedding_model != MODEL:
            reason = "older-version"
        elif self.unread_samples or self.trained_samples != self.sample_count:
            reason = "samples-changed"
        values = self.model_dump(exclude={"trained_samples", "unread_samples"})
        return Profile.model_validate({**values, "needs_training": reason})


async def insert_profile(conn: Connection, profile_id: UUID, owner: str, columns: Mapping[str, Any]) -> bool:
    """False when the owner has the slug already."""
    names = ["id", "user_hash", *columns]
    statement = sql.SQL(
        "insert into public.brand_profiles ({}) values ({}) on conflict (user_hash, slug) do nothing"
    ).format(sql.SQL(", ").join(map(sql.Identifier, names)), sql.SQL(", ").join(sql.Placeholder() * len(names)))
    cursor = await conn.execute(statement, [profile_id, owner, *columns.values()])
    return cursor.rowcount == 1


async def update_profile(conn: Connection, profile_id: UUID, columns: Mapping[str, Any]) -> bool:
    """False when there is none. Raises UniqueViolation when the owner has another with that slug."""
    changes = [sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder()) for name in columns]
    statement = sql.SQL("update public.brand_profiles set {} where id = {}").format(
        sql.SQL(", ").join(changes), sql.Placeholder()
    )
    cursor = await conn.execute(statement, [*columns.values(), profile_id])
    return cursor.rowcount == 1


async def delete_profile(conn: Connection, profile_id: UUID) -> bool:
    """With its samples, its fingerprint and its scores. False when there is none."""
    cursor = await conn.execute("delete from public.brand_profiles where id = %s", [profile_id])
    return cursor.rowcount == 1


async def get_profile(conn: Connection, profile_id: UUID) -> ProfileRow | None:
    async with conn.cursor(row_factory=class_row(ProfileRow)) as cursor:
        await cursor.execute(f"select {_PROFILE} where b.id = %s", [profile_id])
        return await cursor.fetchone()


async def profile_by_slug(conn: Connection, owner: str | None, slug: str) -> ProfileRow | None:
    async with conn.cursor(row_factory=class_row(ProfileRow)) as cursor:
        await cursor.execute(f"select {_PROFILE} where b.user_hash = %s and b.slug = %s", [owner, slug])
        return await cursor.fetchone()


async def default_profile(conn: Connection, owner: str | None) -> ProfileRow | None:
    """The active default of an owner."""
    async with conn.cursor(row_factory=class_row(ProfileRow)) as cursor:
        await cursor.execute(
            f"select {_PROFILE} where b.user_hash = %s and b.is_default and b.is_active",
            [owner],
        )
        return await cursor.fetchone()


async def list_profiles(
    conn: Connection,
    owner: str | None,
    *,
    words: Sequence[str] = (),
    default_first: bool = False,
    without: UUID | None = None,
    before: Position | None = None,
    limit: int,
) -> list[ProfileRow]:
    """The newest first.

    Args:
        words: parts of the name, all of them, in any case.
        default_first: the default one comes before the others; in one statement, which sees one default.
        without: leaves this one out.
    """
    conditions: list[tuple[bool, LiteralString]] = [
        (True, "b.user_hash = %(owner)s"),
        (bool(words), "b.name ilike all (%(patterns)s)"),
        (without is not None, "b.id <> %(without)s"),
        (before is not None, "(b.created_at, b.id) < (%(at)s, %(id)s)"),
    ]
    where: LiteralString = " and ".join([condition for applies, condition in conditions if applies])
    first: LiteralString = "b.is_default desc, " if default_first else ""
    async with conn.cursor(row_factory=class_row(ProfileRow)) as cursor:
        await cursor.execute(
            # Chosen first: the planner takes a search for rarer than it is and would join all that it finds.
            f"""
            select {_PROFILE}
             where b.id = any (array (
                       select b.id from public.brand_profiles as b where {where}
                        order by {first}b.created_at desc, b.id desc limit %(limit)s))
             order by {first}b.created_at desc, b.id desc
            """,  # noqa: S608
            {
                "owner": owner,
                "patterns": [_containing(word) for word in words],
                "without": without,
                "at": before[0] if before else None,
                "id": before[1] if before else None,
                "limit": limit,
            },
        )
        return await cursor.fetchall()


def _containing(word: str) -> str:
    return "%" + re.sub(r"([%_\\])", r"\\\1", word) + "%"


_CHOOSING: LiteralString = "select pg_advisory_xact_lock(hashtextextended('blogai default voice of ' || %s, 0))"
"""Whoever makes a default comes one at a time: a profile that is only being made can be waited for in no other way."""


async def set_default(conn: Connection, profile_id: UUID, owner: str) -> None:
    """Raises NotFound, as ZNTFD, when the profile is not the owner's."""
    await conn.execute(_CHOOSING, [owner])
    await conn.execute("select public.set_default_brand_profile(%s, %s)", [profile_id, owner])


async def lock_profiles(conn: Connection, owner: str) -> None:
    """Holds all profiles of an owner, as `set_default` does, before there is another."""
    await conn.execute(_CHOOSING, [owner])
    await conn.execute("select from public.brand_profiles where user_hash = %s order by id for no key update", [owner])


async def lock_profile(conn: Connection, profile_id: UUID) -> bool:
    """Holds changes of samples and trainings of one profile apart. As service_role."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute("select true from public.brand_profiles where id = %s for no key update", [profile_id])
        return await cursor.fetchone() is not None


async def set_training(
    conn: Connection, profile_id: UUID, status: str, *, quality: float | None = None, fingerprint: UUID | None = None
) -> None:
    """Notes where the training stands; None keeps what is there. As service_role."""
    await conn.execute(
        """
        update public.brand_profiles
           set training_status = %s,
               training_quality = coalesce(%s, training_quality),
               voice_fingerprint_id = coalesce(%s, voice_fingerprint_id)
         where id = %s
        """,
        [status, quality, fingerprint, profile_id],
    )


async def count_samples(conn: Connection, profile_id: UUID) -> int:
    """Brings the profile's number of samples up to date. As service_role."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            """
            update public.brand_profiles as b
               set sample_count = (select count(*) from public.voice_samples as s where s.profile_id = b.id)
             where b.id = %s
            returning b.sample_count
            """,
            [profile_id],
        )
        row = await cursor.fetchone()
        return int(row or 0)


async def upsert_fingerprint(conn: Connection, profile_id: UUID, columns: Mapping[str, Any]) -> UUID:
    """The one fingerprint of a profile, new or replaced. As service_role."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            """
            insert into public.voice_fingerprints as f (
                profile_id, vocabulary_profile, sentence_patterns, tone_distribution, style_metrics, voice_summary,
                embedding_vector, embedding_model, sample_count, training_quality, last_trained_at
            ) values (
                %(profile_id)s, %(vocabulary_profile)s, %(sentence_patterns)s, %(tone_distribution)s,
                %(style_metrics)s, %(voice_summary)s, %(embedding_vector)s, %(embedding_model)s, %(sample_count)s,
                %(training_quality)s, now()
            )
            on conflict (profile_id) do update set
                vocabulary_profile = excluded.vocabulary_profile, sentence_patterns = excluded.sentence_patterns,
                tone_distribution = excluded.tone_distribution, style_metrics = excluded.style_metrics,
                voice_summary = excluded.voice_summary, embedding_vector = excluded.embedding_vector,
                embedding_model = excluded.embedding_model, sample_count = excluded.sample_count,
                training_quality = excluded.training_quality, last_trained_at = excluded.last_trained_at
            returning f.id
            """,
            {
                name: Jsonb(value) if isinstance(value, dict) else value
                for name, value in {**columns, "profile_id": profile_id}.items()
            },
        )
        row = await cursor.fetchone()
        assert row is not None
        return UUID(str(row))


async def get_fingerprint(conn: Connection, profile_id: UUID) -> dict[str, Any] | None:
    """The fingerprint's columns as they are stored."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            """
            select f.id, f.vocabulary_profile, f.sentence_patterns, f.tone_distribution, f.style_metrics,
                   f.voice_summary, f.embedding_vector, f.embedding_model, f.sample_count, f.training_quality,
                   f.last_trained_at
              from public.voice_fingerprints as f
             where f.profile_id = %s
            """,
            [profile_id],
        )
        return await cursor.fetchone()


async def tier_has(conn: Connection, user_id: str | None, feature: str) -> bool:
    """Whether a feature is part of a user's tier; one that no tier names is part of all. As service_role."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            """
            select coalesce(bool_or(t.tier = coalesce(q.tier, 'free')), true)
              from public.tier_limits as t
              left join public.user_quotas as q on q.user_id = %s
             where %s = any (t.features)
            """,
            [user_id, feature],
        )
        return bool(await cursor.fetchone())


async def tiers_with(conn: Connection, feature: str) -> list[str]:
    """The tiers that a feature is part of, the cheapest first."""
    cursor = await conn.execute(
        "select t.tier from public.tier_limits as t where %s = any (t.features) order by t.price_monthly", [feature]
    )
    return [str(row[0]) for row in await cursor.fetchall()]
