select granted_tier, subscribed_tier from public.user_quotas where false;
select stripe_status, past_due_since, last_event_at from public.stripe_subscriptions where false;
select id, type, created_at, received_at, processed_at, parked_reason, payload from public.stripe_events where false;
select id, kept_id, archived_at from private.duplicate_payments where false;
select id, kept_id, archived_at from private.duplicate_payment_failures where false;
select 'public.record_subscription(text, text, text, text, timestamptz, text, timestamptz, timestamptz, boolean, timestamptz)'::regprocedure;
select unnest(array[
    'private.apply_entitlements(text)',
    'private.better_tier(text, text)',
    'private.entitled_until(public.stripe_subscriptions)',
    'private.lock_new_user(text)',
    'private.stored_status(text)',
    'private.subscription_entitlement(text, timestamptz)',
    'private.tier_rank(text)']::regprocedure[]);
select 'public.idx_stripe_events_waiting'::regclass;

do $$
declare
    v_table text;
    v_trigger record;
begin
    if (select count(*) from private.entitlement_settings) <> 1 then
        raise exception 'entitlement_settings must have one row.';
    end if;
    foreach v_table in array array['stripe_events'] loop
        if not (select relrowsecurity and relforcerowsecurity from pg_class where oid = ('public.' || v_table)::regclass) then
            raise exception 'Row level security is not forced on %.', v_table;
        end if;
        if has_table_privilege('anon', 'public.' || v_table, 'select, insert, update, delete, truncate')
           or has_table_privilege('authenticated', 'public.' || v_table, 'select, insert, update, delete, truncate') then
            raise exception 'A tenant may use %.', v_table;
        end if;
    end loop;
    for v_trigger in
        select * from (values
            ('public.stripe_subscriptions', 'keep_subscription_consistent'),
            ('public.stripe_subscriptions', 'sync_user_tier_on_subscription_change'),
            ('public.user_quotas', 'grant_written_tier'),
            ('public.user_quotas', 'derive_tier_from_grant_and_subscriptions'),
            ('public.user_quotas', 'fit_window_to_grant'),
            ('public.user_quotas', 'mirror_tier_to_users'),
            ('public.users', 'keep_tier_as_in_quota'),
            ('private.entitlement_settings', 'apply_changed_settings')) as t (relation, name)
    loop
        if not exists (select from pg_trigger where tgrelid = v_trigger.relation::regclass and tgname = v_trigger.name) then
            raise exception 'The trigger % on % is missing.', v_trigger.name, v_trigger.relation;
        end if;
    end loop;
    foreach v_table in array array['payments', 'payment_failures'] loop
        if not exists (select from pg_constraint
                        where conrelid = ('public.' || v_table)::regclass and conname = v_table || '_invoice_id_key') then
            raise exception '% accepts an invoice twice.', v_table;
        end if;
    end loop;
end
$$;
