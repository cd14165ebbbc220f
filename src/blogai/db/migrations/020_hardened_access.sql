-- Everybody works with his own rows alone: on templates, the brand voice, jobs, remixes, images and billing,
-- as 013 did for what the generation pipeline touches. And what is new in this schema starts out closed.

-- ---------------------------------------------------------------------------------------------------------
-- Who is asking, for functions that run with the owner's rights

create or replace function private.require_own(p_user_id text) returns void
language plpgsql stable set search_path = ''
as $$
declare
    -- a definer function hides the caller's role from current_user, but not from the setting
    v_role text := coalesce(nullif(current_setting('role', true), 'none'), session_user);
begin
    -- Closed unless known: a login of the operator's that takes part in a tenant's role is a tenant.
    if v_role <> 'service_role' and not pg_has_role(v_role, current_user, 'member')
       and (p_user_id is null or p_user_id is distinct from private.caller_id()) then
        raise exception using errcode = 'ZFORB', message = 'You may ask for your own account only.';
    end if;
end
$$;
comment on function private.require_own(text) is
    'Raises ZFORB when anybody but the service role or the owner asks for somebody else''s id. For definer functions.';

create function private.require_own_hash(p_user_hash text) returns void
language plpgsql stable set search_path = ''
as $$
declare
    v_role text := coalesce(nullif(current_setting('role', true), 'none'), session_user);
begin
    if v_role <> 'service_role' and not pg_has_role(v_role, current_user, 'member')
       and (p_user_hash is null or p_user_hash is distinct from private.caller_hash()) then
        raise exception using errcode = 'ZFORB', message = 'You may do this with what is yours only.';
    end if;
end
$$;
comment on function private.require_own_hash(text) is
    'Raises ZFORB when anybody but the service role or the owner gives somebody else''s hash. For definer functions.';
revoke all on function private.require_own_hash(text) from public;

-- ---------------------------------------------------------------------------------------------------------
-- templates: public ones are read by everyone, own ones are written

-- Two owners may both have a "newsletter"; a public one has its slug for itself among the public ones.
-- Rows of the program, without an owner, count as those of one owner.
-- squawk-ignore ban-drop-constraint
alter table public.templates drop constraint templates_slug_key;
create unique index idx_templates_owner_slug on public.templates (user_hash, slug) nulls not distinct;
create unique index idx_templates_public_slug on public.templates (slug) where is_public;
create index idx_templates_user_created on public.templates (user_hash, created_at desc, id desc);
create index idx_templates_public_use_count on public.templates (use_count desc, id desc) where is_public;

drop policy "Anonymous can read public" on public.templates;
drop policy "Anonymous can create" on public.templates;
drop policy "Users can update own" on public.templates;
drop policy "Users can delete own" on public.templates;

create policy "Anonymous can read public" on public.templates
for select to anon, authenticated using (is_public);

create policy "Users can read own" on public.templates
for select to anon, authenticated using (user_hash = (select private.caller_hash()));

create policy "Anonymous can create" on public.templates
for insert to anon, authenticated with check (user_hash = (select private.caller_hash()));

create policy "Users can update own" on public.templates
for update to anon, authenticated
using (user_hash = (select private.caller_hash()))
with check (user_hash = (select private.caller_hash()));

create policy "Users can delete own" on public.templates
for delete to anon, authenticated using (user_hash = (select private.caller_hash()));

revoke all on public.templates from anon, authenticated;
grant select, delete on public.templates to anon, authenticated;
grant insert (id, name, description, slug, tool_id, preset_inputs, category, tags, is_public, user_hash)
    on public.templates to anon, authenticated;
grant update (name, description, slug, tool_id, preset_inputs, category, tags, is_public)
    on public.templates to anon, authenticated;

-- With the owner's rights, since others' public templates are used too and nobody may write the counter himself.
create or replace function public.increment_template_use_count(p_template_id uuid) returns void
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_role text := coalesce(nullif(current_setting('role', true), 'none'), session_user);
    v_program boolean := v_role = 'service_role' or pg_has_role(v_role, current_user, 'member');
    v_caller text := private.caller_hash();
begin
    if not v_program and v_caller is null then
        raise exception using errcode = 'ZFORB', message = 'Only somebody who is known may use a template.';
    end if;
    update public.templates as t
       set use_count = t.use_count + 1
     where t.id = p_template_id
       and (v_program or t.is_public or t.user_hash = v_caller);
    if not found then
        raise exception using errcode = 'ZNTFD', message = 'There is no such template.';
    end if;
end
$$;
comment on function public.increment_template_use_count(uuid) is
    'Counts one use of a template that is public or the caller''s own.';

