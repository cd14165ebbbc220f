-- What lists pay for their policies.

-- Templates, a plan that stops after a page. "Mine or public", asked for mine: the planner counts the owner twice, expects
-- one row, and so fetches and sorts all of them. Inside coalesce the second comparison is a filter, and the list is read
-- in order until the page is full.

alter policy "Users can read own" on public.templates
using (coalesce(user_hash = (select private.caller_hash()), false));

-- For lists of everything that a caller may see.
create index idx_templates_created on public.templates (created_at desc, id desc);

-- Voices, the owner looked up once: callers see their own profiles alone, by the policy of brand_profiles, so asking for
-- them once more here worked the caller out twice. The verify script holds that policy to the plain comparison.

alter policy "Users can manage via profile" on public.voice_samples
using (profile_id = any (array(select b.id from public.brand_profiles as b)))
with check (profile_id = any (array(select b.id from public.brand_profiles as b)));

alter policy "Users can manage via profile" on public.voice_fingerprints
using (profile_id = any (array(select b.id from public.brand_profiles as b)));

alter policy "Users can manage via profile" on public.voice_scores
using (profile_id = any (array(select b.id from public.brand_profiles as b)));
