"""The statements of the library, one function each. All run as the caller; policies keep others' rows away."""

from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import class_row, scalar_row
from pydantic import BaseModel, ConfigDict

from blogai.db.database import Connection

_CONTENT: LiteralString = """c.id, c.created_at, c.updated_at, c.tool_id, c.tool_name, c.title, c.inputs, c.output,
       c.provider, c.execution_time_ms, c.is_favorite"""


class Summary(BaseModel):
    """One line of a list."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    created_at: datetime
    updated_at: datetime
    tool_id: str
    tool_name: str | None
    title: str | None
    excerpt: str
    """The first 300 characters of the text."""
    provider: str
    execution_time_ms: int
    is_favorite: bool


class Source(BaseModel):
    """A tool and a provider that wrote together."""

    model_config = ConfigDict(frozen=True)

    tool_id: str
    tool_name: str | None
    provider: str


class Content(BaseModel):
    """One piece of generated content."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    created_at: datetime
    updated_at: datetime
    tool_id: str
    tool_name: str | None
    title: str | None
    inputs: dict[str, Any]
    output: str
    provider: str
    execution_time_ms: int
    is_favorite: bool
    run_id: UUID | None = None
    """The run that wrote it, where it is known."""
    model: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    metadata: dict[str, Any] = {}
    """What the run returned beside the text, for example description and tags."""


class Version(BaseModel):
    """An earlier text of a piece of content."""

    model_config = ConfigDict(frozen=True)

    version: int
    title: str | None
    output: str
    written_at: datetime
    replaced_at: datetime


async def list_sources(conn: Connection, *, owner: str | None, newest: int) -> list[Source]:
    """What wrote the newest content of the caller, each pair once."""
    async with conn.cursor(row_factory=class_row(Source)) as cursor:
        await cursor.execute(
            """
            select distinct on (c.tool_id, c.provider) c.tool_id, c.tool_name, c.provider
              from (select tool_id, tool_name, provider, created_at from public.generated_content
                     where user_hash = %(owner)s order by created_at desc, id desc limit %(newest)s) as c
             order by c.tool_id, c.provider, c.created_at desc
            """,
            {"owner": owner, "newest": newest},
        )
        return await cursor.fetchall()


async def list_content(
    conn: Connection,
    *,
    owner: str | None,
    search: str | None,
    favorites: bool,
    tool_id: str | None,
    provider: str | None,
    since: datetime | None,
    until: datetime | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Summary]:
    """The newest content that fits, older than the position `before`.

    The policy alone would keep others' rows away. Naming the owner as well lets the planner see who it is: beside
    somebody with a million rows it would otherwise walk through those to find the few of another.

    Args:
        owner: the caller's user_hash.
    """
    conditions: list[tuple[bool, LiteralString]] = [
        (True, "c.user_hash = %(owner)s"),
        (search is not None, "c.id = any (array (select private.matching_content(%(search)s)))"),
        (favorites, "c.is_favorite"),
        (tool_id is not None, "c.tool_id = %(tool)s"),
        (provider is not None, "c.provider = %(provider)s"),
        (since is not None, "c.created_at >= %(since)s"),
        (until is not None, "c.created_at < %(until)s"),
        (before is not None, "(c.created_at, c.id) < (%(at)s, %(id)s)"),
    ]
    chosen = [condition for applies, condition in conditions if applies]
    where: LiteralString = " and ".join(chosen)
    async with conn.cursor(row_factory=class_row(Summary)) as cursor:
        await cursor.execute(
            f"""
            select c.id, c.created_at, c.updated_at, c.tool_id, c.tool_name, c.title, left(c.output, 300) as excerpt,
                   c.provider, c.execution_time_ms, c.is_favorite
              from public.generated_content as c
             where {where}
             order by c.created_at desc, c.id desc
             limit %(limit)s
            """,  # noqa: S608
            {
                "owner": owner,
                "search": search,
                "tool": tool_id,
                "provider": provider,
                "since": since,
                "until": until,
                "at": before[0] if before else None,
                "id": before[1] if before else None,
                "limit": limit,
            },
            prepare=False,  # a plan for this owner, not for the average one
        )
        return await cursor.fetchall()


async def get_content(conn: Connection, content_id: UUID) -> Content | None:
    """One piece."""
    async with conn.cursor(row_factory=class_row(Content)) as cursor:
        await cursor.execute(
            f"""
            select {_CONTENT}
              from public.generated_content as c
             where c.id = %s
            """,  # noqa: S608
            [content_id],
        )
        return await cursor.fetchone()


async def get_content_and_run(conn: Connection, content_id: UUID) -> Content | None:
    """One piece with what the run that wrote it knows; for signed-in users."""
    async with conn.cursor(row_factory=class_row(Content)) as cursor:
        await cursor.execute(
            f"""
            select {_CONTENT}, r.id as run_id, r.model, r.input_tokens, r.output_tokens,
                   coalesce(r.metadata, '{{}}') as metadata
              from public.generated_content as c
              left join lateral (
                       select g.id, g.model, g.input_tokens, g.output_tokens, g.metadata
                         from public.generation_runs as g where g.content_id = c.id limit 1
                   ) as r on true
             where c.id = %s
            """,  # noqa: S608
            [content_id],
        )
        return await cursor.fetchone()


async def lock_content(conn: Connection, content_id: UUID) -> Content | None:
    """One piece, locked for an edit."""
    async with conn.cursor(row_factory=class_row(Content)) as cursor:
        await cursor.execute(
            f"""
            select {_CONTENT}
              from public.generated_content as c
             where c.id = %s
               for no key update
            """,  # noqa: S608
            [content_id],
        )
        return await cursor.fetchone()


async def edit_content(conn: Connection, content_id: UUID, title: str | None, output: str | None) -> Content | None:
    """The content with another title or text; a trigger keeps those before."""
    async with conn.cursor(row_factory=class_row(Content)) as cursor:
        await cursor.execute(
            f"""
            update public.generated_content as c
               set title = coalesce(%s, c.title), output = coalesce(%s, c.output)
             where c.id = %s
            returning {_CONTENT}
            """,  # noqa: S608
            [title, output, content_id],
        )
        return await cursor.fetchone()


async def list_versions(conn: Connection, content_id: UUID) -> list[Version]:
    """Earlier texts, the newest first."""
    async with conn.cursor(row_factory=class_row(Version)) as cursor:
        await cursor.execute(
            """
            select v.version, v.title, v.output, v.written_at, v.replaced_at
              from public.content_versions as v
             where v.content_id = %s
             order by v.version desc
            """,
            [content_id],
        )
        return await cursor.fetchall()


async def set_favorite(conn: Connection, content_id: UUID, favorite: bool) -> bool | None:
    """The mark as it is now, or None without such content."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute("select public.set_favorite(%s, %s)", [content_id, favorite])
        value: bool | None = await cursor.fetchone()
        return value


async def delete_content(conn: Connection, content_id: UUID) -> datetime:
    """Until when it can be restored. Raises ZNTFD."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute("select private.delete_content(%s)", [content_id])
        expires: datetime | None = await cursor.fetchone()
        assert expires is not None
        return expires


async def restore_content(conn: Connection, content_id: UUID) -> None:
    """Raises ZNTFD."""
    await conn.execute("select private.restore_content(%s)", [content_id])


async def purge_deleted(conn: Connection) -> int:
    """How many had expired; as service_role."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute("select private.purge_deleted_content()")
        return int(await cursor.fetchone() or 0)
