-- The tier of a user follows from all subscriptions and from what was granted by hand: the best one that is
-- entitled now wins, none is free. docs/database.md, section "Entitlements", explains the rules.
--
-- user_quotas.tier is what counts. It is derived: the better one of granted_tier, which whoever writes `tier`
-- sets, and subscribed_tier, which only private.apply_entitlements writes. users.tier mirrors it.
--
-- Where access ends by time (cancelled at period end, grace after a failed payment) the usage window ends at
-- that moment too, so that the first use after it looks again. Nothing depends on a job or on an event.
--
-- Lock order: subscription, quota row, users row. The subscriptions are read under the lock of the quota row.

-- ---------------------------------------------------------------------------------------------------------
-- Tables

create table private.entitlement_settings (
    id boolean primary key default true check (id),
    past_due_grace interval not null default '7 days' check (past_due_grace >= interval '0'),
    honour_cancelled_period boolean not null default false
);
comment on table private.entitlement_settings is 'One row: how long access lasts when payment fails or a subscription ends.';
comment on column private.entitlement_settings.past_due_grace is 'How long a subscription stays entitled after it became past_due.';
comment on column private.entitlement_settings.honour_cancelled_period is
    'Whether a cancelled subscription keeps access to the end of the period that was paid.';
insert into private.entitlement_settings default values;
grant select, update on private.entitlement_settings to service_role;

alter table public.stripe_subscriptions
    add column stripe_status text,
    add column past_due_since timestamptz,
    add column last_event_at timestamptz,
    -- squawk-ignore constraint-missing-not-valid
    add constraint stripe_subscriptions_stripe_status_check check (
        stripe_status is null or status = case stripe_status
            when 'canceled' then 'cancelled'
            when 'incomplete_expired' then 'cancelled'
            when 'unpaid' then 'past_due'
            when 'paused' then 'past_due'
            else stripe_status end);
comment on column public.stripe_subscriptions.stripe_status is
    'The status in Stripe''s own words where it was given; unpaid and paused are stored as past_due.';
comment on column public.stripe_subscriptions.past_due_since is 'When the grace began; kept by a trigger.';
comment on column public.stripe_subscriptions.last_event_at is 'Stripe''s time of the newest event applied; older ones change nothing.';

alter table public.user_quotas
    add column granted_tier text not null default 'free' check (granted_tier in ('free', 'starter', 'pro', 'business')),
    add column subscribed_tier text not null default 'free' check (subscribed_tier in ('free', 'starter', 'pro', 'business'));
comment on column public.user_quotas.tier is 'What counts: the better one of granted_tier and subscribed_tier. Writing it sets the grant.';
comment on column public.user_quotas.granted_tier is 'Given by hand, beside all subscriptions.';
comment on column public.user_quotas.subscribed_tier is 'The best tier of an entitled subscription; written by private.apply_entitlements alone.';

create table public.stripe_events (
    id text primary key,
    type text not null,
    created_at timestamptz not null,
    received_at timestamptz not null default now(),
    processed_at timestamptz,
    parked_reason text,
    payload jsonb
);
comment on table public.stripe_events is
    'The ledger of events: claimed in the transaction of their effects, so that each counts once. Parked ones are tried again.';
create index idx_stripe_events_waiting on public.stripe_events (received_at) where processed_at is null;

-- Duplicates of one invoice move aside; nothing is lost.
create table private.duplicate_payments (
    like public.payments including constraints,
    kept_id uuid not null,
    archived_at timestamptz not null default now(),
    primary key (id)
);
comment on table private.duplicate_payments is 'Payments that repeated an invoice when migration 023 ran, beside the one kept.';

create table private.duplicate_payment_failures (
    like public.payment_failures including constraints,
    kept_id uuid not null,
    archived_at timestamptz not null default now(),
    primary key (id)
);
comment on table private.duplicate_payment_failures is 'Failures that repeated an invoice when migration 023 ran, beside the one kept.';
grant select on private.duplicate_payments, private.duplicate_payment_failures to service_role;

do $$
declare
    v_payments bigint := (select count(*) from public.payments);
    v_failures bigint := (select count(*) from public.payment_failures);
