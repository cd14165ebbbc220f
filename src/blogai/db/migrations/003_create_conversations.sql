create table public.conversations (
    id text not null primary key,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    messages jsonb not null default '[]',
    metadata jsonb
);
comment on table public.conversations is 'Conversation history.';
comment on column public.conversations.id is 'UUID from the frontend';
comment on column public.conversations.messages is 'Array of messages';
comment on column public.conversations.metadata is 'Optional metadata';

create index idx_conversations_created_at on public.conversations (created_at desc);
create index idx_conversations_updated_at on public.conversations (updated_at desc);

create trigger update_conversations_updated_at
before update on public.conversations
for each row execute function public.update_updated_at_column();

alter table public.conversations enable row level security;

create policy "Service role has full access" on public.conversations
for all to service_role using (true) with check (true);

create policy "Anonymous can manage" on public.conversations
for all to anon using (true) with check (true);

create function public.upsert_conversation(p_id text, p_messages jsonb, p_metadata jsonb default null)
returns public.conversations
language sql volatile set search_path = ''
as $$
    insert into public.conversations as c (id, messages, metadata)
    values (p_id, p_messages, p_metadata)
    on conflict (id) do update
       set messages = excluded.messages,
           metadata = coalesce(excluded.metadata, c.metadata)
    returning c.*;
$$;
comment on function public.upsert_conversation(text, jsonb, jsonb) is
    'Creates a conversation or replaces its messages; metadata is kept where none is given.';

create function public.add_conversation_message(p_id text, p_message jsonb)
returns public.conversations
language sql volatile set search_path = ''
as $$
    insert into public.conversations as c (id, messages)
    values (p_id, jsonb_build_array(p_message))
    on conflict (id) do update
       set messages = c.messages || jsonb_build_array(p_message)
    returning c.*;
$$;
comment on function public.add_conversation_message(text, jsonb) is
    'Appends one message, atomically; the first one creates the conversation.';
