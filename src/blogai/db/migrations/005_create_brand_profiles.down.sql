drop function public.set_default_brand_profile(uuid, text);
drop table public.brand_profiles;
