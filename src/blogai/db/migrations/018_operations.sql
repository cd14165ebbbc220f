-- What an operator needs: a log of maintenance, the archive of usage, and views to watch the database by.
-- docs/operations.md tells how they are used. Only the service role sees any of it.

-- ---------------------------------------------------------------------------------------------------------
-- Tables

create table private.maintenance_log (
    id bigint generated always as identity primary key,
    task text not null,
    started_at timestamptz not null default now(),
    finished_at timestamptz,
    outcome text not null default 'running' check (outcome in ('running', 'done', 'not done', 'failed')),
    detail text,
    figures jsonb not null default '{}',
    run_by text not null,
    check ((outcome = 'running') = (finished_at is null))
);

comment on table private.maintenance_log is 'What maintenance ran, when, for how long and with what result.';
comment on column private.maintenance_log.outcome is
    'running, also when its process died; not done: something is missing, which detail names; failed: see detail.';
comment on column private.maintenance_log.figures is 'What the task counted, such as rows or bytes.';
comment on column private.maintenance_log.run_by is 'Host and process number.';

create index maintenance_log_task on private.maintenance_log (task, started_at desc);

create table private.usage_archives (
    id bigint generated always as identity primary key,
    file text not null unique,
    host text not null,
    sha256 text not null check (length(sha256) = 64),
    bytes bigint not null,
    row_count integer not null check (row_count > 0),
    first_at timestamptz not null,
    last_at timestamptz not null,
    archived_at timestamptz not null default now()
);

comment on table private.usage_archives is
    'The manifest of archived usage: each file whose rows left usage_records, in the transaction that deleted them.';
comment on column private.usage_archives.file is 'Name of the gzip CSV file in archive/usage of the data directory.';
comment on column private.usage_archives.host is 'The machine in whose data directory the file was written.';
comment on column private.usage_archives.sha256 is 'Hex SHA-256 of the file.';

create table private.usage_monthly_totals (
    user_id text not null,
    month date not null,
    operation_type text not null,
    units bigint not null check (units > 0),
    tokens bigint not null check (tokens >= 0),
    primary key (user_id, month, operation_type)
);

comment on table private.usage_monthly_totals is 'What the archived rows of usage_records add up to, by UTC month.';
comment on column private.usage_monthly_totals.month is 'First day of the month.';

alter table private.maintenance_log enable row level security;
alter table private.maintenance_log force row level security;
alter table private.usage_archives enable row level security;
alter table private.usage_archives force row level security;
alter table private.usage_monthly_totals enable row level security;
alter table private.usage_monthly_totals force row level security;

create policy "Service role has full access" on private.maintenance_log
    for all to service_role using (true) with check (true);
create policy "Owner can manage" on private.maintenance_log
    for all to current_user using (true) with check (true);
create policy "Service role has full access" on private.usage_archives
    for all to service_role using (true) with check (true);
create policy "Owner can manage" on private.usage_archives
    for all to current_user using (true) with check (true);
create policy "Service role has full access" on private.usage_monthly_totals
    for all to service_role using (true) with check (true);
create policy "Owner can manage" on private.usage_monthly_totals
    for all to current_user using (true) with check (true);

-- The amount of a partial refund, without which revenue cannot be net. Billing fills it in.
alter table public.payments
    add column refunded_cents integer not null default 0 check (refunded_cents >= 0);

comment on column public.payments.refunded_cents is
    'How much of a partially refunded payment was given back; a refunded one counts as nothing whatever stands here.';

-- ---------------------------------------------------------------------------------------------------------
-- Views. The invoker's rights hold, so whoever is granted one by mistake sees no more than his own rows.

