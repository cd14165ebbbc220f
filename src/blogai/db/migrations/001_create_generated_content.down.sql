drop table public.generated_content;
drop function public.update_updated_at_column();
