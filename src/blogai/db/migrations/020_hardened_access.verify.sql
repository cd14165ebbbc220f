select 'public.idx_templates_owner_slug'::regclass, 'public.idx_templates_public_slug'::regclass,
       'public.idx_templates_user_created'::regclass, 'public.idx_templates_public_use_count'::regclass,
       'public.idx_brand_profiles_owner_slug'::regclass, 'public.idx_brand_profiles_user_created'::regclass,
       'public.idx_brand_profiles_default'::regclass, 'public.idx_voice_samples_profile_created'::regclass,
       'public.idx_voice_scores_profile_created'::regclass, 'public.idx_batch_jobs_user_created'::regclass,
       'public.idx_remix_history_user_created'::regclass, 'public.idx_generated_images_user_created'::regclass,
       'public.idx_stripe_subscriptions_user_created'::regclass, 'public.idx_payments_user_paid'::regclass,
       'public.idx_payment_failures_user_failed'::regclass;
select 'private.require_own_hash(text)'::regprocedure;

do $$
declare
    v_role text;
    v_table text;
    v_name text;
begin
    foreach v_table in array array[
        'templates', 'brand_profiles', 'voice_samples', 'voice_fingerprints', 'voice_scores', 'batch_jobs',
        'remix_history', 'generated_images', 'tier_limits', 'stripe_customers', 'stripe_subscriptions', 'payments',
        'payment_failures'
    ] loop
        if not (select relrowsecurity and relforcerowsecurity from pg_class where oid = ('public.' || v_table)::regclass) then
            raise exception 'Row level security is not forced on %.', v_table;
        end if;
        if not exists (select from pg_policy where polrelid = ('public.' || v_table)::regclass and polname = 'Owner can manage') then
            raise exception 'The owner has no policy on %.', v_table;
        end if;
        if exists (select from pg_policies where schemaname = 'public' and tablename = v_table
                      and 'service_role' <> all (roles) and concat(qual, with_check) ~ 'auth\.|IS NOT NULL') then
            raise exception 'A policy of % does not compare the owner with the caller.', v_table;
        end if;
        foreach v_role in array array['anon', 'authenticated', 'service_role'] loop
            if has_table_privilege(v_role, 'public.' || v_table, 'truncate, references, trigger') then
                raise exception '% may truncate %, or hang keys or triggers on it.', v_role, v_table;
            end if;
        end loop;
        if has_table_privilege('anon', 'public.' || v_table, 'insert, update')
            or has_table_privilege('authenticated', 'public.' || v_table, 'insert, update') then
            raise exception 'A tenant may write every column of %.', v_table;
        end if;
    end loop;

    if not exists (select from pg_trigger where tgrelid = 'public.templates'::regclass and tgname = 'update_templates_updated_at') then
        raise exception 'The trigger update_templates_updated_at is missing.';
    end if;

    foreach v_name in array array[
        'users_tier_fkey', 'user_quotas_tier_fkey', 'stripe_subscriptions_tier_fkey',
        'brand_profiles_voice_fingerprint_id_fkey', 'voice_fingerprints_id_profile_key'
    ] loop
        if not exists (select from pg_constraint where conname = v_name and connamespace = 'public'::regnamespace) then
            raise exception 'The key % is missing.', v_name;
        end if;
    end loop;

    foreach v_name in array array[
        'toggle_favorite(uuid)', 'set_favorite(uuid, boolean)', 'increment_tool_usage(text)', 'get_tool_stats()',
        'increment_template_use_count(uuid)', 'set_default_brand_profile(uuid, text)', 'get_subscription_status(text)'
    ] loop
        if not has_function_privilege('service_role', 'public.' || v_name, 'execute') then
            raise exception 'service_role may not call %.', v_name;
        end if;
    end loop;
    if has_function_privilege('anon', 'public.get_subscription_status(text)', 'execute')
        or has_function_privilege('anon', 'public.update_updated_at_column()', 'execute')
        or has_function_privilege('anon', 'public.sync_user_tier_from_subscription()', 'execute')
        or has_function_privilege('anon', 'uuid_generate_v4()', 'execute') is not true then
        raise exception 'anon may call what it should not, or may not call uuid_generate_v4().';
    end if;

    if exists (select
                 from pg_default_acl as d
                cross join aclexplode(d.defaclacl) as a
                where d.defaclrole = current_user::regrole
                  and d.defaclnamespace in (0, 'public'::regnamespace)
                  and a.grantee in (0, 'anon'::regrole, 'authenticated'::regrole))
        or not exists (select from pg_default_acl
                        where defaclrole = current_user::regrole and defaclnamespace = 0 and defaclobjtype = 'f') then
        raise exception 'A new table or function is open to tenants.';
    end if;
end
$$;
