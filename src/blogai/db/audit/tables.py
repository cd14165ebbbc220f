"""What a caller can do with somebody else's rows, and with its own: tried on every table, view and partition."""

import json
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from blogai.db.audit.catalog import Column, Relation
from blogai.db.audit.findings import Operation, Report
from blogai.db.audit.privileged import privileged
from blogai.db.audit.seeding import Row, Seeds, insert, plan, table_name
from blogai.db.audit.tenants import Attacker, Tenant, attackers, attempt
from blogai.db.database import Connection

GRANTS: tuple[Operation, ...] = ("truncate", "references", "trigger", "maintain")

_RIGHTS = """
select a.attname::text,
       has_column_privilege(%(role)s, a.attrelid, a.attnum, 'select'),
       has_column_privilege(%(role)s, a.attrelid, a.attnum, 'insert'),
       has_column_privilege(%(role)s, a.attrelid, a.attnum, 'update')
  from pg_attribute a where a.attrelid = %(oid)s and a.attnum > 0 and not a.attisdropped
"""

_MEANT = """
select exists (select from pg_policy p
                where p.polrelid = %(oid)s and p.polpermissive and p.polcmd::text in ('*', %(command)s)
                  and p.polroles && array[0, 'anon'::regrole::oid, 'authenticated'::regrole::oid])
"""


