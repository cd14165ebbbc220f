drop index public.generation_runs_prunable;
alter table public.generation_runs drop column events_pruned;

-- A key stood for one run however that ended: it stays with the run that holds it, else with the last attempt.
update public.generation_runs as r
   set idempotency_key = null
 where r.idempotency_key is not null
   and r.status = 'failed'
   and exists (
           select from public.generation_runs as o
            where o.user_id = r.user_id and o.idempotency_key = r.idempotency_key and o.id <> r.id
              and (o.status <> 'failed' or (o.created_at, o.id) > (r.created_at, r.id))
       );

drop index public.generation_runs_idempotency_key;
create unique index generation_runs_idempotency_key
    on public.generation_runs (user_id, idempotency_key) where idempotency_key is not null;
