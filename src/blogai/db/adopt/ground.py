"""Whether there is something to adopt here, and whether this login may."""

from collections.abc import Sequence

from blogai.db.adopt.reference import Reference
from blogai.db.adopt.shape import Item, Shape, quote
from blogai.db.database import Connection
from blogai.errors import MigrationError

_LIKENESS = 0.5
"""The part of the documented columns that a table must have to be taken for ours."""


async def check_ground(conn: Connection, expected: Reference, live: Shape) -> None:
    """Refuses a database that is not of the documented schema, or whose owner somebody else is.

    Raises:
        MigrationError: says what was found instead, or which statement to ask an administrator for.
    """
    there = [live[key] for key in expected.shape if key[0] == "table" and key in live]
    strange = [table.table for table in there if not _resembles(table, expected, live)]
    if strange:
        raise MigrationError(
            f"The table public.{strange[0]} is not the one of Blog AI: most of its documented columns are not there.",
            remedy="Is this another program's database? Nothing was changed. Else move that table away first.",
        )
    if not there:
        raise MigrationError(
            "Nothing in this database is known to Blog AI, so there is nothing to adopt.",
            remedy="`blogai db migrate` makes the schema in an empty database.",
        )
    await _check_owner(conn, [item for key in expected.shape if (item := live.get(key)) and "owner" in item.facts])


def _resembles(table: Item, expected: Reference, live: Shape) -> bool:
    by = expected.made_by[table.key]
    wanted = [
        key for key, made in expected.made_by.items() if key[0] == "column" and key[1] == table.table and made == by
    ]
    return table.facts["kind"] in ("r", "p") and sum(key in live for key in wanted) >= _LIKENESS * len(wanted)


async def _check_owner(conn: Connection, items: Sequence[Item]) -> None:
    cursor = await conn.execute("select current_user")
    row = await cursor.fetchone()
    assert row is not None
    login = row[0]
    others = [item for item in items if item.facts["owner"] != login]
    if others:
        name, owner = quote(login), others[0].facts["owner"]
        statements = "; ".join(f"alter {item.kind} public.{item.table or item.name} owner to {name}" for item in others)
        raise MigrationError(
            f"The login {login} does not own {others[0].label}; {owner} does.",
            remedy=f"Connect as {owner}, or ask an administrator to run: {statements};",
        )
