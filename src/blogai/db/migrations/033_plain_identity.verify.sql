do $$
declare
    v_claims text;
    v_id text;
    v_hash text;
    v_name text;
begin
    for v_claims, v_id, v_hash in
        values ('{"sub": "abc"}', 'abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'),
               ('{"sub": "abc", "user_hash": "h"}', 'abc', 'h'),
               ('{"sub": "", "user_hash": ""}', null, null),
               ('', null, null)
    loop
        perform set_config('request.jwt.claims', v_claims, true);
        assert private.caller_id() is not distinct from v_id and private.caller_hash() is not distinct from v_hash,
            format('caller_id or caller_hash does not read the claims %L.', v_claims);
    end loop;
    perform set_config('request.jwt.claims', '', true);

    foreach v_name in array array['caller_id', 'caller_hash'] loop
        -- what the planner asks of a function that is to become part of a statement
        assert (select p.prosqlbody is not null and p.proconfig is null and not p.prosecdef and p.provolatile = 's'
                  from pg_catalog.pg_proc as p
                 where p.oid = to_regprocedure(format('private.%I()', v_name))),
            format('private.%s is not one expression.', v_name);
        assert has_function_privilege('anon', format('private.%I()', v_name), 'execute')
               and has_function_privilege('authenticated', format('private.%I()', v_name), 'execute')
               and has_function_privilege('service_role', format('private.%I()', v_name), 'execute'),
            format('Not every role may ask private.%s.', v_name);
    end loop;
end
$$;