create view private.quota_status with (security_invoker = true) as
select s.user_id,
       s.tier,
       (s.monthly_limit < 0 or s.month_used < s.monthly_limit) and (s.daily_limit < 0 or s.day_used < s.daily_limit)
           as quota_available,
       s.month_used::bigint as current_usage,
       s.monthly_limit,
       s.day_used::bigint as daily_usage,
       s.daily_limit,
       case when s.monthly_limit < 0 then -1 else greatest(s.monthly_limit - s.month_used, 0) end::bigint as remaining,
       s.period_end
  from (
        select coalesce(u.user_id, q.user_id) as user_id,
               l.tier,
               l.monthly_limit,
               l.daily_limit,
               -- An ended window is empty and an expired reservation is given back, as the functions count.
               case when q.period_end > now() then q.month_used - coalesce(e.month_units, 0) else 0 end as month_used,
               case
                   when q.day_start >= (now() at time zone 'UTC')::date then q.day_used - coalesce(e.day_units, 0)
                   else 0
               end as day_used,
               case
                   when q.period_end > now() then q.period_end
                   when q.user_id is null then date_trunc('month', now(), 'UTC') + interval '1 month'
                   else (private.next_window(q.tier, q.billing_anchor, q.period_start, q.period_end, now())).ends
               end as period_end
          from public.users as u
          full join public.user_quotas as q on q.user_id = u.user_id
          left join (
                select r.user_id,
                       sum(r.units) filter (where r.reserved_at >= w.period_start and r.reserved_at < w.period_end)
                           as month_units,
                       sum(r.units) filter (where (r.reserved_at at time zone 'UTC')::date = w.day_start) as day_units
                  from public.usage_reservations as r
                  join public.user_quotas as w on w.user_id = r.user_id
                 where r.state = 'open' and r.expires_at <= now()
                 group by r.user_id) as e on e.user_id = q.user_id
          join public.tier_limits as l on l.tier = coalesce(q.tier, 'free')) as s;

comment on view private.quota_status is
    'What check_quota_available says, for every user at once; -1 is unlimited.';

create function private.users_approaching_quota(p_threshold bigint default 5)
returns table (user_id text, tier text, current_usage bigint, monthly_limit integer, remaining bigint)
language sql stable set search_path = ''
begin atomic
    select s.user_id, s.tier, s.current_usage, s.monthly_limit, s.remaining
      from private.quota_status as s
     where s.remaining between 1 and p_threshold
     order by s.remaining, s.user_id;
end;

comment on function private.users_approaching_quota(bigint) is
    'Users who have at most p_threshold units of the month left, and at least one.';

create view private.revenue_by_tier with (security_invoker = true) as
select s.tier,
       coalesce(p.currency, 'usd') as currency,
       count(distinct s.user_id) as users,
       count(*) as payments,
       sum(p.amount_cents) / 100.0 as gross,
       sum(case p.status
               when 'refunded' then p.amount_cents
               when 'partially_refunded' then least(p.refunded_cents, p.amount_cents)
               else 0
           end) / 100.0 as refunded,
       sum(case p.status
               when 'refunded' then 0
               when 'partially_refunded' then p.amount_cents - least(p.refunded_cents, p.amount_cents)
               else p.amount_cents
           end) / 100.0 as revenue,
       count(*) filter (where p.status = 'partially_refunded' and p.refunded_cents = 0) as refunds_of_unknown_amount
  from public.stripe_subscriptions as s
  join public.payments as p on p.subscription_id = s.subscription_id
 where s.status = 'active'
 group by s.tier, coalesce(p.currency, 'usd');

comment on view private.revenue_by_tier is
    'What active subscriptions have brought in, net of refunds, in whole units of each currency; a user counts once.';

create view private.tool_popularity with (security_invoker = true) as
select t.tool_id,
       t.count,
       round(100.0 * t.count / nullif(sum(t.count) over (), 0), 1) as percent,
       t.last_used_at
  from public.tool_usage as t;

comment on view private.tool_popularity is 'How often each tool was used, also in percent of all uses.';

create view private.unresolved_payments with (security_invoker = true) as
select f.user_id,
       u.email,
       f.subscription_id,
       f.invoice_id,
       f.attempt_count,
       f.failure_reason,
       f.failed_at,
       now() - f.failed_at as age
  from public.payment_failures as f
  left join public.users as u on u.user_id = f.user_id
 where f.resolved_at is null;

