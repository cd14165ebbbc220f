-- Runs of the generation pipeline: what was asked for, where it stands, and every event that its readers
-- were told, so that another process or a restart can go on reading.
--
-- Who may write what: the caller inserts the run itself (its inputs, never its cost or result) and may ask
-- to cancel it. Reservation, result and events are the program's record and belong to service_role.

create table public.generation_runs (
    id uuid primary key default gen_random_uuid(),
    user_id text not null,
    tool_id text not null,
    tool_name text not null,
    operation_type text not null,
    units integer not null,
    inputs jsonb not null,
    provider text,
    idempotency_key text,
    fingerprint text not null,
    created_at timestamptz not null default now(),
    cancel_requested boolean not null default false,
    status text not null default 'running',
    reservation_id uuid,
    heartbeat_at timestamptz not null default now(),
    finished_at timestamptz,
    content_id uuid references public.generated_content (id) on delete set null,
    model text,
    metadata jsonb not null default '{}',
    input_tokens integer not null default 0,
    output_tokens integer not null default 0,
    cost_usd numeric(14, 8),
    execution_time_ms integer,
    error jsonb,
    constraint generation_runs_operation_type_check
        check (operation_type in ('blog', 'book', 'batch', 'remix', 'tool', 'other')),
    constraint generation_runs_units_check check (units > 0),
    constraint generation_runs_status_check check (status in ('running', 'finished', 'failed', 'cancelled')),
    constraint generation_runs_over_check check ((status = 'running') = (finished_at is null)),
    constraint generation_runs_tokens_check check (input_tokens >= 0 and output_tokens >= 0),
    constraint generation_runs_key_check check (char_length(idempotency_key) between 1 and 200)
) with (fillfactor = 80);

comment on table public.generation_runs is 'One row for each run of the generation pipeline.';
comment on column public.generation_runs.fingerprint is
    'Hex SHA-256 of the request; tells whether a repeated idempotency key stands for the same request.';
comment on column public.generation_runs.heartbeat_at is
    'Last sign of life of the process that runs it; long ago means that the process died.';
comment on column public.generation_runs.error is 'Problem document (RFC 9457) of a failed run.';

-- A key stands for one request of one user, also when twenty arrive at once.
create unique index generation_runs_idempotency_key
    on public.generation_runs (user_id, idempotency_key) where idempotency_key is not null;

-- For the sweep and the list of one's own running runs; holds the few running ones alone. It leaves the
-- heartbeat out, so that a heartbeat touches no index.
create index generation_runs_running on public.generation_runs (user_id, created_at) where status = 'running';

-- For the foreign key, and to find the run of a piece of content.
create index generation_runs_content_id on public.generation_runs (content_id) where content_id is not null;

create table public.generation_events (
    run_id uuid not null references public.generation_runs (id) on delete cascade,
    id integer not null,
    user_id text not null,
    kind text not null,
    data jsonb not null default '{}',
    created_at timestamptz not null default now(),
    primary key (run_id, id),
    constraint generation_events_id_check check (id > 0),
    constraint generation_events_kind_check check (
        kind in (
            'started', 'outline', 'section', 'delta', 'restart', 'progress', 'meta',
            'finished', 'failed', 'cancelled'
        )
    )
);

comment on table public.generation_events is 'What the readers of a run were told, in the order of id; gaps mean nothing.';
comment on column public.generation_events.user_id is
    'Owner of the run, repeated here so that the policy compares a column instead of looking into the runs.';

alter table public.generation_runs enable row level security;
alter table public.generation_runs force row level security;
alter table public.generation_events enable row level security;
alter table public.generation_events force row level security;

revoke all on public.generation_runs, public.generation_events from public, anon, authenticated;
grant select, insert, update, delete on public.generation_runs, public.generation_events to service_role;

grant select (
    id, user_id, tool_id, tool_name, operation_type, units, inputs, provider, idempotency_key, fingerprint,
    created_at, cancel_requested, status, heartbeat_at, finished_at, content_id, model, metadata, input_tokens,
    output_tokens, cost_usd, execution_time_ms, error
) on public.generation_runs to authenticated;
grant insert (
    id, user_id, tool_id, tool_name, operation_type, units, inputs, provider, idempotency_key, fingerprint
) on public.generation_runs to authenticated;
grant update (cancel_requested) on public.generation_runs to authenticated;
grant select on public.generation_events to authenticated;

create policy "Service role has full access" on public.generation_runs
    for all to service_role using (true) with check (true);
create policy "Users can view own" on public.generation_runs
    for select to authenticated using (user_id = (select private.caller_id()));
create policy "Users can start own" on public.generation_runs
    for insert to authenticated with check (user_id = (select private.caller_id()));
create policy "Users can cancel own" on public.generation_runs
    for update to authenticated
    using (user_id = (select private.caller_id())) with check (user_id = (select private.caller_id()));

create policy "Service role has full access" on public.generation_events
    for all to service_role using (true) with check (true);
create policy "Users can view own" on public.generation_events
    for select to authenticated using (user_id = (select private.caller_id()));

-- An owner who is no superuser is bound by the policies as well.
create policy "Owner can manage" on public.generation_runs
    for all to current_user using (true) with check (true);
create policy "Owner can manage" on public.generation_events
    for all to current_user using (true) with check (true);
