"""What there is to audit: relations and functions that tenants' roles can reach, read from the catalog."""

import re
from dataclasses import dataclass, field

from psycopg.rows import class_row

from blogai.db.database import Connection

OWNERS = ("user_hash", "user_id", "owner_hash", "owner_id", "owner")
"""Names of columns that say whose a row is, in the order in which they are believed."""

_SCHEMAS = """
select n.nspname
  from pg_namespace n
 where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
   and (has_schema_privilege('anon', n.oid, 'usage') or has_schema_privilege('authenticated', n.oid, 'usage'))
 order by 1
"""

_RELATIONS = """
select c.oid::regclass::text as name, c.oid::int8 as oid, c.relkind::text as kind, c.relispartition as is_partition,
       (select inhparent::regclass::text from pg_inherits where inhrelid = c.oid limit 1) as parent,
       coalesce((select array_agg(a.attname::text order by k.place)
                   from pg_index i, unnest(i.indkey) with ordinality as k (number, place), pg_attribute a
                  where i.indrelid = c.oid and i.indisprimary and a.attrelid = c.oid
                    and a.attnum = k.number), '{}') as key
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname = any (%s)
   and not exists (select from pg_depend e
                    where e.objid = c.oid and e.classid = 'pg_class'::regclass and e.deptype = 'e')
 order by c.relkind not in ('r', 'p'), c.oid
"""

_COLUMNS = """
select a.attrelid::int8 as relation, a.attname::text as name,
       format_type(coalesce(nullif(t.typbasetype, 0), a.atttypid), null) as type,
       a.attnotnull as required, a.atthasdef or a.attidentity <> '' as has_default,
       a.attgenerated <> '' or a.attidentity = 'a' as computed,
       coalesce(pg_get_expr(d.adbin, d.adrelid), '') as default_text,
       coalesce((select array_agg(e.enumlabel::text order by e.enumsortorder)
                   from pg_enum e where e.enumtypid = a.atttypid), '{}') as labels,
       coalesce((select string_agg(concat_ws(' ', pg_get_constraintdef(k.oid), f.prosrc), ' ')
                   from pg_constraint k
                   left join pg_depend u on u.classid = 'pg_constraint'::regclass and u.objid = k.oid
                        and u.refclassid = 'pg_proc'::regclass
                   left join pg_proc f on f.oid = u.refobjid
                  where k.conrelid = a.attrelid and k.contype = 'c' and a.attnum = any (k.conkey)), '') as checks
  from pg_attribute a
  join pg_type t on t.oid = a.atttypid
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
 where a.attrelid = any (%s) and a.attnum > 0 and not a.attisdropped
 order by a.attrelid, a.attnum
"""

_KEYS = """
select k.conrelid::int8 as relation, k.confrelid::regclass::text as parent,
       array(select a.attname::text from unnest(k.conkey) with ordinality u (n, o)
               join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.n order by u.o) as columns,
       array(select a.attname::text from unnest(k.confkey) with ordinality u (n, o)
               join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.n order by u.o) as referenced
  from pg_constraint k
 where k.contype = 'f' and k.conrelid = any (%s)
"""

_UNIQUE = """
select i.indrelid::int8, array_agg(a.attname::text)
  from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
 where i.indisunique and i.indpred is null and i.indnkeyatts = 1 and i.indrelid = any (%s)
 group by 1
"""

_ROUTINES = """
select p.oid::regprocedure::text as name, p.oid::int8 as oid, format('%%I.%%I', n.nspname, p.proname) as path,
       p.prokind::text as kind, p.provolatile = 'v' as volatile, p.prosecdef as definer,
       coalesce((select array_agg(format_type(u.t, null) order by u.o)
                   from unnest(p.proargtypes) with ordinality as u (t, o)), '{}') as types,
       coalesce((select array_agg(coalesce(p.proargnames[i], '') order by i)
                   from generate_series(1, coalesce(cardinality(p.proallargtypes), p.pronargs)) as i
                  where p.proargmodes is null or p.proargmodes[i] in ('i', 'b', 'v')), '{}') as names,
       p.pronargs - p.pronargdefaults as required
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where n.nspname = any (%s) and p.prokind in ('f', 'p')
   and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
   and not exists (select from pg_depend e
                    where e.objid = p.oid and e.classid = 'pg_proc'::regclass and e.deptype = 'e')
 order by 1
"""


