select content_id, version, user_hash, title, output, written_at, replaced_at from public.content_versions where false;
select id, user_hash, content, versions, run_ids, deleted_at, expires_at from private.deleted_content where false;
do $$
begin
    assert (select bool_and(relrowsecurity and relforcerowsecurity)
              from pg_catalog.pg_class
             where oid in ('public.content_versions'::regclass, 'private.deleted_content'::regclass)),
        'Row level security must be in force for versions and deleted content.';
    assert exists (select from pg_catalog.pg_trigger
                    where tgrelid = 'public.generated_content'::regclass and tgname = 'keep_generated_content_version'),
        'The trigger that keeps versions is missing.';
    assert not has_table_privilege('authenticated', 'public.content_versions', 'insert'), 'Callers must not write versions.';
    assert not has_table_privilege('authenticated', 'private.deleted_content', 'select'),
        'Callers must not read what is deleted.';
    assert has_function_privilege('authenticated', 'private.delete_content(uuid)', 'execute')
        and has_function_privilege('authenticated', 'private.restore_content(uuid)', 'execute')
        and not has_function_privilege('authenticated', 'private.purge_deleted_content()', 'execute'),
        'Callers may delete and restore, and nothing else.';
end
$$;
