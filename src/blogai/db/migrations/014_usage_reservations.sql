-- Quota that cannot be overdrawn: counters on the quota row, reservations for what is being made, and
-- the documented quota functions on top of them. docs/database.md, section "Quota", explains the rules.
--
-- One unit is one row of usage_records. A unit counts in the month and in the day in which it was taken
-- (usage_records.timestamp, usage_reservations.reserved_at), however long it takes to make. So at any time
--     counter of a window = rows of the log in it + units of open reservations taken in it.
--
-- Lock order: a reservation, then the row of user_quotas, then the log; one user a call. Whoever holds a quota
-- row takes open reservations with SKIP LOCKED alone, and closed ones as it likes: those who wait for a quota
-- row hold no closed reservation.

-- ---------------------------------------------------------------------------------------------------------
-- Tables

alter table public.user_quotas
    add column month_used integer not null default 0 check (month_used >= 0),
    add column month_tokens bigint not null default 0 check (month_tokens >= 0),
    add column day_used integer not null default 0 check (day_used >= 0),
    -- a constant for the statement, so no rewrite
    -- squawk-ignore adding-field-with-default
    add column day_start date not null default (now() at time zone 'UTC')::date,
    add column billing_anchor timestamptz,
    alter column period_start set default date_trunc('month', now(), 'UTC'),
    alter column period_end set default (date_trunc('month', now() at time zone 'UTC') + interval '1 month') at time zone 'UTC',
    -- room on the page for the next version of a counter: no index entry is written for it
    set (fillfactor = 75);

comment on column public.user_quotas.month_used is 'Units taken since period_start: settled and held.';
comment on column public.user_quotas.month_tokens is 'Tokens settled for the units taken since period_start.';
comment on column public.user_quotas.day_used is 'Units taken on day_start: settled and held.';
comment on column public.user_quotas.day_start is 'The UTC day that day_used counts.';
comment on column public.user_quotas.billing_anchor is
    'Where the monthly windows of a paid user start; null means the calendar months of UTC.';

-- A negative count of tokens was accepted until now and made the sum smaller. The row stays, with what it said.
update public.usage_records
   set metadata = coalesce(metadata, '{}') || jsonb_build_object('tokens_used_before', tokens_used),
       tokens_used = 0
 where tokens_used < 0;

-- Checked in the transaction that repaired the rows.
-- squawk-ignore constraint-missing-not-valid
alter table public.usage_records add constraint usage_records_tokens_used_check check (tokens_used >= 0);

create table public.usage_reservations (
    id uuid primary key default gen_random_uuid(),
    user_id text not null,
    operation_type text not null
        check (operation_type in ('blog', 'book', 'batch', 'remix', 'tool', 'other')),
    units integer not null check (units > 0),
    settled_units integer check (settled_units between 1 and units),
    state text not null default 'open' check (state in ('open', 'settled', 'released', 'expired')),
    reserved_at timestamptz not null default now(),
    expires_at timestamptz not null,
    closed_at timestamptz,
    idempotency_key text check (length(idempotency_key) between 1 and 200),
    check ((state = 'open') = (closed_at is null)),
    check ((state = 'settled') = (settled_units is not null))
);

comment on table public.usage_reservations is
    'Units that are counted already while something is being made. Settled, they move to usage_records.';
comment on column public.usage_reservations.reserved_at is 'Decides in which month and day the units count.';
comment on column public.usage_reservations.expires_at is 'When the sweep may give the units back.';
comment on column public.usage_reservations.idempotency_key is 'A repeated reserve_usage with this key takes nothing more.';

create unique index usage_reservations_key on public.usage_reservations (user_id, idempotency_key)
    where idempotency_key is not null;
-- what the sweep looks for; small, since closed reservations are not in it
create index usage_reservations_open on public.usage_reservations (expires_at, user_id) where state = 'open';

alter table public.usage_reservations enable row level security;
alter table public.usage_reservations force row level security;

create policy "Users can view own" on public.usage_reservations
    for select to authenticated using (user_id = (select private.caller_id()));
create policy "Service role can manage" on public.usage_reservations
    for all to service_role using (true) with check (true);
create policy "Owner can manage" on public.usage_reservations
    for all to current_user using (true) with check (true);

