"""HTTP: how much the tools are used."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from blogai.db.database import Actor, Database
from blogai.tools.service import ToolStats, tool_stats
from blogai.web.actor import current_actor


class Stats(BaseModel):
    """Use of all tools."""

    items: list[ToolStats]


def router(database: Database) -> APIRouter:
    """GET /tools/stats."""
    api = APIRouter(tags=["tools"])

    @api.get("/tools/stats")
    async def get_tool_stats(actor: Annotated[Actor, Depends(current_actor)]) -> Stats:
        """How often each tool was used, the most used first."""
        async with database.transaction(actor) as conn:
            return Stats(items=await tool_stats(conn))

    return api
