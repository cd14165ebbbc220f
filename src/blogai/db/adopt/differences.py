"""Where a live schema differs from the documented one, and the statements that repair it."""

from collections.abc import Iterator

from blogai.db.adopt import breaches, clashes
from blogai.db.adopt.reference import Reference
from blogai.db.adopt.report import Action, Difference, Fix
from blogai.db.adopt.shape import Item, Key, Shape, quote

TENANTS = {"anon", "authenticated", "public"}

_RANKS = {"table": 0, "column": 1, "constraint": 3, "index": 4, "function": 5, "trigger": 6, "policy": 7}

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
    found += _unexpected(reference, live)
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


def _one(
    by: str,
    item: Item,
    found: str,
    documented: str,
    *statements: str,
    action: Action = "repaired",
    fix: Fix | None = None,
    rank: int | None = None,
    old: Item | None = None,
) -> Difference:
    return Difference(
        migration=by,
        object=item.label,
        found=found,
        documented=documented,
        action=action,
        statements=list(statements),
        fix=fix,
        old=old.create if old else None,
        rank=_RANKS[item.kind] if rank is None else rank,
    )


def _table(by: str, item: Item, there: Item | None) -> Iterator[Difference]:
    name = f"public.{quote(item.table)}"
    if there is None:
        yield _one(by, item, "missing", "there", item.create)
    elif there.facts["kind"] != "r":
        yield _one(by, item, "no ordinary table", "a table", action="blocks")
        return
    wanted, have = item.facts, there.facts if there else {"secured": False, "forced": False}
    # What the document leaves open 013 and its followers secure: until then more security stays.
    if wanted["secured"] and not have["secured"]:
        yield _one(
            by, item, "no row level security", "row level security", f"alter table {name} enable row level security"
        )
    if wanted["forced"] != have["forced"]:
        yield _one(
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
        yield _one(by, item, "missing", item.facts["type"], item.create, fix=fix)
        return
    wanted, have = item.facts, there.facts
    change = f"alter table {table} alter column {column}"
    if have["made"]:
        yield _one(by, item, "identity or generated", "an ordinary column", action="blocks")
        return
    if wanted["type"] != have["type"]:
        bare = have["type"].partition("(")[0]
        if (bare, wanted["type"]) in _WIDENINGS:
            statements = [f"{change} drop default"] if have["default"] else []
            statements += [f"{change} type {wanted['type']} using {column}::{wanted['type']}"]
            statements += [f"{change} set default {wanted['default']}"] if wanted["default"] else []
            yield _one(by, item, have["type"], wanted["type"], *statements)
        else:
            yield _one(
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
        yield _one(
            by,
            item,
            f"default {have['default'] or 'none'}",
            f"default {wanted['default'] or 'none'}",
            statement,
            rank=2,
        )
    if wanted["required"] and not have["required"]:
        yield _one(by, item, "nullable", "not null", f"{change} set not null", fix=breaches.of_nulls(item), rank=2)
    elif have["required"] and not wanted["required"]:
        yield _one(by, item, "not null", "nullable", f"{change} drop not null", rank=2)


def _constraint(by: str, item: Item, there: Item | None, live: Shape, reference: Reference) -> Iterator[Difference]:
    table, name = f"public.{quote(item.table)}", quote(item.name)
    if item.facts["type"] == "n":  # a name for "not null", from 18 on; the column says the rest
        named = [other for other in _constraints(live, item.table) if other.facts["type"] == "n"]
        same = next((other for other in named if other.facts["columns"] == item.facts["columns"]), None)
        if same and same.name != item.name:
            yield _one(
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
            yield _one(
                by,
                item,
                there.facts["definition"],
                item.facts["definition"],
                f"alter table {table} drop constraint {name}",
                item.create,
                fix=fix,
            )
        elif not there.facts["valid"]:
            yield _one(
                by,
                item,
                "not validated",
                "valid",
                f"alter table {table} validate constraint {name}",
                fix=breaches.of_constraint(item),
            )
        return
    for other in _constraints(live, item.table):
        if other.facts["definition"] == item.facts["definition"] and other.key not in reference.shape:
            statements = [f"alter table {table} rename constraint {quote(other.name)} to {name}"]
            if not other.facts["valid"]:
                statements.append(f"alter table {table} validate constraint {name}")
            yield _one(
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
    yield _one(
        by,
        item,
        "missing",
        item.facts["definition"],
        *statements,
        fix=breaches.of_constraint(item),
        rank=3 if item.facts["type"] in ("p", "u") else 4,
    )


def _constraints(live: Shape, table: str) -> list[Item]:
    return [item for item in live.values() if item.kind == "constraint" and item.table == table]


def _function(by: str, item: Item, there: Item | None) -> Iterator[Difference]:
    if there is None:
        yield _one(by, item, "missing", item.facts["arguments"] or "there", item.create)
        return
    wanted, have = item.facts, there.facts
    if there.create == item.create:
        return
    for fact, word in (("arguments", "parameters"), ("result", "result"), ("kind", "kind")):
        if wanted[fact] != have[fact]:
            kind = "procedure" if have["kind"] == "p" else "function"
            yield _one(
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
    yield _one(by, item, found, documented, item.create, action="replaced", old=there)


def _simple(by: str, item: Item, there: Item | None) -> Iterator[Difference]:
    """Indexes, triggers and policies: there or not, the same or not."""
    place = f" on public.{quote(item.table)}"
    drop = f"drop {item.kind} {quote(item.name)}{place}"
    if item.kind == "index":
        drop = f"drop index public.{quote(item.name)}"
    fix = breaches.of_index(item)
    if there is None:
        yield _one(by, item, "missing", "there", item.create, fix=fix)
    elif there.create != item.create:
        yield _one(by, item, there.create, item.create, drop, item.create, action="replaced", fix=fix, old=there)
    elif not there.facts.get("valid", True) or there.facts.get("enabled", "O") != "O":
        yield _one(by, item, "disabled or invalid", "in force", drop, item.create, fix=fix)


def _unexpected(reference: Reference, live: Shape) -> Iterator[Difference]:
    tables = set(reference.tables)
    functions = {name for kind, _, name in reference.shape if kind == "function"}
    for _, item in sorted(live.items()):
        if item.key in reference.shape or not _concerns(item, tables, functions):
            continue
        by = reference.made_by.get(("table", item.table, ""), reference.last)
        name = quote(item.name)
        if item.kind == "column" and item.facts["required"] and not item.facts["default"] and not item.facts["made"]:
            yield _one(
                by,
                item,
                "required and without a default: nobody else can insert a row",
                "unknown",
                f"alter table public.{quote(item.table)} alter column {name} drop not null",
                action="blocks",
            )
        elif item.kind == "trigger" and item.facts["function"] in {f"public.{each}" for each in functions}:
            yield _one(
                by,
                item,
                "calls a documented function under another name",
                "unknown",
                f"drop trigger {name} on public.{quote(item.table)}",
                action="replaced",
                old=item,
                rank=5,
            )
        elif item.kind == "policy" and _opens(item):
            yield _one(
                by,
                item,
                item.create,
                "unknown: would open rows to others",
                f"drop policy {name} on public.{quote(item.table)}",
                action="replaced",
                old=item,
            )
        elif item.kind == "constraint" and _same_as_documented(item, reference, live):
            continue  # told as another name
        elif item.kind == "function":
            yield _one(by, item, f"parameters {item.facts['arguments']}", "other parameters", action="kept")
        elif not (item.kind == "constraint" and item.facts["type"] == "n"):
            yield _one(by, item, item.facts.get("type") or "there", "unknown", action="kept")
    yield from clashes.find(reference, live)


def _concerns(item: Item, tables: set[str], functions: set[str]) -> bool:
    if item.kind == "function":
        return item.name.partition("(")[0] in {name.partition("(")[0] for name in functions}
    return item.table in tables


def _opens(item: Item) -> bool:
    return bool(item.facts["permissive"]) and bool(TENANTS & set(str(item.facts["roles"]).split(", ")))


def _same_as_documented(item: Item, reference: Reference, live: Shape) -> bool:
    return any(
        wanted.facts["definition"] == item.facts["definition"] and wanted.key not in live
        for wanted in _constraints(reference.shape, item.table)
    )


def missing(reference: Reference, migration_id: str, live: Shape) -> set[Key]:
    """Which of the objects by which a migration is known are not there."""
    return reference.core(migration_id) - live.keys()
