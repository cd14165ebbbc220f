do $$
declare
    v_table text;
begin
    assert (select qual ~* 'coalesce.*caller_hash.*false' from pg_catalog.pg_policies
             where schemaname = 'public' and tablename = 'templates' and policyname = 'Users can read own'),
        'Own templates must be a filter, so that their list is read in order.';
    assert to_regclass('public.idx_templates_created') is not null, 'idx_templates_created is missing.';

    -- What the policies of the voice tables rest on: nobody but the program and the owner reads foreign profiles.
    assert (select count(*) = 1 and bool_and(qual ~ '^\(user_hash = \( SELECT private\.caller_hash\(\) AS caller_hash\)\)$')
              from pg_catalog.pg_policies
             where schemaname = 'public' and tablename = 'brand_profiles' and permissive = 'PERMISSIVE'
               and cmd in ('SELECT', 'ALL') and roles && '{public, anon, authenticated}'),
        'Callers must see their own brand profiles alone.';
    assert (select relrowsecurity and relforcerowsecurity
              from pg_catalog.pg_class where oid = 'public.brand_profiles'::regclass),
        'Row level security is not forced on brand_profiles.';
    foreach v_table in array array['voice_samples', 'voice_fingerprints', 'voice_scores'] loop
        assert (select (qual ~ 'ANY \(ARRAY\( SELECT b\.id' and qual !~ 'caller_hash'
                        -- or the owner of the row itself, from 035 on
                        or qual ~ '^\(user_hash = \( SELECT private\.caller_hash\(\) AS caller_hash\)\)$')
                       and coalesce(with_check, qual) = qual
                  from pg_catalog.pg_policies
                 where schemaname = 'public' and tablename = v_table and policyname = 'Users can manage via profile'),
            format('The policy of %s must take the profiles that its caller sees, or compare its owner.', v_table);
    end loop;
end
$$;
