"""Keyset pages: the cursor is the moment and id of the last item, which later additions do not shift."""

import base64
import binascii
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from blogai.errors import InvalidInput

MOST_ITEMS = 100

Position = tuple[datetime, UUID]

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """Part of a list, the newest first."""

    model_config = ConfigDict(frozen=True)

    items: list[T]
    next: str | None
    """Cursor of the next page; None at the end."""


class Dated(Protocol):
    """What can be paged."""

    @property
    def id(self) -> UUID: ...
    @property
    def created_at(self) -> datetime: ...


D = TypeVar("D", bound=Dated)


def check_limit(limit: int) -> None:
    """Raises InvalidInput unless it is 1 to 100."""
    if not 1 <= limit <= MOST_ITEMS:
        raise InvalidInput(f"limit must be 1 to {MOST_ITEMS}.", field="limit", remedy="Fetch the rest page by page.")


def position(cursor: str | None) -> Position | None:
    """The place that a cursor stands for.

    Raises:
        InvalidInput: the cursor is not one of ours.
    """
    if cursor is None:
        return None
    try:
        moment, _, item = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(" ")
        found = datetime.fromisoformat(moment), UUID(item)
        if found[0].tzinfo is None:
            raise ValueError("no time zone")
        return found
    except (ValueError, binascii.Error) as exc:
        raise InvalidInput(
            "That cursor is not one of ours.", field="cursor", remedy="Use `next` of the page before, or leave it out."
        ) from exc


def page_of(items: list[D], limit: int) -> "Page[D]":  # quoted: pydantic would build a schema of the protocol
    """A page from one item more than it may have."""
    return Page(items=items[:limit], next=_cursor(items[limit - 1]) if len(items) > limit else None)


async def longer_page(fetch: Callable[[str | None, int], Awaitable[Page[T]]], limit: int) -> Page[T]:
    """A page of more items than one answer may have.

    Args:
        fetch: gives the page behind a cursor, with at most so many items.
        limit: how many items are wanted, 1 or more.
    """
    page = await fetch(None, min(limit, MOST_ITEMS))
    items = list(page.items)
    while page.next is not None and len(items) < limit:
        page = await fetch(page.next, min(limit - len(items), MOST_ITEMS))
        items += page.items
    return Page(items=items, next=page.next)


def led_position(cursor: str | None) -> tuple[UUID | None, Position | None]:
    """The id of the item that stood at the head of the first page, whatever its age, and the place behind which to go
    on; of a cursor of `led_page_of`.

    Raises:
        InvalidInput: the cursor is not one of ours.
    """
    place, dot, head = (cursor or "").partition(".")
    try:
        lead = UUID(head) if dot else None
    except ValueError:
        return None, position("")  # refuses it
    return lead, None if cursor is None or (lead and not place) else position(place)


def led_page_of(items: list[D], limit: int, lead: UUID | None) -> "Page[D]":
    """As `page_of`, of a list with an item at its head that has no place in the order of the others. Its id is part of
    every cursor, so it comes just once, even when another is to stand there meanwhile."""
    page = page_of(items, limit)
    if page.next is None or lead is None:
        return page
    return Page(items=page.items, next=f"{'' if items[limit - 1].id == lead else page.next}.{lead.hex}")


def _cursor(last: Dated) -> str:
    return base64.urlsafe_b64encode(f"{last.created_at.isoformat()} {last.id}".encode()).decode().rstrip("=")
