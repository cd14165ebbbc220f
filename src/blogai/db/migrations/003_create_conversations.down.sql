drop function public.add_conversation_message(text, jsonb);
drop function public.upsert_conversation(text, jsonb, jsonb);
drop table public.conversations;
