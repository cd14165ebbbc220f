select id, task, started_at, finished_at, outcome, detail, figures, run_by from private.maintenance_log where false;
select id, file, host, sha256, bytes, row_count, first_at, last_at, archived_at from private.usage_archives where false;
select user_id, month, operation_type, units, tokens from private.usage_monthly_totals where false;
select refunded_cents from public.payments where false;
select user_id, tier, quota_available, current_usage, monthly_limit, daily_usage, daily_limit, remaining, period_end
  from private.quota_status where false;
select tier, currency, users, payments, gross, refunded, revenue, refunds_of_unknown_amount
  from private.revenue_by_tier where false;
select tool_id, count, percent, last_used_at from private.tool_popularity where false;
select user_id, email, invoice_id, attempt_count, failure_reason, failed_at, age from private.unresolved_payments where false;
select id, user_id, operation_type, units, reserved_at, expires_at, expired from private.open_reservations where false;
select schema_name, relation, kind, table_name, bytes, total_bytes, estimated_rows, dead_rows, bloat_bytes, scans,
       last_vacuum, last_analyze from private.relation_sizes where false;
select task, last_started_at, last_outcome, last_detail, last_duration, last_done_at
  from private.maintenance_state where false;
select * from private.users_approaching_quota(5) where false;
select * from private.stuck_batch_jobs(interval '1 hour') where false;
select * from private.slow_statements(1) where false;

do $$
declare
    v_name text;
begin
    assert (select bool_and(relrowsecurity and relforcerowsecurity)
              from pg_catalog.pg_class
             where oid in ('private.maintenance_log'::regclass, 'private.usage_archives'::regclass,
                           'private.usage_monthly_totals'::regclass)),
        'Row level security must be in force for the log and the archive.';
    foreach v_name in array array[
        'maintenance_log', 'usage_archives', 'usage_monthly_totals', 'quota_status', 'revenue_by_tier',
        'tool_popularity', 'unresolved_payments', 'open_reservations', 'relation_sizes', 'maintenance_state'
    ] loop
        assert not has_table_privilege('anon', 'private.' || v_name, 'select, insert, update, delete')
            and not has_table_privilege('authenticated', 'private.' || v_name, 'select, insert, update, delete'),
            format('Users must not reach private.%s.', v_name);
        assert has_table_privilege('service_role', 'private.' || v_name, 'select'),
            format('The service role must read private.%s.', v_name);
    end loop;
    assert (select count(*) = 7 from pg_catalog.pg_class
             where relnamespace = 'private'::regnamespace and relkind = 'v'
               and relname in ('quota_status', 'revenue_by_tier', 'tool_popularity', 'unresolved_payments',
                               'open_reservations', 'relation_sizes', 'maintenance_state')
               and reloptions @> array['security_invoker=true']),
        'The views must use the rights of their reader.';
end
$$;
