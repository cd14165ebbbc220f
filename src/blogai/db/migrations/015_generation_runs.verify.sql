select id, user_id, tool_id, tool_name, operation_type, units, inputs, provider, idempotency_key, fingerprint,
       created_at, cancel_requested, status, reservation_id, heartbeat_at, finished_at, content_id, model, metadata,
       input_tokens, output_tokens, cost_usd, execution_time_ms, error
  from public.generation_runs where false;
select run_id, id, user_id, kind, data, created_at from public.generation_events where false;
do $$
begin
  assert (select bool_and(relrowsecurity and relforcerowsecurity)
            from pg_catalog.pg_class
           where oid in ('public.generation_runs'::regclass, 'public.generation_events'::regclass)),
         'row level security must be in force for runs and events';
  assert (select count(*) = 8 from pg_catalog.pg_policies
           where schemaname = 'public' and tablename in ('generation_runs', 'generation_events')),
         'runs and events must have their policies';
  assert not has_table_privilege('anon', 'public.generation_runs', 'select'), 'anon must not read runs';
  assert not has_column_privilege('authenticated', 'public.generation_runs', 'status', 'update'),
         'callers must not set the status of a run';
  assert not has_table_privilege('authenticated', 'public.generation_events', 'insert'),
         'callers must not write events';
  assert to_regclass('public.generation_runs_idempotency_key') is not null, 'the index of idempotency keys is missing';
  assert to_regclass('public.generation_runs_running') is not null, 'the index of running runs is missing';
  assert to_regclass('public.generation_runs_content_id') is not null, 'the index of contents is missing';
end
$$;
