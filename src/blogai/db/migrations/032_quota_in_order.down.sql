alter table public.user_quotas
    drop constraint user_quotas_check,
    add constraint user_quotas_check check (
        least(month_used, day_used, month_tokens) >= 0
        and granted_tier in ('free', 'starter', 'pro', 'business')
        and subscribed_tier in ('free', 'starter', 'pro', 'business'));

alter table public.usage_reservations
    drop constraint usage_reservations_check,
    add constraint usage_reservations_check check (
        operation_type in ('blog', 'book', 'batch', 'remix', 'tool', 'other')
        and units > 0
        and state in ('open', 'settled', 'released', 'expired')
        and (state = 'open') = (closed_at is null)
        and (state = 'settled') = (settled_units is not null)
        and settled_units between 1 and units
        and length(idempotency_key) between 1 and 200),
    alter column id set default gen_random_uuid();

create or replace function public.increment_user_usage(
    p_user_id text, p_op_type text, p_tokens integer default 0, p_metadata jsonb default '{}'
)
returns table (
    success boolean, tier text, current_usage bigint, monthly_limit integer, daily_usage bigint, daily_limit integer,
    remaining bigint, record_id uuid
)
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_at timestamptz := now();
begin
    if current_setting('role', true) is distinct from 'service_role' then
        perform private.require_own(p_user_id);
    end if;
    if p_user_id is null or p_user_id = '' then
        raise exception using errcode = 'ZINVL', column = 'user_id', message = 'user_id must not be empty.';
    end if;
    if p_tokens is null or p_tokens < 0 then
        raise exception using errcode = 'ZINVL', column = 'tokens', message = 'tokens must be 0 or more.';
    end if;
    for attempt in 1 .. 2 loop
        -- see reserve_usage for why the lock comes second
        update public.user_quotas as q
           set month_used = q.month_used + 1,
               day_used = q.day_used + 1,
               updated_at = now()
          from public.tier_limits as l
         where q.user_id = p_user_id
           and l.tier = q.tier
           and q.period_start <= v_at and q.period_end > v_at
           and q.day_start = (v_at at time zone 'UTC')::date
           and (l.monthly_limit < 0 or q.month_used + 1 <= l.monthly_limit)
           and (l.daily_limit < 0 or q.day_used + 1 <= l.daily_limit)
        returning true, q.tier, q.month_used, l.monthly_limit, q.day_used, l.daily_limit,
                  case when l.monthly_limit < 0 then -1 else greatest(l.monthly_limit - q.month_used, 0) end
             into success, tier, current_usage, monthly_limit, daily_usage, daily_limit, remaining;
        exit when success or attempt = 2;
        v_at := private.refresh_quota(p_user_id);
    end loop;
    if success then
        -- the column's default is the same by a longer way
        insert into public.usage_records as r (id, user_id, operation_type, tokens_used, metadata, "timestamp")
        values (gen_random_uuid(), p_user_id, p_op_type, p_tokens, p_metadata, v_at)
        returning r.id into record_id;
        return next;
    else
        return query
            select false, c.tier, c.current_usage, c.monthly_limit, c.daily_usage, c.daily_limit, c.remaining, null::uuid
              from public.check_quota_available(p_user_id) as c;
    end if;
end
$$;

drop function private.quota_is_possible(integer, integer, bigint, text, text);
drop function private.reservation_is_possible(text, integer, text, timestamptz, integer, text);
drop function private.time_ordered_id();
