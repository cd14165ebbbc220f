select 'public.idx_generated_content_user_created'::regclass;

do $$
declare
    v_role text;
    v_table text;
begin
    perform set_config('request.jwt.claims', '{"sub": "abc"}', true);
    if private.caller_id() is distinct from 'abc'
        or private.caller_hash() is distinct from 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' then
        raise exception 'caller_id or caller_hash does not read the claims.';
    end if;
    perform set_config('request.jwt.claims', '', true);

    foreach v_role in array array['anon', 'authenticated', 'service_role'] loop
        if not has_schema_privilege(v_role, 'private', 'usage')
            or not has_function_privilege(v_role, 'private.caller_id()', 'execute')
            or not has_function_privilege(v_role, 'private.caller_hash()', 'execute') then
            raise exception 'The role "%" may not ask who the caller is.', v_role;
        end if;
    end loop;

    foreach v_table in array array['generated_content', 'tool_usage', 'users', 'user_quotas', 'usage_records'] loop
        if not (select relrowsecurity and relforcerowsecurity from pg_class where oid = ('public.' || v_table)::regclass) then
            raise exception 'Row level security is not forced on %.', v_table;
        end if;
        if not exists (select from pg_policy where polrelid = ('public.' || v_table)::regclass and polname = 'Owner can manage') then
            raise exception 'The owner has no policy on %.', v_table;
        end if;
        if has_table_privilege('anon', 'public.' || v_table, 'truncate')
            or has_table_privilege('authenticated', 'public.' || v_table, 'truncate') then
            raise exception 'A tenant may truncate %.', v_table;
        end if;
    end loop;

    foreach v_table in array array['batch_jobs', 'remix_history', 'generated_images'] loop
        if not (select relrowsecurity from pg_class where oid = ('public.' || v_table)::regclass) then
            raise exception 'Row level security is off on %.', v_table;
        end if;
    end loop;
end
$$;