comment on view private.unresolved_payments is 'Payments that failed and were not made good yet.';

create function private.stuck_batch_jobs(p_age interval default '1 hour')
returns table (
    id uuid, user_id text, name text, status text, total_items integer, completed_items integer, failed_items integer,
    age interval
)
language sql stable set search_path = ''
begin atomic
    select b.id, b.user_id, b.name, b.status, b.total_items, b.completed_items, b.failed_items,
           now() - coalesce(b.started_at, b.created_at)
      from public.batch_jobs as b
     where b.completed_at is null
       and b.status not in ('completed', 'failed', 'cancelled', 'canceled', 'partial')
       and coalesce(b.started_at, b.created_at) < now() - p_age
     order by coalesce(b.started_at, b.created_at);
end;

comment on function private.stuck_batch_jobs(interval) is
    'Batch jobs that have neither ended nor been ended p_age after their start.';

create view private.open_reservations with (security_invoker = true) as
select r.id,
       r.user_id,
       r.operation_type,
       r.units,
       r.reserved_at,
       r.expires_at,
       r.expires_at <= now() as expired
  from public.usage_reservations as r
 where r.state = 'open';

comment on view private.open_reservations is
    'Units that are held while something is being made; expired ones wait for the sweep.';

create view private.relation_sizes with (security_invoker = true) as
with relations as (
    select c.oid, n.nspname, c.relname, c.relkind, c.relam, c.reltuples, i.indrelid, i.indkey, i.indexprs,
           coalesce(i.indrelid, c.oid) as table_oid,
           pg_relation_size(c.oid) as bytes,
           coalesce((select o.option_value::integer from pg_catalog.pg_options_to_table(c.reloptions) as o
                      where o.option_name = 'fillfactor'), case c.relkind when 'i' then 90 else 100 end) as fill
      from pg_catalog.pg_class as c
      join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
      left join pg_catalog.pg_index as i on i.indexrelid = c.oid
     where n.nspname in ('public', 'private', 'queue') and c.relkind in ('r', 'm', 'i')
), widths as (
    -- Statistics that row level security hides make no row here, and the bloat unknown.
    select r.oid,
           count(*) as columns,
           count(s.attname) as known,
           bool_or(s.null_frac > 0) as nulls,
           sum((1 - s.null_frac) * s.avg_width) as width
      from relations as r
      join pg_catalog.pg_attribute as a
        on a.attrelid = r.table_oid and a.attnum > 0 and not a.attisdropped
           and (r.relkind <> 'i' or a.attnum = any (r.indkey::smallint[]))
      join pg_catalog.pg_class as t on t.oid = r.table_oid
      join pg_catalog.pg_namespace as tn on tn.oid = t.relnamespace
      left join pg_catalog.pg_stats as s
        on s.schemaname = tn.nspname and s.tablename = t.relname and s.attname = a.attname and not s.inherited
     group by r.oid
), estimates as (
    -- Tuples are aligned to 8 bytes and have a line pointer of 4; a page of 8,192 has a header of 24, and one of a
    -- B-tree 16 more at its end. The first page of an index is its own.
    select r.oid,
           case
               when r.reltuples < 0 or w.known < w.columns then null
               when r.relkind <> 'i' then
                   ceil(r.reltuples / greatest(1, floor(8168 * r.fill / 100.0
                       / (28 + case when w.nulls then 8 else 0 end + 8 * ceil(w.width / 8)))))
               when r.indexprs is null and r.relam = (select am.oid from pg_catalog.pg_am as am where am.amname = 'btree') then
                   1 + ceil(r.reltuples / greatest(1, floor(8152 * r.fill / 100.0
                       / (12 + case when w.nulls then 8 else 0 end + 8 * ceil(w.width / 8)))))
           end * current_setting('block_size')::integer as bytes
      from relations as r
      left join widths as w on w.oid = r.oid
)
select r.nspname as schema_name,
       r.relname as relation,
       case r.relkind when 'i' then 'index' else 'table' end as kind,
       r.table_oid::regclass::text as table_name,
       r.bytes,
       case when r.relkind <> 'i' then pg_total_relation_size(r.oid) else r.bytes end as total_bytes,
       greatest(r.reltuples, 0)::bigint as estimated_rows,
       t.n_dead_tup as dead_rows,
       greatest(0, r.bytes - e.bytes)::bigint as bloat_bytes,
       coalesce(t.seq_scan + t.idx_scan, t.seq_scan, x.idx_scan) as scans,
       greatest(t.last_vacuum, t.last_autovacuum) as last_vacuum,
       greatest(t.last_analyze, t.last_autoanalyze) as last_analyze
  from relations as r
  left join estimates as e on e.oid = r.oid
  left join pg_catalog.pg_stat_all_tables as t on t.relid = r.oid
  left join pg_catalog.pg_stat_all_indexes as x on x.indexrelid = r.oid;

