revoke execute on function
    private.next_window(text, timestamptz, timestamptz, timestamptz, timestamptz),
    private.usage_window(timestamptz, timestamptz) from service_role;

drop function private.slow_statements(integer);
drop view private.maintenance_state;
drop view private.relation_sizes;
drop view private.open_reservations;
drop function private.stuck_batch_jobs(interval);
drop view private.unresolved_payments;
drop view private.tool_popularity;
drop view private.revenue_by_tier;
drop function private.users_approaching_quota(bigint);
drop view private.quota_status;

alter table public.payments drop column refunded_cents;

drop table private.usage_monthly_totals;
drop table private.usage_archives;
drop table private.maintenance_log;
