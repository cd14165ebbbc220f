select bloat_bytes from private.relation_sizes where false;
do $$
begin
    assert pg_get_viewdef('private.relation_sizes'::regclass) like '%e.bytes IS NOT NULL%',
        'Unknown bloat must be null in private.relation_sizes.';
    assert (select reloptions @> array['security_invoker=true'] from pg_catalog.pg_class
             where oid = 'private.relation_sizes'::regclass),
        'private.relation_sizes must use the rights of its reader.';
end
$$;
