select 'anon'::regrole, 'authenticated'::regrole, 'service_role'::regrole;
select 'auth.uid()'::regprocedure, 'auth.role()'::regprocedure, 'auth.jwt()'::regprocedure;
select uuid_generate_v4();
select kind, name from private.prepared_objects where false;
select 'private.reset_privileges(text, text)'::regprocedure;

do $$
declare
    v_role text;
begin
    foreach v_role in array array['anon', 'authenticated', 'service_role'] loop
        if not has_schema_privilege(v_role, 'public', 'usage') then
            raise exception 'The role "%" may not use the schema public.', v_role;
        end if;
        -- 020 takes away those of the tenants' roles, which is why only the program's are looked for.
        if v_role = 'service_role' and (select count(distinct d.defaclobjtype)
              from pg_default_acl as d
             cross join aclexplode(d.defaclacl) as a
             where d.defaclnamespace = 'public'::regnamespace
               and d.defaclobjtype in ('r', 'f', 'S')
               and a.grantee = v_role::regrole) < 3 then
            raise exception 'The role "%" lacks default privileges in the schema public.', v_role;
        end if;
    end loop;
end
$$;
