-- As 031 made them.
alter policy "Users can manage via profile" on public.voice_samples
using (profile_id = any (array(select b.id from public.brand_profiles as b)))
with check (profile_id = any (array(select b.id from public.brand_profiles as b)));

alter policy "Users can manage via profile" on public.voice_scores
using (profile_id = any (array(select b.id from public.brand_profiles as b)));

alter table public.voice_scores drop constraint voice_scores_owner_fkey;
alter table public.voice_samples drop constraint voice_samples_owner_fkey;

drop index public.idx_voice_scores_user_created;
drop index public.idx_voice_scores_user_profile;
drop index public.idx_voice_samples_user_created;
drop index public.idx_voice_samples_user_profile;
drop index public.idx_brand_profiles_owner;
