-- Taking and logging units with less work again; docs/database.md, section "Quota", has what each part brought.
--
-- What is dropped comes back in the same statement, looked at in the transaction that holds the lock anyway.
-- squawk-ignore-file ban-drop-constraint, constraint-missing-not-valid

-- Ids in the order of time. A random id belongs anywhere in the index of the log: with millions of rows each new one
-- reads and dirties another page, and the first change of a page after a checkpoint goes to the write-ahead log whole.
-- The names in a body of this form are bound when it is created, so it needs no search_path, and without one the planner
-- puts the body in the place of the call.

create function private.time_ordered_id() returns uuid
language sql volatile parallel safe
return encode(
    overlay(uuid_send(gen_random_uuid())
            placing substring(int8send((date_part('epoch', clock_timestamp()) * 1000)::bigint) from 3) || '\x70'::bytea
               from 1 for 7),
    'hex')::uuid;

comment on function private.time_ordered_id() is
    'A UUID of version 7: the milliseconds since 1970, then 66 random bits. Later ones sort behind earlier ones.';
revoke all on function private.time_ordered_id() from public;

-- A settled unit takes the id of its reservation into the log.
alter table public.usage_reservations alter column id set default private.time_ordered_id();

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
    v_id uuid := private.time_ordered_id();
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
        -- See reserve_usage for why the lock comes second. The log is written before the counter, since from the counter
        -- on every other call for this user waits, until this one is on the disk.
        with logged as (
            insert into public.usage_records as r (id, user_id, operation_type, tokens_used, metadata, "timestamp")
            select v_id, p_user_id, p_op_type, p_tokens, p_metadata, v_at
              from public.user_quotas as q
              join public.tier_limits as l on l.tier = q.tier
             where q.user_id = p_user_id
               and q.period_start <= v_at and q.period_end > v_at
               and q.day_start = (v_at at time zone 'UTC')::date
               and (l.monthly_limit < 0 or q.month_used + 1 <= l.monthly_limit)
               and (l.daily_limit < 0 or q.day_used + 1 <= l.daily_limit)
            returning r.id
        )
        update public.user_quotas as q
           set month_used = q.month_used + 1,
               day_used = q.day_used + 1,
               updated_at = now()
          from public.tier_limits as l, logged
         where q.user_id = p_user_id
           and l.tier = q.tier
           and q.period_start <= v_at and q.period_end > v_at
           and q.day_start = (v_at at time zone 'UTC')::date
           and (l.monthly_limit < 0 or q.month_used + 1 <= l.monthly_limit)
           and (l.daily_limit < 0 or q.day_used + 1 <= l.daily_limit)
        returning true, q.tier, q.month_used, l.monthly_limit, q.day_used, l.daily_limit,
                  case when l.monthly_limit < 0 then -1 else greatest(l.monthly_limit - q.month_used, 0) end, logged.id
             into success, tier, current_usage, monthly_limit, daily_usage, daily_limit, remaining, record_id;
        exit when success;
        -- logged, and then others took the last unit while this call waited
        delete from public.usage_records as r where r.id = v_id;
        exit when attempt = 2;
        v_at := private.refresh_quota(p_user_id);
    end loop;
    if success then
        return next;
    else
        return query
            select false, c.tier, c.current_usage, c.monthly_limit, c.daily_usage, c.daily_limit, c.remaining, null::uuid
              from public.check_quota_available(p_user_id) as c;
    end if;
end
$$;

-- PostgreSQL reads the text of a check anew for every statement, that of a function once a session. So the checks, with
-- all their rules as they were, are a call.

create function private.quota_is_possible(
    p_month_used integer, p_day_used integer, p_month_tokens bigint, p_granted_tier text, p_subscribed_tier text
) returns boolean
language plpgsql immutable parallel safe set search_path = ''
as $$
begin
    return least(p_month_used, p_day_used, p_month_tokens) >= 0
       and p_granted_tier = any (array['free', 'starter', 'pro', 'business'])
       and p_subscribed_tier = any (array['free', 'starter', 'pro', 'business']);
end
$$;

comment on function private.quota_is_possible(integer, integer, bigint, text, text) is
    'The check of user_quotas: no counter is negative, and grant and subscription are tiers.';

create function private.reservation_is_possible(
    p_operation_type text, p_units integer, p_state text, p_closed_at timestamptz, p_settled_units integer,
    p_idempotency_key text
) returns boolean
language plpgsql immutable parallel safe set search_path = ''
as $$
begin
    return p_operation_type = any (array['blog', 'book', 'batch', 'remix', 'tool', 'other'])
       and p_units > 0
       and p_state = any (array['open', 'settled', 'released', 'expired'])
       and (p_state = 'open') = (p_closed_at is null)
       and (p_state = 'settled') = (p_settled_units is not null)
       and p_settled_units between 1 and p_units
       and length(p_idempotency_key) between 1 and 200;
end
$$;

comment on function private.reservation_is_possible(text, integer, text, timestamptz, integer, text) is
    'The check of usage_reservations: a known operation and state, units, and what belongs to each state.';

revoke all on function
    private.quota_is_possible(integer, integer, bigint, text, text),
    private.reservation_is_possible(text, integer, text, timestamptz, integer, text)
    from public;
-- whoever writes to a table calls its check
grant execute on function private.quota_is_possible(integer, integer, bigint, text, text) to service_role;

alter table public.user_quotas
    drop constraint user_quotas_check,
    add constraint user_quotas_check check (
        private.quota_is_possible(month_used, day_used, month_tokens, granted_tier, subscribed_tier));

alter table public.usage_reservations
    drop constraint usage_reservations_check,
    add constraint usage_reservations_check check (
        private.reservation_is_possible(operation_type, units, state, closed_at, settled_units, idempotency_key));
