"""What the document describes, made by our own scripts in a schema that is taken back again.

So the comparison is exact on every version of PostgreSQL, and needs no right that the migrations do not need.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from blogai.db.adopt import shape
from blogai.db.adopt.shape import Key, Shape
from blogai.db.database import Connection
from blogai.db.scripts import Migration
from blogai.db.session import Limits, prepare, run

LAST = 12
"""The last migration that the document describes; those behind it are ours."""

SCRATCH = "blogai_reference"

ALIASES = {"009_create_templates": ("004_create_templates", "004b_create_templates")}
"""Under which names other histories know a migration of ours."""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """The documented schema and which migration makes what."""

    shape: Shape
    made_by: dict[Key, str]
    tiers: list[dict[str, Any]]
    """The rows of tier_limits."""

    def core(self, migration_id: str) -> set[Key]:
        """The tables, functions and columns of older tables by which one sees whether a migration was applied."""
        made = {key for key, by in self.made_by.items() if by == migration_id}
        tables = {table for kind, table, _ in made if kind == "table"}
        return {key for key in made if key[0] in ("table", "function") or (key[0] == "column" and key[1] not in tables)}

    @property
    def last(self) -> str:
        return max(self.made_by.values())

    @property
    def tables(self) -> list[str]:
        return sorted(table for kind, table, _ in self.shape if kind == "table")


def documented(migrations: Sequence[Migration]) -> list[Migration]:
    """001 to 012."""
    return [migration for migration in migrations if 0 < migration.number <= LAST]


async def build(conn: Connection, migrations: Sequence[Migration], *, prepared: bool, limits: Limits) -> Reference:
    """Applies 001 to 012 in a scratch schema and reads it. Nothing stays; no lock on anybody's table is taken.

    Args:
        prepared: whether migration 000 is there already.
    """
    seen: Shape = {}
    made_by: dict[Key, str] = {}
    async with conn.transaction(force_rollback=True):
        await prepare(conn, limits)
        if not prepared:
            first = next(migration for migration in migrations if migration.number == 0)
            await run(conn, f"{first.id}.sql", first.up)
        await conn.execute(f"create schema {SCRATCH}")
        for migration in documented(migrations):
            await run(conn, f"{migration.id}.sql", re.sub(r"\bpublic\.", f"{SCRATCH}.", migration.up))
            now = await shape.read(conn, SCRATCH)
            made_by |= dict.fromkeys(now.keys() - seen.keys(), migration.id)
            seen = now
        cursor = await conn.execute(f"select to_jsonb(t) - 'updated_at' from {SCRATCH}.tier_limits as t")
        tiers = [row[0] for row in await cursor.fetchall()]
    return Reference(shape=seen, made_by=made_by, tiers=tiers)
