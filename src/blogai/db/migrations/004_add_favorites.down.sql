drop function public.set_favorite(uuid, boolean);
drop function public.toggle_favorite(uuid);
drop index public.idx_generated_content_title;
drop index public.idx_generated_content_user_favorites;
drop index public.idx_generated_content_is_favorite;
alter table public.generated_content
    drop column title,
    drop column tool_name,
    drop column is_favorite;
