create table public.generated_images (
    id uuid primary key default uuid_generate_v4(),
    user_id text,
    content_id text,
    prompt text not null,
    revised_prompt text,
    url text not null,
    provider text not null,
    image_type text not null,
    size text not null,
    style text,
    quality text,
    metadata jsonb default '{}',
    created_at timestamptz not null default now()
);
comment on table public.generated_images is 'Images that were generated, and from what.';
