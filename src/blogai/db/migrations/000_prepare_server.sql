-- What a managed platform brings and a plain server lacks: three roles, the default privileges that
-- make row level security the only guard of a new table, and the schema auth. Each part is made only
-- where it is missing and noted in private.prepared_objects, so that the down script takes away no more.

create schema if not exists private;

create table private.prepared_objects (
    kind text not null,
    name text not null,
    primary key (kind, name)
);
comment on table private.prepared_objects is 'What migration 000 had to create on this server; its down script drops exactly this.';

do $$
declare
    v_super boolean := (select rolsuper from pg_roles where rolname = current_user);
    v_version integer := current_setting('server_version_num')::integer;
    v_may_bypass boolean;
    v_act_as text := case when v_version >= 160000 then 'SET' else 'MEMBER' end;
    v_role text;
    v_objects record;
begin
    -- From 16 on a role may hand on the attributes that it has itself; before, only a superuser may.
    v_may_bypass := v_super
        or (v_version >= 160000 and (select rolbypassrls from pg_roles where rolname = current_user));

    foreach v_role in array array['anon', 'authenticated', 'service_role'] loop
        if not exists (select from pg_roles where rolname = v_role) then
            begin
                execute format('create role %I nologin noinherit', v_role);
                if v_role = 'service_role' and v_may_bypass then
                    alter role service_role bypassrls;
                end if;
                insert into private.prepared_objects values ('role', v_role);
            exception
                when duplicate_object or unique_violation then
                    null; -- another database of this server was faster
                when insufficient_privilege then
                    raise exception 'The owner "%" may not create the role "%".', current_user, v_role
                        using errcode = 'insufficient_privilege',
                              hint = format('Ask an administrator for: alter role %I createrole;', current_user);
            end;
        end if;

        -- An ordinary owner does not belong to the roles that it made until it says so.
        if not v_super and not pg_has_role(current_user, v_role, v_act_as) then
            begin
                execute format('grant %I to %I', v_role, current_user);
                insert into private.prepared_objects values ('membership', v_role);
            exception when insufficient_privilege then
                raise warning 'The owner "%" cannot act as "%"; ask an administrator for: grant % to % with admin option;',
                    current_user, v_role, quote_ident(v_role), quote_ident(current_user);
            end;
        end if;

        if not has_schema_privilege(v_role, 'public', 'usage') then
            execute format('grant usage on schema public to %I', v_role);
            insert into private.prepared_objects values ('usage', v_role);
        end if;

        for v_objects in
            select kind.name, kind.letter
              from (values ('tables', 'r'::"char"), ('functions', 'f'), ('sequences', 'S')) as kind (name, letter)
             where not exists (
                select
                  from pg_default_acl as d
                 cross join aclexplode(d.defaclacl) as a
                 where d.defaclrole = current_user::regrole
                   and d.defaclnamespace = 'public'::regnamespace
                   and d.defaclobjtype = kind.letter
                   and a.grantee = v_role::regrole)
        loop
            execute format('alter default privileges in schema public grant all on %s to %I', v_objects.name, v_role);
            insert into private.prepared_objects values ('default privileges', v_objects.name || ' ' || v_role);
        end loop;
    end loop;

    grant usage on schema private to anon, authenticated, service_role;

    if to_regnamespace('auth') is null then
        create schema auth;
        grant usage on schema auth to anon, authenticated, service_role;
        insert into private.prepared_objects values ('schema', 'auth');
    end if;

    if to_regprocedure('auth.jwt()') is null then
        create function auth.jwt() returns jsonb
        language sql stable parallel safe set search_path = ''
        return nullif(current_setting('request.jwt.claims', true), '')::jsonb;
        comment on function auth.jwt() is 'The verified claims of the caller; null outside a request.';
        insert into private.prepared_objects values ('function', 'auth.jwt()');
    end if;

    if to_regprocedure('auth.uid()') is null then
        create function auth.uid() returns uuid
        language sql stable parallel safe set search_path = ''
        return (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid;
        comment on function auth.uid() is 'The subject of the caller as a UUID; fails on any other subject.';
        insert into private.prepared_objects values ('function', 'auth.uid()');
    end if;

    if to_regprocedure('auth.role()') is null then
        create function auth.role() returns text
        language sql stable parallel safe set search_path = ''
        return nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role';
        comment on function auth.role() is 'The role that the caller''s claims name.';
        insert into private.prepared_objects values ('function', 'auth.role()');
    end if;

    -- The extension uuid-ossp, where it is installed, keeps the word; the embedded server does not ship it.
    if to_regprocedure('uuid_generate_v4()') is null then
        create function public.uuid_generate_v4() returns uuid
        language sql volatile parallel safe set search_path = ''
        return gen_random_uuid();
        comment on function public.uuid_generate_v4() is 'A random UUID, under the name that the extension uuid-ossp gives it.';
        insert into private.prepared_objects values ('function', 'public.uuid_generate_v4()');
    end if;
end
$$;

create procedure private.reset_privileges(p_kind text, p_name text)
language plpgsql set search_path = ''
as $$
declare
    v_letter "char" := case p_kind when 'table' then 'r' when 'function' then 'f' end;
    v_owner oid;
    v_role text;
    v_grant record;
begin
    if v_letter is null then
        raise exception 'reset_privileges knows tables and functions, not "%".', p_kind;
    end if;
    v_owner := case v_letter
        when 'r' then (select relowner from pg_class where oid = p_name::regclass)
        else (select proowner from pg_proc where oid = p_name::regprocedure) end;

    for v_role in
        select coalesce(quote_ident(r.rolname), 'public')
          from unnest(array[0::oid, v_owner, 'anon'::regrole, 'authenticated'::regrole, 'service_role'::regrole]) as u (oid)
          left join pg_roles as r on r.oid = u.oid
    loop
        execute format('revoke all on %s %s from %s', p_kind, p_name, v_role);
    end loop;

    -- Granted in the order of the role's oid, which is how the server sorts the list of a new object.
    for v_grant in
        with defaults as (
            select defaclnamespace, defaclacl
              from pg_default_acl
             where defaclrole = v_owner
               and defaclobjtype = v_letter
        ),
        wanted as (
            select coalesce((select defaclacl from defaults where defaclnamespace = 0), acldefault(v_letter, v_owner)) as acl
            union all
            select defaclacl from defaults where defaclnamespace = 'public'::regnamespace
        )
        select coalesce(quote_ident(r.rolname), 'public') as role_name,
               string_agg(distinct a.privilege_type, ', ') as privileges
          from wanted
         cross join aclexplode(wanted.acl) as a
          left join pg_roles as r on r.oid = a.grantee
         group by a.grantee, r.rolname
         order by a.grantee
    loop
        execute format('grant %s on %s %s to %s', v_grant.privileges, p_kind, p_name, v_grant.role_name);
    end loop;
end
$$;
revoke all on procedure private.reset_privileges(text, text) from public;
comment on procedure private.reset_privileges(text, text) is
    'Gives a table or function of schema public the privileges that a new one gets; for down scripts.';