-- Counting a use is no edit.
drop trigger update_templates_updated_at on public.templates;
create trigger update_templates_updated_at
before update on public.templates
for each row when (old.use_count is not distinct from new.use_count)
execute function public.update_updated_at_column();

-- ---------------------------------------------------------------------------------------------------------
-- The brand voice: profiles by owner, everything else through its profile

-- squawk-ignore ban-drop-constraint
alter table public.brand_profiles drop constraint brand_profiles_slug_key;
create unique index idx_brand_profiles_owner_slug on public.brand_profiles (user_hash, slug) nulls not distinct;
create index idx_brand_profiles_user_created on public.brand_profiles (user_hash, created_at desc, id desc);

-- One default for each owner. Of several, the one that was changed last stays the default.
do $$
declare
    v_count bigint;
begin
    update public.brand_profiles as b
       set is_default = false
      from (select id, row_number() over (partition by user_hash order by updated_at desc, id) as place
              from public.brand_profiles
             where is_default and user_hash is not null) as d
     where d.id = b.id and d.place > 1;
    get diagnostics v_count = row_count;
    if v_count > 0 then
        raise notice '% brand profiles are no default any more: their owner has a newer one.', v_count;
    end if;
    if exists (select from public.brand_profiles where is_default and user_hash is not null
                group by user_hash having count(*) > 1) then
        raise exception 'An owner still has several default brand profiles.'
            using hint = 'Does another session write to brand_profiles? Stop the program, then migrate again.';
    end if;
end
$$;
create unique index idx_brand_profiles_default on public.brand_profiles (user_hash) where is_default;

-- A profile points at its own fingerprint or at none, also when the fingerprint goes. Row level security cannot
-- see to that: the checks of a foreign key pass it by.
-- squawk-ignore disallowed-unique-constraint, constraint-missing-not-valid
alter table public.voice_fingerprints add constraint voice_fingerprints_id_profile_key unique (id, profile_id);
-- squawk-ignore ban-drop-constraint
alter table public.brand_profiles drop constraint brand_profiles_voice_fingerprint_id_fkey;

do $$
declare
    v_count bigint;
begin
    update public.brand_profiles as b
       set voice_fingerprint_id = null
     where b.voice_fingerprint_id is not null
       and not exists (select from public.voice_fingerprints as f
                        where f.id = b.voice_fingerprint_id and f.profile_id = b.id);
    get diagnostics v_count = row_count;
    if v_count > 0 then
        raise notice '% brand profiles pointed at the fingerprint of another profile and point at none now.', v_count;
    end if;
end
$$;

-- squawk-ignore adding-foreign-key-constraint, constraint-missing-not-valid
alter table public.brand_profiles add constraint brand_profiles_voice_fingerprint_id_fkey
    foreign key (voice_fingerprint_id, id) references public.voice_fingerprints (id, profile_id)
    on delete set null (voice_fingerprint_id);

create index idx_voice_samples_profile_created on public.voice_samples (profile_id, created_at desc, id desc);
create index idx_voice_scores_profile_created on public.voice_scores (profile_id, created_at desc, id desc);

drop policy "Anonymous can read own" on public.brand_profiles;
drop policy "Anonymous can create" on public.brand_profiles;
drop policy "Anonymous can update own" on public.brand_profiles;
drop policy "Anonymous can delete own" on public.brand_profiles;

create policy "Anonymous can read own" on public.brand_profiles
for select to anon, authenticated using (user_hash = (select private.caller_hash()));

create policy "Anonymous can create" on public.brand_profiles
for insert to anon, authenticated with check (user_hash = (select private.caller_hash()));

create policy "Anonymous can update own" on public.brand_profiles
for update to anon, authenticated
using (user_hash = (select private.caller_hash()))
with check (user_hash = (select private.caller_hash()));

create policy "Anonymous can delete own" on public.brand_profiles
for delete to anon, authenticated using (user_hash = (select private.caller_hash()));

drop policy "Users can manage via profile" on public.voice_samples;
drop policy "Users can manage via profile" on public.voice_fingerprints;
drop policy "Users can manage via profile" on public.voice_scores;

create policy "Users can manage via profile" on public.voice_samples
for all to anon, authenticated
using (profile_id in (select b.id from public.brand_profiles as b where b.user_hash = (select private.caller_hash())))
with check (profile_id in (select b.id from public.brand_profiles as b where b.user_hash = (select private.caller_hash())));

create policy "Users can manage via profile" on public.voice_fingerprints
for select to anon, authenticated
using (profile_id in (select b.id from public.brand_profiles as b where b.user_hash = (select private.caller_hash())));

create policy "Users can manage via profile" on public.voice_scores
for select to anon, authenticated
using (profile_id in (select b.id from public.brand_profiles as b where b.user_hash = (select private.caller_hash())));

