select month_used, month_tokens, day_used, day_start, billing_anchor from public.user_quotas where false;
select id, user_id, operation_type, units, settled_units, state, reserved_at, expires_at, closed_at, idempotency_key
  from public.usage_reservations where false;
select month_difference, day_difference from private.usage_reconciliation where false;
select 'public.usage_reservations_key'::regclass, 'public.usage_reservations_open'::regclass;
select unnest(array[
    'private.expire_reservations(text)',
    'private.forget_reservations(interval)',
    'private.next_window(text, timestamptz, timestamptz, timestamptz, timestamptz)',
    'private.quota_state(text)',
    'private.recount_usage(text)',
    'private.refresh_quota(text)',
    'private.refuse_usage(text, integer)',
    'private.require_own(text)',
    'private.settle_reservation(uuid, text, integer, integer, jsonb)',
    'private.usage_window(timestamptz, timestamptz)',
    'private.utc_text(timestamptz)']::regprocedure[]);

do $$
declare
    v_function regprocedure;
begin
    foreach v_function in array array[
        'public.reserve_usage(text, text, integer, interval, text)',
        'public.settle_usage(uuid, integer, integer, jsonb)',
        'public.release_usage(uuid)',
        'public.sweep_reservations()',
        'public.increment_user_usage(text, text, integer, jsonb)',
        'public.reset_expired_quotas()']::regprocedure[]
    loop
        if has_function_privilege('anon', v_function, 'execute')
           or has_function_privilege('authenticated', v_function, 'execute')
           or not has_function_privilege('service_role', v_function, 'execute') then
            raise exception '% must be open to service_role and nobody else.', v_function;
        end if;
    end loop;
    if not (select relrowsecurity and relforcerowsecurity from pg_class where oid = 'public.usage_reservations'::regclass) then
        raise exception 'Row level security is not forced on usage_reservations.';
    end if;
    if not exists (select from pg_constraint
                    where conrelid = 'public.usage_records'::regclass and conname = 'usage_records_tokens_used_check') then
        raise exception 'usage_records accepts negative tokens.';
    end if;
end
$$;