comment on view private.relation_sizes is
    'Size of each table and index of ours. bloat_bytes is estimated from the statistics of the planner: null where '
    'there are none or row level security hides them.';

create view private.maintenance_state with (security_invoker = true) as
select distinct on (m.task)
       m.task,
       m.started_at as last_started_at,
       m.outcome as last_outcome,
       m.detail as last_detail,
       m.finished_at - m.started_at as last_duration,
       (select max(d.finished_at) from private.maintenance_log as d where d.task = m.task and d.outcome = 'done')
           as last_done_at
  from private.maintenance_log as m
 order by m.task, m.started_at desc, m.id desc;

comment on view private.maintenance_state is 'The last run of each task, and when it was last done.';

create function private.slow_statements(p_limit integer default 10)
returns table (calls bigint, mean_ms double precision, total_ms double precision, row_count bigint, statement text)
language plpgsql stable set search_path = ''
as $$
declare
    v_schema text := (
        select n.nspname from pg_catalog.pg_extension as e join pg_catalog.pg_namespace as n on n.oid = e.extnamespace
         where e.extname = 'pg_stat_statements');
begin
    if v_schema is null then
        return;
    end if;
    return query execute format(
        'select s.calls, s.mean_exec_time, s.total_exec_time, s.rows, s.query from %I.pg_stat_statements as s'
        ' where s.dbid = (select d.oid from pg_catalog.pg_database as d where d.datname = current_database())'
        ' order by s.mean_exec_time desc limit $1', v_schema) using p_limit;
exception
    -- created, but the server does not load it, or the role may not read it
    when object_not_in_prerequisite_state or insufficient_privilege then
        return;
end
$$;

comment on function private.slow_statements(integer) is
    'The statements with the highest mean time, where pg_stat_statements is there; nothing where it is not.';

-- ---------------------------------------------------------------------------------------------------------
-- Who may

revoke all on
    private.maintenance_log, private.usage_archives, private.usage_monthly_totals,
    private.quota_status, private.revenue_by_tier, private.tool_popularity, private.unresolved_payments,
    private.open_reservations, private.relation_sizes, private.maintenance_state
    from public, anon, authenticated;
revoke all on function
    private.users_approaching_quota(bigint), private.stuck_batch_jobs(interval), private.slow_statements(integer)
    from public, anon, authenticated;

grant select, insert, update, delete on
    private.maintenance_log, private.usage_archives, private.usage_monthly_totals to service_role;
grant select on
    private.quota_status, private.revenue_by_tier, private.tool_popularity, private.unresolved_payments,
    private.open_reservations, private.relation_sizes, private.maintenance_state to service_role;
grant execute on function
    private.users_approaching_quota(bigint), private.stuck_batch_jobs(interval), private.slow_statements(integer)
    to service_role;
-- quota_status calls them for ended windows; they read no table
grant execute on function
    private.next_window(text, timestamptz, timestamptz, timestamptz, timestamptz),
    private.usage_window(timestamptz, timestamptz) to service_role;
