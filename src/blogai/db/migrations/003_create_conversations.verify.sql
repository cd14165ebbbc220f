select id, created_at, updated_at, messages, metadata from public.conversations where false;
select 'public.upsert_conversation(text, jsonb, jsonb)'::regprocedure,
       'public.add_conversation_message(text, jsonb)'::regprocedure;
select 'public.idx_conversations_created_at'::regclass, 'public.idx_conversations_updated_at'::regclass;

do $$
begin
    if not (select relrowsecurity from pg_class where oid = 'public.conversations'::regclass) then
        raise exception 'Row level security is off on conversations.';
    end if;
    if not exists (select from pg_trigger
                    where tgrelid = 'public.conversations'::regclass
                      and tgname = 'update_conversations_updated_at') then
        raise exception 'The trigger update_conversations_updated_at is missing.';
    end if;
end
$$;
