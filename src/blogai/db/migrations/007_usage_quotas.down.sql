drop function public.get_usage_breakdown(text, timestamptz, timestamptz);
drop function public.reset_expired_quotas();
drop function public.increment_user_usage(text, text, integer, jsonb);
drop function public.check_quota_available(text);
drop function public.get_daily_usage(text);
drop function public.get_current_month_usage(text);
drop table public.usage_records;
drop table public.user_quotas;
drop table public.tier_limits;
