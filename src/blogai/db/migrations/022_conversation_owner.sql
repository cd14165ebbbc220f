-- A conversation belongs to a hash, as content does. One that was kept before belongs to nobody: only the program
-- sees it, until somebody tells whose it is.

alter table public.conversations add column user_hash text;
comment on column public.conversations.user_hash is 'Owner identifier; without one the row is the program''s.';

create index idx_conversations_user_updated on public.conversations (user_hash, updated_at desc, id desc);

drop policy "Anonymous can manage" on public.conversations;

create policy "Anonymous can manage" on public.conversations
for all to anon, authenticated
using (user_hash = (select private.caller_hash()))
with check (user_hash = (select private.caller_hash()));

create policy "Owner can manage" on public.conversations
for all to current_user using (true) with check (true);

alter table public.conversations force row level security;

revoke all on public.conversations from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.conversations to service_role;
grant select, delete on public.conversations to anon, authenticated;
grant insert (id, messages, metadata, user_hash), update (messages, metadata) on public.conversations
    to anon, authenticated;

-- Both run with the caller's rights, so that the policy decides. The program writes to any conversation; one that it
-- starts for a caller belongs to him.

create or replace function public.upsert_conversation(p_id text, p_messages jsonb, p_metadata jsonb default null)
returns public.conversations
language plpgsql volatile set search_path = ''
as $$
declare
    v_conversation public.conversations;
begin
    for attempt in 1 .. 2 loop
        update public.conversations as c
           set messages = p_messages,
               metadata = coalesce(p_metadata, c.metadata)
         where c.id = p_id
        returning c.* into v_conversation;
        if found then
            return v_conversation;
        end if;
        insert into public.conversations as c (id, messages, metadata, user_hash)
        values (p_id, p_messages, p_metadata, private.caller_hash())
        on conflict (id) do nothing
        returning c.* into v_conversation;
        if found then
            return v_conversation;
        end if;
        -- Somebody was quicker, or it is somebody else's: then the second attempt sees no more than the first.
    end loop;
    raise exception using errcode = 'ZCNFL', column = 'id', message = 'This conversation id is taken.',
        hint = 'Choose a new id, a random UUID.';
end
$$;
comment on function public.upsert_conversation(text, jsonb, jsonb) is
    'Creates a conversation of the caller''s or replaces its messages; metadata is kept where none is given.';

create or replace function public.add_conversation_message(p_id text, p_message jsonb)
returns public.conversations
language plpgsql volatile set search_path = ''
as $$
declare
    v_conversation public.conversations;
begin
    for attempt in 1 .. 2 loop
        update public.conversations as c
           set messages = c.messages || jsonb_build_array(p_message)
         where c.id = p_id
        returning c.* into v_conversation;
        if found then
            return v_conversation;
        end if;
        insert into public.conversations as c (id, messages, user_hash)
        values (p_id, jsonb_build_array(p_message), private.caller_hash())
        on conflict (id) do nothing
        returning c.* into v_conversation;
        if found then
            return v_conversation;
        end if;
    end loop;
    raise exception using errcode = 'ZCNFL', column = 'id', message = 'This conversation id is taken.',
        hint = 'Choose a new id, a random UUID.';
end
$$;
comment on function public.add_conversation_message(text, jsonb) is
    'Appends one message to a conversation of the caller''s, atomically; the first one creates the conversation.';

revoke all on function public.upsert_conversation(text, jsonb, jsonb), public.add_conversation_message(text, jsonb)
    from public, anon, authenticated;
grant execute on function public.upsert_conversation(text, jsonb, jsonb), public.add_conversation_message(text, jsonb)
    to anon, authenticated, service_role;
