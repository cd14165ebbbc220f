"""Where a live schema differs from the documented one, and the statements that repair it."""

from collections.abc import Iterator

from blogai.db.adopt import breaches, surplus
from blogai.db.adopt.difference import difference
from blogai.db.adopt.reference import Reference
from blogai.db.adopt.report import Difference
from blogai.db.adopt.shape import Item, Key, Shape, constraints, quote

_WIDENINGS = {
    ("character varying", "text"),
    ("character", "text"),
    ("smallint", "integer"),
    ("real", "double precision"),
    ("json", "jsonb"),
}
"""Changes of type that lose nothing."""


def compare(reference: Reference, live: Shape, skip: set[str] | None = None) -> list[Difference]:
    """Every difference, sorted by migration and by the order in which they are repaired.

    Args:
        skip: migrations of which nothing is there; their own files will make it all.
    """
    skip = skip or set()
    found = list(_expected(reference, live, skip))
    found += surplus.find(reference, live)
    return sorted(found, key=lambda difference: (difference.migration, difference.rank))


def _expected(reference: Reference, live: Shape, skip: set[str]) -> Iterator[Difference]:
    columns = [item for item in reference.shape.values() if item.kind == "column"]
    others = [item for _, item in sorted(reference.shape.items()) if item.kind != "column"]
    for item in [*others, *sorted(columns, key=lambda column: column.facts["place"])]:
        by = reference.made_by[item.key]
        if by in skip:
            continue
        there = live.get(item.key)
        if item.kind == "table":
            yield from _table(by, item, there)
        elif item.kind == "column":
            yield from _column(by, item, there, ("table", item.table, "") in live)
        elif item.kind == "constraint":
            yield from _constraint(by, item, there, live, reference)
        elif item.kind == "function":
            yield from _function(by, item, there)
        else:
            yield from _simple(by, item, there)


def _table(by: str, item: Item, there: Item | None) -> Iterator[Difference]:
    name = f"public.{quote(item.table)}"
    if there is None:
        yield difference(by, item, "missing", "there", item.create)
    elif there.facts["kind"] != "r":
        yield difference(by, item, "no ordinary table", "a table", action="blocks")
        return
    wanted, have = item.facts, there.facts if there else {"secured": False, "forced": False}
    # What the document leaves open 013 and its followers secure: until then more security stays.
    if wanted["secured"] and not have["secured"]:
        yield difference(
            by, item, "no row level security", "row level security", f"alter table {name} enable row level security"
        )
    if wanted["forced"] != have["forced"]:
        yield difference(
            by,
            item,
            "row level security forced: it may hide rows from the counts",
            "not forced before 013",
            f"alter table {name} no force row level security",
            rank=-1,
        )


def _column(by: str, item: Item, there: Item | None, table_exists: bool) -> Iterator[Difference]:
    table, column = f"public.{quote(item.table)}", quote(item.name)
    if there is None:
        fix = breaches.of_missing_column(item) if table_exists else None
        yield difference(by, item, "missing", item.facts["type"], item.create, fix=fix)
        return
    wanted, have = item.facts, there.facts
    change = f"alter table {table} alter column {column}"
    if have["made"]:
        yield difference(by, item, "identity or generated", "an ordinary column", action="blocks")
        return
    if wanted["type"] != have["type"]:
        bare = have["type"].partition("(")[0]
        if (bare, wanted["type"]) in _WIDENINGS:
            statements = [f"{change} drop default"] if have["default"] else []
            statements += [f"{change} type {wanted['type']} using {column}::{wanted['type']}"]
            statements += [f"{change} set default {wanted['default']}"] if wanted["default"] else []
            yield difference(by, item, have["type"], wanted["type"], *statements)
        else:
            yield difference(
                by,
                item,
                have["type"],
                wanted["type"],
                f"{change} type {wanted['type']} using {column}::{wanted['type']}",
                action="blocks",
            )
            return
    if wanted["default"] != have["default"]:
        statement = f"{change} set default {wanted['default']}" if wanted["default"] else f"{change} drop default"
        yield difference(
            by,
            item,
            f"default {have['default'] or 'none'}",
            f"default {wanted['default'] or 'none'}",
            statement,
            rank=2,
        )
    if wanted["required"] and not have["required"]:
        yield difference(
            by, item, "nullable", "not null", f"{change} set not null", fix=breaches.of_nulls(item), rank=2
        )
    elif have["required"] and not wanted["required"]:
        yield difference(by, item, "not null", "nullable", f"{change} drop not null", rank=2)


