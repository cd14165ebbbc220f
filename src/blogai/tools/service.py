"""Counters of tools, which the runs of the generation pipeline write."""

from blogai.db.database import Connection
from blogai.tools import queries
from blogai.tools.queries import ToolStats

__all__ = ["ToolStats", "tool_stats"]


async def tool_stats(conn: Connection) -> list[ToolStats]:
    """Use of all tools by everybody, the most used first."""
    return await queries.tool_stats(conn)
