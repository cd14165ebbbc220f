create or replace function private.keep_user_tier() returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
    if tg_op = 'INSERT' then
        perform private.lock_new_user(new.user_id);
    end if;
    select q.tier into new.tier from public.user_quotas as q where q.user_id = new.user_id;
    new.tier := coalesce(new.tier, 'free');
    return new;
end
$$;

create or replace function public.sync_user_tier_from_subscription() returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
    if tg_op <> 'INSERT' then
        perform private.apply_entitlements(old.user_id);
    end if;
    if tg_op = 'INSERT' or (tg_op = 'UPDATE' and new.user_id <> old.user_id) then
        perform private.apply_entitlements(new.user_id);
    end if;
    return null;
end
$$;
