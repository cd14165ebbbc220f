select tier, monthly_limit, daily_limit, features, price_monthly, price_yearly, description, updated_at
  from public.tier_limits where false;
select id, user_id, tier, period_start, period_end, created_at, updated_at from public.user_quotas where false;
select id, user_id, operation_type, tokens_used, "timestamp", metadata, created_at from public.usage_records where false;
select 'public.get_current_month_usage(text)'::regprocedure,
       'public.get_daily_usage(text)'::regprocedure,
       'public.check_quota_available(text)'::regprocedure,
       'public.increment_user_usage(text, text, integer, jsonb)'::regprocedure,
       'public.reset_expired_quotas()'::regprocedure,
       'public.get_usage_breakdown(text, timestamptz, timestamptz)'::regprocedure;
select 'public.idx_usage_records_user_time'::regclass, 'public.idx_usage_records_recent'::regclass;

do $$
declare
    v_table text;
begin
    foreach v_table in array array['tier_limits', 'user_quotas', 'usage_records'] loop
        if not (select relrowsecurity from pg_class where oid = ('public.' || v_table)::regclass) then
            raise exception 'Row level security is off on %.', v_table;
        end if;
    end loop;
    foreach v_table in array array['tier_limits', 'user_quotas'] loop
        if not exists (select from pg_trigger
                        where tgrelid = ('public.' || v_table)::regclass
                          and tgname = 'update_' || v_table || '_updated_at') then
            raise exception 'The trigger update_%_updated_at is missing.', v_table;
        end if;
    end loop;
    if (select count(*) from public.tier_limits where tier in ('free', 'starter', 'pro', 'business')) <> 4 then
        raise exception 'tier_limits lacks one of the four tiers.';
    end if;
end
$$;
