drop trigger pass_owner_of_profile on public.brand_profiles;
drop trigger take_owner_of_profile on public.voice_scores;
drop trigger take_owner_of_profile on public.voice_samples;
drop function private.pass_owner_of_profile();
drop function private.take_owner_of_profile();
alter table public.voice_scores drop column user_hash;
alter table public.voice_samples drop column user_hash;
