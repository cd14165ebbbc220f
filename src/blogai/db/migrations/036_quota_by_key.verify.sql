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
    assert (select strpos(pg_get_constraintdef(k.oid), 'private.quota_is_possible(tier,') > 0
              from pg_catalog.pg_constraint as k
             where k.conrelid = 'public.user_quotas'::regclass and k.contype = 'c' and k.convalidated),
        'user_quotas must have one check, private.quota_is_possible(tier, ...).';
    assert not private.quota_is_possible('gold', 'free', 'free', 1, 1, null)
       and not private.quota_is_possible('free', 'gold', 'free', 1, 1, null)
       and not private.quota_is_possible('free', 'free', 'gold', 1, 1, null)
       and not private.quota_is_possible('free', 'free', 'free', 1, -1, null)
       and not private.quota_is_possible('free', 'free', 'free', -1, 1, null)
       and coalesce(private.quota_is_possible('pro', 'free', 'pro', 1, 0, null), true),
        'private.quota_is_possible does not hold user_quotas to its rules.';
end
$$;
