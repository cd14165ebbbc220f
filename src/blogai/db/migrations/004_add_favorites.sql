alter table public.generated_content
    add column is_favorite boolean not null default false,
    add column tool_name text,
    add column title text;
comment on column public.generated_content.is_favorite is 'Bookmarked status';
comment on column public.generated_content.tool_name is 'Display name of tool';
comment on column public.generated_content.title is 'Content title';

create index idx_generated_content_is_favorite on public.generated_content (is_favorite) where is_favorite;
create index idx_generated_content_user_favorites
    on public.generated_content (user_hash, is_favorite, created_at desc) where is_favorite;
create index idx_generated_content_title
    on public.generated_content using gin (to_tsvector('english', coalesce(title, '')));

create function public.toggle_favorite(content_id uuid) returns boolean
language sql volatile security definer set search_path = ''
as $$
    update public.generated_content as c
       set is_favorite = not c.is_favorite
     where c.id = toggle_favorite.content_id
    returning c.is_favorite;
$$;
comment on function public.toggle_favorite(uuid) is 'Toggles the favourite mark and returns the new one; null when there is no such content.';

create function public.set_favorite(content_id uuid, favorite_status boolean) returns boolean
language sql volatile security definer set search_path = ''
as $$
    update public.generated_content as c
       set is_favorite = set_favorite.favorite_status
     where c.id = set_favorite.content_id
    returning c.is_favorite;
$$;
comment on function public.set_favorite(uuid, boolean) is 'Sets the favourite mark and returns it; null when there is no such content.';
