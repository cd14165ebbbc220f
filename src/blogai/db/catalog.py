"""A picture of the catalog: everything that migrations can make, as plain text that can be compared.

Order and history do not show: a column has its place among the living ones, not its attribute number.
"""

import re

from blogai.db.database import Connection

Picture = dict[str, str]
"""What there is ("column public.users.email") and how it is defined."""

_SHORT = {
    "@ours": "n.nspname !~ '^pg_' and n.nspname <> 'information_schema'",
    r"acl\(([\w.]+)\)": r"coalesce((select string_agg(a::text, ' ' order by a::text) from unnest(\1) a), 'default')",
}
"""What the queries below write short."""

_PARTS: dict[str, str] = {
    "schema": """
        select n.nspname, concat_ws('; ', acl(n.nspacl), obj_description(n.oid, 'pg_namespace'))
          from pg_namespace n where @ours""",
    "relation": """
        select c.oid::regclass::text,
               concat_ws('; ', c.relkind, c.relpersistence, pg_get_userbyid(c.relowner),
                   'rls', c.relrowsecurity, 'forced', c.relforcerowsecurity, c.reloptions,
                   pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid),
                   case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end,
                   acl(c.relacl), obj_description(c.oid, 'pg_class'))
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S', 'c') and @ours""",
    "column": """
        select c.oid::regclass || '.' || a.attname,
               concat_ws('; ', (select count(*) from pg_attribute b where b.attrelid = a.attrelid and b.attnum > 0
                                   and b.attnum <= a.attnum and not b.attisdropped),
                   format_type(a.atttypid, a.atttypmod), 'not null', a.attnotnull, a.attidentity, a.attgenerated,
                   a.attcollation::regcollation, pg_get_expr(d.adbin, d.adrelid),
                   acl(a.attacl), col_description(c.oid, a.attnum))
          from pg_attribute a
          join pg_class c on c.oid = a.attrelid
          join pg_namespace n on n.oid = c.relnamespace
          left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
         where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v', 'm', 'f', 'c') and @ours""",
    "constraint": """
        select coalesce(nullif(k.conrelid, 0)::regclass::text, k.contypid::regtype::text) || ' ' || k.conname,
               concat_ws('; ', pg_get_constraintdef(k.oid), 'valid', k.convalidated,
                   obj_description(k.oid, 'pg_constraint'))
          from pg_constraint k join pg_namespace n on n.oid = k.connamespace where @ours""",
    "index": """
        select i.indexrelid::regclass::text,
               concat_ws('; ', pg_get_indexdef(i.indexrelid), 'valid', i.indisvalid, 'primary', i.indisprimary,
                   'clustered', i.indisclustered, obj_description(i.indexrelid, 'pg_class'))
          from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
         where @ours""",
    "function": """
        select p.oid::regprocedure::text,
               concat_ws('; ', case when p.prokind <> 'a' then pg_get_functiondef(p.oid) end,
                   pg_get_userbyid(p.proowner), acl(p.proacl), obj_description(p.oid, 'pg_proc'))
          from pg_proc p join pg_namespace n on n.oid = p.pronamespace
         where @ours
           and not exists (select from pg_depend e where e.objid = p.oid and e.classid = 'pg_proc'::regclass
                              and e.deptype = 'e')""",
    "policy": """
        select c.oid::regclass || ' ' || p.polname,
               concat_ws('; ', p.polcmd, 'permissive', p.polpermissive,
                   (select string_agg(coalesce(r.rolname, 'public'), ', ' order by r.rolname)
                      from unnest(p.polroles) u left join pg_roles r on r.oid = u),
                   'using', pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid),
                   obj_description(p.oid, 'pg_policy'))
          from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
         where @ours""",
    "trigger": """
        select c.oid::regclass || ' ' || t.tgname,
               concat_ws('; ', pg_get_triggerdef(t.oid), t.tgenabled, obj_description(t.oid, 'pg_trigger'))
          from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
         where not t.tgisinternal and @ours""",
    "rule": """
        select c.oid::regclass || ' ' || r.rulename, pg_get_ruledef(r.oid)
          from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace
         where r.rulename <> '_RETURN' and @ours""",
    "type": """
        select t.oid::regtype::text,
               concat_ws('; ', t.typtype, t.typnotnull, t.typdefault,
                   format_type(nullif(t.typbasetype, 0), t.typtypmod),
                   (select string_agg(e.enumlabel, ', ' order by e.enumsortorder)
                      from pg_enum e where e.enumtypid = t.oid),
                   acl(t.typacl), obj_description(t.oid, 'pg_type'))
          from pg_type t join pg_namespace n on n.oid = t.typnamespace
         where t.typtype in ('e', 'd', 'r', 'm') and @ours""",
    "sequence": """
        select s.seqrelid::regclass::text,
               concat_ws('; ', s.seqtypid::regtype, s.seqstart, s.seqincrement,
                   s.seqmin, s.seqmax, s.seqcache, s.seqcycle)
          from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace
         where @ours""",
    "statistics": """
        select s.stxname, pg_get_statisticsobjdef(s.oid)
          from pg_statistic_ext s join pg_namespace n on n.oid = s.stxnamespace where @ours""",
    "default privileges": """
        select concat_ws(' ', pg_get_userbyid(d.defaclrole), coalesce(n.nspname, 'everywhere'), d.defaclobjtype),
               acl(d.defaclacl)
          from pg_default_acl d left join pg_namespace n on n.oid = d.defaclnamespace""",
    "extension": "select extname::text, extversion from pg_extension",
    "event trigger": "select evtname::text, concat_ws('; ', evtevent, evtfoid::regprocedure, evtenabled, evttags)"
    " from pg_event_trigger",
    "role": """
        select r.rolname::text,
               concat_ws('; ', 'login', r.rolcanlogin, 'inherit', r.rolinherit, 'super', r.rolsuper,
                   'bypass', r.rolbypassrls, 'createrole', r.rolcreaterole,
                   (select string_agg(g.rolname, ', ' order by g.rolname)
                      from pg_auth_members m join pg_roles g on g.oid = m.roleid where m.member = r.oid))
          from pg_roles r where r.rolname in ('anon', 'authenticated', 'service_role')""",
}


async def picture(conn: Connection) -> Picture:
    """Everything in the database that is not PostgreSQL's own, and the three roles.

    Needs no right but to connect. Names are qualified whatever the session's search_path is.
    """
    found: Picture = {}
    async with conn.transaction(force_rollback=True):
        await conn.execute("set local search_path = ''")
        for part, query in _PARTS.items():
            for short, long in _SHORT.items():
                query = re.sub(short, long, query)
            cursor = await conn.execute(query)
            for name, definition in await cursor.fetchall():
                found[f"{part} {name}"] = definition or ""
    return found


def differences(before: Picture, after: Picture) -> list[str]:
    """What differs, a line each; empty when the pictures are equal."""
    lines = [f"gone: {name}" for name in sorted(before.keys() - after.keys())]
    lines += [f"new: {name}" for name in sorted(after.keys() - before.keys())]
    for name in sorted(before.keys() & after.keys()):
        if before[name] != after[name]:
            lines.append(f"changed: {name}: {before[name]} -> {after[name]}")
    return lines