begin
    -- the one that knows of a refund stays, else the first
    insert into private.duplicate_payments
    select p.*, now()
      from (select q.*, first_value(q.id) over w as kept
              from public.payments as q
             where q.invoice_id is not null
            window w as (partition by q.invoice_id
                         order by array_position(array['refunded', 'partially_refunded', 'paid'], q.status), q.paid_at, q.id)) as p
     where p.id <> p.kept;
    delete from public.payments as p using private.duplicate_payments as d where d.id = p.id;

    -- the last attempt stays, resolved if one of them is
    insert into private.duplicate_payment_failures
    select f.*, now()
      from (select q.*, first_value(q.id) over w as kept
              from public.payment_failures as q
             where q.invoice_id is not null
            window w as (partition by q.invoice_id order by q.attempt_count desc, q.failed_at desc, q.id)) as f
     where f.id <> f.kept;
    delete from public.payment_failures as f using private.duplicate_payment_failures as d where d.id = f.id;
    update public.payment_failures as f
       set resolved_at = d.resolved_at
      from (select kept_id, max(resolved_at) as resolved_at from private.duplicate_payment_failures group by kept_id) as d
     where d.kept_id = f.id and f.resolved_at is null and d.resolved_at is not null;

    if v_payments <> (select count(*) from public.payments) + (select count(*) from private.duplicate_payments)
       or v_failures <> (select count(*) from public.payment_failures)
                        + (select count(*) from private.duplicate_payment_failures) then
        raise exception 'Payments or failures were lost while duplicates of invoices were moved aside.';
    end if;
end
$$;

-- squawk-ignore disallowed-unique-constraint, constraint-missing-not-valid
alter table public.payments add constraint payments_invoice_id_key unique (invoice_id);
-- squawk-ignore disallowed-unique-constraint, constraint-missing-not-valid
alter table public.payment_failures add constraint payment_failures_invoice_id_key unique (invoice_id);

-- ---------------------------------------------------------------------------------------------------------
-- What a subscription entitles to

create function private.tier_rank(p_tier text) returns integer
language sql immutable parallel safe set search_path = ''
return array_position(array['free', 'starter', 'pro', 'business'], p_tier);
comment on function private.tier_rank(text) is 'The place of a tier in their order; 1 is free.';

create function private.better_tier(p_one text, p_other text) returns text
language sql immutable parallel safe set search_path = ''
return case when private.tier_rank(p_one) >= private.tier_rank(p_other) then p_one else p_other end;
comment on function private.better_tier(text, text) is 'The higher one of two tiers.';

create function private.stored_status(p_stripe_status text) returns text
language sql immutable parallel safe set search_path = ''
return case
    when p_stripe_status in ('active', 'trialing', 'past_due', 'incomplete') then p_stripe_status
    when p_stripe_status in ('unpaid', 'paused') then 'past_due'
    when p_stripe_status in ('canceled', 'incomplete_expired') then 'cancelled' end;
comment on function private.stored_status(text) is 'The documented status for one of Stripe''s; null for a word that is not known.';

create function private.entitled_until(p_subscription public.stripe_subscriptions) returns timestamptz
language plpgsql stable set search_path = ''
as $$
declare
    v_settings private.entitlement_settings := (select s from private.entitlement_settings as s);
    v_period_end timestamptz := coalesce(p_subscription.current_period_end, 'infinity');
begin
    return case coalesce(p_subscription.stripe_status, p_subscription.status)
        when 'active' then case when p_subscription.cancel_at_period_end then v_period_end else 'infinity' end
        when 'trialing' then case when p_subscription.cancel_at_period_end then v_period_end else 'infinity' end
        when 'past_due' then least(
            p_subscription.past_due_since + v_settings.past_due_grace,
            case when p_subscription.cancel_at_period_end then v_period_end else 'infinity' end)
        when 'canceled' then case when v_settings.honour_cancelled_period then p_subscription.current_period_end else '-infinity' end
        when 'cancelled' then case when v_settings.honour_cancelled_period then p_subscription.current_period_end else '-infinity' end
        else '-infinity' end;
end
$$;
comment on function private.entitled_until(public.stripe_subscriptions) is
    'When a subscription stops entitling, as far as is known: infinity while it runs, -infinity if it never does.';

create function private.subscription_entitlement(
    p_user_id text, p_at timestamptz, out tier text, out anchor timestamptz, out until timestamptz
)
language plpgsql stable set search_path = ''
as $$
begin
    select s.tier, s.current_period_start, e.until into tier, anchor, until
      from public.stripe_subscriptions as s
     cross join lateral (select private.entitled_until(s) as until) as e
     where s.user_id = p_user_id and e.until > p_at
     order by private.tier_rank(s.tier) desc, e.until desc, s.current_period_start, s.subscription_id
     limit 1;
    if not found then
        tier := 'free';
        until := 'infinity';
    end if;
