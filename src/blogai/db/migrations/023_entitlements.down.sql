drop trigger apply_changed_settings on private.entitlement_settings;
drop trigger keep_tier_as_in_quota on public.users;
drop trigger mirror_tier_to_users on public.user_quotas;
drop trigger fit_window_to_grant on public.user_quotas;
drop trigger derive_tier_from_grant_and_subscriptions on public.user_quotas;
drop trigger grant_written_tier on public.user_quotas;
drop trigger keep_subscription_consistent on public.stripe_subscriptions;
drop trigger sync_user_tier_on_subscription_change on public.stripe_subscriptions;

create trigger sync_user_tier_on_subscription_change
after insert or update on public.stripe_subscriptions
for each row execute function public.sync_user_tier_from_subscription();

-- The functions as they were before.

create or replace function public.sync_user_tier_from_subscription() returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_tier text := case when new.status in ('active', 'trialing', 'past_due') then new.tier else 'free' end;
begin
    update public.user_quotas set tier = v_tier where user_id = new.user_id and tier <> v_tier;
    update public.users set tier = v_tier where user_id = new.user_id and tier is distinct from v_tier;
    return new;
end
$$;
comment on function public.sync_user_tier_from_subscription() is 'Carries the tier of a changed subscription to its user.';

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
        select s.id is not null,
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
                 order by (sub.status in ('active', 'trialing')) desc, sub.updated_at desc
                 limit 1) as s on true
          left join public.stripe_customers as c on c.user_id = u.user_id
          left join public.user_quotas as q on q.user_id = u.user_id
          join public.tier_limits as l on l.tier = coalesce(q.tier, 'free');
end
$$;
comment on function public.get_subscription_status(text) is 'Subscription, tier and limits of a user in one row.';

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

create or replace function private.quota_state(
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

drop function public.record_subscription(
    text, text, text, text, timestamptz, text, timestamptz, timestamptz, boolean, timestamptz);
drop function private.follow_settings();
drop function private.keep_subscription();
drop function private.keep_user_tier();
drop function private.mirror_tier();
drop function private.follow_grant();
drop function private.derive_tier();
drop function private.grant_tier();
drop function private.lock_new_user(text);
drop function private.apply_entitlements(text);
drop function private.subscription_entitlement(text, timestamptz);
drop function private.entitled_until(public.stripe_subscriptions);
drop function private.stored_status(text);
drop function private.better_tier(text, text);
drop function private.tier_rank(text);

alter table public.payments drop constraint payments_invoice_id_key;
alter table public.payment_failures drop constraint payment_failures_invoice_id_key;

insert into public.payments (id, user_id, subscription_id, invoice_id, amount_cents, currency, status, paid_at, created_at)
select id, user_id, subscription_id, invoice_id, amount_cents, currency, status, paid_at, created_at
  from private.duplicate_payments
on conflict (id) do nothing;
insert into public.payment_failures
    (id, user_id, subscription_id, invoice_id, attempt_count, failure_reason, failed_at, resolved_at, created_at)
select id, user_id, subscription_id, invoice_id, attempt_count, failure_reason, failed_at, resolved_at, created_at
  from private.duplicate_payment_failures
on conflict (id) do nothing;

drop table private.duplicate_payment_failures;
drop table private.duplicate_payments;
drop table public.stripe_events;
drop table private.entitlement_settings;

alter table public.user_quotas
    drop column granted_tier,
    drop column subscribed_tier;
comment on column public.user_quotas.tier is null;

alter table public.stripe_subscriptions
    drop constraint stripe_subscriptions_stripe_status_check,
    drop column stripe_status,
    drop column past_due_since,
    drop column last_event_at;