revoke all on public.usage_reservations from public, anon, authenticated;
grant select on public.usage_reservations to authenticated;
grant select, insert, update, delete on public.usage_reservations to service_role;

-- ---------------------------------------------------------------------------------------------------------
-- Windows

create function private.usage_window(p_anchor timestamptz, p_at timestamptz, out starts timestamptz, out ends timestamptz)
language sql immutable strict parallel safe set search_path = ''
as $$
    -- always counted from the anchor, so that the 31st comes back after a short month
    select (a + make_interval(months => n)) at time zone 'UTC',
           (a + make_interval(months => n + 1)) at time zone 'UTC'
      from (select a, m - (a + make_interval(months => m) > t)::integer as n
              from (select a, t,
                           (extract(year from t) - extract(year from a))::integer * 12
                               + (extract(month from t) - extract(month from a))::integer as m
                      from (select p_anchor at time zone 'UTC' as a, p_at at time zone 'UTC' as t) as utc) as months) as whole
$$;

comment on function private.usage_window(timestamptz, timestamptz) is
    'The monthly window around p_at that starts on the anchor''s day (clipped at the end of the month) and time, in UTC.';

create function private.next_window(
    p_tier text, p_anchor timestamptz, p_start timestamptz, p_end timestamptz, p_at timestamptz,
    out anchor timestamptz, out starts timestamptz, out ends timestamptz
)
language plpgsql immutable parallel safe set search_path = ''
as $$
begin
    anchor := case
        when p_tier = 'free' then null
        -- somebody moved the period by hand: it is the new anchor
        when p_anchor is null or (private.usage_window(p_anchor, p_start)).ends <> p_end then p_start
        else p_anchor
    end;
    select w.starts, w.ends into starts, ends
      from private.usage_window(coalesce(anchor, '2000-01-01 00:00:00+00'), p_at) as w;
    -- what was used before the last window ended was counted there
    if p_end <= p_at then
        starts := greatest(starts, p_end);
    end if;
end
$$;

comment on function private.next_window(text, timestamptz, timestamptz, timestamptz, timestamptz) is
    'The window that follows a quota row''s own at p_at, however many months were missed, and its anchor.';

create function private.utc_text(p_at timestamptz) returns text
language sql immutable strict parallel safe set search_path = ''
return to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

comment on function private.utc_text(timestamptz) is 'A moment in ISO 8601, UTC, whatever the time zone of the session.';

-- ---------------------------------------------------------------------------------------------------------
-- The inner parts, off the usual path. They expect or take the lock on the quota row.

create function private.expire_reservations(p_user_id text) returns integer
language plpgsql volatile set search_path = ''
as $$
declare
    v_count integer;
begin
    with expired as (
        -- one that is locked is being settled or released at this moment
        select r.id from public.usage_reservations as r
         where r.user_id = p_user_id and r.state = 'open' and r.expires_at <= now()
           for no key update skip locked
    ), closed as (
        update public.usage_reservations as r
           set state = 'expired', closed_at = now()
          from expired as e
         where r.id = e.id
        returning r.units, r.reserved_at
    ), counted as (
        update public.user_quotas as q
           set month_used = greatest(0, q.month_used - (
                   select coalesce(sum(c.units), 0) from closed as c
                    where c.reserved_at >= q.period_start and c.reserved_at < q.period_end)),
               day_used = greatest(0, q.day_used - (
                   select coalesce(sum(c.units), 0) from closed as c
                    where (c.reserved_at at time zone 'UTC')::date = q.day_start))
         where q.user_id = p_user_id and exists (select from closed)
    )
    select count(*) into v_count from closed;
    return v_count;
end
$$;

comment on function private.expire_reservations(text) is
    'Gives back the expired reservations of one user, whose quota row the caller has locked; how many.';

create function private.refresh_quota(p_user_id text) returns timestamptz
language plpgsql volatile set search_path = ''
as $$
declare
    v_quota public.user_quotas;
    v_at timestamptz;
    v_window record;
