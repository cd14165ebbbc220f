drop table public.generation_events;
drop table public.generation_runs;
