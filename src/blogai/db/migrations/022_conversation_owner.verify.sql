select id, user_hash from public.conversations where false;
select 'public.idx_conversations_user_updated'::regclass;

do $$
declare
    v_name text;
begin
    if not (select relforcerowsecurity from pg_class where oid = 'public.conversations'::regclass) then
        raise exception 'Row level security is not forced on conversations.';
    end if;
    if (select count(*) from pg_policies
         where schemaname = 'public' and tablename = 'conversations'
           and policyname in ('Anonymous can manage', 'Owner can manage')
           and (policyname = 'Owner can manage' or qual = with_check and qual ~ 'caller_hash')) < 2 then
        raise exception 'A policy of conversations is missing, or does not compare the owner with the caller.';
    end if;
    if has_column_privilege('anon', 'public.conversations', 'user_hash', 'update')
        or has_table_privilege('anon', 'public.conversations', 'truncate') then
        raise exception 'A tenant may hand over or truncate conversations.';
    end if;
    foreach v_name in array array['upsert_conversation(text, jsonb, jsonb)', 'add_conversation_message(text, jsonb)'] loop
        if not has_function_privilege('anon', 'public.' || v_name, 'execute') then
            raise exception 'anon may not call %.', v_name;
        end if;
    end loop;
end
$$;
