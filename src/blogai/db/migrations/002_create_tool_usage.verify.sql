select id, tool_id, count, last_used_at, created_at from public.tool_usage where false;
select 'public.increment_tool_usage(text)'::regprocedure, 'public.get_tool_stats()'::regprocedure;

do $$
begin
    if not (select relrowsecurity from pg_class where oid = 'public.tool_usage'::regclass) then
        raise exception 'Row level security is off on tool_usage.';
    end if;
end
$$;
