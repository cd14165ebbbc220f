-- The second half: rows from before get their owner, a key keeps it equal to that of the profile, and the policies
-- compare it with the caller. Readers wait for the policies alone, which come last.

do $$
declare
    v_table text;
    v_due bigint;
    v_count bigint;
    v_left bigint;
begin
    foreach v_table in array array['voice_samples', 'voice_scores'] loop
        -- A profile that changes hands meanwhile fails the check or the key, and the migration is taken again.
        execute format(
            'select count(*) from public.%I as v join public.brand_profiles as b on b.id = v.profile_id
              where v.user_hash is distinct from b.user_hash', v_table) into v_due;
        execute format(
            'update public.%I as v set user_hash = b.user_hash from public.brand_profiles as b
              where b.id = v.profile_id and v.user_hash is distinct from b.user_hash', v_table);
        get diagnostics v_count = row_count;
        execute format(
            'select count(*) from public.%I as v left join public.brand_profiles as b on b.id = v.profile_id
              where b.id is null or v.user_hash is distinct from b.user_hash', v_table) into v_left;
        if v_count < v_due or v_left > 0 then
            raise exception '% rows of % got their owner instead of %, and % have another than their profile.',
                v_count, v_table, v_due, v_left
                using hint = 'Does row level security hide profiles or these rows from the login that migrates?';
        end if;
    end loop;
end
$$;

-- What the keys refer to.
create unique index idx_brand_profiles_owner on public.brand_profiles (id, user_hash);

-- For the list of one voice, whose owner the policy adds, and for that of all voices of an owner. Without the first the
-- planner takes the two conditions for rarer than they are: it would join two indexes, fetch all rows and sort them.
create index idx_voice_samples_user_profile on public.voice_samples (user_hash, profile_id, created_at desc, id desc);
create index idx_voice_samples_user_created on public.voice_samples (user_hash, created_at desc, id desc);
create index idx_voice_scores_user_profile on public.voice_scores (user_hash, profile_id, created_at desc, id desc);
create index idx_voice_scores_user_created on public.voice_scores (user_hash, created_at desc, id desc);

-- Beside the documented keys, which also hold the rows of profiles that are nobody's.
-- squawk-ignore adding-foreign-key-constraint, constraint-missing-not-valid
alter table public.voice_samples add constraint voice_samples_owner_fkey
    foreign key (profile_id, user_hash) references public.brand_profiles (id, user_hash)
    on update cascade on delete cascade;
-- squawk-ignore adding-foreign-key-constraint, constraint-missing-not-valid
alter table public.voice_scores add constraint voice_scores_owner_fkey
    foreign key (profile_id, user_hash) references public.brand_profiles (id, user_hash)
    on update cascade on delete cascade;

alter policy "Users can manage via profile" on public.voice_samples
using (user_hash = (select private.caller_hash()))
with check (user_hash = (select private.caller_hash()));

alter policy "Users can manage via profile" on public.voice_scores
using (user_hash = (select private.caller_hash()));
