-- What becomes of a run that ended: one that failed gives its idempotency key back, and what its readers were told is
-- deleted some days later.

-- A failed run has charged nothing and kept nothing, so the same key may begin another attempt.
drop index public.generation_runs_idempotency_key;
create unique index generation_runs_idempotency_key
    on public.generation_runs (user_id, idempotency_key) where idempotency_key is not null and status <> 'failed';

alter table public.generation_runs add column events_pruned boolean not null default false;

comment on column public.generation_runs.events_pruned is
    'True once its events, but for the last one, were deleted by maintenance.';

-- For maintenance: the ended runs that still have their events, the oldest first. One entry a run, none an event.
create index generation_runs_prunable
    on public.generation_runs (finished_at) where finished_at is not null and not events_pruned;