begin
    loop
        select q.* into v_quota from public.user_quotas as q where q.user_id = p_user_id for no key update;
        exit when found;
        insert into public.user_quotas (user_id) values (p_user_id) on conflict (user_id) do nothing;
        -- there may be a log without a quota row
        perform private.recount_usage(p_user_id);
    end loop;
    if private.expire_reservations(p_user_id) > 0 then
        select q.* into v_quota from public.user_quotas as q where q.user_id = p_user_id;
    end if;

    -- now() is older than the windows when this transaction waited while another one rolled them
    v_at := least(clock_timestamp(), greatest(now(), v_quota.period_start, v_quota.day_start::timestamp at time zone 'UTC'));
    if v_at >= v_quota.period_start and v_at < v_quota.period_end
       and v_quota.day_start = (v_at at time zone 'UTC')::date then
        return v_at;
    end if;
    if v_at < v_quota.period_start or v_at >= v_quota.period_end then
        v_window := private.next_window(
            v_quota.tier, v_quota.billing_anchor, v_quota.period_start, v_quota.period_end, v_at);
        update public.user_quotas as q
           set period_start = v_window.starts, period_end = v_window.ends, billing_anchor = v_window.anchor
         where q.user_id = p_user_id;
    end if;
    update public.user_quotas as q set day_start = (v_at at time zone 'UTC')::date where q.user_id = p_user_id;
    -- as a rule there is nothing in a new window, and this writes zeros
    perform private.recount_usage(p_user_id);
    return v_at;
end
$$;

comment on function private.refresh_quota(text) is
    'Locks the quota row of a user, made if there is none, gives back expired reservations, rolls ended windows; '
    'the moment at which units taken under this lock count.';

create function private.refuse_usage(p_user_id text, p_units integer) returns void
language plpgsql volatile set search_path = ''
as $$
declare
    v_quota record;
    v_month boolean;
    v_detail jsonb;
begin
    select q.*, l.monthly_limit, l.daily_limit into v_quota
      from public.user_quotas as q left join public.tier_limits as l on l.tier = q.tier
     where q.user_id = p_user_id;
    if v_quota.monthly_limit is null then
        raise exception 'The table tier_limits has no row for the tier %.', v_quota.tier;
    end if;
    -- when both are used up, the month is what the caller has to wait for
    v_month := v_quota.monthly_limit >= 0 and v_quota.month_used + p_units > v_quota.monthly_limit;
    v_detail := case when v_month
        then jsonb_build_object(
            'window', 'month', 'used', v_quota.month_used, 'limit', v_quota.monthly_limit,
            'resets_at', private.utc_text(v_quota.period_end))
        else jsonb_build_object(
            'window', 'day', 'used', v_quota.day_used, 'limit', v_quota.daily_limit,
            'resets_at', private.utc_text((v_quota.day_start + 1)::timestamp at time zone 'UTC'))
        end || jsonb_build_object('tier', v_quota.tier, 'requested', p_units);
    raise exception using
        errcode = 'ZQUOT',
        message = format(
            'The %s quota of the tier %s is used up: %s of %s units are taken and %s more were asked for.',
            case when v_month then 'monthly' else 'daily' end, v_quota.tier,
            v_detail ->> 'used', v_detail ->> 'limit', p_units),
        detail = v_detail::text,
        hint = format('Wait until %s, or move to a higher tier.', v_detail ->> 'resets_at');
end
$$;

comment on function private.refuse_usage(text, integer) is
    'Raises ZQUOT for a user whose quota row is locked and fresh; DETAIL says tier, used, limit, resets_at, window.';

-- ---------------------------------------------------------------------------------------------------------
-- Reservations: for the service role

