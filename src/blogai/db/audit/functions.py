"""What a caller learns or changes by calling every function with the ids of somebody else."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, product
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql

from blogai.db.audit.catalog import Relation, Routine
from blogai.db.audit.findings import Report
from blogai.db.audit.seeding import Seeds, table_name
from blogai.db.audit.tenants import Attacker, Tenant, attackers, attempt, step_back
from blogai.db.database import Connection

CALLS = 150
"""Most combinations of arguments that are tried on one function."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?")


@dataclass
class FunctionProbe:
    """Calls one function as everyone, with another tenant's ids, beside a control with ids that nobody has."""

    conn: Connection
    routine: Routine
    relations: dict[str, Relation]
    seeds: Seeds
    mine: Tenant
    theirs: Tenant
    report: Report
    strangers: dict[str, str] = field(default_factory=dict)
    """Another tenant's id to one that nobody has; the same one throughout."""
    before: str = ""
    """The other tenant's rows before anything was called."""

    async def run(self) -> None:
        self.before = await self._rows() if self.routine.volatile else ""
        for attacker in attackers(self.mine):
            cursor = await self.conn.execute(
                "select has_function_privilege(%s, %s::oid, 'execute')", [attacker.actor.role, self.routine.oid]
            )
            if await cursor.fetchone() != (True,):
                continue
            if self.routine.definer and self.routine.volatile and not self.routine.types:
                self.report.add("open", self.routine.name, attacker.name, "changes things for everyone")
            leaks = changes = False
            for arguments in islice(self._arguments(), CALLS):
                told, changed = await self._call(attacker, arguments)
                if changed and not changes:
                    changes = True
                    self.report.add("change", self.routine.name, attacker.name, "changes rows of another tenant")
                if told is not None and not leaks and await self._leaks(attacker, arguments, told):
                    leaks = True
                    self.report.add("leak", self.routine.name, attacker.name, "tells about another tenant")
                if leaks and (changes or not self.routine.volatile):
                    break

    async def _leaks(self, attacker: Attacker, arguments: list[Any], told: str) -> bool:
        """Whether the answer says more than the same question about somebody who does not exist."""
        asked = json.dumps(arguments)
        if any(mark in told and mark not in asked for mark in self._marks()):
            return True
        control = [self.strangers.get(argument, argument) for argument in arguments]
        if control == arguments:
            return False
        other, _ = await self._call(attacker, control)
        return _plain(told, arguments) != (None if other is None else _plain(other, control))

    async def _call(self, attacker: Attacker, arguments: list[Any]) -> tuple[str | None, bool]:
        """What the function said as text, None when it refused, and whether the other tenant's rows changed."""
        self.report.attempts += 1
        path = sql.SQL(self.routine.path)
        parameters = sql.SQL(", ").join(
            sql.SQL("%s::{}").format(sql.SQL(kind)) for kind in self.routine.types[: len(arguments)]
        )
        statement = (
            sql.SQL("call {}({})") if self.routine.kind == "p" else sql.SQL("select to_jsonb(x) from {}({}) as x")
        ).format(path, parameters)
        writes = await self._writes() if self.routine.volatile else 0
        try:
            async with attempt(self.conn, attacker):
                cursor = await self.conn.execute(statement, arguments)
                told = json.dumps(await cursor.fetchall()) if cursor.description else ""
                await step_back(self.conn)
                wrote = self.routine.volatile and await self._writes() != writes
                return told, wrote and await self._rows() != self.before
        except psycopg.Error:
            return None, False

    async def _writes(self) -> int:
        """Rows written in this transaction, undone ones too: cheaper than to look whether any is the tenant's."""
        cursor = await self.conn.execute(
            "select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) from pg_stat_xact_user_tables"
        )
        found = await cursor.fetchone()
        return int(found[0]) if found else 0

    async def _rows(self) -> str:
        """All that belongs to the other tenant, as one text."""
        parts, values = [], []
        for relation in self.relations.values():
            row = self.seeds.of(relation, self.theirs)
            if row is None or relation.is_partition:
                continue
            conditions = [sql.SQL("{} = %s").format(sql.Identifier(relation.owner))] if relation.owner else []
            values += [row[relation.owner]] if relation.owner else []
            if relation.key:
                found = [sql.SQL("{} = %s").format(sql.Identifier(c)) for c in relation.key]
                conditions.append(sql.SQL("({})").format(sql.SQL(" and ").join(found)))
                values += [row[c] for c in relation.key]
            if conditions:
                parts.append(
                    sql.SQL("select to_jsonb(t)::text as row from {} as t where {}").format(
                        table_name(relation.name), sql.SQL(" or ").join(conditions)
                    )
                )
        query = sql.SQL("select coalesce(string_agg(row, '' order by row), '') from ({}) as a").format(
            sql.SQL(" union all ").join(parts)
        )
        found_rows = await (await self.conn.execute(query, values)).fetchone()
        return str(found_rows and found_rows[0])

    def _marks(self) -> list[str]:
        return [self.theirs.mark, self.theirs.user_id, self.theirs.user_hash]

    def _arguments(self) -> Iterator[list[Any]]:
        """Argument lists: those without a default, then all, with every id that could be meant."""
        counts = dict.fromkeys([self.routine.required, len(self.routine.types)])
        for count in counts:
            names = self.routine.names or [""] * count
            candidates = [self._candidates(n, t) for n, t in zip(names[:count], self.routine.types, strict=False)]
            for arguments in product(*candidates):
                yield list(arguments)

    def _candidates(self, name: str, kind: str) -> list[Any]:
        texts = kind in ("text", "character varying")
        if texts and "hash" in name:
            return [self._stranger(self.theirs.user_hash)]
        if texts and re.search(r"user|owner|tenant|caller|subject", name):
            return [self._stranger(self.theirs.user_id)]
        if kind == "uuid" or (texts and re.search(r"(^|_)id$", name)):
            return self._keys(kind) or [str(uuid4())]
        if texts:
            listed = {c.allowed[0] for r in self.relations.values() for c in r.columns.values() if c.allowed}
            alike = [
                c.allowed[0]
                for r in self.relations.values()
                for c in r.columns.values()
                if c.allowed and set(name.split("_")) & set(c.name.split("_"))
            ]
            return list(dict.fromkeys([*alike, self.theirs.mark, *sorted(listed)]))
        if kind == "uuid[]":
            return ["{" + ",".join(self._keys("uuid")) + "}"]
        if kind in ("json", "jsonb"):
            return ["[]", "{}"]
        if kind.endswith("[]"):
            return ["{}"]
        return [
            {
                "boolean": "true",
                "interval": "1 hour",
                "date": "today",
                "timestamp with time zone": "now",
                "timestamp without time zone": "now",
            }.get(kind, "1")
        ]

    def _keys(self, kind: str) -> list[str]:
        """Ids of the other tenant's rows of this type, of whatever they are."""
        found: list[str] = []
        for (name, mark), row in self.seeds.rows.items():
            relation = self.relations[name]
            if mark == self.theirs.mark and len(relation.key) == 1:
                column = relation.columns[relation.key[0]]
                if column.type == kind or (kind == "text" and column.type == "uuid"):
                    found.append(self._stranger(str(row[column.name])))
        return list(dict.fromkeys(found))

    def _stranger(self, own: str) -> str:
        """Remembers an id that nobody has beside this one, of the same form."""
        if own not in self.strangers:
            self.strangers[own] = str(uuid4()) if _UUID.fullmatch(own) else uuid4().hex * 2
        return own


def _plain(told: str, arguments: list[Any]) -> str:
    """An answer without what was asked, and without what is new every time."""
    for argument in arguments:
        if isinstance(argument, str) and len(argument) > 8:
            told = told.replace(argument, "")
    return _TIME.sub("", _UUID.sub("", told))
