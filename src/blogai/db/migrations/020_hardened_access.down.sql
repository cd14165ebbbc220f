alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to anon, authenticated;
alter default privileges in schema public grant all on functions to anon, authenticated;
alter default privileges grant execute on functions to public;

do $$
declare
    v_table text;
begin
    for v_table in
        select c.oid::regclass
          from pg_policy as p
          join pg_class as c on c.oid = p.polrelid
         where p.polname = 'Owner can manage' and c.relnamespace = 'public'::regnamespace
    loop
        execute format('grant all on %s to service_role', v_table);
    end loop;

    foreach v_table in array array[
        'templates', 'brand_profiles', 'voice_samples', 'voice_fingerprints', 'voice_scores', 'batch_jobs',
        'remix_history', 'generated_images', 'tier_limits', 'stripe_customers', 'stripe_subscriptions', 'payments',
        'payment_failures'
    ] loop
        execute format('drop policy "Owner can manage" on public.%I', v_table);
        execute format('alter table public.%I no force row level security', v_table);
        call private.reset_privileges('table', 'public.' || v_table);
    end loop;

    if exists (select from private.prepared_objects where kind = 'function' and name = 'public.uuid_generate_v4()') then
        call private.reset_privileges('function', 'public.uuid_generate_v4()');
    end if;
end
$$;

-- As 013 left them.
revoke all on public.batch_jobs, public.remix_history, public.generated_images from anon, authenticated;
revoke all on function public.toggle_favorite(uuid), public.set_favorite(uuid, boolean), public.get_tool_stats() from public;
call private.reset_privileges('function', 'public.update_updated_at_column()');
call private.reset_privileges('function', 'public.sync_user_tier_from_subscription()');
call private.reset_privileges('function', 'public.increment_template_use_count(uuid)');
call private.reset_privileges('function', 'public.set_default_brand_profile(uuid, text)');
call private.reset_privileges('function', 'public.get_subscription_status(text)');

-- Billing

alter table public.users drop constraint users_tier_fkey;
alter table public.user_quotas drop constraint user_quotas_tier_fkey;
alter table public.stripe_subscriptions drop constraint stripe_subscriptions_tier_fkey;

drop index public.idx_stripe_subscriptions_user_created;
drop index public.idx_payments_user_paid;
drop index public.idx_payment_failures_user_failed;

drop policy "Users can view own" on public.stripe_customers;
drop policy "Users can view own" on public.stripe_subscriptions;
drop policy "Users can view own" on public.payments;
drop policy "Users can view own" on public.payment_failures;

create policy "Users can view own" on public.stripe_customers
for select to authenticated using (user_id = (select auth.uid())::text);

create policy "Users can view own" on public.stripe_subscriptions
for select to authenticated using (user_id = (select auth.uid())::text);

create policy "Users can view own" on public.payments
for select to authenticated using (user_id = (select auth.uid())::text);

create policy "Users can view own" on public.payment_failures
for select to authenticated using (user_id = (select auth.uid())::text);

create or replace function public.get_subscription_status(p_user_id text)
returns table (
    has_subscription boolean,
    tier text,
    status text,
    subscription_id text,
    customer_id text,
    current_period_start timestamptz,
    current_period_end timestamptz,
    cancel_at_period_end boolean,
    monthly_limit integer,
    daily_limit integer
)
language sql stable security definer set search_path = ''
as $$
    select s.id is not null,
           l.tier,
           s.status,
           s.subscription_id,
           coalesce(s.customer_id, c.customer_id),
           s.current_period_start,
           s.current_period_end,
           s.cancel_at_period_end,
           l.monthly_limit,
           l.daily_limit
      from (select p_user_id as user_id) as u
      left join lateral (
            select sub.*
              from public.stripe_subscriptions as sub
             where sub.user_id = u.user_id
             order by (sub.status in ('active', 'trialing')) desc, sub.updated_at desc
             limit 1) as s on true
      left join public.stripe_customers as c on c.user_id = u.user_id
      left join public.user_quotas as q on q.user_id = u.user_id
      join public.tier_limits as l on l.tier = coalesce(q.tier, 'free');
$$;

-- Jobs, remixes, images

drop policy "Users can view own" on public.batch_jobs;
drop policy "Users can create own" on public.batch_jobs;
drop policy "Users can update own" on public.batch_jobs;
drop policy "Users can delete own" on public.batch_jobs;
drop policy "Users can view own" on public.remix_history;
drop policy "Users can delete own" on public.remix_history;
drop policy "Users can view own" on public.generated_images;
drop policy "Users can delete own" on public.generated_images;

drop index public.idx_batch_jobs_user_created;
drop index public.idx_remix_history_user_created;
drop index public.idx_generated_images_user_created;

