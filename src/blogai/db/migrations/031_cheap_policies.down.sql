drop index public.idx_templates_created;

alter policy "Users can read own" on public.templates using (user_hash = (select private.caller_hash()));
