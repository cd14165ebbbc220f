alter policy "Users can manage via profile" on public.voice_samples
using (profile_id = any (array(
    select b.id from public.brand_profiles as b where b.user_hash = (select private.caller_hash()))))
with check (profile_id = any (array(
    select b.id from public.brand_profiles as b where b.user_hash = (select private.caller_hash()))));

alter policy "Users can manage via profile" on public.voice_fingerprints
using (profile_id = any (array(
    select b.id from public.brand_profiles as b where b.user_hash = (select private.caller_hash()))));

alter policy "Users can manage via profile" on public.voice_scores
using (profile_id = any (array(
    select b.id from public.brand_profiles as b where b.user_hash = (select private.caller_hash()))));

drop index public.idx_templates_created;

alter policy "Users can read own" on public.templates using (user_hash = (select private.caller_hash()));