-- What training and scoring find out is the program's to write.
revoke all on public.brand_profiles, public.voice_samples, public.voice_fingerprints, public.voice_scores
    from anon, authenticated;
grant select, delete on public.brand_profiles, public.voice_samples to anon, authenticated;
grant select on public.voice_fingerprints, public.voice_scores to anon, authenticated;
grant insert (
    id, name, slug, tone_keywords, writing_style, example_content, industry, target_audience, preferred_words,
    avoid_words, brand_values, content_themes, user_hash, is_active, is_default
) on public.brand_profiles to anon, authenticated;
grant update (
    name, slug, tone_keywords, writing_style, example_content, industry, target_audience, preferred_words,
    avoid_words, brand_values, content_themes, is_active, is_default
) on public.brand_profiles to anon, authenticated;
grant insert (id, profile_id, title, content, content_type, word_count, source_url, source_platform, is_primary_example)
    on public.voice_samples to anon, authenticated;
grant update (title, content, content_type, word_count, source_url, source_platform, is_primary_example)
    on public.voice_samples to anon, authenticated;

create or replace function public.set_default_brand_profile(p_profile_id uuid, p_user_hash text) returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
    perform private.require_own_hash(p_user_hash);
    -- All profiles of the owner, so that two calls wait for each other whichever profiles they are about.
    perform from public.brand_profiles as b
      where b.user_hash = p_user_hash
      order by b.id
        for no key update;
    if not exists (select from public.brand_profiles as b where b.id = p_profile_id and b.user_hash = p_user_hash) then
        raise exception using errcode = 'ZNTFD', message = 'There is no such brand profile.';
    end if;
    -- One after the other: the unique index looks at every row on its own.
    update public.brand_profiles as b set is_default = false
     where b.user_hash = p_user_hash and b.is_default and b.id <> p_profile_id;
    update public.brand_profiles as b set is_default = true
     where b.id = p_profile_id and not b.is_default;
end
$$;
comment on function public.set_default_brand_profile(uuid, text) is 'Makes one profile of an owner the default, and no other.';

-- ---------------------------------------------------------------------------------------------------------
-- Jobs, remixes, images: asked for or thrown away by their user, written by the program

create index idx_batch_jobs_user_created on public.batch_jobs (user_id, created_at desc, id desc);
create index idx_remix_history_user_created on public.remix_history (user_id, created_at desc, id desc);
create index idx_generated_images_user_created on public.generated_images (user_id, created_at desc, id desc);

create policy "Users can view own" on public.batch_jobs
for select to authenticated using (user_id = (select private.caller_id()));

create policy "Users can create own" on public.batch_jobs
for insert to authenticated with check (user_id = (select private.caller_id()));

create policy "Users can update own" on public.batch_jobs
for update to authenticated
using (user_id = (select private.caller_id()))
with check (user_id = (select private.caller_id()));

create policy "Users can delete own" on public.batch_jobs
for delete to authenticated using (user_id = (select private.caller_id()));

create policy "Users can view own" on public.remix_history
for select to authenticated using (user_id = (select private.caller_id()));

create policy "Users can delete own" on public.remix_history
for delete to authenticated using (user_id = (select private.caller_id()));

create policy "Users can view own" on public.generated_images
for select to authenticated using (user_id = (select private.caller_id()));

create policy "Users can delete own" on public.generated_images
for delete to authenticated using (user_id = (select private.caller_id()));

grant select, delete on public.batch_jobs, public.remix_history, public.generated_images to authenticated;
grant insert (id, user_id, name, provider_strategy, total_items, items) on public.batch_jobs to authenticated;
grant update (name) on public.batch_jobs to authenticated;

-- ---------------------------------------------------------------------------------------------------------
-- Billing: everybody reads his own

create index idx_stripe_subscriptions_user_created on public.stripe_subscriptions (user_id, created_at desc, id desc);
create index idx_payments_user_paid on public.payments (user_id, paid_at desc, id desc);
create index idx_payment_failures_user_failed on public.payment_failures (user_id, failed_at desc, id desc);

drop policy "Users can view own" on public.stripe_customers;
drop policy "Users can view own" on public.stripe_subscriptions;
drop policy "Users can view own" on public.payments;
drop policy "Users can view own" on public.payment_failures;

create policy "Users can view own" on public.stripe_customers
for select to authenticated using (user_id = (select private.caller_id()));

create policy "Users can view own" on public.stripe_subscriptions
for select to authenticated using (user_id = (select private.caller_id()));

create policy "Users can view own" on public.payments
for select to authenticated using (user_id = (select private.caller_id()));

create policy "Users can view own" on public.payment_failures
for select to authenticated using (user_id = (select private.caller_id()));

revoke all on public.stripe_customers, public.stripe_subscriptions, public.payments, public.payment_failures,
    public.tier_limits from anon, authenticated;
