do $$
begin
    assert pg_get_viewdef('private.quota_status'::regclass) like '%check_quota_available%',
        'private.quota_status must look again at subscriptions whose window has ended.';
    assert (select reloptions @> array['security_invoker=true'] from pg_catalog.pg_class
             where oid = 'private.quota_status'::regclass),
        'private.quota_status must use the rights of its reader.';
end
$$;