-- The brand voice

create or replace function public.set_default_brand_profile(p_profile_id uuid, p_user_hash text) returns void
language sql volatile security definer set search_path = ''
as $$
    update public.brand_profiles as b
       set is_default = (b.id = p_profile_id)
     where b.user_hash = p_user_hash
       and (b.is_default or b.id = p_profile_id);
$$;

drop policy "Users can manage via profile" on public.voice_samples;
drop policy "Users can manage via profile" on public.voice_fingerprints;
drop policy "Users can manage via profile" on public.voice_scores;

create policy "Users can manage via profile" on public.voice_samples
for all to anon using (exists (select 1 from public.brand_profiles where user_hash is not null));

create policy "Users can manage via profile" on public.voice_fingerprints
for select to anon using (exists (select 1 from public.brand_profiles where user_hash is not null));

create policy "Users can manage via profile" on public.voice_scores
for select to anon using (exists (select 1 from public.brand_profiles where user_hash is not null));

drop policy "Anonymous can read own" on public.brand_profiles;
drop policy "Anonymous can create" on public.brand_profiles;
drop policy "Anonymous can update own" on public.brand_profiles;
drop policy "Anonymous can delete own" on public.brand_profiles;

create policy "Anonymous can read own" on public.brand_profiles
for select to anon using (user_hash is not null);

create policy "Anonymous can create" on public.brand_profiles
for insert to anon with check (true);

create policy "Anonymous can update own" on public.brand_profiles
for update to anon using (user_hash is not null);

create policy "Anonymous can delete own" on public.brand_profiles
for delete to anon using (user_hash is not null);

drop index public.idx_voice_samples_profile_created;
drop index public.idx_voice_scores_profile_created;

alter table public.brand_profiles drop constraint brand_profiles_voice_fingerprint_id_fkey;
alter table public.voice_fingerprints drop constraint voice_fingerprints_id_profile_key;
alter table public.brand_profiles add constraint brand_profiles_voice_fingerprint_id_fkey
    foreign key (voice_fingerprint_id) references public.voice_fingerprints (id) on delete no action;

drop index public.idx_brand_profiles_default;
drop index public.idx_brand_profiles_user_created;
drop index public.idx_brand_profiles_owner_slug;

-- Slugs were unique for the whole installation: of several equal ones, the oldest row keeps it as it is.
update public.brand_profiles as b
   set slug = b.slug || '-' || b.id
  from (select id, row_number() over (partition by slug order by created_at, id) as place from public.brand_profiles) as s
 where s.id = b.id and s.place > 1;
alter table public.brand_profiles add constraint brand_profiles_slug_key unique (slug);

-- Templates

drop trigger update_templates_updated_at on public.templates;
create trigger update_templates_updated_at
before update on public.templates
for each row execute function public.update_updated_at_column();

create or replace function public.increment_template_use_count(p_template_id uuid) returns void
language sql volatile security definer set search_path = ''
as $$
    update public.templates set use_count = use_count + 1 where id = p_template_id;
$$;
comment on function public.increment_template_use_count(uuid) is 'Counts one use of a template.';

drop policy "Anonymous can read public" on public.templates;
drop policy "Users can read own" on public.templates;
drop policy "Anonymous can create" on public.templates;
drop policy "Users can update own" on public.templates;
drop policy "Users can delete own" on public.templates;

create policy "Anonymous can read public" on public.templates
for select to anon using (is_public = true);

create policy "Anonymous can create" on public.templates
for insert to anon with check (true);

create policy "Users can update own" on public.templates
for update to anon using (user_hash is not null);

create policy "Users can delete own" on public.templates
for delete to anon using (user_hash is not null);

drop index public.idx_templates_public_use_count;
drop index public.idx_templates_user_created;
drop index public.idx_templates_public_slug;
drop index public.idx_templates_owner_slug;

update public.templates as t
   set slug = t.slug || '-' || t.id
  from (select id, row_number() over (partition by slug order by created_at, id) as place from public.templates) as s
 where s.id = t.id and s.place > 1;
alter table public.templates add constraint templates_slug_key unique (slug);

-- Who is asking

drop function private.require_own_hash(text);

create or replace function private.require_own(p_user_id text) returns void
language plpgsql stable set search_path = ''
as $$
begin
    -- a definer function hides the caller's role from current_user, but not from the setting
    if coalesce(nullif(current_setting('role', true), 'none'), session_user) in ('anon', 'authenticated')
       and (p_user_id is null or p_user_id is distinct from private.caller_id()) then
        raise exception using errcode = 'ZFORB', message = 'You may ask for your own usage only.';
    end if;
end
$$;
comment on function private.require_own(text) is 'Raises ZFORB when anon or authenticated ask for somebody else.';
