select id, created_at, updated_at, name, description, slug, tool_id, preset_inputs, category, tags, is_public, user_hash, use_count
  from public.templates where false;
select 'public.increment_template_use_count(uuid)'::regprocedure;
select 'public.idx_templates_tool_id'::regclass,
       'public.idx_templates_category'::regclass,
       'public.idx_templates_slug'::regclass,
       'public.idx_templates_tags'::regclass,
       'public.idx_templates_use_count'::regclass;

do $$
begin
    if not (select relrowsecurity from pg_class where oid = 'public.templates'::regclass) then
        raise exception 'Row level security is off on templates.';
    end if;
    if not exists (select from pg_trigger
                    where tgrelid = 'public.templates'::regclass
                      and tgname = 'update_templates_updated_at') then
        raise exception 'The trigger update_templates_updated_at is missing.';
    end if;
end
$$;
