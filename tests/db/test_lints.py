"""Rules for every object of the final schema, as queries that return the offenders."""

import pytest

from blogai.db.database import Connection
from blogai.db.migrate import migrate

OURS = "n.nspname in ('public', 'private')"

TIERS = """k.confrelid = 'public.tier_limits'::regclass"""
"""tier_limits has four rows whose keys stay: nothing looks up the users of a tier by this key."""

OFFENDERS = {
    "a table without row level security that somebody else may use": f"""
        select c.oid::regclass::text
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where {OURS} and c.relkind in ('r', 'p') and not c.relrowsecurity
           and (n.nspname = 'public' or has_any_column_privilege('anon', c.oid, 'select, insert, update')
                or has_any_column_privilege('authenticated', c.oid, 'select, insert, update'))""",
    "a table of public that does not bind its owner": """
        select oid::regclass::text from pg_class
         where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relforcerowsecurity""",
    "a table that binds its owner and gives him no policy": f"""
        select c.oid::regclass::text
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where {OURS} and c.relforcerowsecurity
           and not exists (select from pg_policy p where p.polrelid = c.oid and p.polcmd = '*'
                              and c.relowner = any (p.polroles))""",
    "a table that service_role cannot use without BYPASSRLS": """
        select c.oid::regclass::text from pg_class c
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
           and not exists (select from pg_policy p where p.polrelid = c.oid and p.polcmd = '*'
                              and 'service_role'::regrole = any (p.polroles))""",
    "a policy for everybody": "select tablename || ': ' || policyname from pg_policies where 'public' = any (roles)",
    "a policy that evaluates a function for every row": """
        select tablename || ': ' || policyname from pg_policies
         where concat(qual, ' ', with_check) ~ '(caller_id|caller_hash(_in_place)?|current_setting|auth\\.[a-z]+)\\('
           and concat(qual, ' ', with_check) !~ 'SELECT (private\\.)?(caller_id|caller_hash(_in_place)?)\\(\\)'""",
    "a policy to update that does not check the new row": """
        select tablename || ': ' || policyname from pg_policies
         where cmd in ('UPDATE', 'ALL') and with_check is null""",
    "a function without a pinned search_path": f"""
        select p.oid::regprocedure::text
          from pg_proc p join pg_namespace n on n.oid = p.pronamespace
         where {OURS} and p.prokind in ('f', 'p')
           -- two whose names are bound when they are made, so that the planner can inline them; none with other rights
           and not (p.prosqlbody is not null and not p.prosecdef
                    and p.proname in ('caller_hash_in_place', 'time_ordered_id'))
           and not exists (select from unnest(p.proconfig) s where s like 'search_path=%')""",
    "a definer function with a search_path that is not empty": f"""
        select p.oid::regprocedure::text
          from pg_proc p join pg_namespace n on n.oid = p.pronamespace
         where {OURS} and p.prosecdef and not p.proconfig @> array['search_path=""']""",
    "a function open to the public": f"""
        select p.oid::regprocedure::text
          from pg_proc p join pg_namespace n on n.oid = p.pronamespace
         where {OURS} and exists (
                select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee = 0)""",
    "a definer function for tenants that does not ask who is calling": f"""
        select p.oid::regprocedure::text
          from pg_proc p join pg_namespace n on n.oid = p.pronamespace
         where {OURS} and p.prosecdef
           and (has_function_privilege('anon', p.oid, 'execute')
                or has_function_privilege('authenticated', p.oid, 'execute'))
           and p.prosrc !~ 'private\\.(require_own|require_own_hash|caller_id|caller_hash)\\('""",
    "a foreign key without an index": f"""
        select k.conrelid::regclass || ': ' || k.conname
          from pg_constraint k join pg_namespace n on n.oid = k.connamespace
         where {OURS} and k.contype = 'f' and not ({TIERS})
           and not exists (select from pg_index i
                            where i.indrelid = k.conrelid and i.indkey[0] = any (k.conkey)
                              and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) ~ 'IS NOT NULL'))""",
    "a foreign key that does not say on delete": f"""
        select k.conrelid::regclass || ': ' || k.conname
          from pg_constraint k join pg_namespace n on n.oid = k.connamespace
         where {OURS} and k.contype = 'f' and k.confdeltype = 'a' and not ({TIERS})""",
    "a view that shows what its owner sees": f"""
        select c.oid::regclass::text
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where {OURS} and c.relkind = 'v'
           and not coalesce(c.reloptions @> array['security_invoker=true'], false)""",
    "a right beyond reading and writing rows": f"""
        select c.oid::regclass || ': ' || a.privilege_type
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
         cross join aclexplode(c.relacl) a
         where {OURS} and a.grantee <> c.relowner
           and a.privilege_type not in ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'USAGE')""",
    "a table that a tenant may write as a whole": f"""
        select c.oid::regclass || ': ' || a.privilege_type
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
         cross join aclexplode(c.relacl) a
         where {OURS} and c.relkind in ('r', 'p') and a.privilege_type in ('INSERT', 'UPDATE')
           and a.grantee in (0, 'anon'::regrole, 'authenticated'::regrole)""",
    "a table or function without a comment": f"""
        select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where {OURS} and c.relkind in ('r', 'p', 'v') and obj_description(c.oid, 'pg_class') is null
        union all
        select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
         where {OURS} and obj_description(p.oid, 'pg_proc') is null""",
    "a constraint that was never checked": f"""
        select k.conname from pg_constraint k join pg_namespace n on n.oid = k.connamespace
         where {OURS} and not k.convalidated""",
}

