select is_favorite, tool_name, title from public.generated_content where false;
select 'public.toggle_favorite(uuid)'::regprocedure, 'public.set_favorite(uuid, boolean)'::regprocedure;
select 'public.idx_generated_content_is_favorite'::regclass,
       'public.idx_generated_content_user_favorites'::regclass,
       'public.idx_generated_content_title'::regclass;
