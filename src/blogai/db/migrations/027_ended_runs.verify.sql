select events_pruned from public.generation_runs where false;
select 'public.generation_runs_prunable'::regclass;
do $$
begin
    assert (select pg_get_expr(indpred, indrelid) like '%failed%' from pg_catalog.pg_index
             where indexrelid = 'public.generation_runs_idempotency_key'::regclass),
        'A failed run must give its idempotency key back.';
end
$$;
