create or replace function public.reserve_usage(
    p_user_id text, p_operation_type text, p_units integer default 1, p_expires_in interval default interval '15 minutes',
    p_idempotency_key text default null,
    out reservation_id uuid, out state text, out units integer, out expires_at timestamptz, out replayed boolean
)
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_at timestamptz := now();
    v_earlier public.usage_reservations;
begin
    if p_user_id is null or p_user_id = '' then
        raise exception using errcode = 'ZINVL', column = 'user_id', message = 'user_id must not be empty.';
    end if;
    if p_units is null or p_units not between 1 and 10000 then
        raise exception using errcode = 'ZINVL', column = 'units', message = 'units must be from 1 to 10000.';
    end if;
    if p_expires_in is null or p_expires_in <= interval '0' or p_expires_in > interval '7 days' then
        raise exception using errcode = 'ZINVL', column = 'expires_in',
            message = 'expires_in must be more than nothing and at most 7 days.';
    end if;

    if p_idempotency_key is not null then
        -- the lock makes two calls with one key wait for each other
        v_at := private.refresh_quota(p_user_id);
        select r.* into v_earlier from public.usage_reservations as r
         where r.user_id = p_user_id and r.idempotency_key = p_idempotency_key;
        if v_earlier.state in ('open', 'settled') then
            if (v_earlier.operation_type, v_earlier.units) <> (p_operation_type, p_units) then
                raise exception using errcode = 'ZCNFL', column = 'idempotency_key',
                    message = 'This idempotency key was used for another operation.',
                    hint = 'Send the same request again, or choose a new key.';
            end if;
            reservation_id := v_earlier.id;
            state := v_earlier.state;
            units := v_earlier.units;
            expires_at := v_earlier.expires_at;
            replayed := true;
            return;
        elsif found then
            -- nothing came of it: the key is free again, the old reservation can still be settled by its id
            update public.usage_reservations as r set idempotency_key = null where r.id = v_earlier.id;
        end if;
    end if;

    for attempt in 1 .. 2 loop
        -- The update is checked again on the newest version of the row, so it never admits too much. When the
        -- tier changes while it waits, the join keeps the old limits and it refuses; then the second attempt,
        -- under the lock and with a new snapshot, decides. That is quicker than to lock first every time.
        with taken as (
            update public.user_quotas as q
               set month_used = q.month_used + p_units,
                   day_used = q.day_used + p_units
              from public.tier_limits as l
             where q.user_id = p_user_id
               and l.tier = q.tier
               and q.period_start <= v_at and q.period_end > v_at
               and q.day_start = (v_at at time zone 'UTC')::date
               and (l.monthly_limit < 0 or q.month_used + p_units <= l.monthly_limit)
               and (l.daily_limit < 0 or q.day_used + p_units <= l.daily_limit)
            returning q.user_id
        )
        insert into public.usage_reservations as r
               (user_id, operation_type, units, reserved_at, expires_at, idempotency_key)
        select t.user_id, p_operation_type, p_units, v_at, clock_timestamp() + p_expires_in, p_idempotency_key
          from taken as t
        returning r.id, r.state, r.units, r.expires_at, false
             into reservation_id, state, units, expires_at, replayed;
        exit when found;
        if attempt = 2 then
            perform private.refuse_usage(p_user_id, p_units);
        end if;
        v_at := private.refresh_quota(p_user_id);
    end loop;
end
$$;

