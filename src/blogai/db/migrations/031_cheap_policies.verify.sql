do $$
declare
    v_claims constant text := current_setting('request.jwt.claims', true);
begin
    assert (select count(*) = 2 from pg_catalog.pg_proc
             where oid in ('private.caller_id()'::regprocedure, 'private.caller_hash()'::regprocedure)
               and prosqlbody is not null and proconfig is null),
        'The planner must be able to put private.caller_id and private.caller_hash in place of their calls.';
    perform set_config('request.jwt.claims', '{"sub": "u-1"}', true);
    assert private.caller_id() = 'u-1'
       and private.caller_hash() = 'a24a7f55f278dd49fb1f99c5507800cb198a5bfe10fe2126cd0b25672152b0da',
        'private.caller_hash must be the SHA-256 of the subject.';
    perform set_config('request.jwt.claims', '{"sub": "u-1", "user_hash": "v-1"}', true);
    assert private.caller_hash() = 'v-1', 'private.caller_hash must be the claim user_hash where there is one.';
    perform set_config('request.jwt.claims', '', true);
    assert private.caller_id() is null and private.caller_hash() is null, 'Without claims nobody is calling.';
    perform set_config('request.jwt.claims', coalesce(v_claims, ''), true);
    assert (select qual ~* 'coalesce.*caller_hash.*false' from pg_catalog.pg_policies
             where schemaname = 'public' and tablename = 'templates' and policyname = 'Users can read own'),
        'Own templates must be a filter, so that their list is read in order.';
    assert to_regclass('public.idx_templates_created') is not null, 'idx_templates_created is missing.';
end
$$;
