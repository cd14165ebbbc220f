drop policy "Owner can manage" on public.conversations;
alter table public.conversations no force row level security;
drop policy "Anonymous can manage" on public.conversations;

create policy "Anonymous can manage" on public.conversations
for all to anon using (true) with check (true);

create or replace function public.upsert_conversation(p_id text, p_messages jsonb, p_metadata jsonb default null)
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

create or replace function public.add_conversation_message(p_id text, p_message jsonb)
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

drop index public.idx_conversations_user_updated;
alter table public.conversations drop column user_hash;

-- Made before 020 closed what is new, so not what a new table and function get.
revoke all on public.conversations from anon, authenticated; -- rights on columns
grant all on public.conversations to anon, authenticated, service_role;
grant execute on function public.upsert_conversation(text, jsonb, jsonb), public.add_conversation_message(text, jsonb)
    to public, anon, authenticated, service_role;
