do $$
declare
    v_call text;
begin
    foreach v_call in array array['quota_is_possible(', 'reservation_is_possible('] loop
        assert exists (
            select from pg_catalog.pg_constraint as k
             where k.contype = 'c' and k.convalidated and strpos(pg_get_constraintdef(k.oid), 'private.' || v_call) > 0
               and k.conrelid in ('public.user_quotas'::regclass, 'public.usage_reservations'::regclass)),
            format('The check private.%s...) is missing.', v_call);
    end loop;
    assert not private.quota_is_possible(1, -1, null, 'free', 'free')
       and not private.quota_is_possible(1, 1, null, 'free', 'gold')
       and coalesce(private.quota_is_possible(1, 0, null, 'free', 'pro'), true),
        'private.quota_is_possible does not hold user_quotas to its rules.';
    assert not private.reservation_is_possible('poem', 1, 'open', null, null, null)
       and not private.reservation_is_possible('blog', 1, 'open', now(), null, null)
       and coalesce(private.reservation_is_possible('blog', 1, 'open', null, null, null), true),
        'private.reservation_is_possible does not hold usage_reservations to its rules.';
    assert has_function_privilege(
        'service_role', 'private.quota_is_possible(integer, integer, bigint, text, text)', 'execute'),
        'service_role must be able to write user_quotas.';
    assert (select pg_get_expr(d.adbin, d.adrelid) from pg_catalog.pg_attrdef as d
              join pg_catalog.pg_attribute as a on a.attrelid = d.adrelid and a.attnum = d.adnum
             where d.adrelid = 'public.usage_reservations'::regclass and a.attname = 'id') = 'private.time_ordered_id()',
        'Reservations must get ids in the order of time.';
end
$$;
