-- Samples and scores know whose they are, so that a list of them needs no look at the profiles: the first half, new rows.
-- Nothing reads the column yet, and what was there before waits for 035, so that nobody waits for it behind these locks.

alter table public.voice_samples add column user_hash text;
comment on column public.voice_samples.user_hash is 'The owner of the profile; written by triggers, held to it by a key.';
alter table public.voice_scores add column user_hash text;
comment on column public.voice_scores.user_hash is 'The owner of the profile; written by triggers, held to it by a key.';

-- With the owner's rights: who may write a sample may not always read profiles, and what he gives here is not asked for.
create function private.take_owner_of_profile() returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
    if tg_op = 'UPDATE' and new.profile_id = old.profile_id and new.user_hash is not null then
        return new; -- the key looks at it
    end if;
    -- Locked as by the key, so that the owner does not change before this row is seen.
    select b.user_hash into new.user_hash from public.brand_profiles as b where b.id = new.profile_id for key share;
    return new;
end
$$;
comment on function private.take_owner_of_profile() is 'Gives a sample or a score the owner of its profile.';

-- A key does not look at nulls, so it does not carry over who gets a profile that was nobody's.
create function private.pass_owner_of_profile() returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
    update public.voice_samples as s set user_hash = new.user_hash where s.profile_id = new.id and s.user_hash is null;
    update public.voice_scores as v set user_hash = new.user_hash where v.profile_id = new.id and v.user_hash is null;
    return null;
end
$$;
comment on function private.pass_owner_of_profile() is
    'Gives samples and scores of a profile that was nobody''s its first owner.';

revoke all on function private.take_owner_of_profile(), private.pass_owner_of_profile() from public;

create trigger take_owner_of_profile
before insert or update of profile_id, user_hash on public.voice_samples
for each row execute function private.take_owner_of_profile();

create trigger take_owner_of_profile
before insert or update of profile_id, user_hash on public.voice_scores
for each row execute function private.take_owner_of_profile();

create trigger pass_owner_of_profile
after update of user_hash on public.brand_profiles
for each row when (old.user_hash is null and new.user_hash is not null)
execute function private.pass_owner_of_profile();
