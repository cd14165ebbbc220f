"""HTTP: the caller's usage."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from blogai.db.database import Actor, Database
from blogai.errors import InvalidInput
from blogai.usage import service
from blogai.usage.models import Usage, UsageOfType
from blogai.web.actor import current_actor


class Breakdown(BaseModel):
    """Usage by type of operation."""

    items: list[UsageOfType]


def router(database: Database) -> APIRouter:
    """GET /usage and /usage/breakdown."""
    api = APIRouter(tags=["usage"])

    @api.get("/usage")
    async def get_usage(actor: Annotated[Actor, Depends(current_actor)]) -> Usage:
        """What has been used in this month and on this day, and what is left."""
        async with database.transaction(actor) as conn:
            return await service.usage(conn)

    @api.get("/usage/breakdown")
    async def get_usage_breakdown(
        actor: Annotated[Actor, Depends(current_actor)],
        start: Annotated[datetime | None, Query(description="From then; the start of the period.")] = None,
        end: Annotated[datetime | None, Query(description="Before then; now.")] = None,
    ) -> Breakdown:
        """The log by type of operation."""
        for name, moment in (("start", start), ("end", end)):
            if moment is not None and moment.tzinfo is None:
                raise InvalidInput(f"{name} has no time zone.", field=name, remedy="Add one, for example Z for UTC.")
        if start is not None and end is not None and end < start:
            raise InvalidInput("end is before start.", field="end", remedy="Exchange them.")
        async with database.transaction(actor) as conn:
            return Breakdown(items=await service.breakdown(conn, start, end))

    return api
