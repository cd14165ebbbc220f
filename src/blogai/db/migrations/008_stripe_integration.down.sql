drop function public.get_subscription_status(text);
drop table public.payment_failures;
drop table public.payments;
drop table public.stripe_subscriptions;
drop table public.stripe_customers;
drop table public.users;
drop function public.sync_user_tier_from_subscription();
