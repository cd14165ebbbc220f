select id, created_at, updated_at, tool_id, inputs, output, provider, execution_time_ms, user_hash
  from public.generated_content where false;
select 'public.update_updated_at_column()'::regprocedure;
select 'public.idx_generated_content_tool_id'::regclass,
       'public.idx_generated_content_created_at'::regclass,
       'public.idx_generated_content_user_hash'::regclass;

do $$
begin
    if not (select relrowsecurity from pg_class where oid = 'public.generated_content'::regclass) then
        raise exception 'Row level security is off on generated_content.';
    end if;
    if not exists (select from pg_trigger
                    where tgrelid = 'public.generated_content'::regclass
                      and tgname = 'update_generated_content_updated_at') then
        raise exception 'The trigger update_generated_content_updated_at is missing.';
    end if;
end
$$;
