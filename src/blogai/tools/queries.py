"""The statements of tool usage, one function each."""

from datetime import datetime

from psycopg.rows import class_row
from pydantic import BaseModel, ConfigDict

from blogai.db.database import Connection


class ToolStats(BaseModel):
    """How often one tool was used by anybody."""

    model_config = ConfigDict(frozen=True)

    tool_id: str
    count: int
    last_used_at: datetime


async def tool_stats(conn: Connection) -> list[ToolStats]:
    """The most used tool first."""
    async with conn.cursor(row_factory=class_row(ToolStats)) as cursor:
        await cursor.execute("select tool_id, count, last_used_at from public.get_tool_stats()")
        return await cursor.fetchall()
