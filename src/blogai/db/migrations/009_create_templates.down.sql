drop function public.increment_template_use_count(uuid);
drop table public.templates;
