create table public.users (
    id uuid not null default uuid_generate_v4() primary key,
    user_id text not null unique,
    email text,
    name text,
    stripe_customer_id text,
    tier text default 'free' check (tier in ('free', 'starter', 'pro', 'business')),
    is_active boolean default true,
    last_login_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.users is 'User accounts with their subscription status.';

create table public.stripe_customers (
    id uuid not null default uuid_generate_v4() primary key,
    user_id text not null unique,
    customer_id text not null unique,
    email text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.stripe_customers is 'Which Stripe customer each user is.';

create table public.stripe_subscriptions (
    id uuid not null default uuid_generate_v4() primary key,
    subscription_id text not null unique,
    user_id text not null,
    customer_id text,
    tier text not null check (tier in ('free', 'starter', 'pro', 'business')),
    status text not null default 'active'
        check (status in ('active', 'trialing', 'past_due', 'cancelled', 'incomplete')),
    current_period_start timestamptz,
    current_period_end timestamptz,
    cancel_at_period_end boolean default false,
    cancelled_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.stripe_subscriptions is 'Stripe subscriptions and their state.';

create table public.payments (
    id uuid not null default uuid_generate_v4() primary key,
    user_id text not null,
    subscription_id text,
    invoice_id text,
    amount_cents integer not null,
    currency text default 'usd',
    status text not null default 'paid' check (status in ('paid', 'refunded', 'partially_refunded')),
    paid_at timestamptz not null default now(),
    created_at timestamptz not null default now()
);
comment on table public.payments is 'Successful payments reported by Stripe.';

create table public.payment_failures (
    id uuid not null default uuid_generate_v4() primary key,
    user_id text not null,
    subscription_id text,
    invoice_id text,
    attempt_count integer not null default 1,
    failure_reason text,
    failed_at timestamptz not null default now(),
    resolved_at timestamptz,
    created_at timestamptz not null default now()
);
comment on table public.payment_failures is 'Failed payment attempts, for monitoring and notices to the user.';

create trigger update_users_updated_at
before update on public.users
for each row execute function public.update_updated_at_column();

create trigger update_stripe_customers_updated_at
before update on public.stripe_customers
for each row execute function public.update_updated_at_column();

create trigger update_stripe_subscriptions_updated_at
before update on public.stripe_subscriptions
for each row execute function public.update_updated_at_column();

alter table public.users enable row level security;
alter table public.stripe_customers enable row level security;
alter table public.stripe_subscriptions enable row level security;
alter table public.payments enable row level security;
alter table public.payment_failures enable row level security;

create policy "Users can view own" on public.users
for select to authenticated using (user_id = (select auth.uid())::text);

create policy "Users can update own" on public.users
for update to authenticated using (user_id = (select auth.uid())::text);

create policy "Service role can manage" on public.users
for all to service_role using (true) with check (true);

create policy "Users can view own" on public.stripe_customers
for select to authenticated using (user_id = (select auth.uid())::text);

create policy "Service role can manage" on public.stripe_customers
for all to service_role using (true) with check (true);

create policy "Users can view own" on public.stripe_subscriptions
for select to authenticated using (user_id = (select auth.uid())::text);

create policy "Service role can manage" on public.stripe_subscriptions
for all to service_role using (true) with check (true);

create policy "Users can view own" on public.payments
for select to authenticated using (user_id = (select auth.uid())::text);

create policy "Service role can manage" on public.payments
for all to service_role using (true) with check (true);

create policy "Users can view own" on public.payment_failures
for select to authenticated using (user_id = (select auth.uid())::text);

create policy "Service role can manage" on public.payment_failures
for all to service_role using (true) with check (true);

create function public.sync_user_tier_from_subscription() returns trigger
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

create trigger sync_user_tier_on_subscription_change
after insert or update on public.stripe_subscriptions
for each row execute function public.sync_user_tier_from_subscription();

create function public.get_subscription_status(p_user_id text)
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
language sql stable security definer set search_path = ''
as $$
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
$$;
comment on function public.get_subscription_status(text) is 'Subscription, tier and limits of a user in one row.';
