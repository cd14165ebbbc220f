create table public.voice_samples (
    id uuid not null default uuid_generate_v4() primary key,
    profile_id uuid not null references public.brand_profiles (id) on delete cascade,
    created_at timestamptz not null default now(),
    title text,
    content text not null,
    content_type text not null default 'text',
    word_count integer not null default 0,
    source_url text,
    source_platform text,
    is_analyzed boolean not null default false,
    analysis_result jsonb default '{}',
    quality_score double precision default 0.0,
    is_primary_example boolean default false
);
comment on table public.voice_samples is 'Content samples that train a brand voice.';
comment on column public.voice_samples.content_type is 'text, blog, email or social';
comment on column public.voice_samples.is_analyzed is 'Whether the sample was analysed';

create table public.voice_fingerprints (
    id uuid not null default uuid_generate_v4() primary key,
    profile_id uuid not null references public.brand_profiles (id) on delete cascade,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    vocabulary_profile jsonb default '{}',
    sentence_patterns jsonb default '{}',
    tone_distribution jsonb default '{}',
    style_metrics jsonb default '{}',
    voice_summary text,
    embedding_vector double precision[] default '{}',
    embedding_model text,
    sample_count integer default 0,
    last_trained_at timestamptz,
    training_quality double precision default 0.0
);
comment on table public.voice_fingerprints is 'Voice characteristics of a profile, drawn from all its samples.';
comment on column public.voice_fingerprints.vocabulary_profile is 'Word patterns';
comment on column public.voice_fingerprints.sentence_patterns is 'Sentence structure';
comment on column public.voice_fingerprints.tone_distribution is 'Tone scores';
comment on column public.voice_fingerprints.voice_summary is 'Natural language description';

create table public.voice_scores (
    id uuid not null default uuid_generate_v4() primary key,
    profile_id uuid not null references public.brand_profiles (id) on delete cascade,
    content_id text not null,
    created_at timestamptz not null default now(),
    overall_score double precision not null,
    tone_match double precision not null,
    vocabulary_match double precision not null,
    style_match double precision not null,
    feedback jsonb default '{}',
    deviations jsonb default '{}'
);
comment on table public.voice_scores is 'How well generated content keeps to a brand voice.';
comment on column public.voice_scores.content_id is 'Reference to generated content';

-- The two tables point at each other, so this key follows when both are there. voice_fingerprints is new and empty.
alter table public.brand_profiles
    -- squawk-ignore adding-foreign-key-constraint
    add column voice_fingerprint_id uuid references public.voice_fingerprints (id) on delete no action,
    add column training_status text default 'untrained',
    add column training_quality double precision default 0.0,
    add column sample_count integer default 0;
comment on column public.brand_profiles.training_status is 'Training state';

create index idx_voice_samples_profile on public.voice_samples (profile_id);
create index idx_voice_samples_analyzed on public.voice_samples (is_analyzed) where not is_analyzed;
create unique index idx_voice_fingerprints_profile on public.voice_fingerprints (profile_id);
create index idx_voice_scores_profile on public.voice_scores (profile_id);
create index idx_voice_scores_content on public.voice_scores (content_id);

create trigger update_voice_fingerprints_updated_at
before update on public.voice_fingerprints
for each row execute function public.update_updated_at_column();

alter table public.voice_samples enable row level security;
alter table public.voice_fingerprints enable row level security;
alter table public.voice_scores enable row level security;

create policy "Service role has full access" on public.voice_samples
for all to service_role using (true) with check (true);

create policy "Service role has full access" on public.voice_fingerprints
for all to service_role using (true) with check (true);

create policy "Service role has full access" on public.voice_scores
for all to service_role using (true) with check (true);

create policy "Users can manage via profile" on public.voice_samples
for all to anon using (exists (select 1 from public.brand_profiles where user_hash is not null));

create policy "Users can manage via profile" on public.voice_fingerprints
for select to anon using (exists (select 1 from public.brand_profiles where user_hash is not null));

create policy "Users can manage via profile" on public.voice_scores
for select to anon using (exists (select 1 from public.brand_profiles where user_hash is not null));
