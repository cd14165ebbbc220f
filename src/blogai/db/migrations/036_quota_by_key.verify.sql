do $$
declare
    v_name text;
begin
    foreach v_name in array array[
        'public.settle_usage(uuid, integer, integer, jsonb)', 'public.release_usage(uuid)',
        'private.expire_reservations(text)', 'public.check_quota_available(text)', 'private.quota_state(text)',
        'private.earlier_reservation(text, text, integer, text)'] loop
        assert (select p.proconfig @> array['enable_seqscan=off'] from pg_catalog.pg_proc as p
                 where p.oid = v_name::regprocedure),
            format('%s must find reservations by key.', v_name);
    end loop;
    assert substr(private.time_ordered_id()::text, 15, 1) = '7'
       and substr(private.time_ordered_id()::text, 20, 1) in ('8', '9', 'a', 'b'),
        'private.time_ordered_id must make UUIDs of version 7.';
    assert not has_function_privilege(
        'service_role', 'private.earlier_reservation(text, text, integer, text)', 'execute'),
        'private.earlier_reservation must be for other functions.';
end
$$;