create or replace function public.settle_usage(
    p_reservation_id uuid, p_units integer default null, p_tokens integer default 0, p_metadata jsonb default null
) returns boolean
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_found public.usage_reservations;
begin
    if p_tokens is null or p_tokens < 0 then
        raise exception using errcode = 'ZINVL', column = 'tokens', message = 'tokens must be 0 or more.';
    end if;
    if private.settle_reservation(p_reservation_id, 'open', p_units, p_tokens, p_metadata) then
        return true;
    end if;

    perform from public.user_quotas as q
      where q.user_id = (select r.user_id from public.usage_reservations as r where r.id = p_reservation_id)
        for no key update;
    select r.* into v_found from public.usage_reservations as r where r.id = p_reservation_id;
    if not found then
        raise exception using errcode = 'ZNTFD', message = 'There is no such reservation.';
    elsif v_found.state = 'settled' then
        return false;
    elsif v_found.state = 'released' then
        raise exception using errcode = 'ZCNFL', message = 'The reservation was released; nothing can be settled on it.',
            hint = 'Reserve again.';
    elsif p_units not between 1 and v_found.units then
        raise exception using errcode = 'ZINVL', column = 'units',
            message = format('units must be from 1 to %s, as reserved.', v_found.units),
            hint = 'Release the reservation when nothing was made.';
    end if;
    return private.settle_reservation(p_reservation_id, 'expired', p_units, p_tokens, p_metadata);
end
$$;

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
               month_tokens = q.month_tokens + p_tokens
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
        insert into public.usage_records as r (user_id, operation_type, tokens_used, metadata, "timestamp")
        values (p_user_id, p_op_type, p_tokens, p_metadata, v_at)
        returning r.id into record_id;
        return next;
    else
        return query
            select false, c.tier, c.current_usage, c.monthly_limit, c.daily_usage, c.daily_limit, c.remaining, null::uuid
              from public.check_quota_available(p_user_id) as c;
    end if;
end
$$;

drop view private.usage_reconciliation;
drop trigger update_user_quotas_updated_at on public.user_quotas;
update public.user_quotas as q
   set month_tokens = (
        select coalesce(sum(r.tokens_used), 0)
          from public.usage_records as r
         where r.user_id = q.user_id and r."timestamp" >= q.period_start and r."timestamp" < q.period_end);
alter table public.user_quotas alter column month_tokens set default 0, alter column month_tokens set not null;
comment on column public.user_quotas.month_tokens is 'Tokens settled for the units taken since period_start.';

create view private.usage_reconciliation with (security_invoker = true) as
select q.user_id,
       q.period_start,
       q.period_end,
       q.month_used,
       month_log.units as month_logged,
       month_held.units as month_held,
       q.month_used - month_log.units - month_held.units as month_difference,
       q.month_tokens - month_log.tokens as token_difference,
       q.day_start,
       q.day_used,
       day_log.units as day_logged,
       day_held.units as day_held,
       q.day_used - day_log.units - day_held.units as day_difference
  from public.user_quotas as q
 cross join lateral (
        select count(*) as units, coalesce(sum(u.tokens_used), 0) as tokens
          from public.usage_records as u
         where u.user_id = q.user_id and u."timestamp" >= q.period_start and u."timestamp" < q.period_end) as month_log
 cross join lateral (
        select count(*) as units
          from public.usage_records as u
         where u.user_id = q.user_id
           and u."timestamp" >= q.day_start::timestamp at time zone 'UTC'
           and u."timestamp" < (q.day_start + 1)::timestamp at time zone 'UTC') as day_log
 cross join lateral (
        select coalesce(sum(r.units), 0) as units
          from public.usage_reservations as r
         where r.user_id = q.user_id and r.state = 'open'
           and r.reserved_at >= q.period_start and r.reserved_at < q.period_end) as month_held
 cross join lateral (
        select coalesce(sum(r.units), 0) as units
          from public.usage_reservations as r
         where r.user_id = q.user_id and r.state = 'open'
           and (r.reserved_at at time zone 'UTC')::date = q.day_start) as day_held;

comment on view private.usage_reconciliation is
    'Each user''s counters beside the log and the open reservations of the same windows; every difference must be 0.';
grant select on private.usage_reconciliation to service_role;

create or replace function private.recount_usage(p_user_id text default null) returns integer
language plpgsql volatile set search_path = ''
as $$
declare
    v_count integer;