end
$$;
comment on function private.subscription_entitlement(text, timestamptz) is
    'The best tier that a user''s subscriptions entitle to, where its period starts and when it ends.';

-- ---------------------------------------------------------------------------------------------------------
-- Carrying it to the quota row

create function private.apply_entitlements(p_user_id text) returns void
language plpgsql volatile set search_path = ''
as $$
declare
    v_quota public.user_quotas;
    v_best record;
    v_at timestamptz;
    v_lapse timestamptz;
    v_window record;
    v_anchor timestamptz;
    v_start timestamptz;
    v_end timestamptz;
begin
    loop
        select q.* into v_quota from public.user_quotas as q where q.user_id = p_user_id for no key update;
        exit when found;
        insert into public.user_quotas (user_id) values (p_user_id) on conflict (user_id) do nothing;
    end loop;
    v_at := least(clock_timestamp(), greatest(now(), v_quota.period_start));
    v_best := private.subscription_entitlement(p_user_id, v_at);
    v_lapse := least(v_at, v_quota.period_end);
    v_anchor := v_quota.billing_anchor;
    v_start := v_quota.period_start;
    v_end := v_quota.period_end;

    if v_best.tier <> 'free' and private.tier_rank(v_best.tier) >= private.tier_rank(v_quota.granted_tier) then
        -- Months of the subscription. A renewal that lies on the old grid keeps it: the 31st comes back after February.
        if v_anchor is null
           or (v_best.anchor is not null and (private.usage_window(v_anchor, v_best.anchor)).starts <> v_best.anchor) then
            v_anchor := coalesce(v_best.anchor, v_start);
        end if;
        v_window := private.usage_window(v_anchor, v_at);
        v_start := case
            -- what was used under a better tier is not held against this one
            when private.tier_rank(v_best.tier) < private.tier_rank(v_quota.tier) then greatest(v_window.starts, v_lapse)
            when v_best.tier = v_quota.tier then
                case when v_start > v_window.starts and v_start <= v_at then v_start else v_window.starts end
            else v_window.starts end;
        v_end := least(v_window.ends, v_best.until);
    elsif v_quota.granted_tier = 'free' then
        if v_quota.tier <> 'free' then
            v_anchor := null;
            v_window := private.usage_window('2000-01-01 00:00:00+00', v_at);
            v_start := greatest(v_window.starts, v_lapse);
            v_end := v_window.ends;
        end if;
    elsif v_anchor is not null and v_quota.subscribed_tier <> 'free' then
        -- the grant goes on where the subscription ends
        v_end := (private.usage_window(v_anchor, v_start)).ends;
    end if;

    if (v_best.tier, v_start, v_end) <> (v_quota.subscribed_tier, v_quota.period_start, v_quota.period_end)
       or v_quota.tier <> private.better_tier(v_quota.granted_tier, v_best.tier)
       or v_anchor is distinct from v_quota.billing_anchor then
        update public.user_quotas as q
           set subscribed_tier = v_best.tier, period_start = v_start, period_end = v_end, billing_anchor = v_anchor
         where q.user_id = p_user_id;
        if (v_start, v_end) <> (v_quota.period_start, v_quota.period_end) then
            perform private.recount_usage(p_user_id);
        end if;
    end if;
end
$$;
comment on function private.apply_entitlements(text) is
    'Works out the tier and the usage window of a user from all subscriptions and the grant. The order of events is irrelevant.';

create function private.lock_new_user(p_user_id text) returns void
language plpgsql volatile set search_path = ''
as $$
declare
    v_locked integer := coalesce(nullif(current_setting('blogai.locked_users', true), ''), '0')::integer;
begin
    -- A user's two rows may be made at the same time by two who do not see each other's. Somebody who loads
    -- thousands takes no more locks than the server has room for; reset_expired_quotas repairs what slips through.
    if v_locked < 32 then
        perform set_config('blogai.locked_users', (v_locked + 1)::text, true);
        perform pg_advisory_xact_lock(hashtextextended('blogai tier of ' || p_user_id, 0));
    end if;
end
$$;
comment on function private.lock_new_user(text) is 'Until the end of the transaction: who makes a users row waits for who makes its quota row.';

create function private.grant_tier() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
    if tg_op = 'INSERT' then
        perform private.lock_new_user(new.user_id);
    end if;
    new.granted_tier := new.tier;
    new.tier := private.better_tier(new.granted_tier, new.subscribed_tier);
    return new;
