do $$
declare
    v_function regprocedure;
begin
    foreach v_function in array array[
        'private.hold_run(uuid, interval, jsonb)',
        'private.end_run(uuid, text, uuid, text, text, jsonb, integer, integer, numeric, integer, jsonb, jsonb, jsonb)'
    ]::regprocedure[] loop
        assert has_function_privilege('service_role', v_function, 'execute'), 'The program cannot begin or end runs.';
        assert not has_function_privilege('authenticated', v_function, 'execute')
            and not has_function_privilege('anon', v_function, 'execute'), 'Callers can begin or end runs.';
    end loop;
end
$$;
