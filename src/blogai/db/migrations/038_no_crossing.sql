-- Entitlements of two users in one order, and a users row that has the tier which is just being set; docs/database.md, section
-- "Entitlements".

create or replace function private.keep_user_tier() returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
    if tg_op = 'INSERT' then
        perform private.lock_new_user(new.user_id);
        -- Whoever changes the tier just now does not see this row, and so cannot carry the tier to it.
        perform from public.user_quotas as q where q.user_id = new.user_id for share;
    end if;
    select q.tier into new.tier from public.user_quotas as q where q.user_id = new.user_id;
    new.tier := coalesce(new.tier, 'free');
    return new;
end
$$;

create or replace function public.sync_user_tier_from_subscription() returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_user_id text;
begin
    -- Two when it changes hands: in the order of their ids, as everybody who locks the quotas of several users does.
    for v_user_id in
        select distinct u.user_id from unnest(array[old.user_id, new.user_id]) as u (user_id)
         where u.user_id is not null order by u.user_id
    loop
        perform private.apply_entitlements(v_user_id);
    end loop;
    return null;
end
$$;
