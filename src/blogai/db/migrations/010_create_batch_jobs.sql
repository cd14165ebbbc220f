create table public.batch_jobs (
    id uuid primary key default uuid_generate_v4(),
    user_id text not null,
    name text,
    status text not null default 'pending',
    provider_strategy text not null default 'single',
    total_items integer not null,
    completed_items integer default 0,
    failed_items integer default 0,
    estimated_cost_usd numeric(10, 4),
    actual_cost_usd numeric(10, 4),
    items jsonb not null default '[]',
    results jsonb default '[]',
    created_at timestamptz not null default now(),
    started_at timestamptz,
    completed_at timestamptz
);
comment on table public.batch_jobs is 'Batch generation: what was asked for, how far it is, what came out.';
