drop table public.batch_jobs;
