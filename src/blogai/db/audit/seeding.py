"""Rows for a tenant in every table, made from the catalog: types, defaults, checks, keys."""

import json
import re
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql

from blogai.db.audit.catalog import Column, Key, Relation
from blogai.db.audit.tenants import Tenant
from blogai.db.database import Connection

Row = dict[str, Any]


@dataclass
class Seeds:
    """One row of each tenant a table, and the tables for which that failed, with the reason."""

    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    """(table, the tenant's mark) to the whole row."""
    failed: dict[str, str] = field(default_factory=dict)

    def of(self, relation: Relation, tenant: Tenant) -> Row | None:
        """The row of a tenant; for a partition that of its parent."""
        return self.rows.get((relation.name, tenant.mark)) or self.rows.get((relation.parent or "", tenant.mark))


def table_name(name: str) -> sql.Composed:
    """A name as the catalog prints it, as an identifier."""
    return sql.SQL(".").join(sql.Identifier(part.strip('"')) for part in qualified(name))


def qualified(name: str) -> list[str]:
    """Schema and name; the audit runs with an empty search_path, so the catalog prints both."""
    return name.split(".") if "." in name else ["pg_catalog", name]


async def seed(conn: Connection, relations: dict[str, Relation], tenants: list[Tenant]) -> Seeds:
    """Inserts the rows as the owner; parents before children, whatever their names."""
    seeds = Seeds()
    for tenant in tenants:
        waiting = [r for r in relations.values() if r.is_table and not r.is_partition]
        while waiting:
            left = []
            for relation in waiting:
                try:
                    seeds.rows[relation.name, tenant.mark] = await _insert(conn, relation, tenant, seeds)
                    seeds.failed.pop(relation.name, None)
                except (psycopg.Error, LookupError) as exc:
                    seeds.failed[relation.name] = str(exc).splitlines()[0]
                    left.append(relation)
            if len(left) == len(waiting):
                break
            waiting = left
    return seeds


async def _insert(conn: Connection, relation: Relation, tenant: Tenant, seeds: Seeds) -> Row:
    """The full row, with every column that may carry the tenant's mark; else just what is required."""
    problem: psycopg.Error | None = None
    for full in (True, False):
        row = await plan(conn, relation, tenant, seeds, full=full)
        try:
            async with conn.transaction():
                return await insert(conn, relation, row)
        except psycopg.Error as exc:
            problem = exc
    assert problem is not None
    if isinstance(problem, psycopg.errors.UniqueViolation) and (made := await _made(conn, relation, tenant)):
        return made
    raise problem


async def _made(conn: Connection, relation: Relation, tenant: Tenant) -> Row | None:
    """The tenant's account row, where a trigger made it when another table was filled."""
    if not relation.is_account or relation.owner is None:
        return None
    cursor = await conn.execute(
        sql.SQL("select to_jsonb(t) from {} as t where {} = %s").format(
            table_name(relation.name), sql.Identifier(relation.owner)
        ),
        [tenant.owns_as(relation.owner)],
    )
    found = await cursor.fetchone()
    return dict(found[0]) if found else None


async def insert(conn: Connection, relation: Relation, row: Row, *, returning: bool = True) -> Row:
    """Inserts a row; the whole of it as it is in the table, or nothing where that is not asked for."""
    statement = sql.SQL("insert into {} as t ({}) values ({})").format(
        table_name(relation.name),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(sql.SQL("%s::{}").format(sql.SQL(relation.columns[name].type)) for name in row),
    )
    if not row:
        statement = sql.SQL("insert into {} as t default values").format(table_name(relation.name))
    if not returning:
        await conn.execute(statement, list(row.values()))
        return {}
    cursor = await conn.execute(statement + sql.SQL(" returning to_jsonb(t)"), list(row.values()))
    found = await cursor.fetchone()
    if found is None:
        raise LookupError("the row was not inserted")
    return dict(found[0])


async def plan(conn: Connection, relation: Relation, tenant: Tenant, seeds: Seeds, *, full: bool) -> Row:
    """The values of a row of the tenant's that is still to be inserted."""
    if not relation.is_owned:
        tenant = replace(tenant, mark=f"{tenant.mark[:-8]}shared")  # to meet it again tells nothing about anybody
    row: Row = {}
    for key in relation.keys:
        if any(relation.columns[c].required and not relation.columns[c].has_default for c in key.columns):
            row.update(await _reference(conn, relation, key, tenant, seeds))
    referring = {column for key in relation.keys for column in key.columns}
    for column in relation.columns.values():
        if column.computed or column.name in row:
            continue
        if column.name == relation.owner:
            row[column.name] = tenant.owns_as(column.name)
            continue
        needed = column.required and not column.has_default
        if needed or (full and column.name not in referring and _may_carry_mark(column)):
            row[column.name] = value(column, tenant)
    return row


def _may_carry_mark(column: Column) -> bool:
    if column.type == "boolean":
        return "public" in column.name
    return column.type in ("json", "jsonb") or (column.type == "text" and not column.has_default and not column.allowed)


async def _reference(conn: Connection, relation: Relation, key: Key, tenant: Tenant, seeds: Seeds) -> Row:
    """The tenant's own row of the parent, or one that the checks on the referring column allow."""
    parent = seeds.rows.get((key.parent, tenant.mark))
    allowed = relation.columns[key.columns[0]].allowed
    if parent is None or (allowed and parent[key.referenced[0]] not in allowed):
        condition = sql.SQL("{}::text = any (%s) or cardinality(%s::text[]) = 0").format(
            sql.Identifier(key.referenced[0])
        )
        cursor = await conn.execute(
            sql.SQL("select to_jsonb(t) from {} as t where {} limit 1").format(table_name(key.parent), condition),
            [allowed, allowed],
        )
        found = await cursor.fetchone()
        if found is None:
            raise LookupError(f"{key.parent} has no row to refer to")
        parent = found[0]
    return {column: parent[referenced] for column, referenced in zip(key.columns, key.referenced, strict=True)}


def value(column: Column, tenant: Tenant) -> Any:
    """A value that the column takes; a text carries the tenant's mark."""
    if column.allowed:
        return column.allowed[0]
    if column.type in ("json", "jsonb"):
        return json.dumps([tenant.mark] if column.default_text.startswith("'[") else {"audit": tenant.mark})
    if column.type.endswith("[]"):
        return "{}"
    if column.type == "boolean":
        return "public" not in column.name
    if column.type in ("text", "character varying", "character", "bytea", "name"):
        text = f"{tenant.mark}-{uuid4().hex[:6]}"
        length = re.search(rf"length\(\(?{re.escape(column.name)}\)?(?:::text)?\) = (\d+)", column.checks)
        return (text * 10)[: int(length[1])] if length else text
    return {
        "uuid": str(uuid4()),
        "date": "today",
        "timestamp with time zone": "now",
        "timestamp without time zone": "now",
        "time without time zone": "12:00",
        "interval": "1 hour",
        "inet": "192.0.2.1",
    }.get(column.type, "1")
