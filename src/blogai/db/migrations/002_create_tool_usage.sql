create table public.tool_usage (
    id uuid not null default uuid_generate_v4() primary key,
    tool_id text not null unique,
    count integer not null default 0,
    last_used_at timestamptz not null default now(),
    created_at timestamptz not null default now()
);
comment on table public.tool_usage is 'How often each tool was used.';
comment on column public.tool_usage.tool_id is 'Tool identifier';
comment on column public.tool_usage.count is 'Usage count';
comment on column public.tool_usage.last_used_at is 'Last usage timestamp';

alter table public.tool_usage enable row level security;

create policy "Anyone can read" on public.tool_usage
for select to anon, authenticated using (true);

create policy "Service role can write" on public.tool_usage
for all to service_role using (true) with check (true);

create function public.increment_tool_usage(p_tool_id text) returns void
language sql volatile security definer set search_path = ''
as $$
    insert into public.tool_usage as t (tool_id, count, last_used_at)
    values (p_tool_id, 1, now())
    on conflict (tool_id) do update
       set count = t.count + 1,
           last_used_at = greatest(t.last_used_at, excluded.last_used_at);
$$;
comment on function public.increment_tool_usage(text) is 'Counts one use of a tool, atomically.';

create function public.get_tool_stats()
returns table (tool_id text, count integer, last_used_at timestamptz)
language sql stable set search_path = ''
as $$
    select t.tool_id, t.count, t.last_used_at
      from public.tool_usage as t
     order by t.count desc, t.tool_id;
$$;
comment on function public.get_tool_stats() is 'Tool usage, the most used tool first.';
