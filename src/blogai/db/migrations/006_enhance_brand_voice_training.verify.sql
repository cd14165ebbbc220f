select voice_fingerprint_id, training_status, training_quality, sample_count from public.brand_profiles where false;
select id, profile_id, created_at, title, content, content_type, word_count, source_url, source_platform,
       is_analyzed, analysis_result, quality_score, is_primary_example
  from public.voice_samples where false;
select id, profile_id, created_at, updated_at, vocabulary_profile, sentence_patterns, tone_distribution, style_metrics,
       voice_summary, embedding_vector, embedding_model, sample_count, last_trained_at, training_quality
  from public.voice_fingerprints where false;
select id, profile_id, content_id, created_at, overall_score, tone_match, vocabulary_match, style_match, feedback, deviations
  from public.voice_scores where false;
select 'public.idx_voice_samples_profile'::regclass,
       'public.idx_voice_samples_analyzed'::regclass,
       'public.idx_voice_fingerprints_profile'::regclass,
       'public.idx_voice_scores_profile'::regclass,
       'public.idx_voice_scores_content'::regclass;

do $$
declare
    v_table text;
begin
    foreach v_table in array array['voice_samples', 'voice_fingerprints', 'voice_scores'] loop
        if not (select relrowsecurity from pg_class where oid = ('public.' || v_table)::regclass) then
            raise exception 'Row level security is off on %.', v_table;
        end if;
    end loop;
    if not exists (select from pg_constraint
                    where conrelid = 'public.brand_profiles'::regclass
                      and confrelid = 'public.voice_fingerprints'::regclass) then
        raise exception 'The foreign key from brand_profiles to voice_fingerprints is missing.';
    end if;
    if not exists (select from pg_trigger
                    where tgrelid = 'public.voice_fingerprints'::regclass
                      and tgname = 'update_voice_fingerprints_updated_at') then
        raise exception 'The trigger update_voice_fingerprints_updated_at is missing.';
    end if;
end
$$;