end
$$;
comment on function private.grant_tier() is 'Takes a tier that somebody writes as a grant.';

create function private.derive_tier() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
    new.tier := private.better_tier(new.granted_tier, new.subscribed_tier);
    return new;
end
$$;
comment on function private.derive_tier() is 'Keeps tier the better one of the grant and the subscriptions.';

create function private.follow_grant() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
    perform private.apply_entitlements(new.user_id);
    return null;
end
$$;
comment on function private.follow_grant() is 'Fits the usage window to a grant, and a new quota row to the subscriptions.';

create function private.mirror_tier() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
    if tg_op = 'DELETE' then
        update public.users as u set tier = 'free' where u.user_id = old.user_id;
    else
        update public.users as u set tier = new.tier where u.user_id = new.user_id and u.tier is distinct from new.tier;
    end if;
    return null;
end
$$;
comment on function private.mirror_tier() is 'Carries user_quotas.tier to users.';

create function private.keep_user_tier() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
    if tg_op = 'INSERT' then
        perform private.lock_new_user(new.user_id);
    end if;
    select q.tier into new.tier from public.user_quotas as q where q.user_id = new.user_id;
    new.tier := coalesce(new.tier, 'free');
    return new;
end
$$;
comment on function private.keep_user_tier() is 'Lets users.tier say what user_quotas.tier says, and free where there is no quota row.';

create function private.keep_subscription() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
    -- whoever writes the documented status alone says nothing about Stripe's word for it
    if tg_op = 'UPDATE' and new.status <> old.status and new.stripe_status is not distinct from old.stripe_status then
        new.stripe_status := null;
    end if;
    if new.status = 'past_due' then
        if tg_op = 'INSERT' then
            new.past_due_since := coalesce(new.past_due_since, now());
        elsif old.status <> 'past_due' and new.past_due_since is not distinct from old.past_due_since then
            new.past_due_since := now();
        end if;
        new.past_due_since := coalesce(new.past_due_since, now());
    else
        new.past_due_since := null;
    end if;
    return new;
end
$$;
comment on function private.keep_subscription() is 'Notes when a subscription became past_due, and forgets a raw status that no longer holds.';

create or replace function public.sync_user_tier_from_subscription() returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
    if tg_op <> 'INSERT' then
        perform private.apply_entitlements(old.user_id);
    end if;
    if tg_op = 'INSERT' or (tg_op = 'UPDATE' and new.user_id <> old.user_id) then
        perform private.apply_entitlements(new.user_id);
    end if;
    return null;
end
$$;
comment on function public.sync_user_tier_from_subscription() is 'Works out anew the tier of the users whom a changed subscription concerns.';

create function private.follow_settings() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
    v_user_id text;
begin
    for v_user_id in
        select distinct s.user_id from public.stripe_subscriptions as s
         where s.status in ('past_due', 'cancelled') order by s.user_id
    loop
        perform private.apply_entitlements(v_user_id);
    end loop;
    return null;
end
$$;
comment on function private.follow_settings() is 'Applies a changed grace to everyone whom it concerns.';

-- ---------------------------------------------------------------------------------------------------------
-- The functions that look at the tier when a window ends

create or replace function private.refresh_quota(p_user_id text) returns timestamptz
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
    perform private.expire_reservations(p_user_id);
    if v_quota.period_end <= clock_timestamp() then
        -- what entitled to the tier may have ended with the window
        perform private.apply_entitlements(p_user_id);
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

