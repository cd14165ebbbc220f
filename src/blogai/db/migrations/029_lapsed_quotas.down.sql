create or replace view private.quota_status with (security_invoker = true) as
select s.user_id,
       s.tier,
       (s.monthly_limit < 0 or s.month_used < s.monthly_limit) and (s.daily_limit < 0 or s.day_used < s.daily_limit)
           as quota_available,
       s.month_used::bigint as current_usage,
       s.monthly_limit,
       s.day_used::bigint as daily_usage,
       s.daily_limit,
       case when s.monthly_limit < 0 then -1 else greatest(s.monthly_limit - s.month_used, 0) end::bigint as remaining,
       s.period_end
  from (
        select coalesce(u.user_id, q.user_id) as user_id,
               l.tier,
               l.monthly_limit,
               l.daily_limit,
               -- An ended window is empty and an expired reservation is given back, as the functions count.
               case when q.period_end > now() then q.month_used - coalesce(e.month_units, 0) else 0 end as month_used,
               case
                   when q.day_start >= (now() at time zone 'UTC')::date then q.day_used - coalesce(e.day_units, 0)
                   else 0
               end as day_used,
               case
                   when q.period_end > now() then q.period_end
                   when q.user_id is null then date_trunc('month', now(), 'UTC') + interval '1 month'
                   else (private.next_window(q.tier, q.billing_anchor, q.period_start, q.period_end, now())).ends
               end as period_end
          from public.users as u
          full join public.user_quotas as q on q.user_id = u.user_id
          left join (
                select r.user_id,
                       sum(r.units) filter (where r.reserved_at >= w.period_start and r.reserved_at < w.period_end)
                           as month_units,
                       sum(r.units) filter (where (r.reserved_at at time zone 'UTC')::date = w.day_start) as day_units
                  from public.usage_reservations as r
                  join public.user_quotas as w on w.user_id = r.user_id
                 where r.state = 'open' and r.expires_at <= now()
                 group by r.user_id) as e on e.user_id = q.user_id
          join public.tier_limits as l on l.tier = coalesce(q.tier, 'free')) as s;
