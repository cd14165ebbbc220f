create function public.update_updated_at_column() returns trigger
language plpgsql volatile set search_path = ''
as $$
begin
    new.updated_at := now();
    return new;
end
$$;
comment on function public.update_updated_at_column() is 'Keeps updated_at on every table that has it.';

create table public.generated_content (
    id uuid not null default uuid_generate_v4() primary key,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    tool_id text not null,
    inputs jsonb not null,
    output text not null,
    provider text not null default 'openai',
    execution_time_ms integer not null default 0,
    user_hash text
);
comment on table public.generated_content is 'Everything that was generated: the history of its owner and the ground of analytics.';
comment on column public.generated_content.tool_id is 'Tool used for generation';
comment on column public.generated_content.inputs is 'Input parameters';
comment on column public.generated_content.output is 'Generated content';
comment on column public.generated_content.provider is 'LLM provider used';
comment on column public.generated_content.execution_time_ms is 'Generation time in milliseconds';
comment on column public.generated_content.user_hash is 'Hashed user identifier';

create index idx_generated_content_tool_id on public.generated_content (tool_id);
create index idx_generated_content_created_at on public.generated_content (created_at desc);
create index idx_generated_content_user_hash on public.generated_content (user_hash) where user_hash is not null;

create trigger update_generated_content_updated_at
before update on public.generated_content
for each row execute function public.update_updated_at_column();

alter table public.generated_content enable row level security;

create policy "Service role has full access" on public.generated_content
for all to service_role using (true) with check (true);

create policy "Anonymous can insert" on public.generated_content
for insert to anon with check (true);

create policy "Users can read own content" on public.generated_content
for select to anon using (user_hash is not null);
