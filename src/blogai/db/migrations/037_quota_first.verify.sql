do $$
begin
    assert (select pg_get_expr(i.indpred, i.indrelid) ~ 'open.*settled' and i.indisunique and i.indisvalid
              from pg_catalog.pg_index as i
             where i.indexrelid = 'public.usage_reservations_key'::regclass),
        'usage_reservations_key must hold the keys of open and settled reservations alone.';
    assert (select bool_and(p.proconfig @> array['enable_seqscan=off'] and p.prosrc like '%for no key update%')
              from pg_catalog.pg_proc as p
             where p.oid in ('public.release_usage(uuid)'::regprocedure,
                             'public.settle_usage(uuid, integer, integer, jsonb)'::regprocedure)),
        'public.release_usage and public.settle_usage must take the quota row first.';
    assert (select p.prosrc like '%exception when no_data_found%'
              from pg_catalog.pg_proc as p
             where p.oid = 'public.settle_usage(uuid, integer, integer, jsonb)'::regprocedure),
        'public.settle_usage must let the quota row go before it waits for an expired reservation.';
end
$$;
