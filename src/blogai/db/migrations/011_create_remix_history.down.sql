drop table public.remix_history;
