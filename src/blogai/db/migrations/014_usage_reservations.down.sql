drop view private.usage_reconciliation;
drop function private.recount_usage(text);
drop function private.quota_state(text);
drop function private.require_own(text);
drop function private.forget_reservations(interval);
drop function public.sweep_reservations();
drop function public.release_usage(uuid);
drop function public.settle_usage(uuid, integer, integer, jsonb);
drop function public.reserve_usage(text, text, integer, interval, text);
drop function private.settle_reservation(uuid, text, integer, integer, jsonb);
drop function private.refuse_usage(text, integer);
drop function private.refresh_quota(text);
drop function private.expire_reservations(text);
drop function private.utc_text(timestamptz);
drop function private.next_window(text, timestamptz, timestamptz, timestamptz, timestamptz);
drop function private.usage_window(timestamptz, timestamptz);
drop table public.usage_reservations;

alter table public.usage_records drop constraint usage_records_tokens_used_check;

alter table public.user_quotas
    drop column month_used,
    drop column month_tokens,
    drop column day_used,
    drop column day_start,
    drop column billing_anchor,
    alter column period_start set default date_trunc('month', now()),
    alter column period_end set default date_trunc('month', now()) + interval '1 month',
    reset (fillfactor);

-- The documented functions as migration 007 made them.

create or replace function public.get_current_month_usage(p_user_id text)
returns table (operation_count bigint, tokens_used bigint, period_start timestamptz, period_end timestamptz)
language plpgsql stable security definer set search_path = '' set plan_cache_mode = 'force_custom_plan'
as $$
declare
    v_start timestamptz;
    v_end timestamptz;
begin
    select q.period_start, q.period_end into v_start, v_end
      from public.user_quotas as q
     where q.user_id = p_user_id;
    v_start := coalesce(v_start, date_trunc('month', now()));
    v_end := coalesce(v_end, date_trunc('month', now()) + interval '1 month');
    return query
        select count(*), coalesce(sum(r.tokens_used), 0)::bigint, v_start, v_end
          from public.usage_records as r
         where r.user_id = p_user_id
           and r."timestamp" >= v_start
           and r."timestamp" < v_end;
end
$$;
comment on function public.get_current_month_usage(text) is 'Operations and tokens of a user in the current billing period.';

create or replace function public.get_daily_usage(p_user_id text) returns bigint
language plpgsql stable security definer set search_path = '' set plan_cache_mode = 'force_custom_plan'
as $$
declare
    v_start timestamptz := date_trunc('day', now());
begin
    return (select count(*)
              from public.usage_records as r
             where r.user_id = p_user_id
               and r."timestamp" >= v_start);
end
$$;
comment on function public.get_daily_usage(text) is 'Operations of a user today.';

create or replace function public.check_quota_available(p_user_id text)
returns table (
    quota_available boolean,
    tier text,
    current_usage bigint,
    monthly_limit integer,
    daily_usage bigint,
    daily_limit integer,
    remaining bigint,
    period_end timestamptz
)
language sql stable security definer set search_path = ''
as $$
    select (l.monthly_limit = -1 or m.operation_count < l.monthly_limit)
           and (l.daily_limit = -1 or d.used < l.daily_limit),
           l.tier,
           m.operation_count,
           l.monthly_limit,
           d.used,
           l.daily_limit,
           case when l.monthly_limit = -1 then -1 else greatest(l.monthly_limit - m.operation_count, 0) end,
           m.period_end
      from public.tier_limits as l
     cross join public.get_current_month_usage(p_user_id) as m
     cross join public.get_daily_usage(p_user_id) as d (used)
     where l.tier = coalesce((select q.tier from public.user_quotas as q where q.user_id = p_user_id), 'free');
$$;
comment on function public.check_quota_available(text) is
    'Whether a user may generate once more, with what is used and what remains; -1 is unlimited.';

create or replace function public.increment_user_usage(p_user_id text, p_op_type text, p_tokens integer default 0, p_metadata jsonb default '{}')
returns table (
    success boolean,
    tier text,
    current_usage bigint,
    monthly_limit integer,
    daily_usage bigint,
    daily_limit integer,
    remaining bigint,
    record_id uuid
)
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_record uuid;
begin
    insert into public.user_quotas (user_id) values (p_user_id)
    on conflict (user_id) do nothing;
    insert into public.usage_records (user_id, operation_type, tokens_used, metadata)
    values (p_user_id, p_op_type, p_tokens, p_metadata)
    returning id into v_record;
    return query
        select true, c.tier, c.current_usage, c.monthly_limit, c.daily_usage, c.daily_limit, c.remaining, v_record
          from public.check_quota_available(p_user_id) as c;
end
$$;
comment on function public.increment_user_usage(text, text, integer, jsonb) is
    'Records one operation of a user and returns the usage after it.';

create or replace function public.reset_expired_quotas() returns integer
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_count integer;
begin
    update public.user_quotas
       set period_start = date_trunc('month', now()),
           period_end = date_trunc('month', now()) + interval '1 month'
     where period_end <= now();
    get diagnostics v_count = row_count;
    return v_count;
end
$$;
comment on function public.reset_expired_quotas() is 'Opens a new billing period for everyone whose period ended; returns how many.';

create or replace function public.get_usage_breakdown(p_user_id text, p_start timestamptz default null, p_end timestamptz default null)
returns table (operation_type text, operation_count bigint, tokens_used bigint)
language plpgsql stable security definer set search_path = '' set plan_cache_mode = 'force_custom_plan'
as $$
declare
    v_start timestamptz := coalesce(p_start, date_trunc('month', now()));
    v_end timestamptz := coalesce(p_end, now() + interval '1 second');
begin
    return query
        select r.operation_type, count(*), coalesce(sum(r.tokens_used), 0)::bigint
          from public.usage_records as r
         where r.user_id = p_user_id
           and r."timestamp" >= v_start
           and r."timestamp" < v_end
         group by r.operation_type
         order by count(*) desc, r.operation_type;
end
$$;
comment on function public.get_usage_breakdown(text, timestamptz, timestamptz) is
    'Operations and tokens of a user by type; from the start of the month until now where no window is given.';

call private.reset_privileges('function', 'public.get_current_month_usage(text)');
call private.reset_privileges('function', 'public.get_daily_usage(text)');
call private.reset_privileges('function', 'public.check_quota_available(text)');
call private.reset_privileges('function', 'public.increment_user_usage(text, text, integer, jsonb)');
call private.reset_privileges('function', 'public.reset_expired_quotas()');
call private.reset_privileges('function', 'public.get_usage_breakdown(text, timestamptz, timestamptz)');