create function public.reserve_usage(
    p_user_id text,
    p_operation_type text,
    p_units integer default 1,
    p_expires_in interval default '15 minutes',
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

comment on function public.reserve_usage(text, text, integer, interval, text) is
    'Counts units before they are made, or raises ZQUOT. The same key again returns the first reservation (replayed).';

create function private.settle_reservation(
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

comment on function private.settle_reservation(uuid, text, integer, integer, jsonb) is
    'Settles a reservation that is in the given state; false when it is not, or has fewer units.';

create function public.settle_usage(
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

comment on function public.settle_usage(uuid, integer, integer, jsonb) is
    'Moves what was made into the log, one row a unit, and frees the rest; false when it was settled before. '
    'Works after expiry too: what was made is never lost, even above the limit.';

create function public.release_usage(p_reservation_id uuid) returns boolean
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_released boolean;
begin
    with closed as (
        update public.usage_reservations as r
           set state = 'released', closed_at = now()
         where r.id = p_reservation_id and r.state = 'open'
        returning r.user_id, r.units, r.reserved_at
    ), counted as (
        update public.user_quotas as q
           set month_used = case
                   when c.reserved_at >= q.period_start and c.reserved_at < q.period_end
                   then greatest(0, q.month_used - c.units) else q.month_used end,
               day_used = case
                   when (c.reserved_at at time zone 'UTC')::date = q.day_start
                   then greatest(0, q.day_used - c.units) else q.day_used end
          from closed as c
         where q.user_id = c.user_id
    )
    select exists (select from closed) into v_released;
    return v_released;
end
$$;

comment on function public.release_usage(uuid) is
    'Gives the units of an open reservation back to the windows they were taken in; false when it was closed before.';

create function public.sweep_reservations() returns integer
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_user_id text;
    v_count integer := 0;
begin
    for v_user_id in
        select distinct r.user_id from public.usage_reservations as r
         where r.state = 'open' and r.expires_at <= now()
         order by r.user_id
    loop
        perform from public.user_quotas as q where q.user_id = v_user_id for no key update skip locked;
        -- whoever holds the lock now is served next time; a reservation without a quota row is closed as well
        if found or not exists (select from public.user_quotas as q where q.user_id = v_user_id) then
            v_count := v_count + private.expire_reservations(v_user_id);
        end if;
    end loop;
    return v_count;
end
$$;

comment on function public.sweep_reservations() is
    'Gives back every expired reservation, except those of users who are busy at this moment; how many.';

create function private.forget_reservations(p_age interval default '30 days') returns integer
language plpgsql volatile set search_path = ''
as $$
declare
    v_count integer;
begin
    delete from public.usage_reservations as r where r.state <> 'open' and r.closed_at < now() - p_age;
    get diagnostics v_count = row_count;
    return v_count;
end
$$;

comment on function private.forget_reservations(interval) is
    'Deletes reservations that were closed longer ago, and with them what their idempotency keys remember; how many.';

-- ---------------------------------------------------------------------------------------------------------
-- The documented functions, under their names, arguments and columns

create function private.require_own(p_user_id text) returns void
language plpgsql stable set search_path = ''
as $$
begin
    -- a definer function hides the caller's role from current_user, but not from the setting
    if coalesce(nullif(current_setting('role', true), 'none'), session_user) in ('anon', 'authenticated')
       and (p_user_id is null or p_user_id is distinct from private.caller_id()) then
        raise exception using errcode = 'ZFORB', message = 'You may ask for your own usage only.';
    end if;
end
$$;

comment on function private.require_own(text) is 'Raises ZFORB when anon or authenticated ask for somebody else.';

create function private.quota_state(
    p_user_id text,
    out tier text, out month_used integer, out month_tokens bigint, out monthly_limit integer,
    out day_used integer, out daily_limit integer, out period_start timestamptz, out period_end timestamptz
)
language plpgsql stable set search_path = ''
as $$
declare
    v_day date := (now() at time zone 'UTC')::date;
    v_anchor timestamptz;
    v_start timestamptz;
    v_end timestamptz;
begin
    select q.tier, q.month_used - coalesce(e.month_units, 0), q.month_tokens, l.monthly_limit,
           case when q.day_start >= v_day then q.day_used - coalesce(e.day_units, 0) else 0 end, l.daily_limit,
           q.period_start, q.period_end, q.billing_anchor
      into tier, month_used, month_tokens, monthly_limit, day_used, daily_limit, v_start, v_end, v_anchor
      from public.user_quotas as q
      join public.tier_limits as l on l.tier = q.tier
     cross join lateral (
            select sum(r.units) filter (where r.reserved_at >= q.period_start and r.reserved_at < q.period_end) as month_units,
                   sum(r.units) filter (where (r.reserved_at at time zone 'UTC')::date = q.day_start) as day_units
              from public.usage_reservations as r
             where r.user_id = q.user_id and r.state = 'open' and r.expires_at <= now()) as e
     where q.user_id = p_user_id;
    if not found then
        select l.tier, 0, 0, l.monthly_limit, 0, l.daily_limit
          into tier, month_used, month_tokens, monthly_limit, day_used, daily_limit
          from public.tier_limits as l where l.tier = 'free';
        v_end := '-infinity';
    end if;
    if v_end <= now() then
        month_used := 0;
        month_tokens := 0;
        select w.starts, w.ends into v_start, v_end from private.next_window(tier, v_anchor, v_start, v_end, now()) as w;
    end if;
    period_start := v_start;
    period_end := v_end;
end
$$;

comment on function private.quota_state(text) is
    'What a user has used and may use now. Ended windows count as empty and expired reservations as given back, '
    'so nothing depends on the jobs that tidy them away.';

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
comment on function public.get_current_month_usage(text) is
    'Units (settled and held) and tokens of a user in the current billing period.';

create or replace function public.get_daily_usage(p_user_id text) returns bigint
language plpgsql stable security definer set search_path = ''
as $$
begin
    perform private.require_own(p_user_id);
    return (select s.day_used::bigint from private.quota_state(p_user_id) as s);
end
$$;
comment on function public.get_daily_usage(text) is 'Units (settled and held) of a user today, in UTC.';

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
language plpgsql stable security definer set search_path = ''
as $$
declare
    v_day date := (now() at time zone 'UTC')::date;
begin
    if current_setting('role', true) is distinct from 'service_role' then
        perform private.require_own(p_user_id);
    end if;
    -- as a rule the row is fresh and has all the answers
    return query
        select (l.monthly_limit < 0 or q.month_used < l.monthly_limit) and (l.daily_limit < 0 or q.day_used < l.daily_limit),
               q.tier, q.month_used::bigint, l.monthly_limit, q.day_used::bigint, l.daily_limit,
               case when l.monthly_limit < 0 then -1 else greatest(l.monthly_limit - q.month_used, 0) end::bigint,
               q.period_end
          from public.user_quotas as q
          join public.tier_limits as l on l.tier = q.tier
         where q.user_id = p_user_id
           and q.period_start <= now() and q.period_end > now()
           and q.day_start = v_day
           and not exists (
                select from public.usage_reservations as r
                 where r.user_id = p_user_id and r.state = 'open' and r.expires_at <= now());
    if not found then
        return query
            select (s.monthly_limit < 0 or s.month_used < s.monthly_limit) and (s.daily_limit < 0 or s.day_used < s.daily_limit),
                   s.tier, s.month_used::bigint, s.monthly_limit, s.day_used::bigint, s.daily_limit,
                   case when s.monthly_limit < 0 then -1 else greatest(s.monthly_limit - s.month_used, 0) end::bigint,
                   s.period_end
              from private.quota_state(p_user_id) as s;
    end if;
end
$$;
comment on function public.check_quota_available(text) is
    'Whether a user may generate once more, with what is used and what remains of the month; -1 is unlimited. '
    'Only reserve_usage and increment_user_usage decide: between a check and a call others may be quicker.';

create or replace function public.increment_user_usage(
    p_user_id text, p_op_type text, p_tokens integer default 0, p_metadata jsonb default '{}'
)
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
comment on function public.increment_user_usage(text, text, integer, jsonb) is
    'Takes and logs one unit if both limits allow it; success is false, and nothing is recorded, if not.';

create or replace function public.reset_expired_quotas() returns integer
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_count integer;
begin
    -- A row that somebody holds is being rolled by its holder. As a rule there is nothing in a new window.
    with due as (
        select q.user_id, w.starts, w.ends, w.anchor, u.units, u.tokens
          from public.user_quotas as q
         cross join lateral private.next_window(q.tier, q.billing_anchor, q.period_start, q.period_end, now()) as w
         cross join lateral (
                select count(*) as units, coalesce(sum(r.tokens_used), 0) as tokens
                  from public.usage_records as r
                 where r.user_id = q.user_id and r."timestamp" >= w.starts and r."timestamp" < w.ends) as u
         where q.period_end <= now()
         order by q.user_id
           for no key update of q skip locked
    )
    update public.user_quotas as q
       set period_start = d.starts, period_end = d.ends, billing_anchor = d.anchor,
           month_used = d.units, month_tokens = d.tokens
      from due as d
     where q.user_id = d.user_id and q.period_end <= now();
    get diagnostics v_count = row_count;
    return v_count;
end
$$;
comment on function public.reset_expired_quotas() is
    'Opens the current billing period for everyone whose period ended, however long ago; how many. '
    'A row rolls by itself on the next use; this keeps the table tidy for those who read it.';

create or replace function public.get_usage_breakdown(
    p_user_id text, p_start timestamptz default null, p_end timestamptz default null
)
returns table (operation_type text, operation_count bigint, tokens_used bigint)
language plpgsql stable security definer set search_path = '' set plan_cache_mode = 'force_custom_plan'
as $$
declare
    v_start timestamptz := p_start;
    v_end timestamptz := coalesce(p_end, 'infinity');
begin
    perform private.require_own(p_user_id);
    if v_start is null then
        select s.period_start into v_start from private.quota_state(p_user_id) as s;
    end if;
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
    'Logged units and tokens of a user by type of operation; from the start of the billing period where no start is given.';

-- ---------------------------------------------------------------------------------------------------------
-- Counters against the log

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

create function private.recount_usage(p_user_id text default null) returns integer
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

comment on function private.recount_usage(text) is
    'Sets the counters of one user, or of all, from the log and the open reservations; how many were wrong.';

-- ---------------------------------------------------------------------------------------------------------
-- Who may call what

revoke all on function
    public.reserve_usage(text, text, integer, interval, text),
    public.settle_usage(uuid, integer, integer, jsonb),
    public.release_usage(uuid),
    public.sweep_reservations(),
    public.increment_user_usage(text, text, integer, jsonb),
    public.reset_expired_quotas(),
    public.get_current_month_usage(text),
    public.get_daily_usage(text),
    public.check_quota_available(text),
    public.get_usage_breakdown(text, timestamptz, timestamptz)
    from public, anon, authenticated, service_role;

revoke all on function
    private.usage_window(timestamptz, timestamptz),
    private.next_window(text, timestamptz, timestamptz, timestamptz, timestamptz),
    private.utc_text(timestamptz),
    private.expire_reservations(text),
    private.refresh_quota(text),
    private.refuse_usage(text, integer),
    private.settle_reservation(uuid, text, integer, integer, jsonb),
    private.forget_reservations(interval),
    private.require_own(text),
    private.quota_state(text),
    private.recount_usage(text)
    from public;

grant execute on function public.reserve_usage(text, text, integer, interval, text) to service_role;
grant execute on function public.settle_usage(uuid, integer, integer, jsonb) to service_role;
grant execute on function public.release_usage(uuid) to service_role;
grant execute on function public.sweep_reservations() to service_role;
grant execute on function public.increment_user_usage(text, text, integer, jsonb) to service_role;
grant execute on function public.reset_expired_quotas() to service_role;
grant execute on function private.forget_reservations(interval) to service_role;
grant execute on function private.recount_usage(text) to service_role;
grant select on private.usage_reconciliation to service_role;
grant execute on function public.get_current_month_usage(text) to anon, authenticated, service_role;
grant execute on function public.get_daily_usage(text) to anon, authenticated, service_role;
grant execute on function public.check_quota_available(text) to anon, authenticated, service_role;
grant execute on function public.get_usage_breakdown(text, timestamptz, timestamptz) to anon, authenticated, service_role;

-- ---------------------------------------------------------------------------------------------------------
-- What was used before there were counters

do $$
declare
    v_rows bigint := (select count(*) from public.user_quotas);
begin
    perform public.reset_expired_quotas();
    perform private.recount_usage();
    if exists (select from public.user_quotas where period_end <= now())
       or exists (select from private.usage_reconciliation
                   where month_difference <> 0 or token_difference <> 0 or day_difference <> 0)
       or (select count(*) from public.user_quotas) <> v_rows then
        raise exception 'The counters of user_quotas could not be made from usage_records.'
            using hint = 'Does another session write to these tables? Stop the program, then migrate again.';
    end if;
end
$$;
