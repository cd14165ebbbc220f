do $$
declare
    v_name text;
begin
    foreach v_name in array array['user_quotas_check', 'usage_reservations_check'] loop
        assert exists (
            select from pg_catalog.pg_constraint where conname = v_name and convalidated
               and conrelid in ('public.user_quotas'::regclass, 'public.usage_reservations'::regclass)),
            format('The constraint %s is missing.', v_name);
    end loop;
    assert not exists (select from public.user_quotas where month_tokens is not null),
        'user_quotas.month_tokens must be empty: nothing keeps it.';
    assert not has_table_privilege('service_role', 'public.usage_reservations', 'insert, update'),
        'Reservations must be written by the functions alone.';
    assert not has_function_privilege('service_role', 'private.quota_state(text)', 'execute'),
        'private.quota_state must be for other functions.';
end
$$;
