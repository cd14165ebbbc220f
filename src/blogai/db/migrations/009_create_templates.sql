create table public.templates (
    id uuid not null default uuid_generate_v4() primary key,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    name text not null,
    description text,
    slug text not null unique,
    tool_id text not null,
    preset_inputs jsonb not null default '{}',
    category text not null,
    tags text[] default '{}',
    is_public boolean not null default true,
    user_hash text,
    use_count integer not null default 0
);
comment on table public.templates is 'Reusable content templates with preset inputs.';
comment on column public.templates.slug is 'URL-friendly identifier';
comment on column public.templates.tool_id is 'Associated tool';
comment on column public.templates.preset_inputs is 'Preset input values';
comment on column public.templates.category is 'Category for filtering';
comment on column public.templates.tags is 'Tags for search';
comment on column public.templates.user_hash is 'Owner identifier';

create index idx_templates_tool_id on public.templates (tool_id);
create index idx_templates_category on public.templates (category);
-- Documented by name; the unique key on slug already serves the same look-ups.
create index idx_templates_slug on public.templates (slug);
create index idx_templates_tags on public.templates using gin (tags);
create index idx_templates_use_count on public.templates (use_count desc);

create trigger update_templates_updated_at
before update on public.templates
for each row execute function public.update_updated_at_column();

alter table public.templates enable row level security;

create policy "Service role has full access" on public.templates
for all to service_role using (true) with check (true);

create policy "Anonymous can read public" on public.templates
for select to anon using (is_public = true);

create policy "Anonymous can create" on public.templates
for insert to anon with check (true);

create policy "Users can update own" on public.templates
for update to anon using (user_hash is not null);

create policy "Users can delete own" on public.templates
for delete to anon using (user_hash is not null);

create function public.increment_template_use_count(p_template_id uuid) returns void
language sql volatile security definer set search_path = ''
as $$
    update public.templates set use_count = use_count + 1 where id = p_template_id;
$$;
comment on function public.increment_template_use_count(uuid) is 'Counts one use of a template.';
