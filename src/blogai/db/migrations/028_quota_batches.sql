-- The windows of a hundred thousand free users all end with the month. Rolled in one transaction, each of them would
-- wait until the last one is done; so maintenance rolls some users at a time.

create function private.roll_quotas(p_user_ids text[]) returns integer
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_user_id text;
    v_rolled integer := 0;
    v_count integer;
begin
    -- A row that somebody holds is being rolled by its holder. Where a subscription may have ended, one by one.
    for v_user_id in
        select q.user_id from public.user_quotas as q
         where q.user_id = any (p_user_ids) and q.period_end <= now()
           and exists (select from public.stripe_subscriptions as s where s.user_id = q.user_id)
         order by q.user_id
           for no key update of q skip locked
    loop
        perform private.refresh_quota(v_user_id);
        v_rolled := v_rolled + 1;
    end loop;

    -- As a rule there is nothing in a new window.
    with due as (
        select q.user_id, w.starts, w.ends, w.anchor, u.units, u.tokens
          from public.user_quotas as q
         cross join lateral private.next_window(q.tier, q.billing_anchor, q.period_start, q.period_end, now()) as w
         cross join lateral (
                select count(*) as units, coalesce(sum(r.tokens_used), 0) as tokens
                  from public.usage_records as r
                 where r.user_id = q.user_id and r."timestamp" >= w.starts and r."timestamp" < w.ends) as u
         where q.user_id = any (p_user_ids) and q.period_end <= now()
           and not exists (select from public.stripe_subscriptions as s where s.user_id = q.user_id)
         order by q.user_id
           for no key update of q skip locked
    )
    update public.user_quotas as q
       set period_start = d.starts, period_end = d.ends, billing_anchor = d.anchor,
           month_used = d.units, month_tokens = d.tokens
      from due as d
     where q.user_id = d.user_id and q.period_end <= now();
    get diagnostics v_count = row_count;
    return v_rolled + v_count;
end
$$;

comment on function private.roll_quotas(text[]) is
    'Opens the current billing period for those of these users whose period ended; how many.';

revoke all on function private.roll_quotas(text[]) from public;
grant execute on function private.roll_quotas(text[]) to service_role;

create or replace function public.reset_expired_quotas() returns integer
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_rolled integer := private.roll_quotas(array(
        select q.user_id from public.user_quotas as q where q.period_end <= now()));
begin
    -- see private.lock_new_user
    update public.users as u set tier = q.tier
      from public.user_quotas as q
     where q.user_id = u.user_id and u.tier is distinct from q.tier;
    return v_rolled;
end
$$;
