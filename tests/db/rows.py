"""A row for every table, made from the catalog, so that new tables take part without being named."""

import re
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from blogai.db.database import Connection

_TABLES = """
select n.nspname, c.relname
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where n.nspname in ('public', 'private') and c.relkind in ('r', 'p') and not c.relispartition
   and c.oid::regclass::text not in ('private.schema_migrations', 'private.prepared_objects')
 order by 1, 2
"""

_COLUMNS = """
select a.attname as name,
       format_type(a.atttypid, null) as type,
       a.attnotnull as required,
       a.atthasdef or a.attidentity <> '' as has_default,
       (select f.confrelid::regclass::text || '.' || fa.attname
          from pg_constraint f
          join pg_attribute fa on fa.attrelid = f.confrelid and fa.attnum = f.confkey[1]
         where f.conrelid = a.attrelid and f.contype = 'f' and f.conkey[1] = a.attnum limit 1) as parent,
       (select string_agg(concat_ws(' ', pg_get_constraintdef(k.oid), f.prosrc), ' ')
          from pg_constraint k
          left join pg_depend u on u.classid = 'pg_constraint'::regclass and u.objid = k.oid
               and u.refclassid = 'pg_proc'::regclass
          left join pg_proc f on f.oid = u.refobjid
         where k.conrelid = a.attrelid and k.contype = 'c' and a.attnum = any (k.conkey)) as checks
  from pg_attribute a
 where a.attrelid = %s::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
 order by a.attnum
"""

_VALUES = {
    "uuid": "00000000-0000-4000-8000-{n:012}",
    "boolean": True,
    "jsonb": "{}",
    "json": "{}",
    "date": "2026-01-15",
    "timestamp with time zone": "2026-01-15T12:00:00Z",
    "timestamp without time zone": "2026-01-15T12:00:00",
    "interval": "1 hour",
    "bytea": "\\x00",
}


@dataclass(frozen=True)
class _Column:
    name: str
    type: str
    required: bool
    has_default: bool
    parent: str | None
    checks: str | None


async def fill(conn: Connection, number: int = 1) -> dict[str, str]:
    """Puts a row into every table of ours that has none; returns the tables left empty and why."""
    cursor = await conn.execute(_TABLES)
    waiting = [f"{schema}.{table}" for schema, table in await cursor.fetchall()]
    reasons: dict[str, str] = {}
    while waiting:
        left = []
        for table in waiting:
            try:
                async with conn.transaction():
                    await _fill(conn, table, number)
            except (psycopg.Error, LookupError) as exc:
                reasons[table] = str(exc)
                left.append(table)
        if len(left) == len(waiting):
            return {table: reasons[table] for table in left}
        waiting = left
    return {}


async def _fill(conn: Connection, table: str, number: int) -> None:
    name = sql.Identifier(*table.split("."))
    cursor = await conn.execute(sql.SQL("select exists (select from {})").format(name))
    if await cursor.fetchone() == (True,):
        return
    async with conn.cursor(row_factory=class_row(_Column)) as columns:
        await columns.execute(_COLUMNS, [table])
        found = await columns.fetchall()
    row: dict[str, Any] = {}
    for column in found:
        if column.parent:
            parent = await _parent(conn, column.parent)
            if parent is None and column.required:
                raise LookupError(f"{column.parent} has no row")
            row[column.name] = parent
        elif column.required and not column.has_default:
            row[column.name] = _value(table, column, number)
    await conn.execute(
        sql.SQL("insert into {} ({}) values ({})").format(
            name, sql.SQL(", ").join(map(sql.Identifier, row)), sql.SQL(", ").join(sql.Placeholder() * len(row))
        )
        if row
        else sql.SQL("insert into {} default values").format(name),
        list(row.values()),
    )


async def _parent(conn: Connection, reference: str) -> Any:
    table, _, column = reference.rpartition(".")
    path = table.split(".") if "." in table else ["public", table]
    cursor = await conn.execute(
        sql.SQL("select {} from {} limit 1").format(sql.Identifier(column), sql.Identifier(*path))
    )
    row = await cursor.fetchone()
    return row[0] if row else None


def _value(table: str, column: _Column, number: int) -> Any:
    if column.checks and (allowed := re.search(rf"(?i){column.name} = any \(\(?array\['([^']*)'", column.checks)):
        return allowed[1]
    if column.type.endswith("[]"):
        return []
    if column.type in ("text", "character varying", "character"):
        length = re.search(rf"length\({column.name}\) = (\d+)", column.checks or "")
        text = f"{table.split('.')[1]}-{column.name}-{number}"
        return (text * 10)[: int(length[1])] if length else text
    value = _VALUES.get(column.type, number)
    return value.format(n=number) if isinstance(value, str) and "{n" in value else value