begin
    perform from public.user_quotas as q
      where p_user_id is null or q.user_id = p_user_id
      order by q.user_id
        for no key update;
    update public.user_quotas as q
       set month_used = c.month_logged + c.month_held,
           month_tokens = q.month_tokens - c.token_difference,
           day_used = c.day_logged + c.day_held
      from private.usage_reconciliation as c
     where c.user_id = q.user_id
       and (p_user_id is null or q.user_id = p_user_id)
       and (c.month_difference <> 0 or c.token_difference <> 0 or c.day_difference <> 0);
    get diagnostics v_count = row_count;
    return v_count;
end
$$;

create or replace function private.roll_quotas(p_user_ids text[]) returns integer
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_user_id text;
    v_rolled integer := 0;
    v_count integer;
begin
    -- A row that somebody holds is being rolled by its holder. Where a subscription may have ended, one by one.
    for v_user_id in
        select q.user_id from public.user_quotas as q
         where q.user_id = any (p_user_ids) and q.period_end <= now()
           and exists (select from public.stripe_subscriptions as s where s.user_id = q.user_id)
         order by q.user_id
           for no key update of q skip locked
    loop
        perform private.refresh_quota(v_user_id);
        v_rolled := v_rolled + 1;
    end loop;

    -- As a rule there is nothing in a new window.
    with due as (
        select q.user_id, w.starts, w.ends, w.anchor, u.units, u.tokens
          from public.user_quotas as q
         cross join lateral private.next_window(q.tier, q.billing_anchor, q.period_start, q.period_end, now()) as w
         cross join lateral (
                select count(*) as units, coalesce(sum(r.tokens_used), 0) as tokens
                  from public.usage_records as r
                 where r.user_id = q.user_id and r."timestamp" >= w.starts and r."timestamp" < w.ends) as u
         where q.user_id = any (p_user_ids) and q.period_end <= now()
           and not exists (select from public.stripe_subscriptions as s where s.user_id = q.user_id)
         order by q.user_id
           for no key update of q skip locked
    )
    update public.user_quotas as q
       set period_start = d.starts, period_end = d.ends, billing_anchor = d.anchor,
           month_used = d.units, month_tokens = d.tokens
      from due as d
     where q.user_id = d.user_id and q.period_end <= now();
    get diagnostics v_count = row_count;
    return v_rolled + v_count;
end
$$;

create or replace function private.settle_reservation(
    p_reservation_id uuid, p_state text, p_units integer, p_tokens integer, p_metadata jsonb
) returns boolean
language plpgsql volatile set search_path = ''
as $$
begin
    with made as (
        update public.usage_reservations as r
           set state = 'settled', closed_at = now(), settled_units = coalesce(p_units, r.units)
         where r.id = p_reservation_id
           and r.state = p_state
           and coalesce(p_units, r.units) between 1 and r.units
        returning r.user_id, r.operation_type, r.reserved_at, r.settled_units,
                  -- an expired reservation was given back, so what was made all the same counts again
                  r.settled_units - case p_state when 'open' then r.units else 0 end as more
    ), counted as (
        update public.user_quotas as q
           set month_used = case
                   when m.reserved_at >= q.period_start and m.reserved_at < q.period_end
                   then greatest(0, q.month_used + m.more) else q.month_used end,
               month_tokens = case
                   when m.reserved_at >= q.period_start and m.reserved_at < q.period_end
                   then q.month_tokens + p_tokens else q.month_tokens end,
               day_used = case
                   when (m.reserved_at at time zone 'UTC')::date = q.day_start
                   then greatest(0, q.day_used + m.more) else q.day_used end
          from made as m
         where q.user_id = m.user_id
    )
    -- one row a unit, the tokens shared out among them
    insert into public.usage_records (user_id, operation_type, tokens_used, metadata, "timestamp")
    select m.user_id, m.operation_type,
           p_tokens / m.settled_units + (unit <= p_tokens % m.settled_units)::integer,
           case when m.settled_units = 1 then p_metadata
                else coalesce(p_metadata, '{}') || jsonb_build_object('unit', unit, 'units', m.settled_units) end,
           m.reserved_at
      from made as m
     cross join generate_series(1, m.settled_units) as unit;
    return found;
end
$$;

