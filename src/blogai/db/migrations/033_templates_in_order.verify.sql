do $$
declare
    v_claims text;
begin
    foreach v_claims in array array[
        '{"sub": "abc"}', '{"sub": "abc", "user_hash": "h"}', '{"user_hash": "h"}', '{"sub": "", "user_hash": ""}', ''
    ] loop
        perform set_config('request.jwt.claims', v_claims, true);
        assert private.caller_hash_in_place() is not distinct from private.caller_hash(),
            format('caller_hash_in_place does not read the claims %L as caller_hash does.', v_claims);
    end loop;
    perform set_config('request.jwt.claims', '', true);

    -- what the planner asks of a function that is to become part of a statement
    assert (select p.prosqlbody is not null and p.proconfig is null and not p.prosecdef and p.provolatile = 's'
              from pg_catalog.pg_proc as p where p.oid = 'private.caller_hash_in_place()'::regprocedure),
        'private.caller_hash_in_place is not one expression.';
    assert has_function_privilege('anon', 'private.caller_hash_in_place()', 'execute')
           and has_function_privilege('authenticated', 'private.caller_hash_in_place()', 'execute')
           and has_function_privilege('service_role', 'private.caller_hash_in_place()', 'execute'),
        'Not every role may ask private.caller_hash_in_place.';
    assert (select qual ~* 'coalesce.*caller_hash_in_place.*false'
              from pg_catalog.pg_policies
             where schemaname = 'public' and tablename = 'templates' and policyname = 'Users can read own'),
        'Own templates must be found by caller_hash_in_place.';
end
$$;
