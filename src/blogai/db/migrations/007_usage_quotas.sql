create table public.tier_limits (
    tier text not null primary key,
    monthly_limit integer not null,
    daily_limit integer not null default -1,
    features text[] not null default '{}',
    price_monthly numeric(10, 2) not null default 0,
    price_yearly numeric(10, 2) not null default 0,
    description text,
    updated_at timestamptz not null default now()
);
comment on table public.tier_limits is 'Limits and prices of each tier: the one truth for quota enforcement.';
comment on column public.tier_limits.monthly_limit is 'Generations a month; -1 is unlimited';
comment on column public.tier_limits.daily_limit is 'Generations a day; -1 is unlimited';
comment on column public.tier_limits.features is 'Available features';

insert into public.tier_limits (tier, monthly_limit, daily_limit, features, price_monthly, price_yearly, description)
values
    ('free', 5, 2, '{blog_generation,basic_tools}', 0, 0, 'Try it out'),
    ('starter', 50, 10,
     '{blog_generation,book_generation,basic_tools,all_tools,export_formats}', 19, 190, 'For one writer'),
    ('pro', 200, 50,
     '{blog_generation,book_generation,bulk_generation,batch_processing,basic_tools,all_tools,export_formats,research_mode,brand_voice,remix,priority_support}',
     49, 490, 'For professionals with a voice of their own'),
    ('business', 1000, -1,
     '{blog_generation,book_generation,bulk_generation,batch_processing,basic_tools,all_tools,export_formats,research_mode,brand_voice,remix,priority_support,api_access,custom_integrations,dedicated_support,team_collaboration}',
     149, 1490, 'For teams, without a daily limit');

create table public.user_quotas (
    id uuid not null default uuid_generate_v4() primary key,
    user_id text not null unique,
    tier text not null default 'free' check (tier in ('free', 'starter', 'pro', 'business')),
    period_start timestamptz not null default date_trunc('month', now()),
    -- A default cannot name another column, so this one repeats the start.
    period_end timestamptz not null default date_trunc('month', now()) + interval '1 month',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.user_quotas is 'Tier and billing period of each user.';

create table public.usage_records (
    id uuid not null default uuid_generate_v4() primary key,
    user_id text not null,
    operation_type text not null check (operation_type in ('blog', 'book', 'batch', 'remix', 'tool', 'other')),
    tokens_used integer not null default 0,
    "timestamp" timestamptz not null default now(),
    metadata jsonb,
    created_at timestamptz not null default now()
);
comment on table public.usage_records is 'The log of usage: one row is one generation.';
comment on column public.usage_records.tokens_used is 'Tokens consumed';
comment on column public.usage_records."timestamp" is 'Event timestamp';

create index idx_usage_records_user_time on public.usage_records (user_id, "timestamp" desc);
-- now() is not immutable, so the bound is a date. The planner proves that a window lies inside only when it
-- sees the window's start as a value: readers pass it as a variable and ask for a custom plan.
create index idx_usage_records_recent on public.usage_records (user_id, "timestamp")
    where "timestamp" >= '2026-01-01 00:00:00+00'::timestamptz;

create trigger update_tier_limits_updated_at
before update on public.tier_limits
for each row execute function public.update_updated_at_column();

create trigger update_user_quotas_updated_at
before update on public.user_quotas
for each row execute function public.update_updated_at_column();

alter table public.tier_limits enable row level security;
alter table public.user_quotas enable row level security;
alter table public.usage_records enable row level security;

create policy "Anyone can read" on public.tier_limits
for select to anon, authenticated, service_role using (true);

create policy "Service role can manage" on public.tier_limits
for all to service_role using (true) with check (true);

-- user_id is text and auth.uid() a UUID: without the cast the comparison does not type-check.
create policy "Users can view own" on public.user_quotas
for select to authenticated using (user_id = (select auth.uid())::text);

create policy "Service role can manage" on public.user_quotas
for all to service_role using (true) with check (true);

create policy "Users can view own" on public.usage_records
for select to authenticated using (user_id = (select auth.uid())::text);

create policy "Service role can manage" on public.usage_records
for all to service_role using (true) with check (true);

create function public.get_current_month_usage(p_user_id text)
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

create function public.get_daily_usage(p_user_id text) returns bigint
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

create function public.check_quota_available(p_user_id text)
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

create function public.increment_user_usage(p_user_id text, p_op_type text, p_tokens integer default 0, p_metadata jsonb default '{}')
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

create function public.reset_expired_quotas() returns integer
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

create function public.get_usage_breakdown(p_user_id text, p_start timestamptz default null, p_end timestamptz default null)
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
