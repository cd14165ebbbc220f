"""The statements about scores, one function each."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from blogai.brand.models import StoredScore
from blogai.db.database import Connection
from blogai.db.paging import Position


async def insert_score(
    conn: Connection, score_id: UUID, profile_id: UUID, owner: str | None, content_id: str, columns: Mapping[str, Any]
) -> bool:
    """Keeps a score. As service_role, so the owner is named: False when the profile is gone or somebody else's."""
    cursor = await conn.execute(
        """
        insert into public.voice_scores (
            id, created_at, profile_id, content_id, overall_score, tone_match, vocabulary_match, style_match, feedback,
            deviations
        )
        select %(id)s, clock_timestamp(), b.id, %(content_id)s, %(overall_score)s, %(tone_match)s, %(vocabulary_match)s,
               %(style_match)s, %(feedback)s, %(deviations)s
          from public.brand_profiles as b
         where b.id = %(profile_id)s and b.user_hash = %(owner)s
        """,
        {
            "id": score_id,
            "profile_id": profile_id,
            "owner": owner,
            "content_id": content_id,
            **{name: Jsonb(value) if isinstance(value, dict) else value for name, value in columns.items()},
        },
    )
    return cursor.rowcount == 1


async def get_score(conn: Connection, score_id: UUID) -> StoredScore | None:
    async with conn.cursor(row_factory=class_row(StoredScore)) as cursor:
        await cursor.execute(
            """
            select v.id, v.profile_id, v.content_id, v.created_at, v.overall_score, v.tone_match, v.vocabulary_match,
                   v.style_match, coalesce(v.feedback, '{}') as feedback, coalesce(v.deviations, '{}') as deviations
              from public.voice_scores as v
             where v.id = %s
            """,
            [score_id],
        )
        return await cursor.fetchone()


async def list_scores(
    conn: Connection, profile_id: UUID, content_id: str | None, before: Position | None, limit: int
) -> list[StoredScore]:
    """The newest first. As the caller."""
    at, item = before or (None, None)
    async with conn.cursor(row_factory=class_row(StoredScore)) as cursor:
        await cursor.execute(
            """
            select v.id, v.profile_id, v.content_id, v.created_at, v.overall_score, v.tone_match, v.vocabulary_match,
                   v.style_match, coalesce(v.feedback, '{}') as feedback, coalesce(v.deviations, '{}') as deviations
              from public.voice_scores as v
             where v.profile_id = %(profile)s
               and (%(content)s::text is null or v.content_id = %(content)s)
               and (%(at)s::timestamptz is null or (v.created_at, v.id) < (%(at)s, %(id)s))
             order by v.created_at desc, v.id desc
             limit %(limit)s
            """,
            {"profile": profile_id, "content": content_id, "at": at, "id": item, "limit": limit},
        )
        return await cursor.fetchall()
