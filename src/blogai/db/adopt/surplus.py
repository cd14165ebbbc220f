"""What a live schema has beside the documented one: kept, unless it stands in the way."""

from collections.abc import Iterator

from blogai.db.adopt import clashes
from blogai.db.adopt.difference import difference
from blogai.db.adopt.reference import Reference
from blogai.db.adopt.report import Difference
from blogai.db.adopt.shape import Item, Shape, constraints, quote

TENANTS = {"anon", "authenticated", "public"}


def find(reference: Reference, live: Shape) -> Iterator[Difference]:
    """Objects of the operator's on documented tables, and under documented names."""
    tables = set(reference.tables)
    functions = {name for kind, _, name in reference.shape if kind == "function"}
    for _, item in sorted(live.items()):
        if item.key in reference.shape or not _concerns(item, tables, functions):
            continue
        by = reference.made_by.get(("table", item.table, ""), reference.last)
        name = quote(item.name)
        if item.kind == "column" and item.facts["required"] and not item.facts["default"] and not item.facts["made"]:
            yield difference(
                by,
                item,
                "required and without a default: nobody else can insert a row",
                "unknown",
                f"alter table public.{quote(item.table)} alter column {name} drop not null",
                action="blocks",
            )
        elif item.kind == "trigger" and item.facts["function"] in {f"public.{each}" for each in functions}:
            yield difference(
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
            yield difference(
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
            yield difference(by, item, f"parameters {item.facts['arguments']}", "other parameters", action="kept")
        elif not (item.kind == "constraint" and item.facts["type"] == "n"):
            yield difference(by, item, item.facts.get("type") or "there", "unknown", action="kept")
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
        for wanted in constraints(reference.shape, item.table)
    )