drop function private.quota_state(text);
create function private.quota_state(
    p_user_id text,
    out tier text, out month_used integer, out month_tokens bigint, out monthly_limit integer,
    out day_used integer, out daily_limit integer, out period_start timestamptz, out period_end timestamptz
)
language plpgsql stable set search_path = ''
as $$
declare
    v_day date := (now() at time zone 'UTC')::date;
    v_quota public.user_quotas;
    v_best record;
begin
    select q.* into v_quota from public.user_quotas as q where q.user_id = p_user_id;
    tier := coalesce(v_quota.tier, 'free');
    period_start := v_quota.period_start;
    period_end := v_quota.period_end;
    if v_quota.user_id is null or period_end <= now() then
        v_best := private.subscription_entitlement(p_user_id, now());
        tier := private.better_tier(v_best.tier, coalesce(v_quota.granted_tier, 'free'));
        if v_best.anchor is not null and v_best.tier = tier then
            select w.starts, w.ends into period_start, period_end from private.usage_window(v_best.anchor, now()) as w;
        else
            select w.starts, w.ends into period_start, period_end
              from private.next_window(
                tier, v_quota.billing_anchor, period_start, coalesce(period_end, '-infinity'), now()) as w;
        end if;
        select count(*), coalesce(sum(u.tokens_used), 0) into month_used, month_tokens
          from public.usage_records as u
         where u.user_id = p_user_id and u."timestamp" >= period_start and u."timestamp" < period_end;
        day_used := 0;
    end if;
    if v_quota.user_id is not null then
        select coalesce(month_used, v_quota.month_used - coalesce(sum(r.units) filter (
                   where r.reserved_at >= v_quota.period_start and r.reserved_at < v_quota.period_end), 0)),
               coalesce(month_tokens, v_quota.month_tokens),
               case when v_quota.day_start >= v_day
                    then v_quota.day_used - coalesce(sum(r.units) filter (
                        where (r.reserved_at at time zone 'UTC')::date = v_quota.day_start), 0)
                    else 0 end
          into month_used, month_tokens, day_used
          from public.usage_reservations as r
         where r.user_id = p_user_id and r.state = 'open' and r.expires_at <= now();
    end if;
    select l.monthly_limit, l.daily_limit into monthly_limit, daily_limit
      from public.tier_limits as l where l.tier = quota_state.tier;
end
$$;

comment on function private.quota_state(text) is
    'What a user has used and may use now. Ended windows count as empty and expired reservations as given back, '
    'so nothing depends on the jobs that tidy them away.';
revoke all on function private.quota_state(text) from public;

create or replace function public.get_current_month_usage(p_user_id text)
returns table (operation_count bigint, tokens_used bigint, period_start timestamptz, period_end timestamptz)
language plpgsql stable security definer set search_path = ''
as $$
begin
    perform private.require_own(p_user_id);
    return query
        select s.month_used::bigint, s.month_tokens, s.period_start, s.period_end from private.quota_state(p_user_id) as s;
end
$$;

grant insert, update on public.usage_reservations to service_role;

alter table public.usage_reservations
    drop constraint usage_reservations_check,
    add check (operation_type in ('blog', 'book', 'batch', 'remix', 'tool', 'other')),
    add check (units > 0),
    add check (state in ('open', 'settled', 'released', 'expired')),
    add check (length(idempotency_key) between 1 and 200);
alter table public.usage_reservations
    add constraint usage_reservations_check check (settled_units between 1 and units),
    add constraint usage_reservations_check1 check ((state = 'open') = (closed_at is null)),
    add constraint usage_reservations_check2 check ((state = 'settled') = (settled_units is not null));

alter table public.user_quotas
    drop constraint user_quotas_check,
    add check (granted_tier in ('free', 'starter', 'pro', 'business')),
    add check (subscribed_tier in ('free', 'starter', 'pro', 'business')),
    add check (month_used >= 0),
    add check (month_tokens >= 0),
    add check (day_used >= 0);

create trigger update_user_quotas_updated_at
before update on public.user_quotas
for each row execute function public.update_updated_at_column();
