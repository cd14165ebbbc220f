"""Writes the generated parts of docs/database.md: python -m scripts.database_page [--check].

Who may call which function, who may do what with which table, and the entity diagram come from the catalog of a
database that was migrated just now. With --check nothing is written; the exit status is 1 when a part is stale.
"""

import asyncio
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg import AsyncConnection

from blogai.db.database import Connection
from blogai.db.embedded import EmbeddedPostgres
from blogai.db.migrate import migrate

PAGE = Path(__file__).resolve().parent.parent / "docs" / "database.md"

_CALLERS = {"anon": "visitor", "authenticated": "user", "service_role": "program"}

_FUNCTIONS = """
select n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
       array(select r from unnest(array['anon', 'authenticated', 'service_role']) r
              where has_function_privilege(r, p.oid, 'execute')),
       p.prosecdef, p.prorettype = 'trigger'::regtype, obj_description(p.oid, 'pg_proc')
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where n.nspname in ('public', 'private') and p.prokind in ('f', 'p')
 order by n.nspname desc, p.proname, 1
"""

_TABLES = """
select n.nspname || '.' || c.relname, r.role,
       has_any_column_privilege(r.role, c.oid, 'select'),
       array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                and not has_column_privilege(r.role, c.oid, a.attnum, 'select') order by a.attnum),
       array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0
                and not a.attisdropped and has_column_privilege(r.role, c.oid, a.attnum, 'insert') order by a.attnum),
       array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0
                and not a.attisdropped and has_column_privilege(r.role, c.oid, a.attnum, 'update') order by a.attnum),
       has_table_privilege(r.role, c.oid, 'delete'),
       array(select p.polcmd::text from pg_policy p
              where p.polrelid = c.oid and r.role::regrole = any (p.polroles)),
       array(select pg_get_expr(p.polqual, p.polrelid) from pg_policy p
              where p.polrelid = c.oid and r.role::regrole = any (p.polroles) and p.polcmd in ('r', '*'))
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
 cross join unnest(array['anon', 'authenticated']) with ordinality as r (role, place)
 where n.nspname = 'public' and c.relkind in ('r', 'p', 'v') and not c.relispartition
 order by c.relname, r.place
"""

_COLUMNS = """
select c.relname::text, a.attname::text, format_type(a.atttypid, null),
       exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary and a.attnum = any (i.indkey)),
       exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'f' and a.attnum = any (k.conkey)),
       exists (select from pg_index i where i.indrelid = c.oid and i.indisunique and not i.indisprimary
                  and i.indpred is null and i.indnkeyatts = 1 and i.indkey[0] = a.attnum)
  from pg_class c join pg_attribute a on a.attrelid = c.oid
 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
   and a.attnum > 0 and not a.attisdropped
 order by c.relname, a.attnum
"""

_RELATIONS = """
select k.confrelid::regclass::text, k.conrelid::regclass::text,
       array(select a.attname::text from unnest(k.conkey) with ordinality u (n, o)
               join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.n order by u.o),
       (select bool_and(a.attnotnull) from pg_attribute a where a.attrelid = k.conrelid and a.attnum = any (k.conkey)),
       exists (select from pg_index i where i.indrelid = k.conrelid and i.indisunique and i.indpred is null
                  and i.indkey::int2[] <@ k.conkey and k.conkey <@ i.indkey::int2[])
  from pg_constraint k
 where k.contype = 'f' and k.connamespace = 'public'::regnamespace
 order by 1, 2, 3
"""

_SHORT = {
    "timestamp with time zone": "timestamptz",
    "double precision": "float",
    "double precision[]": "float[]",
    "integer": "int",
    "numeric": "decimal",
}


async def functions(conn: Connection) -> str:
    """A row for each function: who may call it, with whose rights it runs, what it does."""
    lines = ["| Function | Who may call it | With the rights of | What it does |", "|---|---|---|---|"]
    for name, roles, definer, trigger, comment in await (await conn.execute(_FUNCTIONS)).fetchall():
        who = "a trigger" if trigger else ", ".join(_CALLERS[role] for role in roles) or "other functions"
        rights = "the owner" if definer else "the caller"
        name = name.replace("timestamp with time zone", "timestamptz").removeprefix("public.")
        name = re.sub(r"(, )?OUT [^,)]+|\bIN ", "", name)
        lines.append(f"| `{name}` | {who} | {rights} | {(comment or '').replace('|', chr(92) + '|')} |")
    return "\n".join(lines)


