select user_hash from public.voice_samples where false;
select user_hash from public.voice_scores where false;

do $$
declare
    v_table text;
    v_trigger text;
    v_role text;
begin
    for v_table, v_trigger in
        values ('voice_samples', 'take_owner_of_profile'), ('voice_scores', 'take_owner_of_profile'),
               ('brand_profiles', 'pass_owner_of_profile')
    loop
        assert (select t.tgenabled = 'O' and t.tgfoid = to_regprocedure(format('private.%I()', v_trigger))
                  from pg_catalog.pg_trigger as t
                 where t.tgrelid = format('public.%I', v_table)::regclass and t.tgname = v_trigger),
            format('The trigger %s on %s is missing.', v_trigger, v_table);
    end loop;
    foreach v_role in array array['anon', 'authenticated'] loop
        foreach v_table in array array['voice_samples', 'voice_scores'] loop
            assert not has_column_privilege(v_role, format('public.%I', v_table), 'user_hash', 'insert, update'),
                format('%s may say whose a row of %s is.', v_role, v_table);
        end loop;
    end loop;
end
$$;
