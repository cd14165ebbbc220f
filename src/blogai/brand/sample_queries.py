"""The statements about samples, one function each. Unless said otherwise they run as the caller."""

from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import class_row, scalar_row
from psycopg.types.json import Jsonb

from blogai.brand.models import FullSample, Sample
from blogai.db.database import Connection
from blogai.db.paging import Position

_SAMPLE: LiteralString = """s.id, s.profile_id, s.created_at, s.title, left(s.content, 300) as excerpt, s.content_type,
       s.word_count, s.source_url, s.source_platform, s.is_analyzed,
       coalesce(s.analysis_result, '{}') as analysis_result, coalesce(s.quality_score, 0) as quality_score,
       coalesce(s.is_primary_example, false) as is_primary_example"""


async def insert_sample(
    conn: Connection,
    sample_id: UUID,
    profile_id: UUID,
    *,
    title: str | None,
    content: str,
    content_type: str,
    word_count: int,
    source_url: str | None,
    source_platform: str | None,
    primary: bool,
) -> None:
    await conn.execute(
        """
        insert into public.voice_samples (
            id, profile_id, title, content, content_type, word_count, source_url, source_platform, is_primary_example
        ) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        [sample_id, profile_id, title, content, content_type, word_count, source_url, source_platform, primary],
    )


async def contents(conn: Connection, profile_id: UUID) -> list[tuple[UUID, str]]:
    """Ids and whole texts, the oldest first, which is the order of training."""
    cursor = await conn.execute(
        "select s.id, s.content from public.voice_samples as s where s.profile_id = %s order by s.created_at, s.id",
        [profile_id],
    )
    return [(UUID(str(row[0])), str(row[1])) for row in await cursor.fetchall()]


async def titles(conn: Connection, profile_id: UUID) -> list[str]:
    """What people call the samples, in the order of training: titles, or the beginnings of those that have none."""
    cursor = await conn.execute(
        """
        select coalesce(s.title, left(s.content, 40))
          from public.voice_samples as s
         where s.profile_id = %s
         order by s.created_at, s.id
        """,
        [profile_id],
    )
    return [str(row[0]) for row in await cursor.fetchall()]


async def list_samples(conn: Connection, profile_id: UUID, before: Position | None, limit: int) -> list[Sample]:
    """The newest first."""
    at, item = before or (None, None)
    async with conn.cursor(row_factory=class_row(Sample)) as cursor:
        await cursor.execute(
            f"""
            select {_SAMPLE}
              from public.voice_samples as s
             where s.profile_id = %s and (%s::timestamptz is null or (s.created_at, s.id) < (%s, %s))
             order by s.created_at desc, s.id desc
             limit %s
            """,  # noqa: S608
            [profile_id, at, at, item, limit],
        )
        return await cursor.fetchall()


async def get_sample(conn: Connection, profile_id: UUID, sample_id: UUID) -> FullSample | None:
    async with conn.cursor(row_factory=class_row(FullSample)) as cursor:
        await cursor.execute(
            f"select {_SAMPLE}, s.content from public.voice_samples as s where s.profile_id = %s and s.id = %s",  # noqa: S608
            [profile_id, sample_id],
        )
        return await cursor.fetchone()


async def set_primary(conn: Connection, profile_id: UUID, sample_id: UUID, primary: bool) -> bool:
    """False when there is no such sample."""
    cursor = await conn.execute(
        "update public.voice_samples set is_primary_example = %s where profile_id = %s and id = %s",
        [primary, profile_id, sample_id],
    )
    return cursor.rowcount == 1


async def delete_sample(conn: Connection, profile_id: UUID, sample_id: UUID) -> bool:
    """False when there is no such sample."""
    cursor = await conn.execute(
        "delete from public.voice_samples where profile_id = %s and id = %s", [profile_id, sample_id]
    )
    return cursor.rowcount == 1


async def passages(conn: Connection, profile_id: UUID, limit: int) -> list[tuple[str, bool]]:
    """Texts to show to a model and whether each is a primary example: those first, then the best fitting ones."""
    cursor = await conn.execute(
        """
        select s.content, coalesce(s.is_primary_example, false)
          from public.voice_samples as s
         where s.profile_id = %s
         order by s.is_primary_example is true desc, s.quality_score desc nulls last, s.created_at, s.id
         limit %s
        """,
        [profile_id, limit],
    )
    return [(str(row[0]), bool(row[1])) for row in await cursor.fetchall()]


async def forget_analysis(conn: Connection, profile_id: UUID) -> None:
    """Before a training, whose progress the analysed samples are. As service_role."""
    await conn.execute(
        """
        update public.voice_samples
           set is_analyzed = false, analysis_result = '{}', quality_score = 0
         where profile_id = %s and (is_analyzed or analysis_result <> '{}')
        """,
        [profile_id],
    )


async def note_analysis(
    conn: Connection, sample_id: UUID, result: dict[str, Any], *, quality: float = 0.0, analyzed: bool = True
) -> bool:
    """False when the sample was deleted meanwhile. As service_role."""
    cursor = await conn.execute(
        "update public.voice_samples set is_analyzed = %s, analysis_result = %s, quality_score = %s where id = %s",
        [analyzed, Jsonb(result), quality, sample_id],
    )
    return cursor.rowcount == 1


async def analyzed_share(conn: Connection, profile_id: UUID) -> float:
    """How many of the samples are analysed, 0 to 1."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            """
            select coalesce(avg(s.is_analyzed::int), 0)::double precision
              from public.voice_samples as s
             where s.profile_id = %s
            """,
            [profile_id],
        )
        return float(await cursor.fetchone() or 0.0)


async def problem(conn: Connection, profile_id: UUID) -> dict[str, Any] | None:
    """What the last training had against a sample."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            """
            select s.analysis_result -> 'problem'
              from public.voice_samples as s
             where s.profile_id = %s and s.analysis_result ? 'problem'
             order by s.created_at, s.id
             limit 1
            """,
            [profile_id],
        )
        found: dict[str, Any] | None = await cursor.fetchone()
        return found
