do $$
declare
    v_table text;
begin
    foreach v_table in array array['voice_samples', 'voice_fingerprints', 'voice_scores'] loop
        if not exists (select from pg_policies
                        where schemaname = 'public' and tablename = v_table
                          and policyname = 'Users can manage via profile'
                          and qual ~ 'ANY \(ARRAY\('
                          and coalesce(with_check, qual) = qual) then
            raise exception 'The policy of % does not give its profiles as an array.', v_table;
        end if;
    end loop;
end
$$;
