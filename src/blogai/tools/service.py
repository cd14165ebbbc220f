"""Counters of tools, in the caller's open transaction."""

from blogai.db.database import Actor, Connection, acting_as
from blogai.tools import queries
from blogai.tools.queries import ToolStats

__all__ = ["ToolStats", "count_tool", "tool_stats"]


async def count_tool(conn: Connection, tool_id: str) -> None:
    """Counts one use. Runs of the generation pipeline count by themselves."""
    async with acting_as(conn, Actor.service()):
        await queries.count_tool(conn, tool_id)


async def tool_stats(conn: Connection) -> list[ToolStats]:
    """Use of all tools by everybody, the most used first."""
    return await queries.tool_stats(conn)
