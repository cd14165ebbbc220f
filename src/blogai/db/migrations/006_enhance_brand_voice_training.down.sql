alter table public.brand_profiles
    drop column sample_count,
    drop column training_quality,
    drop column training_status,
    drop column voice_fingerprint_id;
drop table public.voice_scores;
drop table public.voice_fingerprints;
drop table public.voice_samples;