@dataclass(frozen=True)
class Column:
    """One column, with what is known about the values that it takes."""

    relation: int
    name: str
    type: str
    required: bool
    has_default: bool
    computed: bool
    default_text: str
    labels: list[str]
    checks: str

    @property
    def allowed(self) -> list[str]:
        """The values of an enumeration or of a check (or its function) that lists them; empty where any will do."""
        if self.labels:
            return self.labels
        column = rf"\b(?:p_)?{re.escape(self.name)}\)?"
        listed = re.search(rf"{column} = ANY \(+(?:ARRAY)?\[(.*?)\]", self.checks, re.IGNORECASE)
        return re.findall(r"'((?:[^']|'')*)'", listed[1]) if listed else []


@dataclass(frozen=True)
class Key:
    """A foreign key."""

    relation: int
    parent: str
    columns: list[str]
    referenced: list[str]


@dataclass
class Relation:
    """A table, view or partition. `owner` is the column that says whose a row is."""

    name: str
    oid: int
    kind: str
    is_partition: bool
    parent: str | None
    key: list[str]
    columns: dict[str, Column] = field(default_factory=dict)
    keys: list[Key] = field(default_factory=list)
    unique: list[str] = field(default_factory=list)
    is_owned: bool = False
    """Whether each row belongs to somebody: by its owner column, or through a key that it must have."""

    @property
    def owner(self) -> str | None:
        return next((name for name in OWNERS if name in self.columns), None)

    @property
    def is_table(self) -> bool:
        return self.kind in ("r", "p")

    @property
    def is_account(self) -> bool:
        """Whether a tenant has at most one row: then it says what the tenant may do."""
        return self.owner is not None and self.owner in self.unique


@dataclass(frozen=True)
class Routine:
    """A function or procedure, with its input parameters; the first `required` have no default."""

    name: str
    oid: int
    path: str
    kind: str
    volatile: bool
    definer: bool
    types: list[str]
    names: list[str]
    required: int


async def exposed_schemas(conn: Connection) -> list[str]:
    """The schemas that a tenant's role may use, the server's own left out."""
    return [row[0] for row in await (await conn.execute(_SCHEMAS)).fetchall()]


async def relations(conn: Connection, schemas: list[str]) -> dict[str, Relation]:
    """Tables first, then views, by their qualified names."""
    async with conn.cursor(row_factory=class_row(Relation)) as cursor:
        found = {r.oid: r for r in await (await cursor.execute(_RELATIONS, [schemas])).fetchall()}
    oids = list(found)
    async with conn.cursor(row_factory=class_row(Column)) as columns:
        for column in await (await columns.execute(_COLUMNS, [oids])).fetchall():
            found[column.relation].columns[column.name] = column
    async with conn.cursor(row_factory=class_row(Key)) as keys:
        for key in await (await keys.execute(_KEYS, [oids])).fetchall():
            found[key.relation].keys.append(key)
    for oid, names in await (await conn.execute(_UNIQUE, [oids])).fetchall():
        found[oid].unique = names
    by_name = {relation.name: relation for relation in found.values()}
    _mark_owned(by_name)
    return by_name


def _mark_owned(relations: dict[str, Relation]) -> None:
    for relation in relations.values():
        relation.is_owned = relation.owner is not None
    for _ in relations:  # as many rounds as there could be generations
        for relation in relations.values():
            for key in relation.keys:
                if key.parent in relations and all(relation.columns[c].required for c in key.columns):
                    relation.is_owned |= relations[key.parent].is_owned


async def routines(conn: Connection, schemas: list[str]) -> list[Routine]:
    """Functions and procedures that somebody could call; those of extensions and triggers left out."""
    async with conn.cursor(row_factory=class_row(Routine)) as cursor:
        return await (await cursor.execute(_ROUTINES, [schemas])).fetchall()
