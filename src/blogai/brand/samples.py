"""Samples of a brand voice: pasted, uploaded or fetched; checked, counted, listed, deleted."""

import asyncio
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict

from blogai.brand import queries, sample_checks
from blogai.brand import sample_queries as statements
from blogai.brand.models import FullSample, Sample
from blogai.brand.service import read
from blogai.db import paging
from blogai.db.database import Actor, Connection, Database, acting_as
from blogai.db.paging import Page
from blogai.errors import BlogAIError, Conflict, InvalidInput, NotFound

MOST_SAMPLES = 100
"""Of one profile."""
MOST_URLS = 20
_AT_ONCE = 4
"""Pages fetched at a time."""

__all__ = ["FullSample", "Outcome", "Sample", "Samples"]


class Outcome(BaseModel):
    """What became of one address: a sample, or the problem document that says why not."""

    model_config = ConfigDict(frozen=True)

    url: str
    sample: Sample | None = None
    problem: dict[str, Any] | None = None


class Samples:
    """Access to the samples of callers' profiles. A change makes a trained profile one that needs training again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        actor: Actor,
        profile_id: UUID,
        content: str,
        *,
        title: str | None = None,
        content_type: str = "text",
        source_url: str | None = None,
        source_platform: str | None = None,
        primary: bool = False,
    ) -> Sample:
        """Adds a text.

        Args:
            content: 10 to 50,000 characters of prose.
            content_type: text, blog, email, social, website or article.
            primary: shown to models before other samples.

        Raises:
            NotFound: there is no such profile, or it is somebody else's.
            InvalidInput: length, kind, or no prose: binary data, only code or links.
            InvalidInput: it is plainly in another language than the samples that are there.
            Conflict: the profile has this text already, or has as many as it can take.
        """
        content, title = content.strip(), sample_checks.one_line(title)
        found = await asyncio.to_thread(sample_checks.words, content, title, content_type)
        own = sample_checks.comparable(content)
        async with self._database.transaction(actor) as conn:
            await _hold(conn, profile_id)
            known = await statements.contents(conn, profile_id)
            if len(known) >= MOST_SAMPLES:
                raise Conflict(
                    f"The profile has {len(known)} samples already.",
                    field="content",
                    remedy="Delete some first; more than ten bring little.",
                )
            for sample_id, text in known:
                if sample_checks.comparable(text) == own:
                    raise Conflict(
                        "The profile has this text already.",
                        field="content",
                        remedy="Add a different text.",
                        sample_id=str(sample_id),
                    )
            await asyncio.to_thread(sample_checks.refuse_language, found, [text for _, text in known])
            sample_id = uuid4()
            await statements.insert_sample(
                conn,
                sample_id,
                profile_id,
                title=title,
                content=content,
                content_type=content_type,
                word_count=len(found),
                source_url=source_url,
                source_platform=source_platform,
                primary=primary,
            )
            await _recount(conn, profile_id)
            return _short(await statements.get_sample(conn, profile_id, sample_id))

    async def add_file(
        self,
        actor: Actor,
        profile_id: UUID,
        name: str,
        content: bytes,
        *,
        content_type: str = "text",
        titled: bool = True,
        primary: bool = False,
    ) -> Sample:
        """Adds the prose of a file: txt, md, docx or html.

        Args:
            titled: the name of the file is the title of a text that has none of its own.

        Raises:
            as `add`; InvalidInput as well when the file cannot be read.
        """
        from blogai.brand import reading  # the readers of documents take a moment to load

        text, title = await asyncio.to_thread(reading.text_of_file, name, content)
        return await self.add(
            actor,
            profile_id,
            text,
            title=title or (name if titled else None),
            content_type=content_type,
            primary=primary,
        )

    async def add_urls(
        self,
        actor: Actor,
        profile_id: UUID,
        urls: Iterable[str],
        *,
        content_type: str = "website",
        primary: bool = False,
    ) -> list[Outcome]:
        """Fetches public web pages and adds the article of each; one that fails does not stop the others.

        Raises:
            NotFound: there is no such profile, or it is somebody else's.
            InvalidInput: no address, more than 20, or half a character in one.
        """
        listed = list(dict.fromkeys(url.strip() for url in urls if url.strip()))
        if not 1 <= len(listed) <= MOST_URLS:
            raise InvalidInput(
                f"{len(listed)} addresses were given.", field="urls", remedy=f"Give 1 to {MOST_URLS}, each once."
            )
        if any("\ud800" <= character <= "\udfff" for character in "".join(listed)):
            raise InvalidInput("An address holds half a character.", field="urls", remedy="Copy it anew.")
        async with self._database.transaction(actor) as conn:
            await read(conn, profile_id)
        from blogai.brand import fetching, reading

        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(url: str) -> Outcome:
            try:
                async with gate:
                    page = await fetching.fetch(url)
                    if page.kind.startswith("text/") and page.kind != "text/html":
                        text, title = page.text, None
                    else:
                        text, title = await asyncio.to_thread(reading.prose_of_html, page.text, field="url")
                sample = await self.add(
                    actor,
                    profile_id,
                    text,
                    title=title or page.url,
                    content_type=content_type,
                    source_url=page.url,
                    source_platform=urlsplit(page.url).hostname,
                    primary=primary,
                )
            except BlogAIError as exc:
                return Outcome(url=url, problem=exc.problem())
            return Outcome(url=url, sample=sample)

        return list(await asyncio.gather(*map(one, listed)))

    async def page(self, actor: Actor, profile_id: UUID, *, cursor: str | None = None, limit: int = 20) -> Page[Sample]:
        """A page of a profile's samples, the newest first.

        Raises:
            NotFound: there is no such profile, or it is somebody else's.
            InvalidInput: limit or cursor is not usable.
        """
        paging.check_limit(limit)
        before = paging.position(cursor)
        async with self._database.transaction(actor) as conn:
            await read(conn, profile_id)
            return paging.page_of(await statements.list_samples(conn, profile_id, before, limit + 1), limit)

    async def get(self, actor: Actor, profile_id: UUID, sample_id: UUID) -> FullSample:
        """One sample with its whole text.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        async with self._database.transaction(actor) as conn:
            found = await statements.get_sample(conn, profile_id, sample_id)
        if found is None:
            raise _missing()
        return found

    async def set_primary(self, actor: Actor, profile_id: UUID, sample_id: UUID, primary: bool) -> Sample:
        """Marks it as one that models see first, or no longer. Needs no new training.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        async with self._database.transaction(actor) as conn:
            if not await statements.set_primary(conn, profile_id, sample_id, primary):
                raise _missing()
            return _short(await statements.get_sample(conn, profile_id, sample_id))

    async def delete(self, actor: Actor, profile_id: UUID, sample_id: UUID) -> None:
        """Deletes a sample.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        async with self._database.transaction(actor) as conn:
            await _hold(conn, profile_id)  # before the sample, as a training does: else each waits for the other
            if not await statements.delete_sample(conn, profile_id, sample_id):
                raise _missing()
            await _recount(conn, profile_id)


async def _hold(conn: Connection, profile_id: UUID) -> None:
    """Keeps trainings and other changes of the samples waiting. Raises NotFound when it is not the caller's."""
    await read(conn, profile_id)
    async with acting_as(conn, Actor.service()):
        there = await queries.lock_profile(conn, profile_id)
    if not there:  # deleted while this waited
        await read(conn, profile_id)


async def _recount(conn: Connection, profile_id: UUID) -> None:
    # The number is the program's to write; that the profile is the caller's was seen before.
    async with acting_as(conn, Actor.service()):
        await queries.count_samples(conn, profile_id)


def _short(found: FullSample | None) -> Sample:
    if found is None:
        raise _missing()
    return Sample.model_validate(found.model_dump(exclude={"content"}))


def _missing() -> NotFound:
    return NotFound("There is no such sample.")
