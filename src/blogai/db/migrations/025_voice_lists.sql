-- A list of samples or scores through the policy alone. As `in (select ...)` the profiles are a filter that looks at
-- every row of the table; as an array they are known before it starts and the index on profile_id finds the rows.

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