create or replace function private.quota_state(
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

create or replace function public.reset_expired_quotas() returns integer
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
         where q.period_end <= now()
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
         where q.period_end <= now()
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

    -- see private.lock_new_user
    update public.users as u set tier = q.tier
      from public.user_quotas as q
     where q.user_id = u.user_id and u.tier is distinct from q.tier;
    return v_rolled + v_count;
end
$$;

create or replace function public.get_subscription_status(p_user_id text)
returns table (
    has_subscription boolean,
    tier text,
    status text,
    subscription_id text,
    customer_id text,
    current_period_start timestamptz,
    current_period_end timestamptz,
    cancel_at_period_end boolean,
    monthly_limit integer,
    daily_limit integer
)
language plpgsql stable security definer set search_path = ''
as $$
begin
    perform private.require_own(p_user_id);
    return query
        select coalesce(s.status in ('active', 'trialing', 'past_due'), false),
               l.tier,
               s.status,
               s.subscription_id,
               coalesce(s.customer_id, c.customer_id),
               s.current_period_start,
               s.current_period_end,
               s.cancel_at_period_end,
               l.monthly_limit,
               l.daily_limit
          from (select p_user_id as user_id) as u
          left join lateral (
                select sub.*
                  from public.stripe_subscriptions as sub
                 where sub.user_id = u.user_id
                 -- the one that entitles most, else the one that comes nearest to it
                 order by case when private.entitled_until(sub) > now() then private.tier_rank(sub.tier) else 0 end desc,
                          array_position(array['active', 'trialing', 'past_due', 'incomplete', 'cancelled'], sub.status),
                          sub.current_period_end desc nulls last,
                          sub.subscription_id
                 limit 1) as s on true
          left join public.stripe_customers as c on c.user_id = u.user_id
          left join public.user_quotas as q on q.user_id = u.user_id
          join public.tier_limits as l on l.tier = coalesce(q.tier, 'free');
end
$$;
comment on function public.get_subscription_status(text) is
    'Tier and limits of a user, and the subscription behind them with its real status, in one row.';

-- ---------------------------------------------------------------------------------------------------------
-- For the billing code

create function public.record_subscription(
    p_subscription_id text,
    p_user_id text,
    p_tier text,
    p_stripe_status text,
    p_event_at timestamptz,
    p_customer_id text default null,
    p_period_start timestamptz default null,
    p_period_end timestamptz default null,
    p_cancel_at_period_end boolean default false,
    p_cancelled_at timestamptz default null
) returns boolean
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_status text := private.stored_status(p_stripe_status);
begin
    if v_status is null then
        raise exception using errcode = 'ZINVL', column = 'stripe_status',
            message = format('%s is not a status of a Stripe subscription that is known.', coalesce(quote_literal(p_stripe_status), 'null'));
    end if;
    if p_event_at is null then
        raise exception using errcode = 'ZINVL', column = 'event_at', message = 'event_at must not be empty.';
    end if;
    insert into public.stripe_subscriptions as s (
        subscription_id, user_id, customer_id, tier, status, stripe_status, current_period_start, current_period_end,
        cancel_at_period_end, cancelled_at, past_due_since, last_event_at)
    values (
        p_subscription_id, p_user_id, p_customer_id, p_tier, v_status, p_stripe_status, p_period_start, p_period_end,
        coalesce(p_cancel_at_period_end, false), p_cancelled_at, p_event_at, p_event_at)
    on conflict (subscription_id) do update
       set user_id = excluded.user_id,
           customer_id = coalesce(excluded.customer_id, s.customer_id),
           tier = excluded.tier,
           status = excluded.status,
           stripe_status = excluded.stripe_status,
           current_period_start = coalesce(excluded.current_period_start, s.current_period_start),
           current_period_end = coalesce(excluded.current_period_end, s.current_period_end),
           cancel_at_period_end = excluded.cancel_at_period_end,
           cancelled_at = excluded.cancelled_at,
           past_due_since = case when s.status = 'past_due' then s.past_due_since else excluded.last_event_at end,
           last_event_at = excluded.last_event_at
     -- the end of a subscription is final, and an older event is late
     where s.status <> 'cancelled' and (s.last_event_at is null or s.last_event_at <= excluded.last_event_at);
    return found;
end
$$;
comment on function public.record_subscription(
    text, text, text, text, timestamptz, text, timestamptz, timestamptz, boolean, timestamptz) is
    'Stores what an event says of a subscription, with Stripe''s own status; false when a newer event came before.';

-- ---------------------------------------------------------------------------------------------------------
-- Triggers; those that carry a tier from table to table follow once the tables agree

drop trigger sync_user_tier_on_subscription_change on public.stripe_subscriptions;

create trigger keep_subscription_consistent
before insert or update on public.stripe_subscriptions
for each row execute function private.keep_subscription();

create trigger derive_tier_from_grant_and_subscriptions
before update of subscribed_tier, granted_tier on public.user_quotas
for each row execute function private.derive_tier();

create trigger apply_changed_settings
after update on private.entitlement_settings
for each row execute function private.follow_settings();

-- ---------------------------------------------------------------------------------------------------------
-- What is there already. Whoever has subscriptions gets what they entitle to; whoever has a tier without any
-- keeps it, as granted by hand.

do $$
declare
    v_users bigint := (select count(*) from public.users);
    v_quotas bigint := (select count(*) from public.user_quotas);
    v_subscriptions bigint := (select count(*) from public.stripe_subscriptions);
    v_made bigint;
    v_user_id text;
begin
    -- since when is not known; the last change is the kindest guess
    update public.stripe_subscriptions set past_due_since = updated_at where status = 'past_due';

    update public.user_quotas as q set granted_tier = q.tier
     where q.tier <> 'free'
       and not exists (select from public.stripe_subscriptions as s where s.user_id = q.user_id);

    insert into public.user_quotas (user_id, tier, granted_tier)
    select p.user_id, g.tier, g.tier
      from (select user_id from public.users where tier <> 'free'
            union select user_id from public.stripe_subscriptions) as p
      left join public.users as u on u.user_id = p.user_id
     cross join lateral (
            select case when exists (select from public.stripe_subscriptions as s where s.user_id = p.user_id) then 'free'
                        else coalesce(u.tier, 'free') end as tier) as g
     where not exists (select from public.user_quotas as q where q.user_id = p.user_id);
    get diagnostics v_made = row_count;
    if v_made > 0 then
        -- they may have a log
        perform private.recount_usage();
    end if;

    for v_user_id in select distinct s.user_id from public.stripe_subscriptions as s order by s.user_id loop
        perform private.apply_entitlements(v_user_id);
    end loop;

    update public.users as u set tier = q.tier
      from public.user_quotas as q
     where q.user_id = u.user_id and u.tier is distinct from q.tier;
    update public.users as u set tier = 'free'
     where u.tier is distinct from 'free'
       and not exists (select from public.user_quotas as q where q.user_id = u.user_id);

    if v_users <> (select count(*) from public.users)
       or v_quotas + v_made <> (select count(*) from public.user_quotas)
       or v_subscriptions <> (select count(*) from public.stripe_subscriptions)
       or exists (select from public.users as u
                    left join public.user_quotas as q on q.user_id = u.user_id
                   where u.tier is distinct from coalesce(q.tier, 'free'))
       or exists (select from public.stripe_subscriptions as s
                   where not exists (select from public.user_quotas as q where q.user_id = s.user_id))
       or exists (select from public.user_quotas as q
                   where q.subscribed_tier <> (private.subscription_entitlement(q.user_id, now())).tier
                      or q.tier <> private.better_tier(q.granted_tier, q.subscribed_tier)) then
        raise exception 'The tiers could not be worked out from the subscriptions.'
            using hint = 'Does another session write to these tables? Stop the program, then migrate again.';
    end if;
end
$$;

create trigger grant_written_tier
before insert or update of tier on public.user_quotas
for each row execute function private.grant_tier();

create trigger fit_window_to_grant
after insert or update of tier on public.user_quotas
for each row execute function private.follow_grant();

create trigger mirror_tier_to_users
after insert or delete or update of tier, subscribed_tier, granted_tier on public.user_quotas
for each row execute function private.mirror_tier();

create trigger keep_tier_as_in_quota
before insert or update of tier on public.users
for each row execute function private.keep_user_tier();

create trigger sync_user_tier_on_subscription_change
after insert or update or delete on public.stripe_subscriptions
for each row execute function public.sync_user_tier_from_subscription();

-- ---------------------------------------------------------------------------------------------------------
-- Who may see and call what

alter table public.stripe_events enable row level security;

create policy "Service role can manage" on public.stripe_events
for all to service_role using (true) with check (true);

revoke all on public.stripe_events from anon, authenticated, service_role;
grant select, insert, update, delete on public.stripe_events to service_role;

alter table public.stripe_events force row level security;

create policy "Owner can manage" on public.stripe_events
for all to current_user using (true) with check (true);

revoke all on function
    public.record_subscription(
        text, text, text, text, timestamptz, text, timestamptz, timestamptz, boolean, timestamptz)
    from public, anon, authenticated, service_role;

revoke all on function
    private.tier_rank(text),
    private.better_tier(text, text),
    private.stored_status(text),
    private.entitled_until(public.stripe_subscriptions),
    private.subscription_entitlement(text, timestamptz),
    private.apply_entitlements(text),
    private.lock_new_user(text),
    private.grant_tier(),
    private.derive_tier(),
    private.follow_grant(),
    private.mirror_tier(),
    private.keep_user_tier(),
    private.keep_subscription(),
    private.follow_settings()
    from public;

grant execute on function public.record_subscription(
    text, text, text, text, timestamptz, text, timestamptz, timestamptz, boolean, timestamptz) to service_role;
