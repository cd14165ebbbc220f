drop function public.get_tool_stats();
drop function public.increment_tool_usage(text);
drop table public.tool_usage;
