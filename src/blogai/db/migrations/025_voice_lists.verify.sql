do $$
declare
    v_table text;
begin
    foreach v_table in array array['voice_samples', 'voice_fingerprints', 'voice_scores'] loop
        if not exists (select from pg_policies
                        where schemaname = 'public' and tablename = v_table
                          and policyname = 'Users can manage via profile'
                          -- the owner of the row itself, from 035 on
                          and (qual ~ '^\(user_hash = \( SELECT private\.caller_hash\(\)'
                               or qual ~ 'ANY \(ARRAY\('
                                  -- the owner stands in it, or in the policy of the profiles that it reads
                                  and (qual ~ 'caller_hash'
                                       or (select bool_and(b.qual ~ '^\(user_hash = \( SELECT private\.caller_hash\(\)')
                                             from pg_policies b
                                            where b.schemaname = 'public' and b.tablename = 'brand_profiles'
                                              and b.permissive = 'PERMISSIVE' and b.cmd in ('SELECT', 'ALL')
                                              and b.roles && '{public, anon, authenticated}')))
                          and coalesce(with_check, qual) = qual) then
            raise exception 'The policy of % neither gives its profiles as an array nor compares its owner.', v_table;
        end if;
    end loop;
end
$$;
