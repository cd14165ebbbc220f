drop table public.generated_images;
