"""The steps of an adoption. Each runs in the transaction of its caller."""

import time
from collections.abc import Sequence
from typing import Any

from psycopg.types.json import Jsonb

from blogai.db import history
from blogai.db.adopt import counts, differences, notes, owners, shape
from blogai.db.adopt.owners import Owners
from blogai.db.adopt.reference import Reference
from blogai.db.adopt.report import Difference, Fix
from blogai.db.adopt.shape import Shape, literal, quote
from blogai.db.database import Connection
from blogai.db.scripts import Migration
from blogai.db.session import run
from blogai.errors import MigrationError

OWNERS = "owners"
"""The step that gives old content to its owners."""


async def take(conn: Connection, migration: Migration, expected: Reference) -> None:
    """Adopts or applies one migration, verifies and records it."""
    start = time.perf_counter()
    await history.create(conn)
    await notes.create(conn)
    live = await shape.read(conn)
    details: dict[str, Any] = {}
    run_file = migration.number == 0 or differences.missing(expected, migration.id, live) == expected.core(migration.id)
    if run_file:
        await run(conn, f"{migration.id}.sql", migration.up)
    if migration.number:
        live = await shape.read(conn) if run_file else live
        found = [each for each in differences.compare(expected, live) if each.migration == migration.id]
        details = await _repair(conn, migration, found)
        live = await shape.read(conn) if any(each.statements for each in found) else live
        _check(migration, expected, live)
        await _finish(conn, migration, expected, live)
        details |= await _mend(conn, migration, expected)
    async with conn.transaction(force_rollback=True):
        await run(conn, f"{migration.id}.verify.sql", migration.verify)
    await notes.step(conn, migration.id, {"applied": run_file, **details})
    await history.add(conn, migration, time.perf_counter() - start, adopted=not run_file)


async def _repair(conn: Connection, migration: Migration, found: Sequence[Difference]) -> dict[str, Any]:
    changed: dict[str, int] = {}
    repaired = [each for each in found if each.action in ("repaired", "replaced")]
    for difference in repaired:
        # What a broken rule needs, right before the rule.
        for fix in (difference.fix.first, difference.fix) if difference.fix else ():
            if fix and fix.change:
                changed[f"{difference.object}: {fix.what}"] = await _fix(conn, fix, difference.object)
        for statement in difference.statements:
            await run(conn, f"{migration.id}, {difference.object}", statement)
    return {
        "differences": [
            {
                "object": each.object,
                "found": each.found,
                "documented": each.documented,
                "action": each.action,
                "old": each.old,
            }
            for each in found
        ],
        "rows": {name: number for name, number in changed.items() if number},
    }


async def _fix(conn: Connection, fix: Fix, reason: str) -> int:
    kept = await notes.keep(conn, fix.table, fix.condition, reason)
    verb, change = ("delete from", "") if fix.change == "delete" else ("update", fix.change)
    async with notes.quiet(conn, fix.table):
        cursor = await conn.execute(f"{verb} public.{quote(fix.table)} as t {change} where {fix.condition}")
    if cursor.rowcount != kept:
        raise MigrationError(
            f"{reason}: {cursor.rowcount} rows changed instead of {kept}.",
            remedy="Does row level security hide rows from this login? Nothing of this step was kept.",
        )
    return kept


def _check(migration: Migration, expected: Reference, live: Shape) -> None:
    left = [
        each for each in differences.compare(expected, live) if each.migration == migration.id and each.action != "kept"
    ]
    if left:
        raise blocked(left)


async def _finish(conn: Connection, migration: Migration, expected: Reference, live: Shape) -> None:
    """Comments, and the privileges that a new object of this schema gets."""
    for key, by in expected.made_by.items():
        item = expected.shape[key]
        if by != migration.id or item.kind not in ("table", "column", "function"):
            continue
        name = f"public.{item.name if item.kind == 'function' else quote(item.table)}"
        if item.kind != "column":
            await conn.execute("call private.reset_privileges(%s, %s)", [item.kind, name])
        else:
            name += f".{quote(item.name)}"
        if live[key].facts["comment"] != item.facts["comment"]:
            await conn.execute(f"comment on {item.kind} {name} is {literal(item.facts['comment'])}")


async def _mend(conn: Connection, migration: Migration, expected: Reference) -> dict[str, Any]:
    """What the rows need that is no matter of the schema."""
    if migration.id.endswith("usage_quotas"):
        missing = await missing_tiers(conn, expected)
        for tier in missing:
            names = ", ".join(map(quote, tier))
            await conn.execute(
                f"insert into public.tier_limits ({names})"
                f" select {names} from jsonb_populate_record(null::public.tier_limits, %s)",
                [Jsonb(tier)],
            )
        return {"tiers_missing": len(missing)}
    if migration.id.endswith("stripe_integration"):
        condition = (
            f"t.user_id in (select q.user_id from public.user_quotas as q where exists (select {counts.DISAGREE}))"
        )
        await notes.keep(conn, "user_quotas", condition, "tiers that disagree")
        async with notes.quiet(conn, "user_quotas"):
            cursor = await conn.execute(f"update public.user_quotas as q set tier = u.tier {counts.DISAGREE}")
        return {"tiers_that_disagree": cursor.rowcount}
    return {}


async def carry(conn: Connection, known: Owners) -> None:
    """Gives old content to its owners."""
    await notes.create(conn)
    live = await shape.read(conn)
    async with owners.mapped(conn, known, live):
        wanted = await owners.count(conn, live)
        changed = await owners.carry(conn, live)
        if changed != wanted[0].count:
            raise MigrationError(
                f"{changed} rows got their owner instead of {wanted[0].count}.",
                remedy="Does another session write? Stop the program, then run the command again.",
            )
        await notes.step(conn, OWNERS, {count.name: count.count for count in wanted})


def blocked(blocking: Sequence[Difference]) -> MigrationError:
    """The refusal for differences that only the operator can put right."""
    first = blocking[0]
    more = f" And {len(blocking) - 1} more of this kind, see the report." if len(blocking) > 1 else ""
    statement = f"Decide it yourself, for example: {first.statements[0]};" if first.statements else "Decide it yourself"
    remedy = f"{statement} Then run the command again."
    if first.fix and not first.fix.change:
        remedy = f"Put these rows right ({first.fix.what}), then run the command again."
    return MigrationError(
        f"{first.object}: {first.found}, where the document has: {first.documented}.{more}",
        remedy=remedy,
        differences=[difference.object for difference in blocking],
    )


async def missing_tiers(conn: Connection, expected: Reference) -> list[dict[str, Any]]:
    """Documented rows that tier_limits lacks."""
    cursor = await conn.execute("select tier from public.tier_limits")
    there = {row[0] for row in await cursor.fetchall()}
    return [tier for tier in expected.tiers if tier["tier"] not in there]
