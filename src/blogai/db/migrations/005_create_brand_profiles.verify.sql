select id, created_at, updated_at, name, slug, tone_keywords, writing_style, example_content, industry,
       target_audience, preferred_words, avoid_words, brand_values, content_themes, user_hash, is_active, is_default
  from public.brand_profiles where false;
select 'public.set_default_brand_profile(uuid, text)'::regprocedure;
select 'public.idx_brand_profiles_slug'::regclass,
       'public.idx_brand_profiles_user_hash'::regclass,
       'public.idx_brand_profiles_tone_keywords'::regclass;

do $$
begin
    if not (select relrowsecurity from pg_class where oid = 'public.brand_profiles'::regclass) then
        raise exception 'Row level security is off on brand_profiles.';
    end if;
    if not exists (select from pg_trigger
                    where tgrelid = 'public.brand_profiles'::regclass
                      and tgname = 'update_brand_profiles_updated_at') then
        raise exception 'The trigger update_brand_profiles_updated_at is missing.';
    end if;
end
$$;