@dataclass
class TableProbe:
    """Tries everything on one relation."""

    conn: Connection
    relation: Relation
    seeds: Seeds
    mine: Tenant
    theirs: Tenant
    report: Report

    async def run(self) -> None:
        for attacker in attackers(self.mine):
            rights = await self._rights(attacker)
            await self._grants(attacker)
            if self.relation.is_table:
                await self._as_tenant(attacker, *rights)
            elif rights[0]:
                await self._through_view(attacker, sorted(rights[2]))

    async def _rights(self, attacker: Attacker) -> tuple[set[str], set[str], set[str]]:
        cursor = await self.conn.execute(_RIGHTS, {"role": attacker.actor.role, "oid": self.relation.oid})
        found = await cursor.fetchall()
        return tuple({row[0] for row in found if row[place]} for place in (1, 2, 3))  # type: ignore[return-value]

    async def _grants(self, attacker: Attacker) -> None:
        """TRUNCATE and its like ask no policy: whoever has the right can do it."""
        if not self.relation.is_table or (attacker.actor.role == "anon" and attacker.known):
            return
        for right in GRANTS:
            if right == "maintain" and self.conn.info.server_version < 170000:
                continue
            cursor = await self.conn.execute(
                "select has_table_privilege(%s, %s::oid, %s)", [attacker.actor.role, self.relation.oid, right]
            )
            if await cursor.fetchone() == (True,):
                self.report.add(right, self.relation.name, attacker.name, f"has the right {right.upper()}")

    async def _as_tenant(self, attacker: Attacker, reads: set[str], inserts: set[str], updates: set[str]) -> None:
        theirs = self.seeds.of(self.relation, self.theirs)
        mine = self.seeds.of(self.relation, self.mine)
        may_delete = await self._may(attacker, "delete")
        if theirs is None or mine is None or not (reads or inserts or updates or may_delete):
            return
        name = self.relation.name
        inserted = bool(inserts) and await self._insert_for(attacker, inserts)
        # Where no row belongs to anybody, tables that only the program fills are for everyone to read.
        if reads and (inserted or self.relation.is_owned) and await self._sees(attacker, theirs):
            self.report.add("read", name, attacker.name, "sees a row of another tenant")
        if updates and (column := await self._changes(attacker, theirs, sorted(updates))):
            self.report.add("update", name, attacker.name, f"changes {column} of another tenant's row")
        if may_delete and await self._deletes(attacker, theirs):
            self.report.add("delete", name, attacker.name, "deletes a row of another tenant")
        await self._own(attacker, mine, reads, updates, may_delete)
        if inserts and await self._meant("a") and not await self._creates(attacker, inserts):
            self.report.add("unusable", name, attacker.name, "cannot insert a row of its own")

    async def _own(self, attacker: Attacker, mine: Row, reads: set[str], updates: set[str], may_delete: bool) -> None:
        """Own rows: neither handed to somebody else nor raised in rank, but usable where policies mean them to be."""
        name, owner = self.relation.name, self.relation.owner
        referring = {c: key for key in self.relation.keys for c in key.columns if key.parent != name}
        for column in sorted(updates):
            if column == owner and await self._sets(attacker, mine, column, self.theirs.owns_as(column)):
                self.report.add("hand over", name, attacker.name, f"gives its row away through {column}")
            elif column in referring:
                key = referring[column]
                parent = self.seeds.rows.get((key.parent, self.theirs.mark))
                target = parent and parent[key.referenced[key.columns.index(column)]]
                if target and target != mine[column] and await self._sets(attacker, mine, column, target):
                    self.report.add("hand over", name, attacker.name, f"ties its row to another's through {column}")
        if attacker.known:
            for column in sorted(updates):
                if privileged(self.relation, self.relation.columns[column]) and await self._sets(
                    attacker, mine, column, mine[column]
                ):
                    self.report.add("raise", name, attacker.name, f"writes {column} of its own row")
        if not self._uses(attacker):
            return
        if reads and await self._meant("r") and not await self._sees(attacker, mine):
            self.report.add("unusable", name, attacker.name, "cannot see a row of its own")
        if may_delete and await self._meant("d") and not await self._deletes(attacker, mine):
            self.report.add("unusable", name, attacker.name, "cannot delete a row of its own")
        plain = sorted(c for c in updates if c not in referring and c != owner)
        if plain and await self._meant("w") and not await self._changes(attacker, mine, plain):
            self.report.add("unusable", name, attacker.name, "cannot change a row of its own")

    def _uses(self, attacker: Attacker) -> bool:
        """Whether the caller is meant to have rows of its own here."""
        owner = self.relation.owner
        return owner is not None and (attacker.name == "authenticated" or (attacker.known and "hash" in owner))

    async def _may(self, attacker: Attacker, right: str) -> bool:
        cursor = await self.conn.execute(
            "select has_table_privilege(%s, %s::oid, %s)", [attacker.actor.role, self.relation.oid, right]
        )
        return await cursor.fetchone() == (True,)

    async def _meant(self, command: str) -> bool:
        cursor = await self.conn.execute(_MEANT, {"oid": self.relation.oid, "command": command})
        return await cursor.fetchone() == (True,)

    # ---- single attempts

    def _is(self, row: Row) -> tuple[sql.Composed, list[Any]]:
        """The condition that finds a row by its primary key, else by all that it holds."""
        if self.relation.key:
            parts = [sql.SQL("{} = %s").format(sql.Identifier(c)) for c in self.relation.key]
            return sql.SQL(" and ").join(parts), [row[c] for c in self.relation.key]
        if owner := self.relation.owner:
            return sql.SQL("{} = %s").format(sql.Identifier(owner)), [row[owner]]
        return sql.SQL("true").format(), []

    async def _try(self, attacker: Attacker, statement: sql.Composed, values: list[Any], *, blind: bool = False) -> Any:
        """The count that a statement returns or of the rows that it touched; None when it was refused.

        `blind` makes every row selectable for the moment: a statement without WHERE needs no right to select,
        and so reaches rows that its caller cannot see. With WHERE only one row has to be touched to find out.
        """
        self.report.attempts += 1
        try:
            async with self.conn.transaction(force_rollback=True):
                role: LiteralString = "anon" if attacker.actor.role == "anon" else "authenticated"
                columns = self.relation.key or [self.relation.owner or next(iter(self.relation.columns))]
                await self.conn.execute(
                    sql.SQL("grant select ({}) on {} to {}").format(
                        sql.SQL(", ").join(map(sql.Identifier, columns)), table_name(self.relation.name), sql.SQL(role)
                    )
                )
                if blind:
                    await self.conn.execute(
                        sql.SQL("create policy audit_sees_all on {} for select to {} using (true)").format(
                            table_name(self.relation.name), sql.SQL(role)
                        )
                    )
                async with attempt(self.conn, attacker):
                    cursor = await self.conn.execute(statement, values)
                    if cursor.description:
                        row = await cursor.fetchone()
                        return row and row[0]
                    return cursor.rowcount
        except psycopg.Error:
            return None

    async def _sees(self, attacker: Attacker, row: Row) -> bool:
        condition, values = self._is(row)
        statement = sql.SQL("select count(*) from {} where ").format(table_name(self.relation.name)) + condition
        return bool(await self._try(attacker, statement, values))

    async def _changes(self, attacker: Attacker, row: Row, columns: list[str]) -> str | None:
        condition, values = self._is(row)
        for column in columns:
            statement = sql.SQL("update {} set {} = %s::{} where ").format(
                table_name(self.relation.name), sql.Identifier(column), self._type(column)
            )
            if await self._try(attacker, statement + condition, [_given(row[column]), *values], blind=True):
                return column
        return None

    async def _sets(self, attacker: Attacker, row: Row, column: str, new: Any) -> bool:
        condition, values = self._is(row)
        statement = sql.SQL("update {} set {} = %s::{} where ").format(
            table_name(self.relation.name), sql.Identifier(column), self._type(column)
        )
        return bool(await self._try(attacker, statement + condition, [_given(new), *values], blind=True))

    async def _deletes(self, attacker: Attacker, row: Row) -> bool:
        condition, values = self._is(row)
        statement = sql.SQL("delete from {} where ").format(table_name(self.relation.name)) + condition
        return bool(await self._try(attacker, statement, values, blind=True))

    async def _insert_for(self, attacker: Attacker, may: set[str]) -> bool:
        """Whether a row can be inserted that is the other tenant's, or nobody's."""
        # where everybody has one row at most, the other tenant has it already: somebody who has none yet
        victim = Tenant.new("c") if self.relation.is_account else self.theirs
        for full in (False, True):
            if await self._inserts(attacker, victim, may, full=full):
                whose = "in another's name" if self.relation.owner else "below another's row"
                if not self.relation.is_owned:
                    whose = "into a table that knows no owner"
                self.report.add("insert", self.relation.name, attacker.name, f"inserts {whose}")
                return True
        return False

    async def _creates(self, attacker: Attacker, may: set[str]) -> bool:
        """Whether a row of its own can be inserted, or none is meant to be: an account has its one row already."""
        if self.relation.is_account or not self._uses(attacker):
            return True
        return await self._inserts(attacker, self.mine, may, full=False)

    async def _inserts(self, attacker: Attacker, whose: Tenant, may: set[str], *, full: bool) -> bool:
        self.report.attempts += 1
        try:
            row = await plan(self.conn, self.relation, whose, self.seeds, full=full)
            if self.relation.owner not in may and (whose is self.mine or self.relation.keys):
                row.pop(self.relation.owner or "", None)  # which follows from the parent, or is the caller
            async with attempt(self.conn, attacker):
                await insert(self.conn, self.relation, row, returning=False)
        except (psycopg.Error, LookupError):
            return False
        return True

    async def _through_view(self, attacker: Attacker, updates: list[str]) -> None:
        """A view has no key to go by: does what it shows contain anything of the other tenant's?"""
        view, name = table_name(self.relation.name), self.relation.name
        marks = [f"%{mark}%" for mark in (self.theirs.mark, self.theirs.user_id, self.theirs.user_hash)]
        theirs = sql.SQL(" where to_jsonb(v)::text like any (%s)")
        if await self._view_rows(attacker, sql.SQL("select from {} as v").format(view) + theirs, marks):
            self.report.add("read", name, attacker.name, "shows a row of another tenant")
        for column in updates[:1]:
            change = sql.SQL("update {} as v set {} = {}").format(view, *[sql.Identifier(column)] * 2)
            if await self._view_rows(attacker, change + theirs, marks):
                self.report.add("update", name, attacker.name, f"changes {column} of another tenant's row")
        if await self._view_rows(attacker, sql.SQL("delete from {} as v").format(view) + theirs, marks):
            self.report.add("delete", name, attacker.name, "deletes a row of another tenant")

    async def _view_rows(self, attacker: Attacker, statement: sql.Composed, marks: list[str]) -> int:
        self.report.attempts += 1
        try:
            async with attempt(self.conn, attacker):
                return (await self.conn.execute(statement, [marks])).rowcount
        except psycopg.Error:
            return 0

    def _type(self, column: str) -> sql.SQL:
        known: Column = self.relation.columns[column]
        return sql.SQL(known.type)


def _given(value: Any) -> Any:
    """A value as it came out of JSON, the way that a parameter takes it."""
    return json.dumps(value) if isinstance(value, dict | list) else value
