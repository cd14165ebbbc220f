do $$
begin
    assert (select p.prosrc like '%for share%'
              from pg_catalog.pg_proc as p
             where p.oid = 'private.keep_user_tier()'::regprocedure),
        'private.keep_user_tier must wait for whoever changes the tier.';
    assert (select p.prosrc like '%order by u.user_id%'
              from pg_catalog.pg_proc as p
             where p.oid = 'public.sync_user_tier_from_subscription()'::regprocedure),
        'public.sync_user_tier_from_subscription must take users in order.';
end
$$;
