do $$
declare
    v_table text;
    v_index text;
begin
    foreach v_index in array array[
        'idx_brand_profiles_owner', 'idx_voice_samples_user_profile', 'idx_voice_samples_user_created',
        'idx_voice_scores_user_profile', 'idx_voice_scores_user_created'
    ] loop
        assert (select i.indisvalid from pg_catalog.pg_index as i where i.indexrelid = to_regclass('public.' || v_index)),
            format('The index %s is missing.', v_index);
    end loop;

    foreach v_table in array array['voice_samples', 'voice_scores'] loop
        assert (select k.convalidated and k.confupdtype = 'c' and k.confdeltype = 'c'
                  from pg_catalog.pg_constraint as k
                 where k.conrelid = format('public.%I', v_table)::regclass and k.conname = v_table || '_owner_fkey'),
            format('No key holds the owners of %s to those of the profiles.', v_table);
        assert (select qual ~ '^\(user_hash = \( SELECT private\.caller_hash\(\) AS caller_hash\)\)$'
                       and coalesce(with_check, qual) = qual
                  from pg_catalog.pg_policies
                 where schemaname = 'public' and tablename = v_table and policyname = 'Users can manage via profile'),
            format('The policy of %s must compare the owner with the caller.', v_table);
    end loop;
end
$$;
