"""Who plays in the stories about access, and short ways to ask and to change something as one of them."""

from typing import Any

from blogai.db.database import Actor, Database

ANN = Actor.user("ann")
BOB = Actor.user("bob")
VISITOR = Actor.visitor("v-1")
OTHER_VISITOR = Actor.visitor("v-2")
NOBODY = Actor(role="anon")
UNNAMED = Actor(role="authenticated")
BLANK = Actor(role="anon", claims={"user_hash": "", "sub": ""})

TENANTS = [ANN, BOB, VISITOR, OTHER_VISITOR]
STRANGERS = [NOBODY, UNNAMED, BLANK]
"""Callers whom nothing identifies."""

PROGRAM = Actor.service()


async def rows(database: Database, actor: Actor, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """What a query returns to somebody."""
    async with database.transaction(actor) as conn:
        cursor = await conn.execute(statement.encode(), parameters)
        return await cursor.fetchall()


async def value(database: Database, actor: Actor, statement: str, *parameters: Any) -> Any:
    """The first column of the first row; None without one."""
    found = await rows(database, actor, statement, *parameters)
    return found[0][0] if found else None


async def changed(database: Database, actor: Actor, statement: str, *parameters: Any) -> int:
    """How many rows somebody's statement changed."""
    async with database.transaction(actor) as conn:
        cursor = await conn.execute(statement.encode(), parameters)
        return cursor.rowcount
