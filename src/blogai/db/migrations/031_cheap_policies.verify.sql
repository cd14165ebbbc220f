do $$
begin
    assert (select qual ~* 'coalesce.*caller_hash.*false' from pg_catalog.pg_policies
             where schemaname = 'public' and tablename = 'templates' and policyname = 'Users can read own'),
        'Own templates must be a filter, so that their list is read in order.';
    assert to_regclass('public.idx_templates_created') is not null, 'idx_templates_created is missing.';
end
$$;
