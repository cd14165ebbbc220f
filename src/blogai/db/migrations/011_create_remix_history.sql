create table public.remix_history (
    id uuid primary key default uuid_generate_v4(),
    user_id text,
    source_content_id text,
    target_format text not null,
    remixed_content jsonb not null,
    quality_score double precision,
    created_at timestamptz not null default now()
);
comment on table public.remix_history is 'Content turned into other formats.';
