"""Names of the operator's that a later migration of ours is going to take."""

import re
from collections.abc import Iterator
from functools import cache

from blogai.db.adopt.reference import LAST, Reference
from blogai.db.adopt.report import Difference
from blogai.db.adopt.shape import Shape, quote
from blogai.db.scripts import load

_COMMENTS = re.compile(r"--[^\n]*")
_TABLES = re.compile(r"\bcreate (?:table|view) public\.(\w+)", re.IGNORECASE)
_FUNCTIONS = re.compile(r"\bcreate function public\.(\w+)\s*\(", re.IGNORECASE)
_INDEXES = re.compile(r"\bcreate (?:unique )?index (\w+)", re.IGNORECASE)
_ALTERED = re.compile(r"\balter table public\.(\w+)([^;]*);", re.IGNORECASE)
_ADDED = re.compile(r"\badd (column|constraint) (\w+)", re.IGNORECASE)


@cache
def _later() -> frozenset[tuple[str, str, str]]:
    """Kind, table and name of what the migrations after the document create."""
    taken: set[tuple[str, str, str]] = set()
    for migration in load():
        if migration.number <= LAST:
            continue
        text = _COMMENTS.sub("", migration.up)
        taken |= {("table", name, "") for name in _TABLES.findall(text)}
        taken |= {("function", "", name) for name in _FUNCTIONS.findall(text)}
        taken |= {("index", "", name) for name in _INDEXES.findall(text)}
        for table, body in _ALTERED.findall(text):
            taken |= {(kind.lower(), table, name) for kind, name in _ADDED.findall(body)}
    return frozenset(taken)


def find(reference: Reference, live: Shape) -> Iterator[Difference]:
    """What stands in the way: an index gets another name, everything else is the operator's to decide."""
    later = _later()
    for item in live.values():
        if item.key in reference.shape:
            continue
        name = item.name.partition("(")[0] if item.kind == "function" else item.name
        table = "" if item.kind in ("index", "function") else item.table
        if (item.kind, table, name) not in later:
            continue
        old = quote(item.name if item.kind != "table" else item.table)
        on = f"public.{quote(item.table)}" if item.table else ""
        aside = quote(f"{(name or item.table)[:50]}_before")
        statement = {
            "table": f"alter table {on} rename to {aside}",
            "column": f"alter table {on} rename column {old} to {aside}",
            "constraint": f"alter table {on} rename constraint {old} to {aside}",
            "index": f"alter index public.{old} rename to {aside}",
            "function": f"alter function public.{item.name} rename to {aside}",
        }[item.kind]
        yield Difference(
            migration=reference.made_by.get(("table", item.table, ""), reference.last),
            object=item.label,
            found="has a name that a later migration takes",
            documented="unknown",
            action="repaired" if item.kind == "index" else "blocks",
            statements=[statement],
            rank=8,
        )