async def tables(conn: Connection) -> str:
    """A row for each table: what a visitor and what a user may do with which rows."""
    rows: dict[str, dict[str, str]] = {}
    for name, role, reads, hidden, inserts, updates, deletes, commands, rules in await (
        await conn.execute(_TABLES)
    ).fetchall():
        kinds = set(commands)
        does = []
        if reads and kinds & {"r", "*"}:
            does.append("read" + (f" (not {listed(hidden)})" if hidden else ""))
        if inserts and kinds & {"a", "*"}:
            does.append(f"insert {listed(inserts)}")
        if updates and kinds & {"w", "*"}:
            does.append(f"change {listed(updates)}")
        if deletes and kinds & {"d", "*"}:
            does.append("delete")
        what = f"{whose(rules)}: {'; '.join(does)}" if does else "nothing"
        rows.setdefault(name.removeprefix("public."), {})[role] = what
    lines = ["| Table | A visitor | A user |", "|---|---|---|"]
    for name, may in rows.items():
        user = "the same" if may["anon"] == may["authenticated"] != "nothing" else may["authenticated"]
        lines.append(f"| `{name}` | {may['anon']} | {user} |")
    return "\n".join(lines)


def listed(columns: list[str]) -> str:
    return ", ".join(f"`{column}`" for column in columns)


def whose(rules: list[str]) -> str:
    """Which rows the policies to read let through, in words."""
    words = []
    for rule in sorted(set(rules)):
        if rule == "true":
            words.append("every row")
        elif "profile_id = ANY" in rule:
            words.append("rows of own profiles")
        elif "caller_" in rule:
            words.append("own rows")
        elif rule == "is_public":
            words.append("public rows")
        else:
            words.append(f"rows with {rule}")
    return " and ".join(dict.fromkeys(words))


async def diagram(conn: Connection) -> str:
    """The tables and the keys between them in mermaid's language: a diagram for each group that keys hold together."""
    entities: dict[str, list[str]] = {}
    for table, column, kind, primary, foreign, unique in await (await conn.execute(_COLUMNS)).fetchall():
        marks = ", ".join(mark for mark, held in (("PK", primary), ("FK", foreign), ("UK", unique)) if held)
        entities.setdefault(table, []).append(f"        {_SHORT.get(kind, kind)} {column} {marks}".rstrip())
    keys: list[tuple[str, str, str]] = []
    for parent, child, columns, required, unique in await (await conn.execute(_RELATIONS)).fetchall():
        names = [name.removeprefix("public.") for name in (parent, child)]
        line = f"{'||' if required else '|o'}--{'o|' if unique else 'o{'}"
        keys.append((names[0], names[1], f'    {names[0]} {line} {names[1]} : "{", ".join(columns)}"'))
    together = groups(list(entities), [(parent, child) for parent, child, _ in keys])
    alone = [table for group in together if len(group) == 1 for table in group]
    parts = []
    for group in [group for group in together if len(group) > 1] + [
        alone[place : place + IN_A_ROW] for place in range(0, len(alone), IN_A_ROW)
    ]:
        lines = [", ".join(f"`{table}`" for table in group) + ":", "", "```mermaid", "erDiagram"]
        for table in group:
            lines += [f"    {table} {{", *entities[table], "    }"]
        parts.append("\n".join([*lines, *(line for parent, _, line in keys if parent in group), "```"]))
    return "\n\n".join(parts)


IN_A_ROW = 4
"""Tables without keys that fit side by side at a size that can be read."""


def groups(tables: list[str], keys: list[tuple[str, str]]) -> list[list[str]]:
    """Tables that hang together by keys, in their order."""
    group = {table: {table} for table in tables}
    for parent, child in keys:
        joined = group[parent] | group[child]
        group.update(dict.fromkeys(joined, joined))
    return [list(each) for each in dict.fromkeys(tuple(sorted(group[table])) for table in tables)]


PARTS = {"functions": functions, "tables": tables, "diagram": diagram}


async def filled(conn: Connection, text: str) -> str:
    """The page with its generated parts as the database says."""
    for name, part in PARTS.items():
        pattern = re.compile(rf"(<!-- generated: {name} -->\n).*?(\n<!-- end: {name} -->)", re.DOTALL)
        if not pattern.search(text):
            raise LookupError(f"{PAGE.name} has no part <!-- generated: {name} -->")
        made = await part(conn)
        text = pattern.sub(lambda match, made=made: f"{match[1]}{made}{match[2]}", text)  # type: ignore[misc]
    return text


@contextmanager
def new_server() -> Iterator[EmbeddedPostgres]:
    """An embedded server of its own, in a folder that its account can reach also as root."""
    with tempfile.TemporaryDirectory(prefix="blogai-docs-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        with EmbeddedPostgres(Path(folder, "data"), durable=False) as server:
            yield server


async def fresh(text: str) -> str:
    """The page, with the generated parts from a database of its own."""
    with new_server() as server:
        await migrate(server.owner_dsn())
        async with await AsyncConnection.connect(server.owner_dsn(), autocommit=True) as conn:
            return await filled(conn, text)


def main() -> int:
    before = PAGE.read_text(encoding="utf-8")
    text = asyncio.run(fresh(before))
    if text == before:
        return 0
    if "--check" in sys.argv[1:]:
        sys.stderr.write(f"stale: {PAGE.name}; run `make docs`\n")
        return 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
