"""The shape of one schema, read from the catalogs: every object with the statement that makes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from psycopg import sql

from blogai.db.database import Connection

Kind = Literal["table", "column", "constraint", "index", "trigger", "policy", "function"]

Key = tuple[Kind, str, str]
"""Kind, table (empty for functions), name (empty for tables; with the types of its arguments for functions)."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One object, as the catalogs describe it; names are qualified."""

    kind: Kind
    table: str
    name: str
    create: str
    """The statement that makes it."""
    facts: Mapping[str, Any]
    """What may differ: see the queries below."""

    @property
    def key(self) -> Key:
        return (self.kind, self.table, self.name)

    @property
    def label(self) -> str:
        """For people: `column users.email`, `index idx_templates_slug on templates`."""
        if self.kind == "table" or not self.table:
            return f"{self.kind} {self.table or self.name}"
        return (
            f"{self.kind} {self.table}.{self.name}"
            if self.kind == "column"
            else (f"{self.kind} {self.name} on {self.table}")
        )


Shape = dict[Key, Item]


def constraints(shape: Shape, table: str) -> list[Item]:
    """Those of one table."""
    return [item for item in shape.values() if item.kind == "constraint" and item.table == table]


def quote(name: str) -> str:
    """A name as SQL."""
    return sql.Identifier(name).as_string(None)


def literal(value: object) -> str:
    """A value as SQL."""
    return sql.Literal(value).as_string(None)


# Each gives table, name, statement and facts of the objects of schema %(schema)s.
_PARTS: dict[Kind, str] = {
    "table": """
        select c.relname, '', format('create table %%s ()', c.oid::regclass),
               jsonb_build_object('kind', c.relkind, 'secured', c.relrowsecurity, 'forced', c.relforcerowsecurity,
                   'owner', pg_get_userbyid(c.relowner), 'comment', obj_description(c.oid, 'pg_class'))
          from pg_class c where c.relnamespace = %(schema)s::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')""",
    "column": """
        select c.relname, a.attname,
               format('alter table %%s add column %%I %%s%%s%%s', c.oid::regclass, a.attname,
                   format_type(a.atttypid, a.atttypmod),
                   ' default ' || pg_get_expr(d.adbin, d.adrelid), case when a.attnotnull then ' not null' else '' end),
               jsonb_build_object('type', format_type(a.atttypid, a.atttypmod), 'required', a.attnotnull,
                   'default', pg_get_expr(d.adbin, d.adrelid), 'made', a.attidentity::text || a.attgenerated::text,
                   'place', a.attnum, 'comment', col_description(c.oid, a.attnum))
          from pg_attribute a join pg_class c on c.oid = a.attrelid
          left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
         where c.relnamespace = %(schema)s::regnamespace and c.relkind in ('r', 'p')
           and a.attnum > 0 and not a.attisdropped""",
    "constraint": """
        select c.relname, k.conname,
               format('alter table %%s add constraint %%I %%s', c.oid::regclass, k.conname,
                   pg_get_constraintdef(k.oid)),
               jsonb_build_object('definition', replace(pg_get_constraintdef(k.oid), ' NOT VALID', ''),
                   'valid', k.convalidated, 'type', k.contype,
                   'condition', pg_get_expr(k.conbin, k.conrelid),
                   'columns', (select jsonb_agg(a.attname order by u.place)
                                 from unnest(k.conkey) with ordinality as u (number, place)
                                 join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number))
          from pg_constraint k join pg_class c on c.oid = k.conrelid
         where c.relnamespace = %(schema)s::regnamespace and k.contype in ('c', 'f', 'p', 'u', 'x', 'n')""",
    "index": """
        select t.relname, c.relname, pg_get_indexdef(i.indexrelid),
               jsonb_build_object('definition', pg_get_indexdef(i.indexrelid), 'valid', i.indisvalid,
                   'unique', i.indisunique, 'condition', pg_get_expr(i.indpred, i.indrelid),
                   'columns', (select jsonb_agg(a.attname order by u.place)
                                 from unnest(i.indkey::smallint[]) with ordinality as u (number, place)
                                 join pg_attribute a on a.attrelid = i.indrelid and a.attnum = u.number))
          from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
         where t.relnamespace = %(schema)s::regnamespace
           and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.conrelid = i.indrelid
                              and k.contype in ('p', 'u', 'x'))""",
    "trigger": """
        select c.relname, t.tgname, pg_get_triggerdef(t.oid),
               jsonb_build_object('definition', pg_get_triggerdef(t.oid), 'enabled', t.tgenabled,
                   'function', t.tgfoid::regprocedure::text)
          from pg_trigger t join pg_class c on c.oid = t.tgrelid
         where not t.tgisinternal and c.relnamespace = %(schema)s::regnamespace""",
    "policy": """
        select c.relname, p.polname,
               format('create policy %%I on %%s as %%s for %%s to %%s%%s%%s', p.polname, c.oid::regclass,
                   case when p.polpermissive then 'permissive' else 'restrictive' end,
                   case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
                                 when 'd' then 'delete' else 'all' end,
                   r.names, ' using (' || pg_get_expr(p.polqual, p.polrelid) || ')',
                   ' with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'),
               jsonb_build_object('roles', r.names, 'permissive', p.polpermissive)
          from pg_policy p join pg_class c on c.oid = p.polrelid
         cross join lateral (
                select string_agg(case u.oid when 0 then 'public' else quote_ident(pg_get_userbyid(u.oid)) end, ', '
                                  order by pg_get_userbyid(u.oid)) as names
                  from unnest(p.polroles) as u (oid)) as r
         where c.relnamespace = %(schema)s::regnamespace""",
    "function": """
        select '', format('%%I(%%s)', p.proname, oidvectortypes(p.proargtypes)), pg_get_functiondef(p.oid),
               jsonb_build_object('arguments', pg_get_function_arguments(p.oid), 'kind', p.prokind,
                   'result', pg_get_function_result(p.oid), 'owner', pg_get_userbyid(p.proowner),
                   'definer', p.prosecdef, 'settings', p.proconfig, 'comment', obj_description(p.oid, 'pg_proc'))
          from pg_proc p
         where p.pronamespace = %(schema)s::regnamespace and p.prokind in ('f', 'p', 'w')
           and not exists (select from pg_depend e where e.classid = 'pg_proc'::regclass and e.objid = p.oid
                              and e.deptype = 'e')""",
}


async def read(conn: Connection, schema: str = "public") -> Shape:
    """Every object of a schema; another one's is told as if it were `public`.

    In the caller's transaction, whose search_path it leaves as it was.
    """
    found: Shape = {}
    cursor = await conn.execute("select current_setting('search_path')")
    before = (await cursor.fetchone() or ("",))[0]
    await conn.execute("select set_config('search_path', '', true)")
    for kind, query in _PARTS.items():
        cursor = await conn.execute(query, {"schema": schema})
        for table, name, create, facts in await cursor.fetchall():
            item = Item(kind=kind, table=table, name=name, create=create, facts=facts)
            item = item if schema == "public" else _as_public(item, schema)
            found[item.key] = item
    await conn.execute("select set_config('search_path', %s, true)", [before])
    return found


def _as_public(item: Item, schema: str) -> Item:
    def say(value: Any) -> Any:
        return value.replace(f"{schema}.", "public.") if isinstance(value, str) else value

    return Item(
        kind=item.kind,
        table=item.table,
        name=item.name,
        create=say(item.create),
        facts={fact: say(value) for fact, value in item.facts.items()},
    )