NEW = """
create table public.fresh (id int);
create sequence public.numbers;
create function public.fresh() returns int language sql stable set search_path = '' as $$ select 1 $$;
create function private.fresh() returns int language sql stable set search_path = '' as $$ select 1 $$;
"""


async def offenders(conn: Connection, rule: str) -> list[str]:
    cursor = await conn.execute(OFFENDERS[rule].encode())
    return sorted(row[0] for row in await cursor.fetchall())


@pytest.fixture(scope="module")
def rules() -> list[str]:
    return list(OFFENDERS)


async def test_no_object_offends_against_a_rule(owner_conn: Connection, rules: list[str]) -> None:
    found = {rule: await offenders(owner_conn, rule) for rule in rules}
    assert {rule: names for rule, names in found.items() if names} == {}


async def test_the_documented_schema_offends(blank_dsn: str, blank: Connection, rules: list[str]) -> None:
    await migrate(blank_dsn, to=12)
    found = {rule for rule in rules if await offenders(blank, rule)}
    assert {
        "a table without row level security that somebody else may use",
        "a table of public that does not bind its owner",
        "a policy to update that does not check the new row",
        "a function open to the public",
        "a definer function for tenants that does not ask who is calling",
        "a right beyond reading and writing rows",
        "a table that a tenant may write as a whole",
    } <= found


async def test_what_is_new_starts_out_closed(owner_conn: Connection) -> None:
    async with owner_conn.transaction(force_rollback=True):
        await owner_conn.execute(NEW.encode())
        for role in ("anon", "authenticated"):
            cursor = await owner_conn.execute(
                "select has_any_column_privilege(%(role)s, 'public.fresh', 'select, insert, update, references'),"
                " has_table_privilege(%(role)s, 'public.fresh', 'delete, truncate, trigger'),"
                " has_sequence_privilege(%(role)s, 'public.numbers', 'usage, select, update'),"
                " has_function_privilege(%(role)s, 'public.fresh()', 'execute'),"
                " has_function_privilege(%(role)s, 'private.fresh()', 'execute')",
                {"role": role},
            )
            assert await cursor.fetchone() == (False,) * 5
        cursor = await owner_conn.execute(
            "select has_table_privilege('service_role', 'public.fresh', 'select, insert, update, delete'),"
            " has_table_privilege('service_role', 'public.fresh', 'truncate, trigger, references')"
        )
        assert await cursor.fetchone() == (True, False)