grant select on public.stripe_customers, public.stripe_subscriptions, public.payments, public.payment_failures
    to authenticated;
grant select on public.tier_limits to anon, authenticated;

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
language plpgsql stable security definer set search_path = ''
as $$
begin
    perform private.require_own(p_user_id);
    return query
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
end
$$;
comment on function public.get_subscription_status(text) is 'Subscription, tier and limits of a user in one row.';

-- A tier without a row of limits could neither be used nor be refused.
do $$
declare
    v_tier text;
begin
    select t.tier into v_tier
      from (select tier from public.users union select tier from public.user_quotas
            union select tier from public.stripe_subscriptions) as t
     where t.tier is not null and not exists (select from public.tier_limits as l where l.tier = t.tier)
     limit 1;
    if found then
        raise exception 'Users are on the tier "%", for which tier_limits has no row.', v_tier
            using hint = 'Insert its limits into tier_limits, or move these users to another tier.';
    end if;
end
$$;

-- squawk-ignore adding-foreign-key-constraint, constraint-missing-not-valid
alter table public.users add constraint users_tier_fkey
    foreign key (tier) references public.tier_limits (tier) on update cascade on delete no action;
-- squawk-ignore adding-foreign-key-constraint, constraint-missing-not-valid
alter table public.user_quotas add constraint user_quotas_tier_fkey
    foreign key (tier) references public.tier_limits (tier) on update cascade on delete no action;
-- squawk-ignore adding-foreign-key-constraint, constraint-missing-not-valid
alter table public.stripe_subscriptions add constraint stripe_subscriptions_tier_fkey
    foreign key (tier) references public.tier_limits (tier) on update cascade on delete no action;

-- ---------------------------------------------------------------------------------------------------------
-- Policies for the owner too

do $$
declare
    v_table text;
begin
    foreach v_table in array array[
        'templates', 'brand_profiles', 'voice_samples', 'voice_fingerprints', 'voice_scores', 'batch_jobs',
        'remix_history', 'generated_images', 'tier_limits', 'stripe_customers', 'stripe_subscriptions', 'payments',
        'payment_failures'
    ] loop
        execute format('alter table public.%I force row level security', v_table);
        execute format(
            'create policy "Owner can manage" on public.%I for all to current_user using (true) with check (true)', v_table);
    end loop;
end
$$;

-- ---------------------------------------------------------------------------------------------------------
-- Rights one by one, and none for what comes

revoke all on function
    public.update_updated_at_column(),
    public.sync_user_tier_from_subscription(),
    public.toggle_favorite(uuid),
    public.set_favorite(uuid, boolean),
    public.increment_tool_usage(text),
    public.get_tool_stats(),
    public.increment_template_use_count(uuid),
    public.set_default_brand_profile(uuid, text),
    public.get_subscription_status(text)
    from public, anon, authenticated;

grant execute on function
    public.toggle_favorite(uuid),
    public.set_favorite(uuid, boolean),
    public.get_tool_stats(),
    public.increment_template_use_count(uuid),
    public.set_default_brand_profile(uuid, text)
    to anon, authenticated, service_role;
grant execute on function public.get_subscription_status(text) to authenticated, service_role;
grant execute on function public.increment_tool_usage(text) to service_role;

alter default privileges in schema public revoke all on tables from anon, authenticated;
alter default privileges in schema public revoke all on sequences from anon, authenticated;
alter default privileges in schema public revoke all on functions from anon, authenticated;
-- Only the setting for all schemas takes EXECUTE from everyone; one for a schema can only add to it.
alter default privileges revoke execute on functions from public;

do $$
declare
    -- Not even the program empties a table at a stroke, or hangs triggers and keys on it.
    v_rights text := 'truncate, references, trigger'
        || case when current_setting('server_version_num')::integer >= 170000 then ', maintain' else '' end;
    v_table text;
begin
    execute format('alter default privileges in schema public revoke %s on tables from service_role', v_rights);
    -- Ours are those with a policy for the owner.
    for v_table in
        select c.oid::regclass
          from pg_policy as p
          join pg_class as c on c.oid = p.polrelid
         where p.polname = 'Owner can manage' and c.relnamespace = 'public'::regnamespace
         order by 1
    loop
        execute format('revoke %s on %s from anon, authenticated, service_role', v_rights, v_table);
        execute format('grant select, insert, update, delete on %s to service_role', v_table);
    end loop;

    if exists (select from private.prepared_objects where kind = 'function' and name = 'public.uuid_generate_v4()') then
        revoke all on function public.uuid_generate_v4() from public;
        grant execute on function public.uuid_generate_v4() to anon, authenticated, service_role;
    end if;
end
$$;