def _constraint(by: str, item: Item, there: Item | None, live: Shape, reference: Reference) -> Iterator[Difference]:
    table, name = f"public.{quote(item.table)}", quote(item.name)
    if item.facts["type"] == "n":  # a name for "not null", from 18 on; the column says the rest
        named = [other for other in constraints(live, item.table) if other.facts["type"] == "n"]
        same = next((other for other in named if other.facts["columns"] == item.facts["columns"]), None)
        if same and same.name != item.name:
            yield difference(
                by,
                item,
                f"named {same.name}",
                item.name,
                f"alter table {table} rename constraint {quote(same.name)} to {name}",
            )
        return
    if there is not None:
        if there.facts["definition"] != item.facts["definition"]:
            fix = breaches.of_constraint(item)
            yield difference(
                by,
                item,
                there.facts["definition"],
                item.facts["definition"],
                f"alter table {table} drop constraint {name}",
                item.create,
                fix=fix,
            )
        elif not there.facts["valid"]:
            yield difference(
                by,
                item,
                "not validated",
                "valid",
                f"alter table {table} validate constraint {name}",
                fix=breaches.of_constraint(item),
            )
        return
    for other in constraints(live, item.table):
        if other.facts["definition"] == item.facts["definition"] and other.key not in reference.shape:
            statements = [f"alter table {table} rename constraint {quote(other.name)} to {name}"]
            if not other.facts["valid"]:
                statements.append(f"alter table {table} validate constraint {name}")
            yield difference(
                by,
                item,
                f"named {other.name}",
                item.name,
                *statements,
                fix=None if other.facts["valid"] else breaches.of_constraint(item),
            )
            return
    statements = [item.create]
    if ("index", item.table, item.name) in live:  # a unique index of that name
        statements.insert(0, f"drop index public.{name}")
    yield difference(
        by,
        item,
        "missing",
        item.facts["definition"],
        *statements,
        fix=breaches.of_constraint(item),
        rank=3 if item.facts["type"] in ("p", "u") else 4,
    )


def _function(by: str, item: Item, there: Item | None) -> Iterator[Difference]:
    if there is None:
        yield difference(by, item, "missing", item.facts["arguments"] or "there", item.create)
        return
    wanted, have = item.facts, there.facts
    if there.create == item.create:
        return
    for fact, word in (("arguments", "parameters"), ("result", "result"), ("kind", "kind")):
        if wanted[fact] != have[fact]:
            kind = "procedure" if have["kind"] == "p" else "function"
            yield difference(
                by,
                item,
                f"{word} {have[fact]}",
                f"{word} {wanted[fact]}",
                f"drop {kind} public.{item.name}",
                item.create,
                action="replaced",
                old=there,
            )
            return
    found = "runs with the caller's rights" if not have["definer"] else "runs with the owner's rights"
    documented = "the caller's" if not wanted["definer"] else "the owner's"
    if wanted["definer"] == have["definer"]:
        found, documented = ("no fixed search_path", "fixed") if not have["settings"] else ("other body", "ours")
    yield difference(by, item, found, documented, item.create, action="replaced", old=there)


def _simple(by: str, item: Item, there: Item | None) -> Iterator[Difference]:
    """Indexes, triggers and policies: there or not, the same or not."""
    place = f" on public.{quote(item.table)}"
    drop = f"drop {item.kind} {quote(item.name)}{place}"
    if item.kind == "index":
        drop = f"drop index public.{quote(item.name)}"
    fix = breaches.of_index(item)
    if there is None:
        yield difference(by, item, "missing", "there", item.create, fix=fix)
    elif there.create != item.create:
        yield difference(by, item, there.create, item.create, drop, item.create, action="replaced", fix=fix, old=there)
    elif not there.facts.get("valid", True) or there.facts.get("enabled", "O") != "O":
        yield difference(by, item, "disabled or invalid", "in force", drop, item.create, fix=fix)


def missing(reference: Reference, migration_id: str, live: Shape) -> set[Key]:
    """Which of the objects by which a migration is known are not there."""
    return reference.core(migration_id) - live.keys()
