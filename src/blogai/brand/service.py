"""Brand voices: made, listed, changed, deleted, one of them the default. Everything runs with the caller's rights."""

import re
import unicodedata
from typing import TypeVar
from uuid import UUID, uuid4

import psycopg

from blogai.brand import queries
from blogai.brand.entitlement import require_feature
from blogai.brand.models import (
    MOST_SLUG,
    NewProfile,
    Profile,
    ProfileChange,
    refuse_contradiction,
    taken_by_meaning,
)
from blogai.brand.queries import ProfileRow
from blogai.db import paging
from blogai.db.database import Actor, Connection, Database
from blogai.db.paging import Page
from blogai.errors import Conflict, Forbidden, NotFound
from blogai.inputs import MOST_SEARCH, check_text, trimmed

NONE = "none"
"""In place of a slug: no voice, not even the default one."""

_ATTEMPTS = 50

T = TypeVar("T")

__all__ = ["NONE", "NewProfile", "Page", "Profile", "ProfileChange", "Profiles", "slug_of"]


def slug_of(name: str) -> str:
    """A slug from a name; `voice` where the name has no Latin letter or digit."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[: MOST_SLUG - 4].strip("-")
    return slug if slug and not taken_by_meaning(slug) else "voice"


class Profiles:
    """Access to the brand voices of callers. Visitors with a hash may have some as well."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, actor: Actor, new: NewProfile) -> Profile:
        """Makes a profile.

        Raises:
            Conflict: the caller has another profile with that slug.
            Forbidden: the caller is nobody in particular, or brand voices are not part of the tier.
        """
        owner = _owner(actor)
        columns = new.model_dump(exclude={"slug", "is_default"})
        columns = {name: list(value) if isinstance(value, tuple) else value for name, value in columns.items()}
        base = new.slug or slug_of(new.name)
        async with self._database.transaction(actor) as conn:
            await require_feature(conn, actor)
            profile_id = uuid4()
            if new.is_default:  # first: whoever changes another one may be waiting for the slug
                await queries.lock_profiles(conn, owner)
            for number in range(1, _ATTEMPTS + 1):
                slug = base if number == 1 else f"{base}-{number}"
                if await queries.insert_profile(conn, profile_id, owner, {**columns, "slug": slug}):
                    break
                if new.slug is not None or number == _ATTEMPTS:
                    raise _taken(slug)
            if new.is_default:
                await queries.set_default(conn, profile_id, owner)
            return await read(conn, profile_id)

    async def get(self, actor: Actor, voice: UUID | str) -> Profile:
        """One profile, by its id or slug.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        async with self._database.transaction(actor) as conn:
            return await find(conn, actor, voice)

    async def default(self, actor: Actor) -> Profile | None:
        """The caller's default profile, if there is an active one."""
        async with self._database.transaction(actor) as conn:
            row = await queries.default_profile(conn, actor.user_hash)
        return row.profile() if row is not None else None

    async def page(
        self, actor: Actor, *, search: str | None = None, cursor: str | None = None, limit: int = 20
    ) -> Page[Profile]:
        """A page of the caller's profiles, the default one before the others, which come the newest first.

        Args:
            search: parts of the name: all of them, in any case.
            cursor: `next` of the page before, of the same search.

        Raises:
            InvalidInput: search, limit or cursor is not usable.
        """
        paging.check_limit(limit)
        check_text(search, "search", MOST_SEARCH)
        words = str(trimmed(search or "")).split()
        lead, before = paging.led_position(cursor)
        owner = actor.user_hash
        async with self._database.transaction(actor) as conn:
            rows = await queries.list_profiles(
                conn, owner, words=words, default_first=cursor is None, without=lead, before=before, limit=limit + 1
            )
        if cursor is None and rows and rows[0].is_default:
            lead = rows[0].id
        return paging.led_page_of([row.profile() for row in rows], limit, lead)

    async def edit(self, actor: Actor, profile_id: UUID, change: ProfileChange) -> Profile:
        """Changes what is given.

        Raises:
            NotFound: there is no such profile, or it is somebody else's.
            Conflict: the caller has another profile with that slug.
            InvalidInput: a word would be both preferred and avoided.
        """
        columns = change.given()
        default = columns.pop("is_default", None)
        async with self._database.transaction(actor) as conn:
            before = _found(await queries.get_profile(conn, profile_id))
            refuse_contradiction(
                columns.get("preferred_words", before.preferred_words), columns.get("avoid_words", before.avoid_words)
            )
            if default:  # first, since it locks all profiles of the owner in order
                await queries.set_default(conn, profile_id, _owner(actor))
            elif default is False:
                columns["is_default"] = False
            if columns:
                try:
                    async with conn.transaction():
                        found = await queries.update_profile(conn, profile_id, columns)
                except psycopg.errors.UniqueViolation as exc:
                    raise _taken(str(columns.get("slug"))) from exc
                _found(found or None)
            return await read(conn, profile_id)

    async def set_default(self, actor: Actor, profile_id: UUID) -> Profile:
        """Makes it the default, and no other.

        Raises:
            NotFound: there is no such profile, or it is somebody else's.
        """
        async with self._database.transaction(actor) as conn:
            await queries.set_default(conn, profile_id, _owner(actor))
            return await read(conn, profile_id)

    async def clear_default(self, actor: Actor) -> None:
        """Leaves the caller without a default profile."""
        async with self._database.transaction(actor) as conn:
            row = await queries.default_profile(conn, actor.user_hash)
            if row is not None:
                await queries.update_profile(conn, row.id, {"is_default": False})

    async def delete(self, actor: Actor, profile_id: UUID) -> None:
        """Deletes it with its samples, its fingerprint and its scores; texts written with it stay.

        Raises:
            NotFound: there is no such profile, or it is somebody else's.
        """
        async with self._database.transaction(actor) as conn:
            _found(await queries.delete_profile(conn, profile_id) or None)


async def read(conn: Connection, profile_id: UUID) -> Profile:
    """The profile with that id as the acting caller sees it.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    row: ProfileRow = _found(await queries.get_profile(conn, profile_id))
    return row.profile()


async def find(conn: Connection, actor: Actor, voice: UUID | str) -> Profile:
    """The profile with that id or slug.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    if isinstance(voice, str):
        if not voice.isprintable():  # nor could the database read it
            raise _missing()
        found = await queries.profile_by_slug(conn, actor.user_hash, voice)
        if found is not None:
            return found.profile()
        try:
            voice = UUID(voice)
        except ValueError:
            raise _missing() from None
    return await read(conn, voice)


def _owner(actor: Actor) -> str:
    if actor.user_hash is None:
        raise Forbidden("Only signed-in users have brand voices.", remedy="Sign in first.")
    return actor.user_hash


def _taken(slug: str) -> Conflict:
    return Conflict(f"You have another voice named {slug}.", field="slug", remedy="Choose another slug.")


def _found(value: T | None) -> T:
    if value is None:
        raise _missing()
    return value


def _missing() -> NotFound:
    return NotFound(
        "There is no such brand voice.", remedy="The list of voices (`blogai voice list`) has those there are."
    )
