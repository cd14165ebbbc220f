create table public.brand_profiles (
    id uuid not null default uuid_generate_v4() primary key,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    name text not null,
    slug text not null unique,
    tone_keywords text[] not null default '{}',
    writing_style text not null default 'balanced',
    example_content text,
    industry text,
    target_audience text,
    preferred_words text[] default '{}',
    avoid_words text[] default '{}',
    brand_values text[] default '{}',
    content_themes text[] default '{}',
    user_hash text,
    is_active boolean not null default true,
    is_default boolean not null default false
);
comment on table public.brand_profiles is 'Brand voice profiles for consistent content generation.';
comment on column public.brand_profiles.slug is 'URL-friendly identifier';
comment on column public.brand_profiles.tone_keywords is 'Tone descriptors';
comment on column public.brand_profiles.example_content is 'Sample content';
comment on column public.brand_profiles.industry is 'Industry or niche';
comment on column public.brand_profiles.preferred_words is 'Words to prefer';
comment on column public.brand_profiles.avoid_words is 'Words to avoid';
comment on column public.brand_profiles.brand_values is 'Core values';
comment on column public.brand_profiles.content_themes is 'Common themes';
comment on column public.brand_profiles.user_hash is 'Owner identifier';
comment on column public.brand_profiles.is_default is 'Default profile of its owner';

-- Documented by name; the unique key on slug already serves the same look-ups.
create index idx_brand_profiles_slug on public.brand_profiles (slug);
create index idx_brand_profiles_user_hash on public.brand_profiles (user_hash) where user_hash is not null;
create index idx_brand_profiles_tone_keywords on public.brand_profiles using gin (tone_keywords);

create trigger update_brand_profiles_updated_at
before update on public.brand_profiles
for each row execute function public.update_updated_at_column();

alter table public.brand_profiles enable row level security;

create policy "Service role has full access" on public.brand_profiles
for all to service_role using (true) with check (true);

create policy "Anonymous can read own" on public.brand_profiles
for select to anon using (user_hash is not null);

create policy "Anonymous can create" on public.brand_profiles
for insert to anon with check (true);

create policy "Anonymous can update own" on public.brand_profiles
for update to anon using (user_hash is not null);

create policy "Anonymous can delete own" on public.brand_profiles
for delete to anon using (user_hash is not null);

create function public.set_default_brand_profile(p_profile_id uuid, p_user_hash text) returns void
language sql volatile security definer set search_path = ''
as $$
    update public.brand_profiles as b
       set is_default = (b.id = p_profile_id)
     where b.user_hash = p_user_hash
       and (b.is_default or b.id = p_profile_id);
$$;
comment on function public.set_default_brand_profile(uuid, text) is 'Makes one profile of an owner the default, and no other.';
