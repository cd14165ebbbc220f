"""What a user has generated: listed, searched, read, edited, marked, deleted and brought back. Everything here runs
with the caller's own rights."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from blogai.content import library_queries as queries
from blogai.content.library_queries import Content, Source, Summary, Version
from blogai.db import paging
from blogai.db.database import Actor, Connection, Database
from blogai.db.paging import Page
from blogai.errors import Conflict, InvalidInput, NotFound
from blogai.inputs import MOST_SEARCH, check_text

MOST_TITLE = 500
MOST_OUTPUT = 1_000_000
"""Limits in characters."""

SOURCES_OF = 1000
"""How much of the newest content `Library.sources` looks at."""

T = TypeVar("T")

__all__ = ["Content", "Filter", "Library", "Source", "Summary", "Version"]


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which content to list; everything when left out.

    Attributes:
        search: words in title or text: all of them, "a phrase", one or another, -not; the last is a beginning.
        favorites: only what is marked.
        tool_id: written by this tool.
        provider: written by this provider.
        since: created at this moment or later.
        until: created before this moment.
    """

    search: str | None = None
    favorites: bool = False
    tool_id: str | None = None
    provider: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Library:
    """Access to the generated content of callers. Visitors with a hash have content as well."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, actor: Actor, chosen: Filter | None = None, *, cursor: str | None = None, limit: int = 20
    ) -> Page[Summary]:
        """A page of the caller's content. Pages do not shift when something is added meanwhile.

        Args:
            actor: whose content.
            chosen: which of it.
            cursor: `next` of the page before.
            limit: most items, 1 to 100.

        Raises:
            InvalidInput: limit, cursor or a filter is not usable.
        """
        chosen = chosen or Filter()
        paging.check_limit(limit)
        for name in ("search", "tool_id", "provider"):
            check_text(getattr(chosen, name), name, MOST_SEARCH)
        for name in ("since", "until"):
            moment: datetime | None = getattr(chosen, name)
            if moment is not None and moment.tzinfo is None:
                raise InvalidInput(f"{name} needs a time zone.", field=name, remedy="Write 2026-01-31T00:00:00Z.")
        async with self._database.transaction(actor) as conn:
            items = await queries.list_content(
                conn,
                owner=actor.user_hash,
                search=(chosen.search or "").strip() or None,
                favorites=chosen.favorites,
                tool_id=chosen.tool_id,
                provider=chosen.provider,
                since=chosen.since,
                until=chosen.until,
                before=paging.position(cursor),
                limit=limit + 1,
            )
        return paging.page_of(items, limit)

    async def sources(self, actor: Actor) -> list[Source]:
        """The tools and providers that wrote the newest `SOURCES_OF` pieces: what a filter can choose among."""
        async with self._database.transaction(actor) as conn:
            return await queries.list_sources(conn, owner=actor.user_hash, newest=SOURCES_OF)

    async def get(self, actor: Actor, content_id: UUID) -> Content:
        """One piece of content.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        async with self._database.transaction(actor) as conn:
            return await _read(conn, actor, content_id)

    async def versions(self, actor: Actor, content_id: UUID) -> list[Version]:
        """Its earlier texts, the newest first.

        Raises:
            NotFound: there is no such content, or it is somebody else's.
        """
        async with self._database.transaction(actor) as conn:
            _found(await queries.get_content(conn, content_id))
            return await queries.list_versions(conn, content_id)

    async def edit(
        self,
        actor: Actor,
        content_id: UUID,
        *,
        title: str | None = None,
        output: str | None = None,
        expected: datetime | None = None,
    ) -> Content:
        """Changes title or text, or both; what is None stays. The text before is kept as a version.

        Args:
            expected: `updated_at` of what the caller has seen; refused when somebody has changed it since.

        Raises:
            NotFound: there is no such content, or it is somebody else's.
            Conflict: it was changed since `expected`.
            InvalidInput: blank, too long, or not storable.
        """
        check_text(title, "title", MOST_TITLE, blank=False)
        check_text(output, "output", MOST_OUTPUT, blank=False)
        async with self._database.transaction(actor) as conn:
            before = _found(await queries.lock_content(conn, content_id))
            if expected is not None and before.updated_at != expected:
                raise Conflict(
                    "It was changed meanwhile.",
                    remedy="Load it again and repeat the change.",
                    updated_at=before.updated_at.isoformat(),
                )
            if title in (None, before.title) and output in (None, before.output):
                return before
            return _found(await queries.edit_content(conn, content_id, title, output))

    async def set_favorite(self, actor: Actor, content_id: UUID, favorite: bool) -> bool:
        """Marks it as a favourite or takes the mark away; the mark as it is now.

        Raises:
            NotFound: there is no such content, or it is somebody else's.
        """
        async with self._database.transaction(actor) as conn:
            return _found(await queries.set_favorite(conn, content_id, favorite))

    async def delete(self, actor: Actor, content_id: UUID) -> datetime:
        """Takes it out of the history; until when it can be restored.

        Raises:
            NotFound: there is no such content, or it is somebody else's.
        """
        async with self._database.transaction(actor) as conn:
            return await queries.delete_content(conn, content_id)

    async def restore(self, actor: Actor, content_id: UUID) -> Content:
        """Brings deleted content back as it was.

        Raises:
            NotFound: it was not deleted, has expired, or is somebody else's.
        """
        async with self._database.transaction(actor) as conn:
            await queries.restore_content(conn, content_id)
            return await _read(conn, actor, content_id)

    async def purge(self) -> int:
        """Removes deleted content that has expired; how many pieces. For the program itself."""
        async with self._database.transaction(Actor.service()) as conn:
            return await queries.purge_deleted(conn)


async def _read(conn: Connection, actor: Actor, content_id: UUID) -> Content:
    if actor.role == "authenticated":  # visitors have no runs
        return _found(await queries.get_content_and_run(conn, content_id))
    return _found(await queries.get_content(conn, content_id))


def _found(value: T | None) -> T:
    if value is None:
        raise NotFound("There is no such content.")
    return value
