select id, user_id, email, name, stripe_customer_id, tier, is_active, last_login_at, created_at, updated_at
  from public.users where false;
select id, user_id, customer_id, email, created_at, updated_at from public.stripe_customers where false;
select id, subscription_id, user_id, customer_id, tier, status, current_period_start, current_period_end,
       cancel_at_period_end, cancelled_at, created_at, updated_at
  from public.stripe_subscriptions where false;
select id, user_id, subscription_id, invoice_id, amount_cents, currency, status, paid_at, created_at
  from public.payments where false;
select id, user_id, subscription_id, invoice_id, attempt_count, failure_reason, failed_at, resolved_at, created_at
  from public.payment_failures where false;
select 'public.sync_user_tier_from_subscription()'::regprocedure, 'public.get_subscription_status(text)'::regprocedure;

do $$
declare
    v_table text;
begin
    foreach v_table in array array['users', 'stripe_customers', 'stripe_subscriptions', 'payments', 'payment_failures'] loop
        if not (select relrowsecurity from pg_class where oid = ('public.' || v_table)::regclass) then
            raise exception 'Row level security is off on %.', v_table;
        end if;
    end loop;
    foreach v_table in array array['users', 'stripe_customers', 'stripe_subscriptions'] loop
        if not exists (select from pg_trigger
                        where tgrelid = ('public.' || v_table)::regclass
                          and tgname = 'update_' || v_table || '_updated_at') then
            raise exception 'The trigger update_%_updated_at is missing.', v_table;
        end if;
    end loop;
    if not exists (select from pg_trigger
                    where tgrelid = 'public.stripe_subscriptions'::regclass
                      and tgfoid = 'public.sync_user_tier_from_subscription()'::regprocedure) then
        raise exception 'No trigger calls sync_user_tier_from_subscription.';
    end if;
end
$$;
