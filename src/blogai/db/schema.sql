-- The schema after all migrations, written by `make schema`. Do not edit: write a migration.

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

-- Name: auth; Type: SCHEMA; Schema: -; Owner: -

CREATE SCHEMA auth;

-- Name: private; Type: SCHEMA; Schema: -; Owner: -

CREATE SCHEMA private;

-- Name: jwt(); Type: FUNCTION; Schema: auth; Owner: -

CREATE FUNCTION auth.jwt() RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
    SET search_path TO ''
    RETURN (NULLIF(current_setting('request.jwt.claims'::text, true), ''::text))::jsonb;

-- Name: FUNCTION jwt(); Type: COMMENT; Schema: auth; Owner: -

COMMENT ON FUNCTION auth.jwt() IS 'The verified claims of the caller; null outside a request.';

-- Name: role(); Type: FUNCTION; Schema: auth; Owner: -

CREATE FUNCTION auth.role() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    SET search_path TO ''
    RETURN ((NULLIF(current_setting('request.jwt.claims'::text, true), ''::text))::jsonb ->> 'role'::text);

-- Name: FUNCTION role(); Type: COMMENT; Schema: auth; Owner: -

COMMENT ON FUNCTION auth.role() IS 'The role that the caller''s claims name.';

-- Name: uid(); Type: FUNCTION; Schema: auth; Owner: -

CREATE FUNCTION auth.uid() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    SET search_path TO ''
    RETURN (((NULLIF(current_setting('request.jwt.claims'::text, true), ''::text))::jsonb ->> 'sub'::text))::uuid;

-- Name: FUNCTION uid(); Type: COMMENT; Schema: auth; Owner: -

COMMENT ON FUNCTION auth.uid() IS 'The subject of the caller as a UUID; fails on any other subject.';

-- Name: apply_entitlements(text); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.apply_entitlements(p_user_id text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
    v_quota public.user_quotas;
    v_best record;
    v_at timestamptz;
    v_lapse timestamptz;
    v_window record;
    v_anchor timestamptz;
    v_start timestamptz;
    v_end timestamptz;
begin
    loop
        select q.* into v_quota from public.user_quotas as q where q.user_id = p_user_id for no key update;
        exit when found;
        insert into public.user_quotas (user_id) values (p_user_id) on conflict (user_id) do nothing;
    end loop;
    v_at := least(clock_timestamp(), greatest(now(), v_quota.period_start));
    v_best := private.subscription_entitlement(p_user_id, v_at);
    v_lapse := least(v_at, v_quota.period_end);
    v_anchor := v_quota.billing_anchor;
    v_start := v_quota.period_start;
    v_end := v_quota.period_end;

    if v_best.tier <> 'free' and private.tier_rank(v_best.tier) >= private.tier_rank(v_quota.granted_tier) then
        -- Months of the subscription. A renewal that lies on the old grid keeps it: the 31st comes back after February.
        if v_anchor is null
           or (v_best.anchor is not null and (private.usage_window(v_anchor, v_best.anchor)).starts <> v_best.anchor) then
            v_anchor := coalesce(v_best.anchor, v_start);
        end if;
        v_window := private.usage_window(v_anchor, v_at);
        v_start := case
            -- what was used under a better tier is not held against this one
            when private.tier_rank(v_best.tier) < private.tier_rank(v_quota.tier) then greatest(v_window.starts, v_lapse)
            when v_best.tier = v_quota.tier then
                case when v_start > v_window.starts and v_start <= v_at then v_start else v_window.starts end
            else v_window.starts end;
        v_end := least(v_window.ends, v_best.until);
    elsif v_quota.granted_tier = 'free' then
        if v_quota.tier <> 'free' then
            v_anchor := null;
            v_window := private.usage_window('2000-01-01 00:00:00+00', v_at);
            v_start := greatest(v_window.starts, v_lapse);
            v_end := v_window.ends;
        end if;
    elsif v_anchor is not null and v_quota.subscribed_tier <> 'free' then
        -- the grant goes on where the subscription ends
        v_end := (private.usage_window(v_anchor, v_start)).ends;
    end if;

    if (v_best.tier, v_start, v_end) <> (v_quota.subscribed_tier, v_quota.period_start, v_quota.period_end)
       or v_quota.tier <> private.better_tier(v_quota.granted_tier, v_best.tier)
       or v_anchor is distinct from v_quota.billing_anchor then
        update public.user_quotas as q
           set subscribed_tier = v_best.tier, period_start = v_start, period_end = v_end, billing_anchor = v_anchor
         where q.user_id = p_user_id;
        if (v_start, v_end) <> (v_quota.period_start, v_quota.period_end) then
            perform private.recount_usage(p_user_id);
        end if;
    end if;
end
$$;

-- Name: FUNCTION apply_entitlements(p_user_id text); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.apply_entitlements(p_user_id text) IS 'Works out the tier and the usage window of a user from all subscriptions and the grant. The order of events is irrelevant.';

-- Name: tier_rank(text); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.tier_rank(p_tier text) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO ''
    RETURN array_position(ARRAY['free'::text, 'starter'::text, 'pro'::text, 'business'::text], p_tier);

-- Name: FUNCTION tier_rank(p_tier text); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.tier_rank(p_tier text) IS 'The place of a tier in their order; 1 is free.';

-- Name: better_tier(text, text); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.better_tier(p_one text, p_other text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO ''
    RETURN CASE WHEN (private.tier_rank(p_one) >= private.tier_rank(p_other)) THEN p_one ELSE p_other END;

-- Name: FUNCTION better_tier(p_one text, p_other text); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.better_tier(p_one text, p_other text) IS 'The higher one of two tiers.';

-- Name: caller_hash(); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.caller_hash() RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path TO ''
    AS $$
declare
    v_claims json := nullif(current_setting('request.jwt.claims', true), '');
begin
    return coalesce(
        nullif(v_claims ->> 'user_hash', ''),
        encode(sha256(convert_to(nullif(v_claims ->> 'sub', ''), 'UTF8')), 'hex'));
end
$$;

-- Name: FUNCTION caller_hash(); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.caller_hash() IS 'The caller''s user_hash: the claim of that name, else the hex SHA-256 of the subject; null without either.';

-- Name: caller_hash_in_place(); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.caller_hash_in_place() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN COALESCE(NULLIF(((NULLIF(current_setting('request.jwt.claims'::text, true), ''::text))::json ->> 'user_hash'::text), ''::text), encode(sha256(convert_to(NULLIF(((NULLIF(current_setting('request.jwt.claims'::text, true), ''::text))::json ->> 'sub'::text), ''::text), 'UTF8'::name)), 'hex'::text));

-- Name: FUNCTION caller_hash_in_place(); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.caller_hash_in_place() IS 'The same as caller_hash, as an expression that becomes part of a plan; for the list of own templates.';

-- Name: caller_id(); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.caller_id() RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path TO ''
    AS $$
begin
    return nullif(nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub', '');
end
$$;

-- Name: FUNCTION caller_id(); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.caller_id() IS 'The caller''s id: the subject of the claims, any text; null for a visitor.';

-- Name: content_document(text, text); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.content_document(p_title text, p_output text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE COST 10000 PARALLEL SAFE
    SET search_path TO ''
    RETURN to_tsvector('english'::regconfig, "left"(((COALESCE(p_title, ''::text) || '
'::text) || p_output), 150000));

-- Name: FUNCTION content_document(p_title text, p_output text); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.content_document(p_title text, p_output text) IS 'What a search looks at: the words of title and text, as the index idx_generated_content_search holds them.';

-- Name: delete_content(uuid); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.delete_content(p_id uuid) RETURNS timestamp with time zone
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    v_content public.generated_content;
    v_expires timestamptz := now() + interval '30 days';
begin
    select c.* into v_content from public.generated_content as c
     where c.id = p_id and c.user_hash = private.caller_hash() for update;
    if not found then
        raise exception using errcode = 'ZNTFD', message = 'There is no such content.';
    end if;
    insert into private.deleted_content as d (id, user_hash, content, versions, run_ids, expires_at)
    values (
        v_content.id, v_content.user_hash, to_jsonb(v_content),
        (select coalesce(jsonb_agg(to_jsonb(v) order by v.version), '[]')
           from public.content_versions as v where v.content_id = p_id),
        (select coalesce(array_agg(r.id), '{}') from public.generation_runs as r where r.content_id = p_id),
        v_expires);
    delete from public.generated_content as c where c.id = p_id;
    return v_expires;
end
$$;

-- Name: FUNCTION delete_content(p_id uuid); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.delete_content(p_id uuid) IS 'Takes the caller''s own content out of the history; until the time returned it can be restored.';

-- Name: derive_tier(); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.derive_tier() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    new.tier := private.better_tier(new.granted_tier, new.subscribed_tier);
    return new;
end
$$;

-- Name: FUNCTION derive_tier(); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.derive_tier() IS 'Keeps tier the better one of the grant and the subscriptions.';

-- Name: reservation_is_possible(text, integer, text, timestamp with time zone, integer, text); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.reservation_is_possible(p_operation_type text, p_units integer, p_state text, p_closed_at timestamp with time zone, p_settled_units integer, p_idempotency_key text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path TO ''
    AS $$
begin
    return p_operation_type = any (array['blog', 'book', 'batch', 'remix', 'tool', 'other'])
       and p_units > 0
       and p_state = any (array['open', 'settled', 'released', 'expired'])
       and (p_state = 'open') = (p_closed_at is null)
       and (p_state = 'settled') = (p_settled_units is not null)
       and p_settled_units between 1 and p_units
       and length(p_idempotency_key) between 1 and 200;
end
$$;

-- Name: FUNCTION reservation_is_possible(p_operation_type text, p_units integer, p_state text, p_closed_at timestamp with time zone, p_settled_units integer, p_idempotency_key text); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.reservation_is_possible(p_operation_type text, p_units integer, p_state text, p_closed_at timestamp with time zone, p_settled_units integer, p_idempotency_key text) IS 'The check of usage_reservations: a known operation and state, units, and what belongs to each state.';

-- Name: time_ordered_id(); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.time_ordered_id() RETURNS uuid
    LANGUAGE sql PARALLEL RESTRICTED
    RETURN (encode((int8send((((((date_part('epoch'::text, clock_timestamp()) * (1000)::double precision))::bigint << 16) | (28672)::bigint) | ((random() * (4095)::double precision))::bigint)) || int8send(((('2147483648'::bigint + ((random() * (1073741823)::double precision))::bigint) << 32) | ((random() * ('4294967295'::bigint)::double precision))::bigint))), 'hex'::text))::uuid;

-- Name: FUNCTION time_ordered_id(); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.time_ordered_id() IS 'A UUID of version 7: the milliseconds since 1970, then 74 random bits. Later ones sort behind earlier ones.';

SET default_tablespace = '';

SET default_table_access_method = heap;

-- Name: usage_reservations; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.usage_reservations (
    id uuid DEFAULT private.time_ordered_id() NOT NULL,
    user_id text NOT NULL,
    operation_type text NOT NULL,
    units integer NOT NULL,
    settled_units integer,
    state text DEFAULT 'open'::text NOT NULL,
    reserved_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    idempotency_key text,
    CONSTRAINT usage_reservations_check CHECK (private.reservation_is_possible(operation_type, units, state, closed_at, settled_units, idempotency_key))
);

ALTER TABLE ONLY public.usage_reservations FORCE ROW LEVEL SECURITY;

-- Name: TABLE usage_reservations; Type: COMMENT; Schema: public; Owner: -

COMMENT ON TABLE public.usage_reservations IS 'Units that are counted already while something is being made. Settled, they move to usage_records.';

-- Name: COLUMN usage_reservations.reserved_at; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.usage_reservations.reserved_at IS 'Decides in which month and day the units count.';

-- Name: COLUMN usage_reservations.expires_at; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.usage_reservations.expires_at IS 'When the sweep may give the units back.';

-- Name: COLUMN usage_reservations.idempotency_key; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.usage_reservations.idempotency_key IS 'A repeated reserve_usage with this key takes nothing more.';

-- Name: earlier_reservation(text, text, integer, text); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.earlier_reservation(p_user_id text, p_operation_type text, p_units integer, p_idempotency_key text) RETURNS public.usage_reservations
    LANGUAGE plpgsql
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    AS $$
declare
    v_earlier public.usage_reservations;
begin
    select r.* into v_earlier from public.usage_reservations as r
     where r.user_id = p_user_id and r.idempotency_key = p_idempotency_key and r.state in ('open', 'settled');
    if found and (v_earlier.operation_type, v_earlier.units) <> (p_operation_type, p_units) then
        raise exception using errcode = 'ZCNFL', column = 'idempotency_key',
            message = 'This idempotency key was used for another operation.',
            hint = 'Send the same request again, or choose a new key.';
    end if;
    return v_earlier;
end
$$;

-- Name: FUNCTION earlier_reservation(p_user_id text, p_operation_type text, p_units integer, p_idempotency_key text); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.earlier_reservation(p_user_id text, p_operation_type text, p_units integer, p_idempotency_key text) IS 'The open or settled reservation with this key of a user, whose quota row the caller has locked; or none.';

-- Name: end_run(uuid, text, uuid, text, text, jsonb, integer, integer, numeric, integer, jsonb, jsonb, jsonb); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.end_run(p_run_id uuid, p_status text, p_content_id uuid, p_provider text, p_model text, p_metadata jsonb, p_input_tokens integer, p_output_tokens integer, p_cost_usd numeric, p_execution_time_ms integer, p_error jsonb, p_events jsonb, p_usage jsonb) RETURNS timestamp with time zone
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
    v_run public.generation_runs;
begin
    update public.generation_runs as r
       set status = p_status, finished_at = now(), content_id = p_content_id, provider = p_provider, model = p_model,
           metadata = p_metadata, input_tokens = p_input_tokens, output_tokens = p_output_tokens,
           cost_usd = p_cost_usd, execution_time_ms = p_execution_time_ms, error = p_error,
           cancel_requested = r.cancel_requested or p_status = 'cancelled'
     where r.id = p_run_id and r.status = 'running'
    returning r.* into v_run;
    if not found then
        raise exception using errcode = 'ZCNFL', message = 'The run is not running.';
    end if;
    insert into public.generation_events (run_id, id, user_id, kind, data)
    select p_run_id, e.id, v_run.user_id, e.kind, e.data
      from jsonb_to_recordset(p_events) as e (id integer, kind text, data jsonb)
        on conflict (run_id, id) do nothing;
    if v_run.reservation_id is null then
        null; -- given back already, when the run was taken for dead
    elsif p_content_id is null then
        perform public.release_usage(v_run.reservation_id);
    else
        perform public.settle_usage(v_run.reservation_id, null, p_input_tokens + p_output_tokens, p_usage);
    end if;
    if p_content_id is not null then
        -- last: the row of a tool is shared by all users, so it is locked for as short as can be
        perform public.increment_tool_usage(v_run.tool_id);
    end if;
    return v_run.finished_at;
end
$$;

-- Name: FUNCTION end_run(p_run_id uuid, p_status text, p_content_id uuid, p_provider text, p_model text, p_metadata jsonb, p_input_tokens integer, p_output_tokens integer, p_cost_usd numeric, p_execution_time_ms integer, p_error jsonb, p_events jsonb, p_usage jsonb); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.end_run(p_run_id uuid, p_status text, p_content_id uuid, p_provider text, p_model text, p_metadata jsonb, p_input_tokens integer, p_output_tokens integer, p_cost_usd numeric, p_execution_time_ms integer, p_error jsonb, p_events jsonb, p_usage jsonb) IS 'Ends a running run, or raises ZCNFL: last events, usage settled or released, tool counted; when it ended.';

-- Name: uuid_generate_v4(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.uuid_generate_v4() RETURNS uuid
    LANGUAGE sql PARALLEL SAFE
    SET search_path TO ''
    RETURN gen_random_uuid();

-- Name: FUNCTION uuid_generate_v4(); Type: COMMENT; Schema: public; Owner: -

COMMENT ON FUNCTION public.uuid_generate_v4() IS 'A random UUID, under the name that the extension uuid-ossp gives it.';

-- Name: stripe_subscriptions; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.stripe_subscriptions (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    subscription_id text NOT NULL,
    user_id text NOT NULL,
    customer_id text,
    tier text NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    current_period_start timestamp with time zone,
    current_period_end timestamp with time zone,
    cancel_at_period_end boolean DEFAULT false,
    cancelled_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    stripe_status text,
    past_due_since timestamp with time zone,
    last_event_at timestamp with time zone,
    CONSTRAINT stripe_subscriptions_status_check CHECK ((status = ANY (ARRAY['active'::text, 'trialing'::text, 'past_due'::text, 'cancelled'::text, 'incomplete'::text]))),
    CONSTRAINT stripe_subscriptions_stripe_status_check CHECK (((stripe_status IS NULL) OR (status =
CASE stripe_status
    WHEN 'canceled'::text THEN 'cancelled'::text
    WHEN 'incomplete_expired'::text THEN 'cancelled'::text
    WHEN 'unpaid'::text THEN 'past_due'::text
    WHEN 'paused'::text THEN 'past_due'::text
    ELSE stripe_status
END))),
    CONSTRAINT stripe_subscriptions_tier_check CHECK ((tier = ANY (ARRAY['free'::text, 'starter'::text, 'pro'::text, 'business'::text])))
);

ALTER TABLE ONLY public.stripe_subscriptions FORCE ROW LEVEL SECURITY;

-- Name: TABLE stripe_subscriptions; Type: COMMENT; Schema: public; Owner: -

COMMENT ON TABLE public.stripe_subscriptions IS 'Stripe subscriptions and their state.';

-- Name: COLUMN stripe_subscriptions.stripe_status; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.stripe_subscriptions.stripe_status IS 'The status in Stripe''s own words where it was given; unpaid and paused are stored as past_due.';

-- Name: COLUMN stripe_subscriptions.past_due_since; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.stripe_subscriptions.past_due_since IS 'When the grace began; kept by a trigger.';

-- Name: COLUMN stripe_subscriptions.last_event_at; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.stripe_subscriptions.last_event_at IS 'Stripe''s time of the newest event applied; older ones change nothing.';

-- Name: entitled_until(public.stripe_subscriptions); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.entitled_until(p_subscription public.stripe_subscriptions) RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
    v_settings private.entitlement_settings := (select s from private.entitlement_settings as s);
    v_period_end timestamptz := coalesce(p_subscription.current_period_end, 'infinity');
begin
    return case coalesce(p_subscription.stripe_status, p_subscription.status)
        when 'active' then case when p_subscription.cancel_at_period_end then v_period_end else 'infinity' end
        when 'trialing' then case when p_subscription.cancel_at_period_end then v_period_end else 'infinity' end
        when 'past_due' then least(
            p_subscription.past_due_since + v_settings.past_due_grace,
            case when p_subscription.cancel_at_period_end then v_period_end else 'infinity' end)
        when 'canceled' then case when v_settings.honour_cancelled_period then p_subscription.current_period_end else '-infinity' end
        when 'cancelled' then case when v_settings.honour_cancelled_period then p_subscription.current_period_end else '-infinity' end
        else '-infinity' end;
end
$$;

-- Name: FUNCTION entitled_until(p_subscription public.stripe_subscriptions); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.entitled_until(p_subscription public.stripe_subscriptions) IS 'When a subscription stops entitling, as far as is known: infinity while it runs, -infinity if it never does.';

-- Name: expire_reservations(text); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.expire_reservations(p_user_id text) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    AS $$
declare
    v_count integer;
begin
    with expired as (
        -- one that is locked is being settled or released at this moment
        select r.id from public.usage_reservations as r
         where r.user_id = p_user_id and r.state = 'open' and r.expires_at <= now()
           for no key update skip locked
    ), closed as (
        update public.usage_reservations as r
           set state = 'expired', closed_at = now()
          from expired as e
         where r.id = e.id
        returning r.units, r.reserved_at
    ), counted as (
        update public.user_quotas as q
           set month_used = greatest(0, q.month_used - (
                   select coalesce(sum(c.units), 0) from closed as c
                    where c.reserved_at >= q.period_start and c.reserved_at < q.period_end)),
               day_used = greatest(0, q.day_used - (
                   select coalesce(sum(c.units), 0) from closed as c
                    where (c.reserved_at at time zone 'UTC')::date = q.day_start))
         where q.user_id = p_user_id and exists (select from closed)
    )
    select count(*) into v_count from closed;
    return v_count;
end
$$;

-- Name: FUNCTION expire_reservations(p_user_id text); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.expire_reservations(p_user_id text) IS 'Gives back the expired reservations of one user, whose quota row the caller has locked; how many.';

-- Name: follow_grant(); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.follow_grant() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    perform private.apply_entitlements(new.user_id);
    return null;
end
$$;

-- Name: FUNCTION follow_grant(); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.follow_grant() IS 'Fits the usage window to a grant, and a new quota row to the subscriptions.';

-- Name: follow_settings(); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.follow_settings() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    v_user_id text;
begin
    for v_user_id in
        select distinct s.user_id from public.stripe_subscriptions as s
         where s.status in ('past_due', 'cancelled') order by s.user_id
    loop
        perform private.apply_entitlements(v_user_id);
    end loop;
    return null;
end
$$;

-- Name: FUNCTION follow_settings(); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.follow_settings() IS 'Applies a changed grace to everyone whom it concerns.';

-- Name: forget_reservations(interval); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.forget_reservations(p_age interval DEFAULT '30 days'::interval) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
    v_count integer;
begin
    delete from public.usage_reservations as r where r.state <> 'open' and r.closed_at < now() - p_age;
    get diagnostics v_count = row_count;
    return v_count;
end
$$;

-- Name: FUNCTION forget_reservations(p_age interval); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.forget_reservations(p_age interval) IS 'Deletes reservations that were closed longer ago, and with them what their idempotency keys remember; how many.';

-- Name: grant_tier(); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.grant_tier() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    if tg_op = 'INSERT' then
        perform private.lock_new_user(new.user_id);
    end if;
    new.granted_tier := new.tier;
    new.tier := private.better_tier(new.granted_tier, new.subscribed_tier);
    return new;
end
$$;

-- Name: FUNCTION grant_tier(); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.grant_tier() IS 'Takes a tier that somebody writes as a grant.';

-- Name: hold_run(uuid, interval, jsonb); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.hold_run(p_run_id uuid, p_expires_in interval, p_started jsonb) RETURNS uuid
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
    v_reservation uuid;
    v_user_id text;
begin
    select r.user_id, h.reservation_id into strict v_user_id, v_reservation
      from public.generation_runs as r
     cross join lateral public.reserve_usage(r.user_id, r.operation_type, r.units, p_expires_in) as h
     where r.id = p_run_id;
    update public.generation_runs set reservation_id = v_reservation where id = p_run_id;
    insert into public.generation_events (run_id, id, user_id, kind, data)
    values (p_run_id, 1, v_user_id, 'started', p_started);
    return v_reservation;
end
$$;

-- Name: FUNCTION hold_run(p_run_id uuid, p_expires_in interval, p_started jsonb); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.hold_run(p_run_id uuid, p_expires_in interval, p_started jsonb) IS 'Reserves what a new run costs, or raises ZQUOT, and stores its first event; the reservation.';

-- Name: keep_content_version(); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.keep_content_version() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    -- the update holds the lock on the row, so two edits cannot take the same number
    insert into public.content_versions (content_id, version, user_hash, title, output, written_at)
    select old.id, coalesce(max(v.version), 0) + 1, old.user_hash, old.title, old.output, coalesce(max(v.replaced_at), old.created_at)
      from public.content_versions as v
     where v.content_id = old.id;
    return null;
end
$$;

-- Name: FUNCTION keep_content_version(); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.keep_content_version() IS 'Keeps title and text as they were before an update.';

-- Name: keep_subscription(); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.keep_subscription() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    -- whoever writes the documented status alone says nothing about Stripe's word for it
    if tg_op = 'UPDATE' and new.status <> old.status and new.stripe_status is not distinct from old.stripe_status then
        new.stripe_status := null;
    end if;
    if new.status = 'past_due' then
        if tg_op = 'INSERT' then
            new.past_due_since := coalesce(new.past_due_since, now());
        elsif old.status <> 'past_due' and new.past_due_since is not distinct from old.past_due_since then
            new.past_due_since := now();
        end if;
        new.past_due_since := coalesce(new.past_due_since, now());
    else
        new.past_due_since := null;
    end if;
    return new;
end
$$;

-- Name: FUNCTION keep_subscription(); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.keep_subscription() IS 'Notes when a subscription became past_due, and forgets a raw status that no longer holds.';

-- Name: keep_user_tier(); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.keep_user_tier() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    if tg_op = 'INSERT' then
        perform private.lock_new_user(new.user_id);
        -- Whoever changes the tier just now does not see this row, and so cannot carry the tier to it.
        perform from public.user_quotas as q where q.user_id = new.user_id for share;
    end if;
    select q.tier into new.tier from public.user_quotas as q where q.user_id = new.user_id;
    new.tier := coalesce(new.tier, 'free');
    return new;
end
$$;

-- Name: FUNCTION keep_user_tier(); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.keep_user_tier() IS 'Lets users.tier say what user_quotas.tier says, and free where there is no quota row.';

-- Name: lock_new_user(text); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.lock_new_user(p_user_id text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
    v_locked integer := coalesce(nullif(current_setting('blogai.locked_users', true), ''), '0')::integer;
begin
    -- A user's two rows may be made at the same time by two who do not see each other's. Somebody who loads
    -- thousands takes no more locks than the server has room for; reset_expired_quotas repairs what slips through.
    if v_locked < 32 then
        perform set_config('blogai.locked_users', (v_locked + 1)::text, true);
        perform pg_advisory_xact_lock(hashtextextended('blogai tier of ' || p_user_id, 0));
    end if;
end
$$;

-- Name: FUNCTION lock_new_user(p_user_id text); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.lock_new_user(p_user_id text) IS 'Until the end of the transaction: who makes a users row waits for who makes its quota row.';

-- Name: matching_content(text); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.matching_content(p_search text) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
    SET search_path TO ''
    AS $_$
declare
    v_caller text := private.caller_hash();
begin
    -- executed as text, so that the plan is made for this search and this caller
    return query execute
        'select c.id from public.generated_content as c'
        ' where c.user_hash = $1 and private.content_document(c.title, c.output) @@ $2'
        using v_caller, private.search_query(p_search);
end
$_$;

-- Name: FUNCTION matching_content(p_search text); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.matching_content(p_search text) IS 'Ids of the caller''s own content that a search finds.';

-- Name: mirror_tier(); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.mirror_tier() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    if tg_op = 'DELETE' then
        update public.users as u set tier = 'free' where u.user_id = old.user_id;
    else
        update public.users as u set tier = new.tier where u.user_id = new.user_id and u.tier is distinct from new.tier;
    end if;
    return null;
end
$$;

-- Name: FUNCTION mirror_tier(); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.mirror_tier() IS 'Carries user_quotas.tier to users.';

-- Name: next_window(text, timestamp with time zone, timestamp with time zone, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.next_window(p_tier text, p_anchor timestamp with time zone, p_start timestamp with time zone, p_end timestamp with time zone, p_at timestamp with time zone, OUT anchor timestamp with time zone, OUT starts timestamp with time zone, OUT ends timestamp with time zone) RETURNS record
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path TO ''
    AS $$
begin
    anchor := case
        when p_tier = 'free' then null
        -- somebody moved the period by hand: it is the new anchor
        when p_anchor is null or (private.usage_window(p_anchor, p_start)).ends <> p_end then p_start
        else p_anchor
    end;
    select w.starts, w.ends into starts, ends
      from private.usage_window(coalesce(anchor, '2000-01-01 00:00:00+00'), p_at) as w;
    -- what was used before the last window ended was counted there
    if p_end <= p_at then
        starts := greatest(starts, p_end);
    end if;
end
$$;

-- Name: FUNCTION next_window(p_tier text, p_anchor timestamp with time zone, p_start timestamp with time zone, p_end timestamp with time zone, p_at timestamp with time zone, OUT anchor timestamp with time zone, OUT starts timestamp with time zone, OUT ends timestamp with time zone); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.next_window(p_tier text, p_anchor timestamp with time zone, p_start timestamp with time zone, p_end timestamp with time zone, p_at timestamp with time zone, OUT anchor timestamp with time zone, OUT starts timestamp with time zone, OUT ends timestamp with time zone) IS 'The window that follows a quota row''s own at p_at, however many months were missed, and its anchor.';

-- Name: pass_owner_of_profile(); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.pass_owner_of_profile() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    update public.voice_samples as s set user_hash = new.user_hash where s.profile_id = new.id and s.user_hash is null;
    update public.voice_scores as v set user_hash = new.user_hash where v.profile_id = new.id and v.user_hash is null;
    return null;
end
$$;

-- Name: FUNCTION pass_owner_of_profile(); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.pass_owner_of_profile() IS 'Gives samples and scores of a profile that was nobody''s its first owner.';

-- Name: purge_deleted_content(); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.purge_deleted_content() RETURNS integer
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    with gone as (delete from private.deleted_content where expires_at <= now() returning 1)
    select count(*)::integer from gone
$$;

-- Name: FUNCTION purge_deleted_content(); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.purge_deleted_content() IS 'Removes deleted content that has expired; how many.';

-- Name: quota_is_possible(integer, integer, bigint, text, text); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.quota_is_possible(p_month_used integer, p_day_used integer, p_month_tokens bigint, p_granted_tier text, p_subscribed_tier text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path TO ''
    AS $$
begin
    return least(p_month_used, p_day_used, p_month_tokens) >= 0
       and p_granted_tier = any (array['free', 'starter', 'pro', 'business'])
       and p_subscribed_tier = any (array['free', 'starter', 'pro', 'business']);
end
$$;

-- Name: FUNCTION quota_is_possible(p_month_used integer, p_day_used integer, p_month_tokens bigint, p_granted_tier text, p_subscribed_tier text); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.quota_is_possible(p_month_used integer, p_day_used integer, p_month_tokens bigint, p_granted_tier text, p_subscribed_tier text) IS 'The check of user_quotas: no counter is negative, and grant and subscription are tiers.';

-- Name: quota_state(text); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.quota_state(p_user_id text, OUT tier text, OUT month_used integer, OUT monthly_limit integer, OUT day_used integer, OUT daily_limit integer, OUT period_start timestamp with time zone, OUT period_end timestamp with time zone) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    AS $$
declare
    v_day date := (now() at time zone 'UTC')::date;
    v_quota public.user_quotas;
    v_best record;
begin
    select q.* into v_quota from public.user_quotas as q where q.user_id = p_user_id;
    tier := coalesce(v_quota.tier, 'free');
    period_start := v_quota.period_start;
    period_end := v_quota.period_end;
    if v_quota.user_id is null or period_end <= now() then
        v_best := private.subscription_entitlement(p_user_id, now());
        tier := private.better_tier(v_best.tier, coalesce(v_quota.granted_tier, 'free'));
        if v_best.anchor is not null and v_best.tier = tier then
            select w.starts, w.ends into period_start, period_end from private.usage_window(v_best.anchor, now()) as w;
        else
            select w.starts, w.ends into period_start, period_end
              from private.next_window(
                tier, v_quota.billing_anchor, period_start, coalesce(period_end, '-infinity'), now()) as w;
        end if;
        select count(*) into month_used
          from public.usage_records as u
         where u.user_id = p_user_id and u."timestamp" >= period_start and u."timestamp" < period_end;
        day_used := 0;
    end if;
    if v_quota.user_id is not null then
        select coalesce(month_used, v_quota.month_used - coalesce(sum(r.units) filter (
                   where r.reserved_at >= v_quota.period_start and r.reserved_at < v_quota.period_end), 0)),
               case when v_quota.day_start >= v_day
                    then v_quota.day_used - coalesce(sum(r.units) filter (
                        where (r.reserved_at at time zone 'UTC')::date = v_quota.day_start), 0)
                    else 0 end
          into month_used, day_used
          from public.usage_reservations as r
         where r.user_id = p_user_id and r.state = 'open' and r.expires_at <= now();
    end if;
    select l.monthly_limit, l.daily_limit into monthly_limit, daily_limit
      from public.tier_limits as l where l.tier = quota_state.tier;
end
$$;

-- Name: FUNCTION quota_state(p_user_id text, OUT tier text, OUT month_used integer, OUT monthly_limit integer, OUT day_used integer, OUT daily_limit integer, OUT period_start timestamp with time zone, OUT period_end timestamp with time zone); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.quota_state(p_user_id text, OUT tier text, OUT month_used integer, OUT monthly_limit integer, OUT day_used integer, OUT daily_limit integer, OUT period_start timestamp with time zone, OUT period_end timestamp with time zone) IS 'What a user has used and may use now. Ended windows count as empty and expired reservations as given back, so nothing depends on the jobs that tidy them away.';

-- Name: recount_usage(text); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.recount_usage(p_user_id text DEFAULT NULL::text) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
    v_count integer;
begin
    perform from public.user_quotas as q
      where p_user_id is null or q.user_id = p_user_id
      order by q.user_id
        for no key update;
    update public.user_quotas as q
       set month_used = c.month_logged + c.month_held,
           day_used = c.day_logged + c.day_held
      from private.usage_reconciliation as c
     where c.user_id = q.user_id
       and (p_user_id is null or q.user_id = p_user_id)
       and (c.month_difference <> 0 or c.day_difference <> 0);
    get diagnostics v_count = row_count;
    return v_count;
end
$$;

-- Name: FUNCTION recount_usage(p_user_id text); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.recount_usage(p_user_id text) IS 'Sets the counters of one user, or of all, from the log and the open reservations; how many were wrong.';

-- Name: refresh_quota(text); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.refresh_quota(p_user_id text) RETURNS timestamp with time zone
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
    v_quota public.user_quotas;
    v_at timestamptz;
    v_window record;
begin
    loop
        select q.* into v_quota from public.user_quotas as q where q.user_id = p_user_id for no key update;
        exit when found;
        insert into public.user_quotas (user_id) values (p_user_id) on conflict (user_id) do nothing;
        -- there may be a log without a quota row
        perform private.recount_usage(p_user_id);
    end loop;
    perform private.expire_reservations(p_user_id);
    if v_quota.period_end <= clock_timestamp() then
        -- what entitled to the tier may have ended with the window
        perform private.apply_entitlements(p_user_id);
        select q.* into v_quota from public.user_quotas as q where q.user_id = p_user_id;
    end if;

    -- now() is older than the windows when this transaction waited while another one rolled them
    v_at := least(clock_timestamp(), greatest(now(), v_quota.period_start, v_quota.day_start::timestamp at time zone 'UTC'));
    if v_at >= v_quota.period_start and v_at < v_quota.period_end
       and v_quota.day_start = (v_at at time zone 'UTC')::date then
        return v_at;
    end if;
    if v_at < v_quota.period_start or v_at >= v_quota.period_end then
        v_window := private.next_window(
            v_quota.tier, v_quota.billing_anchor, v_quota.period_start, v_quota.period_end, v_at);
        update public.user_quotas as q
           set period_start = v_window.starts, period_end = v_window.ends, billing_anchor = v_window.anchor
         where q.user_id = p_user_id;
    end if;
    update public.user_quotas as q set day_start = (v_at at time zone 'UTC')::date where q.user_id = p_user_id;
    -- as a rule there is nothing in a new window, and this writes zeros
    perform private.recount_usage(p_user_id);
    return v_at;
end
$$;

-- Name: FUNCTION refresh_quota(p_user_id text); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.refresh_quota(p_user_id text) IS 'Locks the quota row of a user, made if there is none, gives back expired reservations, rolls ended windows; the moment at which units taken under this lock count.';

-- Name: refuse_usage(text, integer); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.refuse_usage(p_user_id text, p_units integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
    v_quota record;
    v_month boolean;
    v_detail jsonb;
begin
    select q.*, l.monthly_limit, l.daily_limit into v_quota
      from public.user_quotas as q left join public.tier_limits as l on l.tier = q.tier
     where q.user_id = p_user_id;
    if v_quota.monthly_limit is null then
        raise exception 'The table tier_limits has no row for the tier %.', v_quota.tier;
    end if;
    -- when both are used up, the month is what the caller has to wait for
    v_month := v_quota.monthly_limit >= 0 and v_quota.month_used + p_units > v_quota.monthly_limit;
    v_detail := case when v_month
        then jsonb_build_object(
            'window', 'month', 'used', v_quota.month_used, 'limit', v_quota.monthly_limit,
            'resets_at', private.utc_text(v_quota.period_end))
        else jsonb_build_object(
            'window', 'day', 'used', v_quota.day_used, 'limit', v_quota.daily_limit,
            'resets_at', private.utc_text((v_quota.day_start + 1)::timestamp at time zone 'UTC'))
        end || jsonb_build_object('tier', v_quota.tier, 'requested', p_units);
    raise exception using
        errcode = 'ZQUOT',
        message = format(
            'The %s quota of the tier %s is used up: %s of %s units are taken and %s more were asked for.',
            case when v_month then 'monthly' else 'daily' end, v_quota.tier,
            v_detail ->> 'used', v_detail ->> 'limit', p_units),
        detail = v_detail::text,
        hint = format('Wait until %s, or move to a higher tier.', v_detail ->> 'resets_at');
end
$$;

-- Name: FUNCTION refuse_usage(p_user_id text, p_units integer); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.refuse_usage(p_user_id text, p_units integer) IS 'Raises ZQUOT for a user whose quota row is locked and fresh; DETAIL says tier, used, limit, resets_at, window.';

-- Name: require_own(text); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.require_own(p_user_id text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
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

-- Name: FUNCTION require_own(p_user_id text); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.require_own(p_user_id text) IS 'Raises ZFORB when anybody but the service role or the owner asks for somebody else''s id. For definer functions.';

-- Name: require_own_hash(text); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.require_own_hash(p_user_hash text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
    v_role text := coalesce(nullif(current_setting('role', true), 'none'), session_user);
begin
    if v_role <> 'service_role' and not pg_has_role(v_role, current_user, 'member')
       and (p_user_hash is null or p_user_hash is distinct from private.caller_hash()) then
        raise exception using errcode = 'ZFORB', message = 'You may do this with what is yours only.';
    end if;
end
$$;

-- Name: FUNCTION require_own_hash(p_user_hash text); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.require_own_hash(p_user_hash text) IS 'Raises ZFORB when anybody but the service role or the owner gives somebody else''s hash. For definer functions.';

-- Name: reset_privileges(text, text); Type: PROCEDURE; Schema: private; Owner: -

CREATE PROCEDURE private.reset_privileges(IN p_kind text, IN p_name text)
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
    v_letter "char" := case p_kind when 'table' then 'r' when 'function' then 'f' end;
    v_owner oid;
    v_role text;
    v_grant record;
begin
    if v_letter is null then
        raise exception 'reset_privileges knows tables and functions, not "%".', p_kind;
    end if;
    v_owner := case v_letter
        when 'r' then (select relowner from pg_class where oid = p_name::regclass)
        else (select proowner from pg_proc where oid = p_name::regprocedure) end;

    for v_role in
        select coalesce(quote_ident(r.rolname), 'public')
          from unnest(array[0::oid, v_owner, 'anon'::regrole, 'authenticated'::regrole, 'service_role'::regrole]) as u (oid)
          left join pg_roles as r on r.oid = u.oid
    loop
        execute format('revoke all on %s %s from %s', p_kind, p_name, v_role);
    end loop;

    -- Granted in the order of the role's oid, which is how the server sorts the list of a new object.
    for v_grant in
        with defaults as (
            select defaclnamespace, defaclacl
              from pg_default_acl
             where defaclrole = v_owner
               and defaclobjtype = v_letter
        ),
        wanted as (
            select coalesce((select defaclacl from defaults where defaclnamespace = 0), acldefault(v_letter, v_owner)) as acl
            union all
            select defaclacl from defaults where defaclnamespace = 'public'::regnamespace
        )
        select coalesce(quote_ident(r.rolname), 'public') as role_name,
               string_agg(distinct a.privilege_type, ', ') as privileges
          from wanted
         cross join aclexplode(wanted.acl) as a
          left join pg_roles as r on r.oid = a.grantee
         group by a.grantee, r.rolname
         order by a.grantee
    loop
        execute format('grant %s on %s %s to %s', v_grant.privileges, p_kind, p_name, v_grant.role_name);
    end loop;
end
$$;

-- Name: PROCEDURE reset_privileges(IN p_kind text, IN p_name text); Type: COMMENT; Schema: private; Owner: -

COMMENT ON PROCEDURE private.reset_privileges(IN p_kind text, IN p_name text) IS 'Gives a table or function of schema public the privileges that a new one gets; for down scripts.';

-- Name: restore_content(uuid); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.restore_content(p_id uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    v_deleted private.deleted_content;
begin
    delete from private.deleted_content as d
     where d.id = p_id and d.user_hash = private.caller_hash() and d.expires_at > now()
    returning d.* into v_deleted;
    if not found then
        raise exception using errcode = 'ZNTFD', message = 'There is no such deleted content.',
            hint = 'It was restored already, or it has expired.';
    end if;
    insert into public.generated_content
    select c.* from jsonb_populate_record(null::public.generated_content, v_deleted.content) as c;
    insert into public.content_versions
    select v.* from jsonb_populate_recordset(null::public.content_versions, v_deleted.versions) as v;
    update public.generation_runs as r set content_id = p_id
     where r.id = any (v_deleted.run_ids) and r.content_id is null;
end
$$;

-- Name: FUNCTION restore_content(p_id uuid); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.restore_content(p_id uuid) IS 'Brings the caller''s own deleted content back as it was, with its earlier texts.';

-- Name: roll_quotas(text[]); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.roll_quotas(p_user_ids text[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    v_user_id text;
    v_rolled integer := 0;
    v_count integer;
begin
    -- A row that somebody holds is being rolled by its holder. Where a subscription may have ended, one by one.
    for v_user_id in
        select q.user_id from public.user_quotas as q
         where q.user_id = any (p_user_ids) and q.period_end <= now()
           and exists (select from public.stripe_subscriptions as s where s.user_id = q.user_id)
         order by q.user_id
           for no key update of q skip locked
    loop
        perform private.refresh_quota(v_user_id);
        v_rolled := v_rolled + 1;
    end loop;

    -- As a rule there is nothing in a new window.
    with due as (
        select q.user_id, w.starts, w.ends, w.anchor, u.units
          from public.user_quotas as q
         cross join lateral private.next_window(q.tier, q.billing_anchor, q.period_start, q.period_end, now()) as w
         cross join lateral (
                select count(*) as units
                  from public.usage_records as r
                 where r.user_id = q.user_id and r."timestamp" >= w.starts and r."timestamp" < w.ends) as u
         where q.user_id = any (p_user_ids) and q.period_end <= now()
           and not exists (select from public.stripe_subscriptions as s where s.user_id = q.user_id)
         order by q.user_id
           for no key update of q skip locked
    )
    update public.user_quotas as q
       set period_start = d.starts, period_end = d.ends, billing_anchor = d.anchor,
           month_used = d.units
      from due as d
     where q.user_id = d.user_id and q.period_end <= now();
    get diagnostics v_count = row_count;
    return v_rolled + v_count;
end
$$;

-- Name: FUNCTION roll_quotas(p_user_ids text[]); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.roll_quotas(p_user_ids text[]) IS 'Opens the current billing period for those of these users whose period ended; how many.';

-- Name: search_query(text); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.search_query(p_search text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO ''
    AS $_$
    -- The last word may still be in the making: "urban bee" also finds beekeeping.
    select case when p_search ~ '\w$' and q.query::text like '%''' then (q.query::text || ':*')::tsquery else q.query end
      from (select websearch_to_tsquery('pg_catalog.english'::regconfig, p_search) as query) as q
$_$;

-- Name: FUNCTION search_query(p_search text); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.search_query(p_search text) IS 'What people type into a search box: words, "phrases", or, -not; the last word is a beginning.';

-- Name: settle_reservation(uuid, text, integer, integer, jsonb); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.settle_reservation(p_reservation_id uuid, p_state text, p_units integer, p_tokens integer, p_metadata jsonb) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
    with made as (
        update public.usage_reservations as r
           set state = 'settled', closed_at = now(), settled_units = coalesce(p_units, r.units)
         where r.id = p_reservation_id
           and r.state = p_state
           and coalesce(p_units, r.units) between 1 and r.units
        returning r.user_id, r.operation_type, r.reserved_at, r.settled_units,
                  -- an expired reservation was given back, so what was made all the same counts again
                  r.settled_units - case p_state when 'open' then r.units else 0 end as more
    ), counted as (
        update public.user_quotas as q
           set month_used = case
                   when m.reserved_at >= q.period_start and m.reserved_at < q.period_end
                   then greatest(0, q.month_used + m.more) else q.month_used end,
               day_used = case
                   when (m.reserved_at at time zone 'UTC')::date = q.day_start
                   then greatest(0, q.day_used + m.more) else q.day_used end
          from made as m
         where q.user_id = m.user_id and m.more <> 0
    )
    -- one row a unit, the tokens shared out among them
    insert into public.usage_records (user_id, operation_type, tokens_used, metadata, "timestamp")
    select m.user_id, m.operation_type,
           p_tokens / m.settled_units + (unit <= p_tokens % m.settled_units)::integer,
           case when m.settled_units = 1 then p_metadata
                else coalesce(p_metadata, '{}') || jsonb_build_object('unit', unit, 'units', m.settled_units) end,
           m.reserved_at
      from made as m
     cross join generate_series(1, m.settled_units) as unit;
    return found;
end
$$;

-- Name: FUNCTION settle_reservation(p_reservation_id uuid, p_state text, p_units integer, p_tokens integer, p_metadata jsonb); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.settle_reservation(p_reservation_id uuid, p_state text, p_units integer, p_tokens integer, p_metadata jsonb) IS 'Settles a reservation that is in the given state; false when it is not, or has fewer units.';

-- Name: slow_statements(integer); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.slow_statements(p_limit integer DEFAULT 10) RETURNS TABLE(calls bigint, mean_ms double precision, total_ms double precision, row_count bigint, statement text)
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $_$
declare
    v_schema text := (
        select n.nspname from pg_catalog.pg_extension as e join pg_catalog.pg_namespace as n on n.oid = e.extnamespace
         where e.extname = 'pg_stat_statements');
begin
    if v_schema is null then
        return;
    end if;
    return query execute format(
        'select s.calls, s.mean_exec_time, s.total_exec_time, s.rows, s.query from %I.pg_stat_statements as s'
        ' where s.dbid = (select d.oid from pg_catalog.pg_database as d where d.datname = current_database())'
        ' order by s.mean_exec_time desc limit $1', v_schema) using p_limit;
exception
    -- created, but the server does not load it, or the role may not read it
    when object_not_in_prerequisite_state or insufficient_privilege then
        return;
end
$_$;

-- Name: FUNCTION slow_statements(p_limit integer); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.slow_statements(p_limit integer) IS 'The statements with the highest mean time, where pg_stat_statements is there; nothing where it is not.';

-- Name: stored_status(text); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.stored_status(p_stripe_status text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO ''
    RETURN CASE WHEN (p_stripe_status = ANY (ARRAY['active'::text, 'trialing'::text, 'past_due'::text, 'incomplete'::text])) THEN p_stripe_status WHEN (p_stripe_status = ANY (ARRAY['unpaid'::text, 'paused'::text])) THEN 'past_due'::text WHEN (p_stripe_status = ANY (ARRAY['canceled'::text, 'incomplete_expired'::text])) THEN 'cancelled'::text ELSE NULL::text END;

-- Name: FUNCTION stored_status(p_stripe_status text); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.stored_status(p_stripe_status text) IS 'The documented status for one of Stripe''s; null for a word that is not known.';

-- Name: batch_jobs; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.batch_jobs (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    user_id text NOT NULL,
    name text,
    status text DEFAULT 'pending'::text NOT NULL,
    provider_strategy text DEFAULT 'single'::text NOT NULL,
    total_items integer NOT NULL,
    completed_items integer DEFAULT 0,
    failed_items integer DEFAULT 0,
    estimated_cost_usd numeric(10,4),
    actual_cost_usd numeric(10,4),
    items jsonb DEFAULT '[]'::jsonb NOT NULL,
    results jsonb DEFAULT '[]'::jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    started_at timestamp with time zone,
    completed_at timestamp with time zone
);

ALTER TABLE ONLY public.batch_jobs FORCE ROW LEVEL SECURITY;

-- Name: TABLE batch_jobs; Type: COMMENT; Schema: public; Owner: -

COMMENT ON TABLE public.batch_jobs IS 'Batch generation: what was asked for, how far it is, what came out.';

-- Name: stuck_batch_jobs(interval); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.stuck_batch_jobs(p_age interval DEFAULT '01:00:00'::interval) RETURNS TABLE(id uuid, user_id text, name text, status text, total_items integer, completed_items integer, failed_items integer, age interval)
    LANGUAGE sql STABLE
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT b.id,
     b.user_id,
     b.name,
     b.status,
     b.total_items,
     b.completed_items,
     b.failed_items,
     (now() - COALESCE(b.started_at, b.created_at))
    FROM public.batch_jobs b
   WHERE ((b.completed_at IS NULL) AND (b.status <> ALL (ARRAY['completed'::text, 'failed'::text, 'cancelled'::text, 'canceled'::text, 'partial'::text])) AND (COALESCE(b.started_at, b.created_at) < (now() - stuck_batch_jobs.p_age)))
   ORDER BY COALESCE(b.started_at, b.created_at);
END;

-- Name: FUNCTION stuck_batch_jobs(p_age interval); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.stuck_batch_jobs(p_age interval) IS 'Batch jobs that have neither ended nor been ended p_age after their start.';

-- Name: subscription_entitlement(text, timestamp with time zone); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.subscription_entitlement(p_user_id text, p_at timestamp with time zone, OUT tier text, OUT anchor timestamp with time zone, OUT until timestamp with time zone) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
    select s.tier, s.current_period_start, e.until into tier, anchor, until
      from public.stripe_subscriptions as s
     cross join lateral (select private.entitled_until(s) as until) as e
     where s.user_id = p_user_id and e.until > p_at
     order by private.tier_rank(s.tier) desc, e.until desc, s.current_period_start, s.subscription_id
     limit 1;
    if not found then
        tier := 'free';
        until := 'infinity';
    end if;
end
$$;

-- Name: FUNCTION subscription_entitlement(p_user_id text, p_at timestamp with time zone, OUT tier text, OUT anchor timestamp with time zone, OUT until timestamp with time zone); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.subscription_entitlement(p_user_id text, p_at timestamp with time zone, OUT tier text, OUT anchor timestamp with time zone, OUT until timestamp with time zone) IS 'The best tier that a user''s subscriptions entitle to, where its period starts and when it ends.';

-- Name: take_owner_of_profile(); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.take_owner_of_profile() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    if tg_op = 'UPDATE' and new.profile_id = old.profile_id and new.user_hash is not null then
        return new; -- the key looks at it
    end if;
    -- Locked as by the key, so that the owner does not change before this row is seen.
    select b.user_hash into new.user_hash from public.brand_profiles as b where b.id = new.profile_id for key share;
    return new;
end
$$;

-- Name: FUNCTION take_owner_of_profile(); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.take_owner_of_profile() IS 'Gives a sample or a score the owner of its profile.';

-- Name: usage_window(timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.usage_window(p_anchor timestamp with time zone, p_at timestamp with time zone, OUT starts timestamp with time zone, OUT ends timestamp with time zone) RETURNS record
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path TO ''
    AS $$
    -- always counted from the anchor, so that the 31st comes back after a short month
    select (a + make_interval(months => n)) at time zone 'UTC',
           (a + make_interval(months => n + 1)) at time zone 'UTC'
      from (select a, m - (a + make_interval(months => m) > t)::integer as n
              from (select a, t,
                           (extract(year from t) - extract(year from a))::integer * 12
                               + (extract(month from t) - extract(month from a))::integer as m
                      from (select p_anchor at time zone 'UTC' as a, p_at at time zone 'UTC' as t) as utc) as months) as whole
$$;

-- Name: FUNCTION usage_window(p_anchor timestamp with time zone, p_at timestamp with time zone, OUT starts timestamp with time zone, OUT ends timestamp with time zone); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.usage_window(p_anchor timestamp with time zone, p_at timestamp with time zone, OUT starts timestamp with time zone, OUT ends timestamp with time zone) IS 'The monthly window around p_at that starts on the anchor''s day (clipped at the end of the month) and time, in UTC.';

-- Name: check_quota_available(text); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.check_quota_available(p_user_id text) RETURNS TABLE(quota_available boolean, tier text, current_usage bigint, monthly_limit integer, daily_usage bigint, daily_limit integer, remaining bigint, period_end timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    AS $$
declare
    v_day date := (now() at time zone 'UTC')::date;
begin
    if current_setting('role', true) is distinct from 'service_role' then
        perform private.require_own(p_user_id);
    end if;
    -- as a rule the row is fresh and has all the answers
    return query
        select (l.monthly_limit < 0 or q.month_used < l.monthly_limit) and (l.daily_limit < 0 or q.day_used < l.daily_limit),
               q.tier, q.month_used::bigint, l.monthly_limit, q.day_used::bigint, l.daily_limit,
               case when l.monthly_limit < 0 then -1 else greatest(l.monthly_limit - q.month_used, 0) end::bigint,
               q.period_end
          from public.user_quotas as q
          join public.tier_limits as l on l.tier = q.tier
         where q.user_id = p_user_id
           and q.period_start <= now() and q.period_end > now()
           and q.day_start = v_day
           and not exists (
                select from public.usage_reservations as r
                 where r.user_id = p_user_id and r.state = 'open' and r.expires_at <= now());
    if not found then
        return query
            select (s.monthly_limit < 0 or s.month_used < s.monthly_limit) and (s.daily_limit < 0 or s.day_used < s.daily_limit),
                   s.tier, s.month_used::bigint, s.monthly_limit, s.day_used::bigint, s.daily_limit,
                   case when s.monthly_limit < 0 then -1 else greatest(s.monthly_limit - s.month_used, 0) end::bigint,
                   s.period_end
              from private.quota_state(p_user_id) as s;
    end if;
end
$$;

-- Name: FUNCTION check_quota_available(p_user_id text); Type: COMMENT; Schema: public; Owner: -

COMMENT ON FUNCTION public.check_quota_available(p_user_id text) IS 'Whether a user may generate once more, with what is used and what remains of the month; -1 is unlimited. Only reserve_usage and increment_user_usage decide: between a check and a call others may be quicker.';

-- Name: tier_limits; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.tier_limits (
    tier text NOT NULL,
    monthly_limit integer NOT NULL,
    daily_limit integer DEFAULT '-1'::integer NOT NULL,
    features text[] DEFAULT '{}'::text[] NOT NULL,
    price_monthly numeric(10,2) DEFAULT 0 NOT NULL,
    price_yearly numeric(10,2) DEFAULT 0 NOT NULL,
    description text,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.tier_limits FORCE ROW LEVEL SECURITY;

-- Name: TABLE tier_limits; Type: COMMENT; Schema: public; Owner: -

COMMENT ON TABLE public.tier_limits IS 'Limits and prices of each tier: the one truth for quota enforcement.';

-- Name: COLUMN tier_limits.monthly_limit; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.tier_limits.monthly_limit IS 'Generations a month; -1 is unlimited';

-- Name: COLUMN tier_limits.daily_limit; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.tier_limits.daily_limit IS 'Generations a day; -1 is unlimited';

-- Name: COLUMN tier_limits.features; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.tier_limits.features IS 'Available features';

-- Name: user_quotas; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.user_quotas (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    user_id text NOT NULL,
    tier text DEFAULT 'free'::text NOT NULL,
    period_start timestamp with time zone DEFAULT date_trunc('month'::text, now(), 'UTC'::text) NOT NULL,
    period_end timestamp with time zone DEFAULT ((date_trunc('month'::text, (now() AT TIME ZONE 'UTC'::text)) + '1 mon'::interval) AT TIME ZONE 'UTC'::text) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    month_used integer DEFAULT 0 NOT NULL,
    month_tokens bigint,
    day_used integer DEFAULT 0 NOT NULL,
    day_start date DEFAULT ((now() AT TIME ZONE 'UTC'::text))::date NOT NULL,
    billing_anchor timestamp with time zone,
    granted_tier text DEFAULT 'free'::text NOT NULL,
    subscribed_tier text DEFAULT 'free'::text NOT NULL,
    CONSTRAINT user_quotas_check CHECK (private.quota_is_possible(month_used, day_used, month_tokens, granted_tier, subscribed_tier)),
    CONSTRAINT user_quotas_tier_check CHECK ((tier = ANY (ARRAY['free'::text, 'starter'::text, 'pro'::text, 'business'::text])))
)
WITH (fillfactor='75');

ALTER TABLE ONLY public.user_quotas FORCE ROW LEVEL SECURITY;

-- Name: TABLE user_quotas; Type: COMMENT; Schema: public; Owner: -

COMMENT ON TABLE public.user_quotas IS 'Tier and billing period of each user.';

-- Name: COLUMN user_quotas.tier; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.user_quotas.tier IS 'What counts: the better one of granted_tier and subscribed_tier. Writing it sets the grant.';

-- Name: COLUMN user_quotas.month_used; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.user_quotas.month_used IS 'Units taken since period_start: settled and held.';

-- Name: COLUMN user_quotas.month_tokens; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.user_quotas.month_tokens IS 'Empty since 030: tokens are summed from the log. It stays in its place so that 030 can be undone.';

-- Name: COLUMN user_quotas.day_used; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.user_quotas.day_used IS 'Units taken on day_start: settled and held.';

-- Name: COLUMN user_quotas.day_start; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.user_quotas.day_start IS 'The UTC day that day_used counts.';

-- Name: COLUMN user_quotas.billing_anchor; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.user_quotas.billing_anchor IS 'Where the monthly windows of a paid user start; null means the calendar months of UTC.';

-- Name: COLUMN user_quotas.granted_tier; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.user_quotas.granted_tier IS 'Given by hand, beside all subscriptions.';

-- Name: COLUMN user_quotas.subscribed_tier; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.user_quotas.subscribed_tier IS 'The best tier of an entitled subscription; written by private.apply_entitlements alone.';

-- Name: users; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.users (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    user_id text NOT NULL,
    email text,
    name text,
    stripe_customer_id text,
    tier text DEFAULT 'free'::text,
    is_active boolean DEFAULT true,
    last_login_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT users_tier_check CHECK ((tier = ANY (ARRAY['free'::text, 'starter'::text, 'pro'::text, 'business'::text])))
);

ALTER TABLE ONLY public.users FORCE ROW LEVEL SECURITY;

-- Name: TABLE users; Type: COMMENT; Schema: public; Owner: -

COMMENT ON TABLE public.users IS 'User accounts with their subscription status.';

-- Name: quota_status; Type: VIEW; Schema: private; Owner: -

CREATE VIEW private.quota_status WITH (security_invoker='true') AS
 SELECT s.user_id,
    s.tier,
    (((s.monthly_limit < 0) OR (s.month_used < s.monthly_limit)) AND ((s.daily_limit < 0) OR (s.day_used < s.daily_limit))) AS quota_available,
    s.month_used AS current_usage,
    s.monthly_limit,
    s.day_used AS daily_usage,
    s.daily_limit,
        CASE
            WHEN (s.monthly_limit < 0) THEN ('-1'::integer)::bigint
            ELSE GREATEST((s.monthly_limit - s.month_used), (0)::bigint)
        END AS remaining,
    s.period_end
   FROM ( SELECT COALESCE(u.user_id, q.user_id) AS user_id,
            l.tier,
            l.monthly_limit,
            l.daily_limit,
                CASE
                    WHEN (q.period_end > now()) THEN (q.month_used - COALESCE(e.month_units, (0)::bigint))
                    ELSE (0)::bigint
                END AS month_used,
                CASE
                    WHEN (q.day_start >= ((now() AT TIME ZONE 'UTC'::text))::date) THEN (q.day_used - COALESCE(e.day_units, (0)::bigint))
                    ELSE (0)::bigint
                END AS day_used,
                CASE
                    WHEN (q.period_end > now()) THEN q.period_end
                    WHEN (q.user_id IS NULL) THEN (date_trunc('month'::text, now(), 'UTC'::text) + '1 mon'::interval)
                    ELSE (private.next_window(q.tier, q.billing_anchor, q.period_start, q.period_end, now())).ends
                END AS period_end
           FROM (((public.users u
             FULL JOIN public.user_quotas q ON ((q.user_id = u.user_id)))
             LEFT JOIN ( SELECT r.user_id,
                    sum(r.units) FILTER (WHERE ((r.reserved_at >= w.period_start) AND (r.reserved_at < w.period_end))) AS month_units,
                    sum(r.units) FILTER (WHERE (((r.reserved_at AT TIME ZONE 'UTC'::text))::date = w.day_start)) AS day_units
                   FROM (public.usage_reservations r
                     JOIN public.user_quotas w ON ((w.user_id = r.user_id)))
                  WHERE ((r.state = 'open'::text) AND (r.expires_at <= now()))
                  GROUP BY r.user_id) e ON ((e.user_id = q.user_id)))
             JOIN public.tier_limits l ON ((l.tier = COALESCE(q.tier, 'free'::text))))
          WHERE ((q.user_id IS NULL) OR (q.period_end > now()) OR (NOT (EXISTS ( SELECT
                   FROM public.stripe_subscriptions b
                  WHERE (b.user_id = q.user_id)))))) s
UNION ALL
 SELECT q.user_id,
    c.tier,
    c.quota_available,
    c.current_usage,
    c.monthly_limit,
    c.daily_usage,
    c.daily_limit,
    c.remaining,
    c.period_end
   FROM (public.user_quotas q
     CROSS JOIN LATERAL public.check_quota_available(q.user_id) c(quota_available, tier, current_usage, monthly_limit, daily_usage, daily_limit, remaining, period_end))
  WHERE ((q.period_end <= now()) AND (EXISTS ( SELECT
           FROM public.stripe_subscriptions b
          WHERE (b.user_id = q.user_id))));

-- Name: VIEW quota_status; Type: COMMENT; Schema: private; Owner: -

COMMENT ON VIEW private.quota_status IS 'What check_quota_available says, for every user at once; -1 is unlimited.';

-- Name: users_approaching_quota(bigint); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.users_approaching_quota(p_threshold bigint DEFAULT 5) RETURNS TABLE(user_id text, tier text, current_usage bigint, monthly_limit integer, remaining bigint)
    LANGUAGE sql STABLE
    SET search_path TO ''
    BEGIN ATOMIC
 SELECT s.user_id,
     s.tier,
     s.current_usage,
     s.monthly_limit,
     s.remaining
    FROM private.quota_status s
   WHERE ((s.remaining >= 1) AND (s.remaining <= users_approaching_quota.p_threshold))
   ORDER BY s.remaining, s.user_id;
END;

-- Name: FUNCTION users_approaching_quota(p_threshold bigint); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.users_approaching_quota(p_threshold bigint) IS 'Users who have at most p_threshold units of the month left, and at least one.';

-- Name: utc_text(timestamp with time zone); Type: FUNCTION; Schema: private; Owner: -

CREATE FUNCTION private.utc_text(p_at timestamp with time zone) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path TO ''
    RETURN to_char((p_at AT TIME ZONE 'UTC'::text), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'::text);

-- Name: FUNCTION utc_text(p_at timestamp with time zone); Type: COMMENT; Schema: private; Owner: -

COMMENT ON FUNCTION private.utc_text(p_at timestamp with time zone) IS 'A moment in ISO 8601, UTC, whatever the time zone of the session.';

-- Name: conversations; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.conversations (
    id text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    messages jsonb DEFAULT '[]'::jsonb NOT NULL,
    metadata jsonb,
    user_hash text
);

ALTER TABLE ONLY public.conversations FORCE ROW LEVEL SECURITY;

-- Name: TABLE conversations; Type: COMMENT; Schema: public; Owner: -

COMMENT ON TABLE public.conversations IS 'Conversation history.';

-- Name: COLUMN conversations.id; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.conversations.id IS 'UUID from the frontend';

-- Name: COLUMN conversations.messages; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.conversations.messages IS 'Array of messages';

-- Name: COLUMN conversations.metadata; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.conversations.metadata IS 'Optional metadata';

-- Name: COLUMN conversations.user_hash; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.conversations.user_hash IS 'Owner identifier; without one the row is the program''s.';

-- Name: add_conversation_message(text, jsonb); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.add_conversation_message(p_id text, p_message jsonb) RETURNS public.conversations
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
    v_conversation public.conversations;
begin
    for attempt in 1 .. 2 loop
        update public.conversations as c
           set messages = c.messages || jsonb_build_array(p_message)
         where c.id = p_id
        returning c.* into v_conversation;
        if found then
            return v_conversation;
        end if;
        insert into public.conversations as c (id, messages, user_hash)
        values (p_id, jsonb_build_array(p_message), private.caller_hash())
        on conflict (id) do nothing
        returning c.* into v_conversation;
        if found then
            return v_conversation;
        end if;
    end loop;
    raise exception using errcode = 'ZCNFL', column = 'id', message = 'This conversation id is taken.',
        hint = 'Choose a new id, a random UUID.';
end
$$;

-- Name: FUNCTION add_conversation_message(p_id text, p_message jsonb); Type: COMMENT; Schema: public; Owner: -

COMMENT ON FUNCTION public.add_conversation_message(p_id text, p_message jsonb) IS 'Appends one message to a conversation of the caller''s, atomically; the first one creates the conversation.';

-- Name: get_current_month_usage(text); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.get_current_month_usage(p_user_id text) RETURNS TABLE(operation_count bigint, tokens_used bigint, period_start timestamp with time zone, period_end timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    perform private.require_own(p_user_id);
    return query
        select s.month_used::bigint,
               (select coalesce(sum(r.tokens_used), 0)
                  from public.usage_records as r
                 where r.user_id = p_user_id and r."timestamp" >= s.period_start and r."timestamp" < s.period_end),
               s.period_start, s.period_end
          from private.quota_state(p_user_id) as s;
end
$$;

-- Name: FUNCTION get_current_month_usage(p_user_id text); Type: COMMENT; Schema: public; Owner: -

COMMENT ON FUNCTION public.get_current_month_usage(p_user_id text) IS 'Units (settled and held) and tokens of a user in the current billing period.';

-- Name: get_daily_usage(text); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.get_daily_usage(p_user_id text) RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    perform private.require_own(p_user_id);
    return (select s.day_used::bigint from private.quota_state(p_user_id) as s);
end
$$;

-- Name: FUNCTION get_daily_usage(p_user_id text); Type: COMMENT; Schema: public; Owner: -

COMMENT ON FUNCTION public.get_daily_usage(p_user_id text) IS 'Units (settled and held) of a user today, in UTC.';

-- Name: get_subscription_status(text); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.get_subscription_status(p_user_id text) RETURNS TABLE(has_subscription boolean, tier text, status text, subscription_id text, customer_id text, current_period_start timestamp with time zone, current_period_end timestamp with time zone, cancel_at_period_end boolean, monthly_limit integer, daily_limit integer)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    perform private.require_own(p_user_id);
    return query
        select coalesce(s.status in ('active', 'trialing', 'past_due'), false),
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
                 -- the one that entitles most, else the one that comes nearest to it
                 order by case when private.entitled_until(sub) > now() then private.tier_rank(sub.tier) else 0 end desc,
                          array_position(array['active', 'trialing', 'past_due', 'incomplete', 'cancelled'], sub.status),
                          sub.current_period_end desc nulls last,
                          sub.subscription_id
                 limit 1) as s on true
          left join public.stripe_customers as c on c.user_id = u.user_id
          left join public.user_quotas as q on q.user_id = u.user_id
          join public.tier_limits as l on l.tier = coalesce(q.tier, 'free');
end
$$;

-- Name: FUNCTION get_subscription_status(p_user_id text); Type: COMMENT; Schema: public; Owner: -

COMMENT ON FUNCTION public.get_subscription_status(p_user_id text) IS 'Tier and limits of a user, and the subscription behind them with its real status, in one row.';

-- Name: get_tool_stats(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.get_tool_stats() RETURNS TABLE(tool_id text, count integer, last_used_at timestamp with time zone)
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
    select t.tool_id, t.count, t.last_used_at
      from public.tool_usage as t
     order by t.count desc, t.tool_id;
$$;

-- Name: FUNCTION get_tool_stats(); Type: COMMENT; Schema: public; Owner: -

COMMENT ON FUNCTION public.get_tool_stats() IS 'Tool usage, the most used tool first.';

-- Name: get_usage_breakdown(text, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.get_usage_breakdown(p_user_id text, p_start timestamp with time zone DEFAULT NULL::timestamp with time zone, p_end timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS TABLE(operation_type text, operation_count bigint, tokens_used bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
declare
    v_start timestamptz := p_start;
    v_end timestamptz := coalesce(p_end, 'infinity');
begin
    perform private.require_own(p_user_id);
    if v_start is null then
        select s.period_start into v_start from private.quota_state(p_user_id) as s;
    end if;
    return query
        select r.operation_type, count(*), coalesce(sum(r.tokens_used), 0)::bigint
          from public.usage_records as r
         where r.user_id = p_user_id
           and r."timestamp" >= v_start
           and r."timestamp" < v_end
         group by r.operation_type
         order by count(*) desc, r.operation_type;
end
$$;

-- Name: FUNCTION get_usage_breakdown(p_user_id text, p_start timestamp with time zone, p_end timestamp with time zone); Type: COMMENT; Schema: public; Owner: -

COMMENT ON FUNCTION public.get_usage_breakdown(p_user_id text, p_start timestamp with time zone, p_end timestamp with time zone) IS 'Logged units and tokens of a user by type of operation; from the start of the billing period where no start is given.';

-- Name: increment_template_use_count(uuid); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.increment_template_use_count(p_template_id uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

-- Name: FUNCTION increment_template_use_count(p_template_id uuid); Type: COMMENT; Schema: public; Owner: -

COMMENT ON FUNCTION public.increment_template_use_count(p_template_id uuid) IS 'Counts one use of a template that is public or the caller''s own.';

-- Name: increment_tool_usage(text); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.increment_tool_usage(p_tool_id text) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
    insert into public.tool_usage as t (tool_id, count, last_used_at)
    values (p_tool_id, 1, now())
    on conflict (tool_id) do update
       set count = t.count + 1,
           last_used_at = greatest(t.last_used_at, excluded.last_used_at);
$$;

-- Name: FUNCTION increment_tool_usage(p_tool_id text); Type: COMMENT; Schema: public; Owner: -

COMMENT ON FUNCTION public.increment_tool_usage(p_tool_id text) IS 'Counts one use of a tool, atomically.';

-- Name: increment_user_usage(text, text, integer, jsonb); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.increment_user_usage(p_user_id text, p_op_type text, p_tokens integer DEFAULT 0, p_metadata jsonb DEFAULT '{}'::jsonb) RETURNS TABLE(success boolean, tier text, current_usage bigint, monthly_limit integer, daily_usage bigint, daily_limit integer, remaining bigint, record_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    v_at timestamptz := now();
    v_id uuid := private.time_ordered_id();
begin
    if current_setting('role', true) is distinct from 'service_role' then
        perform private.require_own(p_user_id);
    end if;
    if p_user_id is null or p_user_id = '' then
        raise exception using errcode = 'ZINVL', column = 'user_id', message = 'user_id must not be empty.';
    end if;
    if p_tokens is null or p_tokens < 0 then
        raise exception using errcode = 'ZINVL', column = 'tokens', message = 'tokens must be 0 or more.';
    end if;
    for attempt in 1 .. 2 loop
        -- See reserve_usage for why the lock comes second. The log is written before the counter, since from the counter
        -- on every other call for this user waits, until this one is on the disk.
        with logged as (
            insert into public.usage_records as r (id, user_id, operation_type, tokens_used, metadata, "timestamp")
            select v_id, p_user_id, p_op_type, p_tokens, p_metadata, v_at
              from public.user_quotas as q
              join public.tier_limits as l on l.tier = q.tier
             where q.user_id = p_user_id
               and q.period_start <= v_at and q.period_end > v_at
               and q.day_start = (v_at at time zone 'UTC')::date
               and (l.monthly_limit < 0 or q.month_used + 1 <= l.monthly_limit)
               and (l.daily_limit < 0 or q.day_used + 1 <= l.daily_limit)
            returning r.id
        )
        update public.user_quotas as q
           set month_used = q.month_used + 1,
               day_used = q.day_used + 1,
               updated_at = now()
          from public.tier_limits as l, logged
         where q.user_id = p_user_id
           and l.tier = q.tier
           and q.period_start <= v_at and q.period_end > v_at
           and q.day_start = (v_at at time zone 'UTC')::date
           and (l.monthly_limit < 0 or q.month_used + 1 <= l.monthly_limit)
           and (l.daily_limit < 0 or q.day_used + 1 <= l.daily_limit)
        returning true, q.tier, q.month_used, l.monthly_limit, q.day_used, l.daily_limit,
                  case when l.monthly_limit < 0 then -1 else greatest(l.monthly_limit - q.month_used, 0) end, logged.id
             into success, tier, current_usage, monthly_limit, daily_usage, daily_limit, remaining, record_id;
        exit when success;
        -- logged, and then others took the last unit while this call waited
        delete from public.usage_records as r where r.id = v_id;
        exit when attempt = 2;
        v_at := private.refresh_quota(p_user_id);
    end loop;
    if success then
        return next;
    else
        return query
            select false, c.tier, c.current_usage, c.monthly_limit, c.daily_usage, c.daily_limit, c.remaining, null::uuid
              from public.check_quota_available(p_user_id) as c;
    end if;
end
$$;

-- Name: FUNCTION increment_user_usage(p_user_id text, p_op_type text, p_tokens integer, p_metadata jsonb); Type: COMMENT; Schema: public; Owner: -

COMMENT ON FUNCTION public.increment_user_usage(p_user_id text, p_op_type text, p_tokens integer, p_metadata jsonb) IS 'Takes and logs one unit if both limits allow it; success is false, and nothing is recorded, if not.';

-- Name: record_subscription(text, text, text, text, timestamp with time zone, text, timestamp with time zone, timestamp with time zone, boolean, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.record_subscription(p_subscription_id text, p_user_id text, p_tier text, p_stripe_status text, p_event_at timestamp with time zone, p_customer_id text DEFAULT NULL::text, p_period_start timestamp with time zone DEFAULT NULL::timestamp with time zone, p_period_end timestamp with time zone DEFAULT NULL::timestamp with time zone, p_cancel_at_period_end boolean DEFAULT false, p_cancelled_at timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    v_status text := private.stored_status(p_stripe_status);
begin
    if v_status is null then
        raise exception using errcode = 'ZINVL', column = 'stripe_status',
            message = format('%s is not a status of a Stripe subscription that is known.', coalesce(quote_literal(p_stripe_status), 'null'));
    end if;
    if p_event_at is null then
        raise exception using errcode = 'ZINVL', column = 'event_at', message = 'event_at must not be empty.';
    end if;
    insert into public.stripe_subscriptions as s (
        subscription_id, user_id, customer_id, tier, status, stripe_status, current_period_start, current_period_end,
        cancel_at_period_end, cancelled_at, past_due_since, last_event_at)
    values (
        p_subscription_id, p_user_id, p_customer_id, p_tier, v_status, p_stripe_status, p_period_start, p_period_end,
        coalesce(p_cancel_at_period_end, false), p_cancelled_at, p_event_at, p_event_at)
    on conflict (subscription_id) do update
       set user_id = excluded.user_id,
           customer_id = coalesce(excluded.customer_id, s.customer_id),
           tier = excluded.tier,
           status = excluded.status,
           stripe_status = excluded.stripe_status,
           current_period_start = coalesce(excluded.current_period_start, s.current_period_start),
           current_period_end = coalesce(excluded.current_period_end, s.current_period_end),
           cancel_at_period_end = excluded.cancel_at_period_end,
           cancelled_at = excluded.cancelled_at,
           past_due_since = case when s.status = 'past_due' then s.past_due_since else excluded.last_event_at end,
           last_event_at = excluded.last_event_at
     -- the end of a subscription is final, and an older event is late
     where s.status <> 'cancelled' and (s.last_event_at is null or s.last_event_at <= excluded.last_event_at);
    return found;
end
$$;

-- Name: FUNCTION record_subscription(p_subscription_id text, p_user_id text, p_tier text, p_stripe_status text, p_event_at timestamp with time zone, p_customer_id text, p_period_start timestamp with time zone, p_period_end timestamp with time zone, p_cancel_at_period_end boolean, p_cancelled_at timestamp with time zone); Type: COMMENT; Schema: public; Owner: -

COMMENT ON FUNCTION public.record_subscription(p_subscription_id text, p_user_id text, p_tier text, p_stripe_status text, p_event_at timestamp with time zone, p_customer_id text, p_period_start timestamp with time zone, p_period_end timestamp with time zone, p_cancel_at_period_end boolean, p_cancelled_at timestamp with time zone) IS 'Stores what an event says of a subscription, with Stripe''s own status; false when a newer event came before.';

-- Name: release_usage(uuid); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.release_usage(p_reservation_id uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    AS $$
declare
    v_user_id text;
    v_released boolean;
begin
    select r.user_id into v_user_id from public.usage_reservations as r
     where r.id = p_reservation_id and r.state = 'open';
    if not found then
        return false;
    end if;
    perform from public.user_quotas as q where q.user_id = v_user_id for no key update;
    with closed as (
        update public.usage_reservations as r
           set state = 'released', closed_at = now()
         where r.id = p_reservation_id and r.state = 'open'
        returning r.user_id, r.units, r.reserved_at
    ), counted as (
        update public.user_quotas as q
           set month_used = case
                   when c.reserved_at >= q.period_start and c.reserved_at < q.period_end
                   then greatest(0, q.month_used - c.units) else q.month_used end,
               day_used = case
                   when (c.reserved_at at time zone 'UTC')::date = q.day_start
                   then greatest(0, q.day_used - c.units) else q.day_used end
          from closed as c
         where q.user_id = c.user_id
    )
    select exists (select from closed) into v_released;
    return v_released;
end
$$;

-- Name: FUNCTION release_usage(p_reservation_id uuid); Type: COMMENT; Schema: public; Owner: -

COMMENT ON FUNCTION public.release_usage(p_reservation_id uuid) IS 'Gives the units of an open reservation back to the windows they were taken in; false when it was closed before.';

-- Name: reserve_usage(text, text, integer, interval, text); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.reserve_usage(p_user_id text, p_operation_type text, p_units integer DEFAULT 1, p_expires_in interval DEFAULT '00:15:00'::interval, p_idempotency_key text DEFAULT NULL::text, OUT reservation_id uuid, OUT state text, OUT units integer, OUT expires_at timestamp with time zone, OUT replayed boolean) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    v_at timestamptz := now();
    v_earlier public.usage_reservations;
begin
    if p_user_id is null or p_user_id = '' then
        raise exception using errcode = 'ZINVL', column = 'user_id', message = 'user_id must not be empty.';
    end if;
    if p_units is null or p_units not between 1 and 10000 then
        raise exception using errcode = 'ZINVL', column = 'units', message = 'units must be from 1 to 10000.';
    end if;
    if p_expires_in is null or p_expires_in <= interval '0' or p_expires_in > interval '7 days' then
        raise exception using errcode = 'ZINVL', column = 'expires_in',
            message = 'expires_in must be more than nothing and at most 7 days.';
    end if;

    if p_idempotency_key is not null then
        if length(p_idempotency_key) not between 1 and 200 then
            raise exception using errcode = 'ZINVL', column = 'idempotency_key',
                message = 'idempotency_key must have from 1 to 200 characters.';
        end if;
        -- the lock makes two calls with one key wait for each other
        v_at := private.refresh_quota(p_user_id);
        v_earlier := private.earlier_reservation(p_user_id, p_operation_type, p_units, p_idempotency_key);
        if v_earlier.id is not null then
            reservation_id := v_earlier.id;
            state := v_earlier.state;
            units := v_earlier.units;
            expires_at := v_earlier.expires_at;
            replayed := true;
            return;
        end if;
    end if;

    for attempt in 1 .. 2 loop
        -- The update is checked again on the newest version of the row, so it never admits too much. When the
        -- tier changes while it waits, the join keeps the old limits and it refuses; then the second attempt,
        -- under the lock and with a new snapshot, decides. That is quicker than to lock first every time.
        update public.user_quotas as q
           set month_used = q.month_used + p_units,
               day_used = q.day_used + p_units,
               updated_at = now()
          from public.tier_limits as l
         where q.user_id = p_user_id
           and l.tier = q.tier
           and q.period_start <= v_at and q.period_end > v_at
           and q.day_start = (v_at at time zone 'UTC')::date
           and (l.monthly_limit < 0 or q.month_used + p_units <= l.monthly_limit)
           and (l.daily_limit < 0 or q.day_used + p_units <= l.daily_limit);
        exit when found;
        if attempt = 2 then
            perform private.refuse_usage(p_user_id, p_units);
        end if;
        v_at := private.refresh_quota(p_user_id);
    end loop;
    insert into public.usage_reservations as r
           (user_id, operation_type, units, reserved_at, expires_at, idempotency_key)
    values (p_user_id, p_operation_type, p_units, v_at, clock_timestamp() + p_expires_in, p_idempotency_key)
    returning r.id, r.state, r.units, r.expires_at, false
         into reservation_id, state, units, expires_at, replayed;
end
$$;

-- Name: FUNCTION reserve_usage(p_user_id text, p_operation_type text, p_units integer, p_expires_in interval, p_idempotency_key text, OUT reservation_id uuid, OUT state text, OUT units integer, OUT expires_at timestamp with time zone, OUT replayed boolean); Type: COMMENT; Schema: public; Owner: -

COMMENT ON FUNCTION public.reserve_usage(p_user_id text, p_operation_type text, p_units integer, p_expires_in interval, p_idempotency_key text, OUT reservation_id uuid, OUT state text, OUT units integer, OUT expires_at timestamp with time zone, OUT replayed boolean) IS 'Counts units before they are made, or raises ZQUOT. The same key again returns the first reservation (replayed).';

-- Name: reset_expired_quotas(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.reset_expired_quotas() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    v_rolled integer := private.roll_quotas(array(
        select q.user_id from public.user_quotas as q where q.period_end <= now()));
begin
    -- see private.lock_new_user
    update public.users as u set tier = q.tier
      from public.user_quotas as q
     where q.user_id = u.user_id and u.tier is distinct from q.tier;
    return v_rolled;
end
$$;

-- Name: FUNCTION reset_expired_quotas(); Type: COMMENT; Schema: public; Owner: -

COMMENT ON FUNCTION public.reset_expired_quotas() IS 'Opens the current billing period for everyone whose period ended, however long ago; how many. A row rolls by itself on the next use; this keeps the table tidy for those who read it.';

-- Name: set_default_brand_profile(uuid, text); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.set_default_brand_profile(p_profile_id uuid, p_user_hash text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

-- Name: FUNCTION set_default_brand_profile(p_profile_id uuid, p_user_hash text); Type: COMMENT; Schema: public; Owner: -

COMMENT ON FUNCTION public.set_default_brand_profile(p_profile_id uuid, p_user_hash text) IS 'Makes one profile of an owner the default, and no other.';

-- Name: set_favorite(uuid, boolean); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.set_favorite(content_id uuid, favorite_status boolean) RETURNS boolean
    LANGUAGE sql
    SET search_path TO ''
    AS $$
    update public.generated_content as c
       set is_favorite = set_favorite.favorite_status
     where c.id = set_favorite.content_id
    returning c.is_favorite;
$$;

-- Name: FUNCTION set_favorite(content_id uuid, favorite_status boolean); Type: COMMENT; Schema: public; Owner: -

COMMENT ON FUNCTION public.set_favorite(content_id uuid, favorite_status boolean) IS 'Sets the favourite mark and returns it; null when there is no such content.';

-- Name: settle_usage(uuid, integer, integer, jsonb); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.settle_usage(p_reservation_id uuid, p_units integer DEFAULT NULL::integer, p_tokens integer DEFAULT 0, p_metadata jsonb DEFAULT NULL::jsonb) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    AS $$
declare
    v_user_id text;
    v_operation_type text;
    v_reserved_at timestamptz;
    v_found public.usage_reservations;
begin
    if p_tokens is null or p_tokens < 0 then
        raise exception using errcode = 'ZINVL', column = 'tokens', message = 'tokens must be 0 or more.';
    end if;

    -- As a rule it is one unit without a key: nothing needs to be remembered of it but its id, which the log keeps.
    delete from public.usage_reservations as r
     where r.id = p_reservation_id and r.state = 'open' and r.idempotency_key is null
       and r.units = 1 and coalesce(p_units, 1) = 1
    returning r.user_id, r.operation_type, r.reserved_at
         into v_user_id, v_operation_type, v_reserved_at;
    if found then
        insert into public.usage_records (id, user_id, operation_type, tokens_used, metadata, "timestamp")
        values (p_reservation_id, v_user_id, v_operation_type, p_tokens, p_metadata, v_reserved_at);
        return true;
    end if;

    -- Again when somebody else closes it first: from open to expired or gone, from expired to settled, never back.
    loop
        select r.* into v_found from public.usage_reservations as r where r.id = p_reservation_id;
        if not found then
            if exists (select from public.usage_records as u where u.id = p_reservation_id) then
                return false;
            end if;
            raise exception using errcode = 'ZNTFD', message = 'There is no such reservation.';
        elsif v_found.state = 'settled' then
            return false;
        elsif v_found.state = 'released' then
            raise exception using errcode = 'ZCNFL', message = 'The reservation was released; nothing can be settled on it.',
                hint = 'Reserve again.';
        elsif p_units not between 1 and v_found.units then
            raise exception using errcode = 'ZINVL', column = 'units',
                message = format('units must be from 1 to %s, as reserved.', v_found.units),
                hint = 'Release the reservation when nothing was made.';
        elsif v_found.state = 'expired' then
            -- Two may come late. Who holds the quota row waits for no expired one, so here it may come second.
            perform from public.usage_reservations as r where r.id = p_reservation_id for no key update;
            perform from public.user_quotas as q where q.user_id = v_found.user_id for no key update;
            -- its key was free, and another may have it by now
            update public.usage_reservations as r set idempotency_key = null
             where r.id = p_reservation_id
               and exists (
                    select from public.usage_reservations as o
                     where o.user_id = r.user_id and o.idempotency_key = r.idempotency_key
                       and o.state in ('open', 'settled') and o.id <> r.id);
        elsif p_units < v_found.units then
            begin
                perform from public.user_quotas as q where q.user_id = v_found.user_id for no key update;
                if private.settle_reservation(p_reservation_id, v_found.state, p_units, p_tokens, p_metadata) then
                    return true;
                end if;
                -- It expired while this call waited. Who settles an expired one has it first: the quota row is let go.
                raise no_data_found;
            exception when no_data_found then
                continue;
            end;
        end if;
        if private.settle_reservation(p_reservation_id, v_found.state, p_units, p_tokens, p_metadata) then
            return true;
        end if;
    end loop;
end
$$;

-- Name: FUNCTION settle_usage(p_reservation_id uuid, p_units integer, p_tokens integer, p_metadata jsonb); Type: COMMENT; Schema: public; Owner: -

COMMENT ON FUNCTION public.settle_usage(p_reservation_id uuid, p_units integer, p_tokens integer, p_metadata jsonb) IS 'Moves what was made into the log, one row a unit, and frees the rest; false when it was settled before. Works after expiry too: what was made is never lost, even above the limit.';

-- Name: sweep_reservations(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.sweep_reservations() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    v_user_id text;
    v_count integer := 0;
begin
    for v_user_id in
        select distinct r.user_id from public.usage_reservations as r
         where r.state = 'open' and r.expires_at <= now()
         order by r.user_id
    loop
        perform from public.user_quotas as q where q.user_id = v_user_id for no key update skip locked;
        -- whoever holds the lock now is served next time; a reservation without a quota row is closed as well
        if found or not exists (select from public.user_quotas as q where q.user_id = v_user_id) then
            v_count := v_count + private.expire_reservations(v_user_id);
        end if;
    end loop;
    return v_count;
end
$$;

-- Name: FUNCTION sweep_reservations(); Type: COMMENT; Schema: public; Owner: -

COMMENT ON FUNCTION public.sweep_reservations() IS 'Gives back every expired reservation, except those of users who are busy at this moment; how many.';

-- Name: sync_user_tier_from_subscription(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.sync_user_tier_from_subscription() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    v_user_id text;
begin
    -- Two when it changes hands: in the order of their ids, as everybody who locks the quotas of several users does.
    for v_user_id in
        select distinct u.user_id from unnest(array[old.user_id, new.user_id]) as u (user_id)
         where u.user_id is not null order by u.user_id
    loop
        perform private.apply_entitlements(v_user_id);
    end loop;
    return null;
end
$$;

-- Name: FUNCTION sync_user_tier_from_subscription(); Type: COMMENT; Schema: public; Owner: -

COMMENT ON FUNCTION public.sync_user_tier_from_subscription() IS 'Works out anew the tier of the users whom a changed subscription concerns.';

-- Name: toggle_favorite(uuid); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.toggle_favorite(content_id uuid) RETURNS boolean
    LANGUAGE sql
    SET search_path TO ''
    AS $$
    update public.generated_content as c
       set is_favorite = not c.is_favorite
     where c.id = toggle_favorite.content_id
    returning c.is_favorite;
$$;

-- Name: FUNCTION toggle_favorite(content_id uuid); Type: COMMENT; Schema: public; Owner: -

COMMENT ON FUNCTION public.toggle_favorite(content_id uuid) IS 'Toggles the favourite mark and returns the new one; null when there is no such content.';

-- Name: update_updated_at_column(); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.update_updated_at_column() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
    new.updated_at := now();
    return new;
end
$$;

-- Name: FUNCTION update_updated_at_column(); Type: COMMENT; Schema: public; Owner: -

COMMENT ON FUNCTION public.update_updated_at_column() IS 'Keeps updated_at on every table that has it.';

-- Name: upsert_conversation(text, jsonb, jsonb); Type: FUNCTION; Schema: public; Owner: -

CREATE FUNCTION public.upsert_conversation(p_id text, p_messages jsonb, p_metadata jsonb DEFAULT NULL::jsonb) RETURNS public.conversations
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
    v_conversation public.conversations;
begin
    for attempt in 1 .. 2 loop
        update public.conversations as c
           set messages = p_messages,
               metadata = coalesce(p_metadata, c.metadata)
         where c.id = p_id
        returning c.* into v_conversation;
        if found then
            return v_conversation;
        end if;
        insert into public.conversations as c (id, messages, metadata, user_hash)
        values (p_id, p_messages, p_metadata, private.caller_hash())
        on conflict (id) do nothing
        returning c.* into v_conversation;
        if found then
            return v_conversation;
        end if;
        -- Somebody was quicker, or it is somebody else's: then the second attempt sees no more than the first.
    end loop;
    raise exception using errcode = 'ZCNFL', column = 'id', message = 'This conversation id is taken.',
        hint = 'Choose a new id, a random UUID.';
end
$$;

-- Name: FUNCTION upsert_conversation(p_id text, p_messages jsonb, p_metadata jsonb); Type: COMMENT; Schema: public; Owner: -

COMMENT ON FUNCTION public.upsert_conversation(p_id text, p_messages jsonb, p_metadata jsonb) IS 'Creates a conversation of the caller''s or replaces its messages; metadata is kept where none is given.';

-- Name: deleted_content; Type: TABLE; Schema: private; Owner: -

CREATE TABLE private.deleted_content (
    id uuid NOT NULL,
    user_hash text NOT NULL,
    content jsonb NOT NULL,
    versions jsonb DEFAULT '[]'::jsonb NOT NULL,
    run_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    deleted_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY private.deleted_content FORCE ROW LEVEL SECURITY;

-- Name: TABLE deleted_content; Type: COMMENT; Schema: private; Owner: -

COMMENT ON TABLE private.deleted_content IS 'Deleted content with its earlier texts, until it expires.';

-- Name: COLUMN deleted_content.run_ids; Type: COMMENT; Schema: private; Owner: -

COMMENT ON COLUMN private.deleted_content.run_ids IS 'The runs that had written it, to be tied to it again.';

-- Name: duplicate_payment_failures; Type: TABLE; Schema: private; Owner: -

CREATE TABLE private.duplicate_payment_failures (
    id uuid CONSTRAINT payment_failures_id_not_null NOT NULL,
    user_id text CONSTRAINT payment_failures_user_id_not_null NOT NULL,
    subscription_id text,
    invoice_id text,
    attempt_count integer CONSTRAINT payment_failures_attempt_count_not_null NOT NULL,
    failure_reason text,
    failed_at timestamp with time zone CONSTRAINT payment_failures_failed_at_not_null NOT NULL,
    resolved_at timestamp with time zone,
    created_at timestamp with time zone CONSTRAINT payment_failures_created_at_not_null NOT NULL,
    kept_id uuid NOT NULL,
    archived_at timestamp with time zone DEFAULT now() NOT NULL
);

-- Name: TABLE duplicate_payment_failures; Type: COMMENT; Schema: private; Owner: -

COMMENT ON TABLE private.duplicate_payment_failures IS 'Failures that repeated an invoice when migration 023 ran, beside the one kept.';

-- Name: duplicate_payments; Type: TABLE; Schema: private; Owner: -

CREATE TABLE private.duplicate_payments (
    id uuid CONSTRAINT payments_id_not_null NOT NULL,
    user_id text CONSTRAINT payments_user_id_not_null NOT NULL,
    subscription_id text,
    invoice_id text,
    amount_cents integer CONSTRAINT payments_amount_cents_not_null NOT NULL,
    currency text,
    status text CONSTRAINT payments_status_not_null NOT NULL,
    paid_at timestamp with time zone CONSTRAINT payments_paid_at_not_null NOT NULL,
    created_at timestamp with time zone CONSTRAINT payments_created_at_not_null NOT NULL,
    refunded_cents integer CONSTRAINT payments_refunded_cents_not_null NOT NULL,
    kept_id uuid NOT NULL,
    archived_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT payments_refunded_cents_check CHECK ((refunded_cents >= 0)),
    CONSTRAINT payments_status_check CHECK ((status = ANY (ARRAY['paid'::text, 'refunded'::text, 'partially_refunded'::text])))
);

-- Name: TABLE duplicate_payments; Type: COMMENT; Schema: private; Owner: -

COMMENT ON TABLE private.duplicate_payments IS 'Payments that repeated an invoice when migration 023 ran, beside the one kept.';

-- Name: entitlement_settings; Type: TABLE; Schema: private; Owner: -

CREATE TABLE private.entitlement_settings (
    id boolean DEFAULT true NOT NULL,
    past_due_grace interval DEFAULT '7 days'::interval NOT NULL,
    honour_cancelled_period boolean DEFAULT false NOT NULL,
    CONSTRAINT entitlement_settings_id_check CHECK (id),
    CONSTRAINT entitlement_settings_past_due_grace_check CHECK ((past_due_grace >= '00:00:00'::interval))
);

-- Name: TABLE entitlement_settings; Type: COMMENT; Schema: private; Owner: -

COMMENT ON TABLE private.entitlement_settings IS 'One row: how long access lasts when payment fails or a subscription ends.';

-- Name: COLUMN entitlement_settings.past_due_grace; Type: COMMENT; Schema: private; Owner: -

COMMENT ON COLUMN private.entitlement_settings.past_due_grace IS 'How long a subscription stays entitled after it became past_due.';

-- Name: COLUMN entitlement_settings.honour_cancelled_period; Type: COMMENT; Schema: private; Owner: -

COMMENT ON COLUMN private.entitlement_settings.honour_cancelled_period IS 'Whether a cancelled subscription keeps access to the end of the period that was paid.';

-- Name: maintenance_log; Type: TABLE; Schema: private; Owner: -

CREATE TABLE private.maintenance_log (
    id bigint NOT NULL,
    task text NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    outcome text DEFAULT 'running'::text NOT NULL,
    detail text,
    figures jsonb DEFAULT '{}'::jsonb NOT NULL,
    run_by text NOT NULL,
    CONSTRAINT maintenance_log_check CHECK (((outcome = 'running'::text) = (finished_at IS NULL))),
    CONSTRAINT maintenance_log_outcome_check CHECK ((outcome = ANY (ARRAY['running'::text, 'done'::text, 'not done'::text, 'failed'::text])))
);

ALTER TABLE ONLY private.maintenance_log FORCE ROW LEVEL SECURITY;

-- Name: TABLE maintenance_log; Type: COMMENT; Schema: private; Owner: -

COMMENT ON TABLE private.maintenance_log IS 'What maintenance ran, when, for how long and with what result.';

-- Name: COLUMN maintenance_log.outcome; Type: COMMENT; Schema: private; Owner: -

COMMENT ON COLUMN private.maintenance_log.outcome IS 'running, also when its process died; not done: something is missing, which detail names; failed: see detail.';

-- Name: COLUMN maintenance_log.figures; Type: COMMENT; Schema: private; Owner: -

COMMENT ON COLUMN private.maintenance_log.figures IS 'What the task counted, such as rows or bytes.';

-- Name: COLUMN maintenance_log.run_by; Type: COMMENT; Schema: private; Owner: -

COMMENT ON COLUMN private.maintenance_log.run_by IS 'Host and process number.';

-- Name: maintenance_log_id_seq; Type: SEQUENCE; Schema: private; Owner: -

ALTER TABLE private.maintenance_log ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME private.maintenance_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: maintenance_state; Type: VIEW; Schema: private; Owner: -

CREATE VIEW private.maintenance_state WITH (security_invoker='true') AS
 SELECT DISTINCT ON (task) task,
    started_at AS last_started_at,
    outcome AS last_outcome,
    detail AS last_detail,
    (finished_at - started_at) AS last_duration,
    ( SELECT max(d.finished_at) AS max
           FROM private.maintenance_log d
          WHERE ((d.task = m.task) AND (d.outcome = 'done'::text))) AS last_done_at
   FROM private.maintenance_log m
  ORDER BY task, started_at DESC, id DESC;

-- Name: VIEW maintenance_state; Type: COMMENT; Schema: private; Owner: -

COMMENT ON VIEW private.maintenance_state IS 'The last run of each task, and when it was last done.';

-- Name: open_reservations; Type: VIEW; Schema: private; Owner: -

CREATE VIEW private.open_reservations WITH (security_invoker='true') AS
 SELECT id,
    user_id,
    operation_type,
    units,
    reserved_at,
    expires_at,
    (expires_at <= now()) AS expired
   FROM public.usage_reservations r
  WHERE (state = 'open'::text);

-- Name: VIEW open_reservations; Type: COMMENT; Schema: private; Owner: -

COMMENT ON VIEW private.open_reservations IS 'Units that are held while something is being made; expired ones wait for the sweep.';

-- Name: prepared_objects; Type: TABLE; Schema: private; Owner: -

CREATE TABLE private.prepared_objects (
    kind text NOT NULL,
    name text NOT NULL
);

-- Name: TABLE prepared_objects; Type: COMMENT; Schema: private; Owner: -

COMMENT ON TABLE private.prepared_objects IS 'What migration 000 had to create on this server; its down script drops exactly this.';

-- Name: relation_sizes; Type: VIEW; Schema: private; Owner: -

CREATE VIEW private.relation_sizes WITH (security_invoker='true') AS
 WITH relations AS (
         SELECT c.oid,
            n.nspname,
            c.relname,
            c.relkind,
            c.relam,
            c.reltuples,
            i.indrelid,
            i.indkey,
            i.indexprs,
            COALESCE(i.indrelid, c.oid) AS table_oid,
            pg_relation_size((c.oid)::regclass) AS bytes,
            COALESCE(( SELECT (o.option_value)::integer AS option_value
                   FROM pg_options_to_table(c.reloptions) o(option_name, option_value)
                  WHERE (o.option_name = 'fillfactor'::text)),
                CASE c.relkind
                    WHEN 'i'::"char" THEN 90
                    ELSE 100
                END) AS fill
           FROM ((pg_class c
             JOIN pg_namespace n ON ((n.oid = c.relnamespace)))
             LEFT JOIN pg_index i ON ((i.indexrelid = c.oid)))
          WHERE ((n.nspname = ANY (ARRAY['public'::name, 'private'::name, 'queue'::name])) AND (c.relkind = ANY (ARRAY['r'::"char", 'm'::"char", 'i'::"char"])))
        ), widths AS (
         SELECT r_1.oid,
            count(*) AS columns,
            count(s.attname) AS known,
            bool_or((s.null_frac > (0)::double precision)) AS nulls,
            sum((((1)::double precision - s.null_frac) * (s.avg_width)::double precision)) AS width
           FROM ((((relations r_1
             JOIN pg_attribute a ON (((a.attrelid = r_1.table_oid) AND (a.attnum > 0) AND (NOT a.attisdropped) AND ((r_1.relkind <> 'i'::"char") OR (a.attnum = ANY ((r_1.indkey)::smallint[]))))))
             JOIN pg_class t_1 ON ((t_1.oid = r_1.table_oid)))
             JOIN pg_namespace tn ON ((tn.oid = t_1.relnamespace)))
             LEFT JOIN pg_stats s ON (((s.schemaname = tn.nspname) AND (s.tablename = t_1.relname) AND (s.attname = a.attname) AND (NOT s.inherited))))
          GROUP BY r_1.oid
        ), estimates AS (
         SELECT r_1.oid,
            (
                CASE
                    WHEN (r_1.reltuples = (0)::double precision) THEN (((r_1.relkind = 'i'::"char"))::integer)::double precision
                    WHEN ((r_1.reltuples < (0)::double precision) OR (w.known < w.columns)) THEN NULL::double precision
                    WHEN (r_1.relkind <> 'i'::"char") THEN ceil((r_1.reltuples / GREATEST((1)::double precision, floor((((((8168 * r_1.fill))::numeric / 100.0))::double precision / (((28 +
                    CASE
                        WHEN w.nulls THEN 8
                        ELSE 0
                    END))::double precision + ((8)::double precision * ceil((w.width / (8)::double precision)))))))))
                    WHEN ((r_1.indexprs IS NULL) AND (r_1.relam = ( SELECT am.oid
                       FROM pg_am am
                      WHERE (am.amname = 'btree'::name)))) THEN ((1)::double precision + ceil((r_1.reltuples / GREATEST((1)::double precision, floor((((((8152 * r_1.fill))::numeric / 100.0))::double precision / (((12 +
                    CASE
                        WHEN w.nulls THEN 8
                        ELSE 0
                    END))::double precision + ((8)::double precision * ceil((w.width / (8)::double precision))))))))))
                    ELSE NULL::double precision
                END * ((current_setting('block_size'::text))::integer)::double precision) AS bytes
           FROM (relations r_1
             LEFT JOIN widths w ON ((w.oid = r_1.oid)))
        )
 SELECT r.nspname AS schema_name,
    r.relname AS relation,
        CASE r.relkind
            WHEN 'i'::"char" THEN 'index'::text
            ELSE 'table'::text
        END AS kind,
    ((r.table_oid)::regclass)::text AS table_name,
    r.bytes,
        CASE
            WHEN (r.relkind <> 'i'::"char") THEN pg_total_relation_size((r.oid)::regclass)
            ELSE r.bytes
        END AS total_bytes,
    (GREATEST(r.reltuples, (0)::real))::bigint AS estimated_rows,
    t.n_dead_tup AS dead_rows,
    (
        CASE
            WHEN (e.bytes IS NOT NULL) THEN GREATEST((0)::double precision, ((r.bytes)::double precision - e.bytes))
            ELSE NULL::double precision
        END)::bigint AS bloat_bytes,
    COALESCE((t.seq_scan + t.idx_scan), t.seq_scan, x.idx_scan) AS scans,
    GREATEST(t.last_vacuum, t.last_autovacuum) AS last_vacuum,
    GREATEST(t.last_analyze, t.last_autoanalyze) AS last_analyze
   FROM (((relations r
     LEFT JOIN estimates e ON ((e.oid = r.oid)))
     LEFT JOIN pg_stat_all_tables t ON ((t.relid = r.oid)))
     LEFT JOIN pg_stat_all_indexes x ON ((x.indexrelid = r.oid)));

-- Name: VIEW relation_sizes; Type: COMMENT; Schema: private; Owner: -

COMMENT ON VIEW private.relation_sizes IS 'Size of each table and index of ours. bloat_bytes is estimated from the statistics of the planner: null where there are none or row level security hides them.';

-- Name: payments; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.payments (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    user_id text NOT NULL,
    subscription_id text,
    invoice_id text,
    amount_cents integer NOT NULL,
    currency text DEFAULT 'usd'::text,
    status text DEFAULT 'paid'::text NOT NULL,
    paid_at timestamp with time zone DEFAULT now() NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    refunded_cents integer DEFAULT 0 NOT NULL,
    CONSTRAINT payments_refunded_cents_check CHECK ((refunded_cents >= 0)),
    CONSTRAINT payments_status_check CHECK ((status = ANY (ARRAY['paid'::text, 'refunded'::text, 'partially_refunded'::text])))
);

ALTER TABLE ONLY public.payments FORCE ROW LEVEL SECURITY;

-- Name: TABLE payments; Type: COMMENT; Schema: public; Owner: -

COMMENT ON TABLE public.payments IS 'Successful payments reported by Stripe.';

-- Name: COLUMN payments.refunded_cents; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.payments.refunded_cents IS 'How much of a partially refunded payment was given back; a refunded one counts as nothing whatever stands here.';

-- Name: revenue_by_tier; Type: VIEW; Schema: private; Owner: -

CREATE VIEW private.revenue_by_tier WITH (security_invoker='true') AS
 SELECT s.tier,
    COALESCE(p.currency, 'usd'::text) AS currency,
    count(DISTINCT s.user_id) AS users,
    count(*) AS payments,
    ((sum(p.amount_cents))::numeric / 100.0) AS gross,
    ((sum(
        CASE p.status
            WHEN 'refunded'::text THEN p.amount_cents
            WHEN 'partially_refunded'::text THEN LEAST(p.refunded_cents, p.amount_cents)
            ELSE 0
        END))::numeric / 100.0) AS refunded,
    ((sum(
        CASE p.status
            WHEN 'refunded'::text THEN 0
            WHEN 'partially_refunded'::text THEN (p.amount_cents - LEAST(p.refunded_cents, p.amount_cents))
            ELSE p.amount_cents
        END))::numeric / 100.0) AS revenue,
    count(*) FILTER (WHERE ((p.status = 'partially_refunded'::text) AND (p.refunded_cents = 0))) AS refunds_of_unknown_amount
   FROM (public.stripe_subscriptions s
     JOIN public.payments p ON ((p.subscription_id = s.subscription_id)))
  WHERE (s.status = 'active'::text)
  GROUP BY s.tier, COALESCE(p.currency, 'usd'::text);

-- Name: VIEW revenue_by_tier; Type: COMMENT; Schema: private; Owner: -

COMMENT ON VIEW private.revenue_by_tier IS 'What active subscriptions have brought in, net of refunds, in whole units of each currency; a user counts once.';

-- Name: schema_migrations; Type: TABLE; Schema: private; Owner: -

CREATE TABLE private.schema_migrations (
    id text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    duration_ms integer NOT NULL,
    applied_by text DEFAULT SESSION_USER NOT NULL,
    program_version text NOT NULL,
    CONSTRAINT schema_migrations_duration_ms_check CHECK ((duration_ms >= 0)),
    CONSTRAINT schema_migrations_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

-- Name: TABLE schema_migrations; Type: COMMENT; Schema: private; Owner: -

COMMENT ON TABLE private.schema_migrations IS 'One row for each applied migration; written by `blogai db` alone, readable by service_role.';

-- Name: tool_usage; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.tool_usage (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    tool_id text NOT NULL,
    count integer DEFAULT 0 NOT NULL,
    last_used_at timestamp with time zone DEFAULT now() NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.tool_usage FORCE ROW LEVEL SECURITY;

-- Name: TABLE tool_usage; Type: COMMENT; Schema: public; Owner: -

COMMENT ON TABLE public.tool_usage IS 'How often each tool was used.';

-- Name: COLUMN tool_usage.tool_id; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.tool_usage.tool_id IS 'Tool identifier';

-- Name: COLUMN tool_usage.count; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.tool_usage.count IS 'Usage count';

-- Name: COLUMN tool_usage.last_used_at; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.tool_usage.last_used_at IS 'Last usage timestamp';

-- Name: tool_popularity; Type: VIEW; Schema: private; Owner: -

CREATE VIEW private.tool_popularity WITH (security_invoker='true') AS
 SELECT tool_id,
    count,
    round(((100.0 * (count)::numeric) / (NULLIF(sum(count) OVER (), 0))::numeric), 1) AS percent,
    last_used_at
   FROM public.tool_usage t;

-- Name: VIEW tool_popularity; Type: COMMENT; Schema: private; Owner: -

COMMENT ON VIEW private.tool_popularity IS 'How often each tool was used, also in percent of all uses.';

-- Name: payment_failures; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.payment_failures (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    user_id text NOT NULL,
    subscription_id text,
    invoice_id text,
    attempt_count integer DEFAULT 1 NOT NULL,
    failure_reason text,
    failed_at timestamp with time zone DEFAULT now() NOT NULL,
    resolved_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.payment_failures FORCE ROW LEVEL SECURITY;

-- Name: TABLE payment_failures; Type: COMMENT; Schema: public; Owner: -

COMMENT ON TABLE public.payment_failures IS 'Failed payment attempts, for monitoring and notices to the user.';

-- Name: unresolved_payments; Type: VIEW; Schema: private; Owner: -

CREATE VIEW private.unresolved_payments WITH (security_invoker='true') AS
 SELECT f.user_id,
    u.email,
    f.subscription_id,
    f.invoice_id,
    f.attempt_count,
    f.failure_reason,
    f.failed_at,
    (now() - f.failed_at) AS age
   FROM (public.payment_failures f
     LEFT JOIN public.users u ON ((u.user_id = f.user_id)))
  WHERE (f.resolved_at IS NULL);

-- Name: VIEW unresolved_payments; Type: COMMENT; Schema: private; Owner: -

COMMENT ON VIEW private.unresolved_payments IS 'Payments that failed and were not made good yet.';

-- Name: usage_archives; Type: TABLE; Schema: private; Owner: -

CREATE TABLE private.usage_archives (
    id bigint NOT NULL,
    file text NOT NULL,
    host text NOT NULL,
    sha256 text NOT NULL,
    bytes bigint NOT NULL,
    row_count integer NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    archived_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT usage_archives_row_count_check CHECK ((row_count > 0)),
    CONSTRAINT usage_archives_sha256_check CHECK ((length(sha256) = 64))
);

ALTER TABLE ONLY private.usage_archives FORCE ROW LEVEL SECURITY;

-- Name: TABLE usage_archives; Type: COMMENT; Schema: private; Owner: -

COMMENT ON TABLE private.usage_archives IS 'The manifest of archived usage: each file whose rows left usage_records, in the transaction that deleted them.';

-- Name: COLUMN usage_archives.file; Type: COMMENT; Schema: private; Owner: -

COMMENT ON COLUMN private.usage_archives.file IS 'Name of the gzip CSV file in archive/usage of the data directory.';

-- Name: COLUMN usage_archives.host; Type: COMMENT; Schema: private; Owner: -

COMMENT ON COLUMN private.usage_archives.host IS 'The machine in whose data directory the file was written.';

-- Name: COLUMN usage_archives.sha256; Type: COMMENT; Schema: private; Owner: -

COMMENT ON COLUMN private.usage_archives.sha256 IS 'Hex SHA-256 of the file.';

-- Name: usage_archives_id_seq; Type: SEQUENCE; Schema: private; Owner: -

ALTER TABLE private.usage_archives ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME private.usage_archives_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: usage_monthly_totals; Type: TABLE; Schema: private; Owner: -

CREATE TABLE private.usage_monthly_totals (
    user_id text NOT NULL,
    month date NOT NULL,
    operation_type text NOT NULL,
    units bigint NOT NULL,
    tokens bigint NOT NULL,
    CONSTRAINT usage_monthly_totals_tokens_check CHECK ((tokens >= 0)),
    CONSTRAINT usage_monthly_totals_units_check CHECK ((units > 0))
);

ALTER TABLE ONLY private.usage_monthly_totals FORCE ROW LEVEL SECURITY;

-- Name: TABLE usage_monthly_totals; Type: COMMENT; Schema: private; Owner: -

COMMENT ON TABLE private.usage_monthly_totals IS 'What the archived rows of usage_records add up to, by UTC month.';

-- Name: COLUMN usage_monthly_totals.month; Type: COMMENT; Schema: private; Owner: -

COMMENT ON COLUMN private.usage_monthly_totals.month IS 'First day of the month.';

-- Name: usage_records; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.usage_records (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    user_id text NOT NULL,
    operation_type text NOT NULL,
    tokens_used integer DEFAULT 0 NOT NULL,
    "timestamp" timestamp with time zone DEFAULT now() NOT NULL,
    metadata jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT usage_records_operation_type_check CHECK ((operation_type = ANY (ARRAY['blog'::text, 'book'::text, 'batch'::text, 'remix'::text, 'tool'::text, 'other'::text]))),
    CONSTRAINT usage_records_tokens_used_check CHECK ((tokens_used >= 0))
);

ALTER TABLE ONLY public.usage_records FORCE ROW LEVEL SECURITY;

-- Name: TABLE usage_records; Type: COMMENT; Schema: public; Owner: -

COMMENT ON TABLE public.usage_records IS 'The log of usage: one row is one generation.';

-- Name: COLUMN usage_records.tokens_used; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.usage_records.tokens_used IS 'Tokens consumed';

-- Name: COLUMN usage_records."timestamp"; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.usage_records."timestamp" IS 'Event timestamp';

-- Name: usage_reconciliation; Type: VIEW; Schema: private; Owner: -

CREATE VIEW private.usage_reconciliation WITH (security_invoker='true') AS
 SELECT q.user_id,
    q.period_start,
    q.period_end,
    q.month_used,
    month_log.units AS month_logged,
    month_held.units AS month_held,
    ((q.month_used - month_log.units) - month_held.units) AS month_difference,
    q.day_start,
    q.day_used,
    day_log.units AS day_logged,
    day_held.units AS day_held,
    ((q.day_used - day_log.units) - day_held.units) AS day_difference
   FROM ((((public.user_quotas q
     CROSS JOIN LATERAL ( SELECT count(*) AS units
           FROM public.usage_records u
          WHERE ((u.user_id = q.user_id) AND (u."timestamp" >= q.period_start) AND (u."timestamp" < q.period_end))) month_log)
     CROSS JOIN LATERAL ( SELECT count(*) AS units
           FROM public.usage_records u
          WHERE ((u.user_id = q.user_id) AND (u."timestamp" >= ((q.day_start)::timestamp without time zone AT TIME ZONE 'UTC'::text)) AND (u."timestamp" < (((q.day_start + 1))::timestamp without time zone AT TIME ZONE 'UTC'::text)))) day_log)
     CROSS JOIN LATERAL ( SELECT COALESCE(sum(r.units), (0)::bigint) AS units
           FROM public.usage_reservations r
          WHERE ((r.user_id = q.user_id) AND (r.state = 'open'::text) AND (r.reserved_at >= q.period_start) AND (r.reserved_at < q.period_end))) month_held)
     CROSS JOIN LATERAL ( SELECT COALESCE(sum(r.units), (0)::bigint) AS units
           FROM public.usage_reservations r
          WHERE ((r.user_id = q.user_id) AND (r.state = 'open'::text) AND (((r.reserved_at AT TIME ZONE 'UTC'::text))::date = q.day_start))) day_held);

-- Name: VIEW usage_reconciliation; Type: COMMENT; Schema: private; Owner: -

COMMENT ON VIEW private.usage_reconciliation IS 'Each user''s counters beside the log and the open reservations of the same windows; every difference must be 0.';

-- Name: brand_profiles; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.brand_profiles (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    name text NOT NULL,
    slug text NOT NULL,
    tone_keywords text[] DEFAULT '{}'::text[] NOT NULL,
    writing_style text DEFAULT 'balanced'::text NOT NULL,
    example_content text,
    industry text,
    target_audience text,
    preferred_words text[] DEFAULT '{}'::text[],
    avoid_words text[] DEFAULT '{}'::text[],
    brand_values text[] DEFAULT '{}'::text[],
    content_themes text[] DEFAULT '{}'::text[],
    user_hash text,
    is_active boolean DEFAULT true NOT NULL,
    is_default boolean DEFAULT false NOT NULL,
    voice_fingerprint_id uuid,
    training_status text DEFAULT 'untrained'::text,
    training_quality double precision DEFAULT 0.0,
    sample_count integer DEFAULT 0
);

ALTER TABLE ONLY public.brand_profiles FORCE ROW LEVEL SECURITY;

-- Name: TABLE brand_profiles; Type: COMMENT; Schema: public; Owner: -

COMMENT ON TABLE public.brand_profiles IS 'Brand voice profiles for consistent content generation.';

-- Name: COLUMN brand_profiles.slug; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.brand_profiles.slug IS 'URL-friendly identifier';

-- Name: COLUMN brand_profiles.tone_keywords; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.brand_profiles.tone_keywords IS 'Tone descriptors';

-- Name: COLUMN brand_profiles.example_content; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.brand_profiles.example_content IS 'Sample content';

-- Name: COLUMN brand_profiles.industry; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.brand_profiles.industry IS 'Industry or niche';

-- Name: COLUMN brand_profiles.preferred_words; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.brand_profiles.preferred_words IS 'Words to prefer';

-- Name: COLUMN brand_profiles.avoid_words; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.brand_profiles.avoid_words IS 'Words to avoid';

-- Name: COLUMN brand_profiles.brand_values; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.brand_profiles.brand_values IS 'Core values';

-- Name: COLUMN brand_profiles.content_themes; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.brand_profiles.content_themes IS 'Common themes';

-- Name: COLUMN brand_profiles.user_hash; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.brand_profiles.user_hash IS 'Owner identifier';

-- Name: COLUMN brand_profiles.is_default; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.brand_profiles.is_default IS 'Default profile of its owner';

-- Name: COLUMN brand_profiles.training_status; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.brand_profiles.training_status IS 'Training state';

-- Name: content_versions; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.content_versions (
    content_id uuid NOT NULL,
    version integer NOT NULL,
    user_hash text,
    title text,
    output text NOT NULL,
    written_at timestamp with time zone NOT NULL,
    replaced_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT content_versions_version_check CHECK ((version > 0))
);

ALTER TABLE ONLY public.content_versions FORCE ROW LEVEL SECURITY;

-- Name: TABLE content_versions; Type: COMMENT; Schema: public; Owner: -

COMMENT ON TABLE public.content_versions IS 'Earlier texts of a piece of content, the first one is version 1.';

-- Name: COLUMN content_versions.user_hash; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.content_versions.user_hash IS 'Owner of the content, repeated here so that the policy compares a column instead of looking into the content.';

-- Name: COLUMN content_versions.written_at; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.content_versions.written_at IS 'When this text was generated or edited into being.';

-- Name: generated_content; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.generated_content (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    tool_id text NOT NULL,
    inputs jsonb NOT NULL,
    output text NOT NULL,
    provider text DEFAULT 'openai'::text NOT NULL,
    execution_time_ms integer DEFAULT 0 NOT NULL,
    user_hash text,
    is_favorite boolean DEFAULT false NOT NULL,
    tool_name text,
    title text
);

ALTER TABLE ONLY public.generated_content FORCE ROW LEVEL SECURITY;

-- Name: TABLE generated_content; Type: COMMENT; Schema: public; Owner: -

COMMENT ON TABLE public.generated_content IS 'Everything that was generated: the history of its owner and the ground of analytics.';

-- Name: COLUMN generated_content.tool_id; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.generated_content.tool_id IS 'Tool used for generation';

-- Name: COLUMN generated_content.inputs; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.generated_content.inputs IS 'Input parameters';

-- Name: COLUMN generated_content.output; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.generated_content.output IS 'Generated content';

-- Name: COLUMN generated_content.provider; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.generated_content.provider IS 'LLM provider used';

-- Name: COLUMN generated_content.execution_time_ms; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.generated_content.execution_time_ms IS 'Generation time in milliseconds';

-- Name: COLUMN generated_content.user_hash; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.generated_content.user_hash IS 'Hashed user identifier';

-- Name: COLUMN generated_content.is_favorite; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.generated_content.is_favorite IS 'Bookmarked status';

-- Name: COLUMN generated_content.tool_name; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.generated_content.tool_name IS 'Display name of tool';

-- Name: COLUMN generated_content.title; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.generated_content.title IS 'Content title';

-- Name: generated_images; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.generated_images (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    user_id text,
    content_id text,
    prompt text NOT NULL,
    revised_prompt text,
    url text NOT NULL,
    provider text NOT NULL,
    image_type text NOT NULL,
    size text NOT NULL,
    style text,
    quality text,
    metadata jsonb DEFAULT '{}'::jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.generated_images FORCE ROW LEVEL SECURITY;

-- Name: TABLE generated_images; Type: COMMENT; Schema: public; Owner: -

COMMENT ON TABLE public.generated_images IS 'Images that were generated, and from what.';

-- Name: generation_events; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.generation_events (
    run_id uuid NOT NULL,
    id integer NOT NULL,
    user_id text NOT NULL,
    kind text NOT NULL,
    data jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT generation_events_id_check CHECK ((id > 0)),
    CONSTRAINT generation_events_kind_check CHECK ((kind = ANY (ARRAY['started'::text, 'outline'::text, 'section'::text, 'delta'::text, 'restart'::text, 'progress'::text, 'meta'::text, 'finished'::text, 'failed'::text, 'cancelled'::text])))
);

ALTER TABLE ONLY public.generation_events FORCE ROW LEVEL SECURITY;

-- Name: TABLE generation_events; Type: COMMENT; Schema: public; Owner: -

COMMENT ON TABLE public.generation_events IS 'What the readers of a run were told, in the order of id; gaps mean nothing.';

-- Name: COLUMN generation_events.user_id; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.generation_events.user_id IS 'Owner of the run, repeated here so that the policy compares a column instead of looking into the runs.';

-- Name: generation_runs; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.generation_runs (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id text NOT NULL,
    tool_id text NOT NULL,
    tool_name text NOT NULL,
    operation_type text NOT NULL,
    units integer NOT NULL,
    inputs jsonb NOT NULL,
    provider text,
    idempotency_key text,
    fingerprint text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    cancel_requested boolean DEFAULT false NOT NULL,
    status text DEFAULT 'running'::text NOT NULL,
    reservation_id uuid,
    heartbeat_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    content_id uuid,
    model text,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    input_tokens integer DEFAULT 0 NOT NULL,
    output_tokens integer DEFAULT 0 NOT NULL,
    cost_usd numeric(14,8),
    execution_time_ms integer,
    error jsonb,
    events_pruned boolean DEFAULT false NOT NULL,
    CONSTRAINT generation_runs_key_check CHECK (((char_length(idempotency_key) >= 1) AND (char_length(idempotency_key) <= 200))),
    CONSTRAINT generation_runs_operation_type_check CHECK ((operation_type = ANY (ARRAY['blog'::text, 'book'::text, 'batch'::text, 'remix'::text, 'tool'::text, 'other'::text]))),
    CONSTRAINT generation_runs_over_check CHECK (((status = 'running'::text) = (finished_at IS NULL))),
    CONSTRAINT generation_runs_status_check CHECK ((status = ANY (ARRAY['running'::text, 'finished'::text, 'failed'::text, 'cancelled'::text]))),
    CONSTRAINT generation_runs_tokens_check CHECK (((input_tokens >= 0) AND (output_tokens >= 0))),
    CONSTRAINT generation_runs_units_check CHECK ((units > 0))
)
WITH (fillfactor='80');

ALTER TABLE ONLY public.generation_runs FORCE ROW LEVEL SECURITY;

-- Name: TABLE generation_runs; Type: COMMENT; Schema: public; Owner: -

COMMENT ON TABLE public.generation_runs IS 'One row for each run of the generation pipeline.';

-- Name: COLUMN generation_runs.fingerprint; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.generation_runs.fingerprint IS 'Hex SHA-256 of the request; tells whether a repeated idempotency key stands for the same request.';

-- Name: COLUMN generation_runs.heartbeat_at; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.generation_runs.heartbeat_at IS 'Last sign of life of the process that runs it; long ago means that the process died.';

-- Name: COLUMN generation_runs.error; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.generation_runs.error IS 'Problem document (RFC 9457) of a failed run.';

-- Name: COLUMN generation_runs.events_pruned; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.generation_runs.events_pruned IS 'True once its events, but for the last one, were deleted by maintenance.';

-- Name: remix_history; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.remix_history (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    user_id text,
    source_content_id text,
    target_format text NOT NULL,
    remixed_content jsonb NOT NULL,
    quality_score double precision,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.remix_history FORCE ROW LEVEL SECURITY;

-- Name: TABLE remix_history; Type: COMMENT; Schema: public; Owner: -

COMMENT ON TABLE public.remix_history IS 'Content turned into other formats.';

-- Name: stripe_customers; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.stripe_customers (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    user_id text NOT NULL,
    customer_id text NOT NULL,
    email text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.stripe_customers FORCE ROW LEVEL SECURITY;

-- Name: TABLE stripe_customers; Type: COMMENT; Schema: public; Owner: -

COMMENT ON TABLE public.stripe_customers IS 'Which Stripe customer each user is.';

-- Name: stripe_events; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.stripe_events (
    id text NOT NULL,
    type text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    processed_at timestamp with time zone,
    parked_reason text,
    payload jsonb
);

ALTER TABLE ONLY public.stripe_events FORCE ROW LEVEL SECURITY;

-- Name: TABLE stripe_events; Type: COMMENT; Schema: public; Owner: -

COMMENT ON TABLE public.stripe_events IS 'The ledger of events: claimed in the transaction of their effects, so that each counts once. Parked ones are tried again.';

-- Name: templates; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.templates (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    name text NOT NULL,
    description text,
    slug text NOT NULL,
    tool_id text NOT NULL,
    preset_inputs jsonb DEFAULT '{}'::jsonb NOT NULL,
    category text NOT NULL,
    tags text[] DEFAULT '{}'::text[],
    is_public boolean DEFAULT true NOT NULL,
    user_hash text,
    use_count integer DEFAULT 0 NOT NULL
);

ALTER TABLE ONLY public.templates FORCE ROW LEVEL SECURITY;

-- Name: TABLE templates; Type: COMMENT; Schema: public; Owner: -

COMMENT ON TABLE public.templates IS 'Reusable content templates with preset inputs.';

-- Name: COLUMN templates.slug; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.templates.slug IS 'URL-friendly identifier';

-- Name: COLUMN templates.tool_id; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.templates.tool_id IS 'Associated tool';

-- Name: COLUMN templates.preset_inputs; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.templates.preset_inputs IS 'Preset input values';

-- Name: COLUMN templates.category; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.templates.category IS 'Category for filtering';

-- Name: COLUMN templates.tags; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.templates.tags IS 'Tags for search';

-- Name: COLUMN templates.user_hash; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.templates.user_hash IS 'Owner identifier';

-- Name: voice_fingerprints; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.voice_fingerprints (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    profile_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    vocabulary_profile jsonb DEFAULT '{}'::jsonb,
    sentence_patterns jsonb DEFAULT '{}'::jsonb,
    tone_distribution jsonb DEFAULT '{}'::jsonb,
    style_metrics jsonb DEFAULT '{}'::jsonb,
    voice_summary text,
    embedding_vector double precision[] DEFAULT '{}'::double precision[],
    embedding_model text,
    sample_count integer DEFAULT 0,
    last_trained_at timestamp with time zone,
    training_quality double precision DEFAULT 0.0
);

ALTER TABLE ONLY public.voice_fingerprints FORCE ROW LEVEL SECURITY;

-- Name: TABLE voice_fingerprints; Type: COMMENT; Schema: public; Owner: -

COMMENT ON TABLE public.voice_fingerprints IS 'Voice characteristics of a profile, drawn from all its samples.';

-- Name: COLUMN voice_fingerprints.vocabulary_profile; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.voice_fingerprints.vocabulary_profile IS 'Word patterns';

-- Name: COLUMN voice_fingerprints.sentence_patterns; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.voice_fingerprints.sentence_patterns IS 'Sentence structure';

-- Name: COLUMN voice_fingerprints.tone_distribution; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.voice_fingerprints.tone_distribution IS 'Tone scores';

-- Name: COLUMN voice_fingerprints.voice_summary; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.voice_fingerprints.voice_summary IS 'Natural language description';

-- Name: voice_samples; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.voice_samples (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    profile_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    title text,
    content text NOT NULL,
    content_type text DEFAULT 'text'::text NOT NULL,
    word_count integer DEFAULT 0 NOT NULL,
    source_url text,
    source_platform text,
    is_analyzed boolean DEFAULT false NOT NULL,
    analysis_result jsonb DEFAULT '{}'::jsonb,
    quality_score double precision DEFAULT 0.0,
    is_primary_example boolean DEFAULT false,
    user_hash text
);

ALTER TABLE ONLY public.voice_samples FORCE ROW LEVEL SECURITY;

-- Name: TABLE voice_samples; Type: COMMENT; Schema: public; Owner: -

COMMENT ON TABLE public.voice_samples IS 'Content samples that train a brand voice.';

-- Name: COLUMN voice_samples.content_type; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.voice_samples.content_type IS 'text, blog, email or social';

-- Name: COLUMN voice_samples.is_analyzed; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.voice_samples.is_analyzed IS 'Whether the sample was analysed';

-- Name: COLUMN voice_samples.user_hash; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.voice_samples.user_hash IS 'The owner of the profile; written by triggers, held to it by a key.';

-- Name: voice_scores; Type: TABLE; Schema: public; Owner: -

CREATE TABLE public.voice_scores (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    profile_id uuid NOT NULL,
    content_id text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    overall_score double precision NOT NULL,
    tone_match double precision NOT NULL,
    vocabulary_match double precision NOT NULL,
    style_match double precision NOT NULL,
    feedback jsonb DEFAULT '{}'::jsonb,
    deviations jsonb DEFAULT '{}'::jsonb,
    user_hash text
);

ALTER TABLE ONLY public.voice_scores FORCE ROW LEVEL SECURITY;

-- Name: TABLE voice_scores; Type: COMMENT; Schema: public; Owner: -

COMMENT ON TABLE public.voice_scores IS 'How well generated content keeps to a brand voice.';

-- Name: COLUMN voice_scores.content_id; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.voice_scores.content_id IS 'Reference to generated content';

-- Name: COLUMN voice_scores.user_hash; Type: COMMENT; Schema: public; Owner: -

COMMENT ON COLUMN public.voice_scores.user_hash IS 'The owner of the profile; written by triggers, held to it by a key.';

-- Name: deleted_content deleted_content_pkey; Type: CONSTRAINT; Schema: private; Owner: -

ALTER TABLE ONLY private.deleted_content
    ADD CONSTRAINT deleted_content_pkey PRIMARY KEY (id);

-- Name: duplicate_payment_failures duplicate_payment_failures_pkey; Type: CONSTRAINT; Schema: private; Owner: -

ALTER TABLE ONLY private.duplicate_payment_failures
    ADD CONSTRAINT duplicate_payment_failures_pkey PRIMARY KEY (id);

-- Name: duplicate_payments duplicate_payments_pkey; Type: CONSTRAINT; Schema: private; Owner: -

ALTER TABLE ONLY private.duplicate_payments
    ADD CONSTRAINT duplicate_payments_pkey PRIMARY KEY (id);

-- Name: entitlement_settings entitlement_settings_pkey; Type: CONSTRAINT; Schema: private; Owner: -

ALTER TABLE ONLY private.entitlement_settings
    ADD CONSTRAINT entitlement_settings_pkey PRIMARY KEY (id);

-- Name: maintenance_log maintenance_log_pkey; Type: CONSTRAINT; Schema: private; Owner: -

ALTER TABLE ONLY private.maintenance_log
    ADD CONSTRAINT maintenance_log_pkey PRIMARY KEY (id);

-- Name: prepared_objects prepared_objects_pkey; Type: CONSTRAINT; Schema: private; Owner: -

ALTER TABLE ONLY private.prepared_objects
    ADD CONSTRAINT prepared_objects_pkey PRIMARY KEY (kind, name);

-- Name: schema_migrations schema_migrations_pkey; Type: CONSTRAINT; Schema: private; Owner: -

ALTER TABLE ONLY private.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (id);

-- Name: usage_archives usage_archives_file_key; Type: CONSTRAINT; Schema: private; Owner: -

ALTER TABLE ONLY private.usage_archives
    ADD CONSTRAINT usage_archives_file_key UNIQUE (file);

-- Name: usage_archives usage_archives_pkey; Type: CONSTRAINT; Schema: private; Owner: -

ALTER TABLE ONLY private.usage_archives
    ADD CONSTRAINT usage_archives_pkey PRIMARY KEY (id);

-- Name: usage_monthly_totals usage_monthly_totals_pkey; Type: CONSTRAINT; Schema: private; Owner: -

ALTER TABLE ONLY private.usage_monthly_totals
    ADD CONSTRAINT usage_monthly_totals_pkey PRIMARY KEY (user_id, month, operation_type);

-- Name: batch_jobs batch_jobs_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.batch_jobs
    ADD CONSTRAINT batch_jobs_pkey PRIMARY KEY (id);

-- Name: brand_profiles brand_profiles_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.brand_profiles
    ADD CONSTRAINT brand_profiles_pkey PRIMARY KEY (id);

-- Name: content_versions content_versions_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.content_versions
    ADD CONSTRAINT content_versions_pkey PRIMARY KEY (content_id, version);

-- Name: conversations conversations_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_pkey PRIMARY KEY (id);

-- Name: generated_content generated_content_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.generated_content
    ADD CONSTRAINT generated_content_pkey PRIMARY KEY (id);

-- Name: generated_images generated_images_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.generated_images
    ADD CONSTRAINT generated_images_pkey PRIMARY KEY (id);

-- Name: generation_events generation_events_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.generation_events
    ADD CONSTRAINT generation_events_pkey PRIMARY KEY (run_id, id);

-- Name: generation_runs generation_runs_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.generation_runs
    ADD CONSTRAINT generation_runs_pkey PRIMARY KEY (id);

-- Name: payment_failures payment_failures_invoice_id_key; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.payment_failures
    ADD CONSTRAINT payment_failures_invoice_id_key UNIQUE (invoice_id);

-- Name: payment_failures payment_failures_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.payment_failures
    ADD CONSTRAINT payment_failures_pkey PRIMARY KEY (id);

-- Name: payments payments_invoice_id_key; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.payments
    ADD CONSTRAINT payments_invoice_id_key UNIQUE (invoice_id);

-- Name: payments payments_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.payments
    ADD CONSTRAINT payments_pkey PRIMARY KEY (id);

-- Name: remix_history remix_history_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.remix_history
    ADD CONSTRAINT remix_history_pkey PRIMARY KEY (id);

-- Name: stripe_customers stripe_customers_customer_id_key; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.stripe_customers
    ADD CONSTRAINT stripe_customers_customer_id_key UNIQUE (customer_id);

-- Name: stripe_customers stripe_customers_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.stripe_customers
    ADD CONSTRAINT stripe_customers_pkey PRIMARY KEY (id);

-- Name: stripe_customers stripe_customers_user_id_key; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.stripe_customers
    ADD CONSTRAINT stripe_customers_user_id_key UNIQUE (user_id);

-- Name: stripe_events stripe_events_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.stripe_events
    ADD CONSTRAINT stripe_events_pkey PRIMARY KEY (id);

-- Name: stripe_subscriptions stripe_subscriptions_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.stripe_subscriptions
    ADD CONSTRAINT stripe_subscriptions_pkey PRIMARY KEY (id);

-- Name: stripe_subscriptions stripe_subscriptions_subscription_id_key; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.stripe_subscriptions
    ADD CONSTRAINT stripe_subscriptions_subscription_id_key UNIQUE (subscription_id);

-- Name: templates templates_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.templates
    ADD CONSTRAINT templates_pkey PRIMARY KEY (id);

-- Name: tier_limits tier_limits_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.tier_limits
    ADD CONSTRAINT tier_limits_pkey PRIMARY KEY (tier);

-- Name: tool_usage tool_usage_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.tool_usage
    ADD CONSTRAINT tool_usage_pkey PRIMARY KEY (id);

-- Name: tool_usage tool_usage_tool_id_key; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.tool_usage
    ADD CONSTRAINT tool_usage_tool_id_key UNIQUE (tool_id);

-- Name: usage_records usage_records_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.usage_records
    ADD CONSTRAINT usage_records_pkey PRIMARY KEY (id);

-- Name: usage_reservations usage_reservations_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.usage_reservations
    ADD CONSTRAINT usage_reservations_pkey PRIMARY KEY (id);

-- Name: user_quotas user_quotas_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.user_quotas
    ADD CONSTRAINT user_quotas_pkey PRIMARY KEY (id);

-- Name: user_quotas user_quotas_user_id_key; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.user_quotas
    ADD CONSTRAINT user_quotas_user_id_key UNIQUE (user_id);

-- Name: users users_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

-- Name: users users_user_id_key; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_user_id_key UNIQUE (user_id);

-- Name: voice_fingerprints voice_fingerprints_id_profile_key; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.voice_fingerprints
    ADD CONSTRAINT voice_fingerprints_id_profile_key UNIQUE (id, profile_id);

-- Name: voice_fingerprints voice_fingerprints_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.voice_fingerprints
    ADD CONSTRAINT voice_fingerprints_pkey PRIMARY KEY (id);

-- Name: voice_samples voice_samples_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.voice_samples
    ADD CONSTRAINT voice_samples_pkey PRIMARY KEY (id);

-- Name: voice_scores voice_scores_pkey; Type: CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.voice_scores
    ADD CONSTRAINT voice_scores_pkey PRIMARY KEY (id);

-- Name: deleted_content_expires_at; Type: INDEX; Schema: private; Owner: -

CREATE INDEX deleted_content_expires_at ON private.deleted_content USING btree (expires_at);

-- Name: deleted_content_user; Type: INDEX; Schema: private; Owner: -

CREATE INDEX deleted_content_user ON private.deleted_content USING btree (user_hash, deleted_at DESC);

-- Name: maintenance_log_task; Type: INDEX; Schema: private; Owner: -

CREATE INDEX maintenance_log_task ON private.maintenance_log USING btree (task, started_at DESC);

-- Name: generation_runs_content_id; Type: INDEX; Schema: public; Owner: -

CREATE INDEX generation_runs_content_id ON public.generation_runs USING btree (content_id) WHERE (content_id IS NOT NULL);

-- Name: generation_runs_idempotency_key; Type: INDEX; Schema: public; Owner: -

CREATE UNIQUE INDEX generation_runs_idempotency_key ON public.generation_runs USING btree (user_id, idempotency_key) WHERE ((idempotency_key IS NOT NULL) AND (status <> 'failed'::text));

-- Name: generation_runs_prunable; Type: INDEX; Schema: public; Owner: -

CREATE INDEX generation_runs_prunable ON public.generation_runs USING btree (finished_at) WHERE ((finished_at IS NOT NULL) AND (NOT events_pruned));

-- Name: generation_runs_running; Type: INDEX; Schema: public; Owner: -

CREATE INDEX generation_runs_running ON public.generation_runs USING btree (user_id, created_at) WHERE (status = 'running'::text);

-- Name: idx_batch_jobs_user_created; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_batch_jobs_user_created ON public.batch_jobs USING btree (user_id, created_at DESC, id DESC);

-- Name: idx_brand_profiles_default; Type: INDEX; Schema: public; Owner: -

CREATE UNIQUE INDEX idx_brand_profiles_default ON public.brand_profiles USING btree (user_hash) WHERE is_default;

-- Name: idx_brand_profiles_owner; Type: INDEX; Schema: public; Owner: -

CREATE UNIQUE INDEX idx_brand_profiles_owner ON public.brand_profiles USING btree (id, user_hash);

-- Name: idx_brand_profiles_owner_slug; Type: INDEX; Schema: public; Owner: -

CREATE UNIQUE INDEX idx_brand_profiles_owner_slug ON public.brand_profiles USING btree (user_hash, slug) NULLS NOT DISTINCT;

-- Name: idx_brand_profiles_slug; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_brand_profiles_slug ON public.brand_profiles USING btree (slug);

-- Name: idx_brand_profiles_tone_keywords; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_brand_profiles_tone_keywords ON public.brand_profiles USING gin (tone_keywords);

-- Name: idx_brand_profiles_user_created; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_brand_profiles_user_created ON public.brand_profiles USING btree (user_hash, created_at DESC, id DESC);

-- Name: idx_brand_profiles_user_hash; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_brand_profiles_user_hash ON public.brand_profiles USING btree (user_hash) WHERE (user_hash IS NOT NULL);

-- Name: idx_conversations_created_at; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_conversations_created_at ON public.conversations USING btree (created_at DESC);

-- Name: idx_conversations_updated_at; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_conversations_updated_at ON public.conversations USING btree (updated_at DESC);

-- Name: idx_conversations_user_updated; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_conversations_user_updated ON public.conversations USING btree (user_hash, updated_at DESC, id DESC);

-- Name: idx_generated_content_created_at; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_generated_content_created_at ON public.generated_content USING btree (created_at DESC);

-- Name: idx_generated_content_is_favorite; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_generated_content_is_favorite ON public.generated_content USING btree (is_favorite) WHERE is_favorite;

-- Name: idx_generated_content_search; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_generated_content_search ON public.generated_content USING gin (private.content_document(title, output));

-- Name: idx_generated_content_title; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_generated_content_title ON public.generated_content USING gin (to_tsvector('english'::regconfig, COALESCE(title, ''::text)));

-- Name: idx_generated_content_tool_id; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_generated_content_tool_id ON public.generated_content USING btree (tool_id);

-- Name: idx_generated_content_user_created; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_generated_content_user_created ON public.generated_content USING btree (user_hash, created_at DESC, id DESC);

-- Name: idx_generated_content_user_favorites; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_generated_content_user_favorites ON public.generated_content USING btree (user_hash, is_favorite, created_at DESC) WHERE is_favorite;

-- Name: idx_generated_content_user_hash; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_generated_content_user_hash ON public.generated_content USING btree (user_hash) WHERE (user_hash IS NOT NULL);

-- Name: idx_generated_images_user_created; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_generated_images_user_created ON public.generated_images USING btree (user_id, created_at DESC, id DESC);

-- Name: idx_payment_failures_user_failed; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_payment_failures_user_failed ON public.payment_failures USING btree (user_id, failed_at DESC, id DESC);

-- Name: idx_payments_user_paid; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_payments_user_paid ON public.payments USING btree (user_id, paid_at DESC, id DESC);

-- Name: idx_remix_history_user_created; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_remix_history_user_created ON public.remix_history USING btree (user_id, created_at DESC, id DESC);

-- Name: idx_stripe_events_waiting; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_stripe_events_waiting ON public.stripe_events USING btree (received_at) WHERE (processed_at IS NULL);

-- Name: idx_stripe_subscriptions_user_created; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_stripe_subscriptions_user_created ON public.stripe_subscriptions USING btree (user_id, created_at DESC, id DESC);

-- Name: idx_templates_category; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_templates_category ON public.templates USING btree (category);

-- Name: idx_templates_created; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_templates_created ON public.templates USING btree (created_at DESC, id DESC);

-- Name: idx_templates_owner_slug; Type: INDEX; Schema: public; Owner: -

CREATE UNIQUE INDEX idx_templates_owner_slug ON public.templates USING btree (user_hash, slug) NULLS NOT DISTINCT;

-- Name: idx_templates_public_slug; Type: INDEX; Schema: public; Owner: -

CREATE UNIQUE INDEX idx_templates_public_slug ON public.templates USING btree (slug) WHERE is_public;

-- Name: idx_templates_public_use_count; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_templates_public_use_count ON public.templates USING btree (use_count DESC, id DESC) WHERE is_public;

-- Name: idx_templates_slug; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_templates_slug ON public.templates USING btree (slug);

-- Name: idx_templates_tags; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_templates_tags ON public.templates USING gin (tags);

-- Name: idx_templates_tool_id; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_templates_tool_id ON public.templates USING btree (tool_id);

-- Name: idx_templates_use_count; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_templates_use_count ON public.templates USING btree (use_count DESC);

-- Name: idx_templates_user_created; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_templates_user_created ON public.templates USING btree (user_hash, created_at DESC, id DESC);

-- Name: idx_usage_records_recent; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_usage_records_recent ON public.usage_records USING btree (user_id, "timestamp") WHERE ("timestamp" >= '2026-01-01 00:00:00+00'::timestamp with time zone);

-- Name: idx_usage_records_user_time; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_usage_records_user_time ON public.usage_records USING btree (user_id, "timestamp" DESC);

-- Name: idx_voice_fingerprints_profile; Type: INDEX; Schema: public; Owner: -

CREATE UNIQUE INDEX idx_voice_fingerprints_profile ON public.voice_fingerprints USING btree (profile_id);

-- Name: idx_voice_samples_analyzed; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_voice_samples_analyzed ON public.voice_samples USING btree (is_analyzed) WHERE (NOT is_analyzed);

-- Name: idx_voice_samples_profile; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_voice_samples_profile ON public.voice_samples USING btree (profile_id);

-- Name: idx_voice_samples_profile_created; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_voice_samples_profile_created ON public.voice_samples USING btree (profile_id, created_at DESC, id DESC);

-- Name: idx_voice_samples_user_created; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_voice_samples_user_created ON public.voice_samples USING btree (user_hash, created_at DESC, id DESC);

-- Name: idx_voice_samples_user_profile; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_voice_samples_user_profile ON public.voice_samples USING btree (user_hash, profile_id, created_at DESC, id DESC);

-- Name: idx_voice_scores_content; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_voice_scores_content ON public.voice_scores USING btree (content_id);

-- Name: idx_voice_scores_profile; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_voice_scores_profile ON public.voice_scores USING btree (profile_id);

-- Name: idx_voice_scores_profile_created; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_voice_scores_profile_created ON public.voice_scores USING btree (profile_id, created_at DESC, id DESC);

-- Name: idx_voice_scores_user_created; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_voice_scores_user_created ON public.voice_scores USING btree (user_hash, created_at DESC, id DESC);

-- Name: idx_voice_scores_user_profile; Type: INDEX; Schema: public; Owner: -

CREATE INDEX idx_voice_scores_user_profile ON public.voice_scores USING btree (user_hash, profile_id, created_at DESC, id DESC);

-- Name: usage_reservations_key; Type: INDEX; Schema: public; Owner: -

CREATE UNIQUE INDEX usage_reservations_key ON public.usage_reservations USING btree (user_id, idempotency_key) WHERE ((idempotency_key IS NOT NULL) AND (state = ANY (ARRAY['open'::text, 'settled'::text])));

-- Name: usage_reservations_open; Type: INDEX; Schema: public; Owner: -

CREATE INDEX usage_reservations_open ON public.usage_reservations USING btree (expires_at, user_id) WHERE (state = 'open'::text);

-- Name: entitlement_settings apply_changed_settings; Type: TRIGGER; Schema: private; Owner: -

CREATE TRIGGER apply_changed_settings AFTER UPDATE ON private.entitlement_settings FOR EACH ROW EXECUTE FUNCTION private.follow_settings();

-- Name: user_quotas derive_tier_from_grant_and_subscriptions; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER derive_tier_from_grant_and_subscriptions BEFORE UPDATE OF subscribed_tier, granted_tier ON public.user_quotas FOR EACH ROW EXECUTE FUNCTION private.derive_tier();

-- Name: user_quotas fit_window_to_grant; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER fit_window_to_grant AFTER INSERT OR UPDATE OF tier ON public.user_quotas FOR EACH ROW EXECUTE FUNCTION private.follow_grant();

-- Name: user_quotas grant_written_tier; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER grant_written_tier BEFORE INSERT OR UPDATE OF tier ON public.user_quotas FOR EACH ROW EXECUTE FUNCTION private.grant_tier();

-- Name: generated_content keep_generated_content_version; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER keep_generated_content_version AFTER UPDATE OF title, output ON public.generated_content FOR EACH ROW WHEN (((old.title IS DISTINCT FROM new.title) OR (old.output IS DISTINCT FROM new.output))) EXECUTE FUNCTION private.keep_content_version();

-- Name: stripe_subscriptions keep_subscription_consistent; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER keep_subscription_consistent BEFORE INSERT OR UPDATE ON public.stripe_subscriptions FOR EACH ROW EXECUTE FUNCTION private.keep_subscription();

-- Name: users keep_tier_as_in_quota; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER keep_tier_as_in_quota BEFORE INSERT OR UPDATE OF tier ON public.users FOR EACH ROW EXECUTE FUNCTION private.keep_user_tier();

-- Name: user_quotas mirror_tier_to_users; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER mirror_tier_to_users AFTER INSERT OR DELETE OR UPDATE OF tier, subscribed_tier, granted_tier ON public.user_quotas FOR EACH ROW EXECUTE FUNCTION private.mirror_tier();

-- Name: brand_profiles pass_owner_of_profile; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER pass_owner_of_profile AFTER UPDATE OF user_hash ON public.brand_profiles FOR EACH ROW WHEN (((old.user_hash IS NULL) AND (new.user_hash IS NOT NULL))) EXECUTE FUNCTION private.pass_owner_of_profile();

-- Name: stripe_subscriptions sync_user_tier_on_subscription_change; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER sync_user_tier_on_subscription_change AFTER INSERT OR DELETE OR UPDATE ON public.stripe_subscriptions FOR EACH ROW EXECUTE FUNCTION public.sync_user_tier_from_subscription();

-- Name: voice_samples take_owner_of_profile; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER take_owner_of_profile BEFORE INSERT OR UPDATE OF profile_id, user_hash ON public.voice_samples FOR EACH ROW EXECUTE FUNCTION private.take_owner_of_profile();

-- Name: voice_scores take_owner_of_profile; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER take_owner_of_profile BEFORE INSERT OR UPDATE OF profile_id, user_hash ON public.voice_scores FOR EACH ROW EXECUTE FUNCTION private.take_owner_of_profile();

-- Name: brand_profiles update_brand_profiles_updated_at; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER update_brand_profiles_updated_at BEFORE UPDATE ON public.brand_profiles FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

-- Name: conversations update_conversations_updated_at; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER update_conversations_updated_at BEFORE UPDATE ON public.conversations FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

-- Name: generated_content update_generated_content_updated_at; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER update_generated_content_updated_at BEFORE UPDATE ON public.generated_content FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

-- Name: stripe_customers update_stripe_customers_updated_at; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER update_stripe_customers_updated_at BEFORE UPDATE ON public.stripe_customers FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

-- Name: stripe_subscriptions update_stripe_subscriptions_updated_at; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER update_stripe_subscriptions_updated_at BEFORE UPDATE ON public.stripe_subscriptions FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

-- Name: templates update_templates_updated_at; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER update_templates_updated_at BEFORE UPDATE ON public.templates FOR EACH ROW WHEN ((NOT (old.use_count IS DISTINCT FROM new.use_count))) EXECUTE FUNCTION public.update_updated_at_column();

-- Name: tier_limits update_tier_limits_updated_at; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER update_tier_limits_updated_at BEFORE UPDATE ON public.tier_limits FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

-- Name: user_quotas update_user_quotas_updated_at; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER update_user_quotas_updated_at BEFORE UPDATE ON public.user_quotas FOR EACH ROW WHEN ((new.updated_at IS DISTINCT FROM now())) EXECUTE FUNCTION public.update_updated_at_column();

-- Name: users update_users_updated_at; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER update_users_updated_at BEFORE UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

-- Name: voice_fingerprints update_voice_fingerprints_updated_at; Type: TRIGGER; Schema: public; Owner: -

CREATE TRIGGER update_voice_fingerprints_updated_at BEFORE UPDATE ON public.voice_fingerprints FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

-- Name: brand_profiles brand_profiles_voice_fingerprint_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.brand_profiles
    ADD CONSTRAINT brand_profiles_voice_fingerprint_id_fkey FOREIGN KEY (voice_fingerprint_id, id) REFERENCES public.voice_fingerprints(id, profile_id) ON DELETE SET NULL (voice_fingerprint_id);

-- Name: content_versions content_versions_content_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.content_versions
    ADD CONSTRAINT content_versions_content_id_fkey FOREIGN KEY (content_id) REFERENCES public.generated_content(id) ON DELETE CASCADE;

-- Name: generation_events generation_events_run_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.generation_events
    ADD CONSTRAINT generation_events_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.generation_runs(id) ON DELETE CASCADE;

-- Name: generation_runs generation_runs_content_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.generation_runs
    ADD CONSTRAINT generation_runs_content_id_fkey FOREIGN KEY (content_id) REFERENCES public.generated_content(id) ON DELETE SET NULL;

-- Name: stripe_subscriptions stripe_subscriptions_tier_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.stripe_subscriptions
    ADD CONSTRAINT stripe_subscriptions_tier_fkey FOREIGN KEY (tier) REFERENCES public.tier_limits(tier) ON UPDATE CASCADE;

-- Name: user_quotas user_quotas_tier_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.user_quotas
    ADD CONSTRAINT user_quotas_tier_fkey FOREIGN KEY (tier) REFERENCES public.tier_limits(tier) ON UPDATE CASCADE;

-- Name: users users_tier_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_tier_fkey FOREIGN KEY (tier) REFERENCES public.tier_limits(tier) ON UPDATE CASCADE;

-- Name: voice_fingerprints voice_fingerprints_profile_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.voice_fingerprints
    ADD CONSTRAINT voice_fingerprints_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES public.brand_profiles(id) ON DELETE CASCADE;

-- Name: voice_samples voice_samples_owner_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.voice_samples
    ADD CONSTRAINT voice_samples_owner_fkey FOREIGN KEY (profile_id, user_hash) REFERENCES public.brand_profiles(id, user_hash) ON UPDATE CASCADE ON DELETE CASCADE;

-- Name: voice_samples voice_samples_profile_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.voice_samples
    ADD CONSTRAINT voice_samples_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES public.brand_profiles(id) ON DELETE CASCADE;

-- Name: voice_scores voice_scores_owner_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.voice_scores
    ADD CONSTRAINT voice_scores_owner_fkey FOREIGN KEY (profile_id, user_hash) REFERENCES public.brand_profiles(id, user_hash) ON UPDATE CASCADE ON DELETE CASCADE;

-- Name: voice_scores voice_scores_profile_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -

ALTER TABLE ONLY public.voice_scores
    ADD CONSTRAINT voice_scores_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES public.brand_profiles(id) ON DELETE CASCADE;

-- Name: deleted_content Owner can manage; Type: POLICY; Schema: private; Owner: -

CREATE POLICY "Owner can manage" ON private.deleted_content TO postgres USING (true) WITH CHECK (true);

-- Name: maintenance_log Owner can manage; Type: POLICY; Schema: private; Owner: -

CREATE POLICY "Owner can manage" ON private.maintenance_log TO postgres USING (true) WITH CHECK (true);

-- Name: usage_archives Owner can manage; Type: POLICY; Schema: private; Owner: -

CREATE POLICY "Owner can manage" ON private.usage_archives TO postgres USING (true) WITH CHECK (true);

-- Name: usage_monthly_totals Owner can manage; Type: POLICY; Schema: private; Owner: -

CREATE POLICY "Owner can manage" ON private.usage_monthly_totals TO postgres USING (true) WITH CHECK (true);

-- Name: deleted_content Service role has full access; Type: POLICY; Schema: private; Owner: -

CREATE POLICY "Service role has full access" ON private.deleted_content TO service_role USING (true) WITH CHECK (true);

-- Name: maintenance_log Service role has full access; Type: POLICY; Schema: private; Owner: -

CREATE POLICY "Service role has full access" ON private.maintenance_log TO service_role USING (true) WITH CHECK (true);

-- Name: usage_archives Service role has full access; Type: POLICY; Schema: private; Owner: -

CREATE POLICY "Service role has full access" ON private.usage_archives TO service_role USING (true) WITH CHECK (true);

-- Name: usage_monthly_totals Service role has full access; Type: POLICY; Schema: private; Owner: -

CREATE POLICY "Service role has full access" ON private.usage_monthly_totals TO service_role USING (true) WITH CHECK (true);

-- Name: deleted_content; Type: ROW SECURITY; Schema: private; Owner: -

ALTER TABLE private.deleted_content ENABLE ROW LEVEL SECURITY;

-- Name: maintenance_log; Type: ROW SECURITY; Schema: private; Owner: -

ALTER TABLE private.maintenance_log ENABLE ROW LEVEL SECURITY;

-- Name: usage_archives; Type: ROW SECURITY; Schema: private; Owner: -

ALTER TABLE private.usage_archives ENABLE ROW LEVEL SECURITY;

-- Name: usage_monthly_totals; Type: ROW SECURITY; Schema: private; Owner: -

ALTER TABLE private.usage_monthly_totals ENABLE ROW LEVEL SECURITY;

-- Name: brand_profiles Anonymous can create; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Anonymous can create" ON public.brand_profiles FOR INSERT TO anon, authenticated WITH CHECK ((user_hash = ( SELECT private.caller_hash() AS caller_hash)));

-- Name: templates Anonymous can create; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Anonymous can create" ON public.templates FOR INSERT TO anon, authenticated WITH CHECK ((user_hash = ( SELECT private.caller_hash() AS caller_hash)));

-- Name: brand_profiles Anonymous can delete own; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Anonymous can delete own" ON public.brand_profiles FOR DELETE TO anon, authenticated USING ((user_hash = ( SELECT private.caller_hash() AS caller_hash)));

-- Name: generated_content Anonymous can insert; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Anonymous can insert" ON public.generated_content FOR INSERT TO anon WITH CHECK ((user_hash = ( SELECT private.caller_hash() AS caller_hash)));

-- Name: conversations Anonymous can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Anonymous can manage" ON public.conversations TO anon, authenticated USING ((user_hash = ( SELECT private.caller_hash() AS caller_hash))) WITH CHECK ((user_hash = ( SELECT private.caller_hash() AS caller_hash)));

-- Name: brand_profiles Anonymous can read own; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Anonymous can read own" ON public.brand_profiles FOR SELECT TO anon, authenticated USING ((user_hash = ( SELECT private.caller_hash() AS caller_hash)));

-- Name: templates Anonymous can read public; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Anonymous can read public" ON public.templates FOR SELECT TO anon, authenticated USING (is_public);

-- Name: brand_profiles Anonymous can update own; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Anonymous can update own" ON public.brand_profiles FOR UPDATE TO anon, authenticated USING ((user_hash = ( SELECT private.caller_hash() AS caller_hash))) WITH CHECK ((user_hash = ( SELECT private.caller_hash() AS caller_hash)));

-- Name: tier_limits Anyone can read; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Anyone can read" ON public.tier_limits FOR SELECT TO anon, authenticated, service_role USING (true);

-- Name: tool_usage Anyone can read; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Anyone can read" ON public.tool_usage FOR SELECT TO anon, authenticated USING (true);

-- Name: batch_jobs Owner can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Owner can manage" ON public.batch_jobs TO postgres USING (true) WITH CHECK (true);

-- Name: brand_profiles Owner can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Owner can manage" ON public.brand_profiles TO postgres USING (true) WITH CHECK (true);

-- Name: content_versions Owner can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Owner can manage" ON public.content_versions TO postgres USING (true) WITH CHECK (true);

-- Name: conversations Owner can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Owner can manage" ON public.conversations TO postgres USING (true) WITH CHECK (true);

-- Name: generated_content Owner can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Owner can manage" ON public.generated_content TO postgres USING (true) WITH CHECK (true);

-- Name: generated_images Owner can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Owner can manage" ON public.generated_images TO postgres USING (true) WITH CHECK (true);

-- Name: generation_events Owner can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Owner can manage" ON public.generation_events TO postgres USING (true) WITH CHECK (true);

-- Name: generation_runs Owner can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Owner can manage" ON public.generation_runs TO postgres USING (true) WITH CHECK (true);

-- Name: payment_failures Owner can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Owner can manage" ON public.payment_failures TO postgres USING (true) WITH CHECK (true);

-- Name: payments Owner can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Owner can manage" ON public.payments TO postgres USING (true) WITH CHECK (true);

-- Name: remix_history Owner can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Owner can manage" ON public.remix_history TO postgres USING (true) WITH CHECK (true);

-- Name: stripe_customers Owner can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Owner can manage" ON public.stripe_customers TO postgres USING (true) WITH CHECK (true);

-- Name: stripe_events Owner can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Owner can manage" ON public.stripe_events TO postgres USING (true) WITH CHECK (true);

-- Name: stripe_subscriptions Owner can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Owner can manage" ON public.stripe_subscriptions TO postgres USING (true) WITH CHECK (true);

-- Name: templates Owner can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Owner can manage" ON public.templates TO postgres USING (true) WITH CHECK (true);

-- Name: tier_limits Owner can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Owner can manage" ON public.tier_limits TO postgres USING (true) WITH CHECK (true);

-- Name: tool_usage Owner can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Owner can manage" ON public.tool_usage TO postgres USING (true) WITH CHECK (true);

-- Name: usage_records Owner can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Owner can manage" ON public.usage_records TO postgres USING (true) WITH CHECK (true);

-- Name: usage_reservations Owner can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Owner can manage" ON public.usage_reservations TO postgres USING (true) WITH CHECK (true);

-- Name: user_quotas Owner can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Owner can manage" ON public.user_quotas TO postgres USING (true) WITH CHECK (true);

-- Name: users Owner can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Owner can manage" ON public.users TO postgres USING (true) WITH CHECK (true);

-- Name: voice_fingerprints Owner can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Owner can manage" ON public.voice_fingerprints TO postgres USING (true) WITH CHECK (true);

-- Name: voice_samples Owner can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Owner can manage" ON public.voice_samples TO postgres USING (true) WITH CHECK (true);

-- Name: voice_scores Owner can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Owner can manage" ON public.voice_scores TO postgres USING (true) WITH CHECK (true);

-- Name: payment_failures Service role can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Service role can manage" ON public.payment_failures TO service_role USING (true) WITH CHECK (true);

-- Name: payments Service role can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Service role can manage" ON public.payments TO service_role USING (true) WITH CHECK (true);

-- Name: stripe_customers Service role can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Service role can manage" ON public.stripe_customers TO service_role USING (true) WITH CHECK (true);

-- Name: stripe_events Service role can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Service role can manage" ON public.stripe_events TO service_role USING (true) WITH CHECK (true);

-- Name: stripe_subscriptions Service role can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Service role can manage" ON public.stripe_subscriptions TO service_role USING (true) WITH CHECK (true);

-- Name: tier_limits Service role can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Service role can manage" ON public.tier_limits TO service_role USING (true) WITH CHECK (true);

-- Name: usage_records Service role can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Service role can manage" ON public.usage_records TO service_role USING (true) WITH CHECK (true);

-- Name: usage_reservations Service role can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Service role can manage" ON public.usage_reservations TO service_role USING (true) WITH CHECK (true);

-- Name: user_quotas Service role can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Service role can manage" ON public.user_quotas TO service_role USING (true) WITH CHECK (true);

-- Name: users Service role can manage; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Service role can manage" ON public.users TO service_role USING (true) WITH CHECK (true);

-- Name: tool_usage Service role can write; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Service role can write" ON public.tool_usage TO service_role USING (true) WITH CHECK (true);

-- Name: batch_jobs Service role has full access; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Service role has full access" ON public.batch_jobs TO service_role USING (true) WITH CHECK (true);

-- Name: brand_profiles Service role has full access; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Service role has full access" ON public.brand_profiles TO service_role USING (true) WITH CHECK (true);

-- Name: content_versions Service role has full access; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Service role has full access" ON public.content_versions TO service_role USING (true) WITH CHECK (true);

-- Name: conversations Service role has full access; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Service role has full access" ON public.conversations TO service_role USING (true) WITH CHECK (true);

-- Name: generated_content Service role has full access; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Service role has full access" ON public.generated_content TO service_role USING (true) WITH CHECK (true);

-- Name: generated_images Service role has full access; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Service role has full access" ON public.generated_images TO service_role USING (true) WITH CHECK (true);

-- Name: generation_events Service role has full access; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Service role has full access" ON public.generation_events TO service_role USING (true) WITH CHECK (true);

-- Name: generation_runs Service role has full access; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Service role has full access" ON public.generation_runs TO service_role USING (true) WITH CHECK (true);

-- Name: remix_history Service role has full access; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Service role has full access" ON public.remix_history TO service_role USING (true) WITH CHECK (true);

-- Name: templates Service role has full access; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Service role has full access" ON public.templates TO service_role USING (true) WITH CHECK (true);

-- Name: voice_fingerprints Service role has full access; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Service role has full access" ON public.voice_fingerprints TO service_role USING (true) WITH CHECK (true);

-- Name: voice_samples Service role has full access; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Service role has full access" ON public.voice_samples TO service_role USING (true) WITH CHECK (true);

-- Name: voice_scores Service role has full access; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Service role has full access" ON public.voice_scores TO service_role USING (true) WITH CHECK (true);

-- Name: generation_runs Users can cancel own; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can cancel own" ON public.generation_runs FOR UPDATE TO authenticated USING ((user_id = ( SELECT private.caller_id() AS caller_id))) WITH CHECK ((user_id = ( SELECT private.caller_id() AS caller_id)));

-- Name: batch_jobs Users can create own; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can create own" ON public.batch_jobs FOR INSERT TO authenticated WITH CHECK ((user_id = ( SELECT private.caller_id() AS caller_id)));

-- Name: batch_jobs Users can delete own; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can delete own" ON public.batch_jobs FOR DELETE TO authenticated USING ((user_id = ( SELECT private.caller_id() AS caller_id)));

-- Name: generated_images Users can delete own; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can delete own" ON public.generated_images FOR DELETE TO authenticated USING ((user_id = ( SELECT private.caller_id() AS caller_id)));

-- Name: remix_history Users can delete own; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can delete own" ON public.remix_history FOR DELETE TO authenticated USING ((user_id = ( SELECT private.caller_id() AS caller_id)));

-- Name: templates Users can delete own; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can delete own" ON public.templates FOR DELETE TO anon, authenticated USING ((user_hash = ( SELECT private.caller_hash() AS caller_hash)));

-- Name: generated_content Users can delete own content; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can delete own content" ON public.generated_content FOR DELETE TO anon, authenticated USING ((user_hash = ( SELECT private.caller_hash() AS caller_hash)));

-- Name: generated_content Users can insert own content; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can insert own content" ON public.generated_content FOR INSERT TO authenticated WITH CHECK ((user_hash = ( SELECT private.caller_hash() AS caller_hash)));

-- Name: voice_fingerprints Users can manage via profile; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can manage via profile" ON public.voice_fingerprints FOR SELECT TO anon, authenticated USING ((profile_id = ANY (ARRAY( SELECT b.id
   FROM public.brand_profiles b))));

-- Name: voice_samples Users can manage via profile; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can manage via profile" ON public.voice_samples TO anon, authenticated USING ((user_hash = ( SELECT private.caller_hash() AS caller_hash))) WITH CHECK ((user_hash = ( SELECT private.caller_hash() AS caller_hash)));

-- Name: voice_scores Users can manage via profile; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can manage via profile" ON public.voice_scores FOR SELECT TO anon, authenticated USING ((user_hash = ( SELECT private.caller_hash() AS caller_hash)));

-- Name: templates Users can read own; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can read own" ON public.templates FOR SELECT TO anon, authenticated USING (COALESCE((user_hash = ( SELECT private.caller_hash_in_place() AS caller_hash_in_place)), false));

-- Name: generated_content Users can read own content; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can read own content" ON public.generated_content FOR SELECT TO anon, authenticated USING ((user_hash = ( SELECT private.caller_hash() AS caller_hash)));

-- Name: generation_runs Users can start own; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can start own" ON public.generation_runs FOR INSERT TO authenticated WITH CHECK ((user_id = ( SELECT private.caller_id() AS caller_id)));

-- Name: batch_jobs Users can update own; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can update own" ON public.batch_jobs FOR UPDATE TO authenticated USING ((user_id = ( SELECT private.caller_id() AS caller_id))) WITH CHECK ((user_id = ( SELECT private.caller_id() AS caller_id)));

-- Name: templates Users can update own; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can update own" ON public.templates FOR UPDATE TO anon, authenticated USING ((user_hash = ( SELECT private.caller_hash() AS caller_hash))) WITH CHECK ((user_hash = ( SELECT private.caller_hash() AS caller_hash)));

-- Name: users Users can update own; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can update own" ON public.users FOR UPDATE TO authenticated USING ((user_id = ( SELECT private.caller_id() AS caller_id))) WITH CHECK ((user_id = ( SELECT private.caller_id() AS caller_id)));

-- Name: generated_content Users can update own content; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can update own content" ON public.generated_content FOR UPDATE TO anon, authenticated USING ((user_hash = ( SELECT private.caller_hash() AS caller_hash))) WITH CHECK ((user_hash = ( SELECT private.caller_hash() AS caller_hash)));

-- Name: batch_jobs Users can view own; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can view own" ON public.batch_jobs FOR SELECT TO authenticated USING ((user_id = ( SELECT private.caller_id() AS caller_id)));

-- Name: content_versions Users can view own; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can view own" ON public.content_versions FOR SELECT TO anon, authenticated USING ((user_hash = ( SELECT private.caller_hash() AS caller_hash)));

-- Name: generated_images Users can view own; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can view own" ON public.generated_images FOR SELECT TO authenticated USING ((user_id = ( SELECT private.caller_id() AS caller_id)));

-- Name: generation_events Users can view own; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can view own" ON public.generation_events FOR SELECT TO authenticated USING ((user_id = ( SELECT private.caller_id() AS caller_id)));

-- Name: generation_runs Users can view own; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can view own" ON public.generation_runs FOR SELECT TO authenticated USING ((user_id = ( SELECT private.caller_id() AS caller_id)));

-- Name: payment_failures Users can view own; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can view own" ON public.payment_failures FOR SELECT TO authenticated USING ((user_id = ( SELECT private.caller_id() AS caller_id)));

-- Name: payments Users can view own; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can view own" ON public.payments FOR SELECT TO authenticated USING ((user_id = ( SELECT private.caller_id() AS caller_id)));

-- Name: remix_history Users can view own; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can view own" ON public.remix_history FOR SELECT TO authenticated USING ((user_id = ( SELECT private.caller_id() AS caller_id)));

-- Name: stripe_customers Users can view own; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can view own" ON public.stripe_customers FOR SELECT TO authenticated USING ((user_id = ( SELECT private.caller_id() AS caller_id)));

-- Name: stripe_subscriptions Users can view own; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can view own" ON public.stripe_subscriptions FOR SELECT TO authenticated USING ((user_id = ( SELECT private.caller_id() AS caller_id)));

-- Name: usage_records Users can view own; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can view own" ON public.usage_records FOR SELECT TO authenticated USING ((user_id = ( SELECT private.caller_id() AS caller_id)));

-- Name: usage_reservations Users can view own; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can view own" ON public.usage_reservations FOR SELECT TO authenticated USING ((user_id = ( SELECT private.caller_id() AS caller_id)));

-- Name: user_quotas Users can view own; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can view own" ON public.user_quotas FOR SELECT TO authenticated USING ((user_id = ( SELECT private.caller_id() AS caller_id)));

-- Name: users Users can view own; Type: POLICY; Schema: public; Owner: -

CREATE POLICY "Users can view own" ON public.users FOR SELECT TO authenticated USING ((user_id = ( SELECT private.caller_id() AS caller_id)));

-- Name: batch_jobs; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.batch_jobs ENABLE ROW LEVEL SECURITY;

-- Name: brand_profiles; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.brand_profiles ENABLE ROW LEVEL SECURITY;

-- Name: content_versions; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.content_versions ENABLE ROW LEVEL SECURITY;

-- Name: conversations; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.conversations ENABLE ROW LEVEL SECURITY;

-- Name: generated_content; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.generated_content ENABLE ROW LEVEL SECURITY;

-- Name: generated_images; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.generated_images ENABLE ROW LEVEL SECURITY;

-- Name: generation_events; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.generation_events ENABLE ROW LEVEL SECURITY;

-- Name: generation_runs; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.generation_runs ENABLE ROW LEVEL SECURITY;

-- Name: payment_failures; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.payment_failures ENABLE ROW LEVEL SECURITY;

-- Name: payments; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.payments ENABLE ROW LEVEL SECURITY;

-- Name: remix_history; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.remix_history ENABLE ROW LEVEL SECURITY;

-- Name: stripe_customers; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.stripe_customers ENABLE ROW LEVEL SECURITY;

-- Name: stripe_events; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.stripe_events ENABLE ROW LEVEL SECURITY;

-- Name: stripe_subscriptions; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.stripe_subscriptions ENABLE ROW LEVEL SECURITY;

-- Name: templates; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.templates ENABLE ROW LEVEL SECURITY;

-- Name: tier_limits; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.tier_limits ENABLE ROW LEVEL SECURITY;

-- Name: tool_usage; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.tool_usage ENABLE ROW LEVEL SECURITY;

-- Name: usage_records; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.usage_records ENABLE ROW LEVEL SECURITY;

-- Name: usage_reservations; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.usage_reservations ENABLE ROW LEVEL SECURITY;

-- Name: user_quotas; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.user_quotas ENABLE ROW LEVEL SECURITY;

-- Name: users; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;

-- Name: voice_fingerprints; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.voice_fingerprints ENABLE ROW LEVEL SECURITY;

-- Name: voice_samples; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.voice_samples ENABLE ROW LEVEL SECURITY;

-- Name: voice_scores; Type: ROW SECURITY; Schema: public; Owner: -

ALTER TABLE public.voice_scores ENABLE ROW LEVEL SECURITY;

-- Name: SCHEMA auth; Type: ACL; Schema: -; Owner: -

GRANT USAGE ON SCHEMA auth TO anon;
GRANT USAGE ON SCHEMA auth TO authenticated;
GRANT USAGE ON SCHEMA auth TO service_role;

-- Name: SCHEMA private; Type: ACL; Schema: -; Owner: -

GRANT USAGE ON SCHEMA private TO anon;
GRANT USAGE ON SCHEMA private TO authenticated;
GRANT USAGE ON SCHEMA private TO service_role;

-- Name: FUNCTION apply_entitlements(p_user_id text); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.apply_entitlements(p_user_id text) FROM PUBLIC;

-- Name: FUNCTION tier_rank(p_tier text); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.tier_rank(p_tier text) FROM PUBLIC;

-- Name: FUNCTION better_tier(p_one text, p_other text); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.better_tier(p_one text, p_other text) FROM PUBLIC;

-- Name: FUNCTION caller_hash(); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.caller_hash() FROM PUBLIC;
GRANT ALL ON FUNCTION private.caller_hash() TO anon;
GRANT ALL ON FUNCTION private.caller_hash() TO authenticated;
GRANT ALL ON FUNCTION private.caller_hash() TO service_role;

-- Name: FUNCTION caller_hash_in_place(); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.caller_hash_in_place() FROM PUBLIC;
GRANT ALL ON FUNCTION private.caller_hash_in_place() TO anon;
GRANT ALL ON FUNCTION private.caller_hash_in_place() TO authenticated;
GRANT ALL ON FUNCTION private.caller_hash_in_place() TO service_role;

-- Name: FUNCTION caller_id(); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.caller_id() FROM PUBLIC;
GRANT ALL ON FUNCTION private.caller_id() TO anon;
GRANT ALL ON FUNCTION private.caller_id() TO authenticated;
GRANT ALL ON FUNCTION private.caller_id() TO service_role;

-- Name: FUNCTION content_document(p_title text, p_output text); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.content_document(p_title text, p_output text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.content_document(p_title text, p_output text) TO anon;
GRANT ALL ON FUNCTION private.content_document(p_title text, p_output text) TO authenticated;
GRANT ALL ON FUNCTION private.content_document(p_title text, p_output text) TO service_role;

-- Name: FUNCTION delete_content(p_id uuid); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.delete_content(p_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION private.delete_content(p_id uuid) TO anon;
GRANT ALL ON FUNCTION private.delete_content(p_id uuid) TO authenticated;

-- Name: FUNCTION derive_tier(); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.derive_tier() FROM PUBLIC;

-- Name: FUNCTION reservation_is_possible(p_operation_type text, p_units integer, p_state text, p_closed_at timestamp with time zone, p_settled_units integer, p_idempotency_key text); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.reservation_is_possible(p_operation_type text, p_units integer, p_state text, p_closed_at timestamp with time zone, p_settled_units integer, p_idempotency_key text) FROM PUBLIC;

-- Name: FUNCTION time_ordered_id(); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.time_ordered_id() FROM PUBLIC;

-- Name: TABLE usage_reservations; Type: ACL; Schema: public; Owner: -

GRANT SELECT,DELETE ON TABLE public.usage_reservations TO service_role;
GRANT SELECT ON TABLE public.usage_reservations TO authenticated;

-- Name: FUNCTION earlier_reservation(p_user_id text, p_operation_type text, p_units integer, p_idempotency_key text); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.earlier_reservation(p_user_id text, p_operation_type text, p_units integer, p_idempotency_key text) FROM PUBLIC;

-- Name: FUNCTION end_run(p_run_id uuid, p_status text, p_content_id uuid, p_provider text, p_model text, p_metadata jsonb, p_input_tokens integer, p_output_tokens integer, p_cost_usd numeric, p_execution_time_ms integer, p_error jsonb, p_events jsonb, p_usage jsonb); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.end_run(p_run_id uuid, p_status text, p_content_id uuid, p_provider text, p_model text, p_metadata jsonb, p_input_tokens integer, p_output_tokens integer, p_cost_usd numeric, p_execution_time_ms integer, p_error jsonb, p_events jsonb, p_usage jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION private.end_run(p_run_id uuid, p_status text, p_content_id uuid, p_provider text, p_model text, p_metadata jsonb, p_input_tokens integer, p_output_tokens integer, p_cost_usd numeric, p_execution_time_ms integer, p_error jsonb, p_events jsonb, p_usage jsonb) TO service_role;

-- Name: FUNCTION uuid_generate_v4(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.uuid_generate_v4() FROM PUBLIC;
GRANT ALL ON FUNCTION public.uuid_generate_v4() TO anon;
GRANT ALL ON FUNCTION public.uuid_generate_v4() TO authenticated;
GRANT ALL ON FUNCTION public.uuid_generate_v4() TO service_role;

-- Name: TABLE stripe_subscriptions; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.stripe_subscriptions TO service_role;
GRANT SELECT ON TABLE public.stripe_subscriptions TO authenticated;

-- Name: FUNCTION entitled_until(p_subscription public.stripe_subscriptions); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.entitled_until(p_subscription public.stripe_subscriptions) FROM PUBLIC;

-- Name: FUNCTION expire_reservations(p_user_id text); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.expire_reservations(p_user_id text) FROM PUBLIC;

-- Name: FUNCTION follow_grant(); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.follow_grant() FROM PUBLIC;

-- Name: FUNCTION follow_settings(); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.follow_settings() FROM PUBLIC;

-- Name: FUNCTION forget_reservations(p_age interval); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.forget_reservations(p_age interval) FROM PUBLIC;
GRANT ALL ON FUNCTION private.forget_reservations(p_age interval) TO service_role;

-- Name: FUNCTION grant_tier(); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.grant_tier() FROM PUBLIC;

-- Name: FUNCTION hold_run(p_run_id uuid, p_expires_in interval, p_started jsonb); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.hold_run(p_run_id uuid, p_expires_in interval, p_started jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION private.hold_run(p_run_id uuid, p_expires_in interval, p_started jsonb) TO service_role;

-- Name: FUNCTION keep_content_version(); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.keep_content_version() FROM PUBLIC;

-- Name: FUNCTION keep_subscription(); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.keep_subscription() FROM PUBLIC;

-- Name: FUNCTION keep_user_tier(); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.keep_user_tier() FROM PUBLIC;

-- Name: FUNCTION lock_new_user(p_user_id text); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.lock_new_user(p_user_id text) FROM PUBLIC;

-- Name: FUNCTION matching_content(p_search text); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.matching_content(p_search text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.matching_content(p_search text) TO anon;
GRANT ALL ON FUNCTION private.matching_content(p_search text) TO authenticated;
GRANT ALL ON FUNCTION private.matching_content(p_search text) TO service_role;

-- Name: FUNCTION mirror_tier(); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.mirror_tier() FROM PUBLIC;

-- Name: FUNCTION next_window(p_tier text, p_anchor timestamp with time zone, p_start timestamp with time zone, p_end timestamp with time zone, p_at timestamp with time zone, OUT anchor timestamp with time zone, OUT starts timestamp with time zone, OUT ends timestamp with time zone); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.next_window(p_tier text, p_anchor timestamp with time zone, p_start timestamp with time zone, p_end timestamp with time zone, p_at timestamp with time zone, OUT anchor timestamp with time zone, OUT starts timestamp with time zone, OUT ends timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION private.next_window(p_tier text, p_anchor timestamp with time zone, p_start timestamp with time zone, p_end timestamp with time zone, p_at timestamp with time zone, OUT anchor timestamp with time zone, OUT starts timestamp with time zone, OUT ends timestamp with time zone) TO service_role;

-- Name: FUNCTION pass_owner_of_profile(); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.pass_owner_of_profile() FROM PUBLIC;

-- Name: FUNCTION purge_deleted_content(); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.purge_deleted_content() FROM PUBLIC;
GRANT ALL ON FUNCTION private.purge_deleted_content() TO service_role;

-- Name: FUNCTION quota_is_possible(p_month_used integer, p_day_used integer, p_month_tokens bigint, p_granted_tier text, p_subscribed_tier text); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.quota_is_possible(p_month_used integer, p_day_used integer, p_month_tokens bigint, p_granted_tier text, p_subscribed_tier text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.quota_is_possible(p_month_used integer, p_day_used integer, p_month_tokens bigint, p_granted_tier text, p_subscribed_tier text) TO service_role;

-- Name: FUNCTION quota_state(p_user_id text, OUT tier text, OUT month_used integer, OUT monthly_limit integer, OUT day_used integer, OUT daily_limit integer, OUT period_start timestamp with time zone, OUT period_end timestamp with time zone); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.quota_state(p_user_id text, OUT tier text, OUT month_used integer, OUT monthly_limit integer, OUT day_used integer, OUT daily_limit integer, OUT period_start timestamp with time zone, OUT period_end timestamp with time zone) FROM PUBLIC;

-- Name: FUNCTION recount_usage(p_user_id text); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.recount_usage(p_user_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.recount_usage(p_user_id text) TO service_role;

-- Name: FUNCTION refresh_quota(p_user_id text); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.refresh_quota(p_user_id text) FROM PUBLIC;

-- Name: FUNCTION refuse_usage(p_user_id text, p_units integer); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.refuse_usage(p_user_id text, p_units integer) FROM PUBLIC;

-- Name: FUNCTION require_own(p_user_id text); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.require_own(p_user_id text) FROM PUBLIC;

-- Name: FUNCTION require_own_hash(p_user_hash text); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.require_own_hash(p_user_hash text) FROM PUBLIC;

-- Name: PROCEDURE reset_privileges(IN p_kind text, IN p_name text); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON PROCEDURE private.reset_privileges(IN p_kind text, IN p_name text) FROM PUBLIC;

-- Name: FUNCTION restore_content(p_id uuid); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.restore_content(p_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION private.restore_content(p_id uuid) TO anon;
GRANT ALL ON FUNCTION private.restore_content(p_id uuid) TO authenticated;

-- Name: FUNCTION roll_quotas(p_user_ids text[]); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.roll_quotas(p_user_ids text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION private.roll_quotas(p_user_ids text[]) TO service_role;

-- Name: FUNCTION search_query(p_search text); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.search_query(p_search text) FROM PUBLIC;
GRANT ALL ON FUNCTION private.search_query(p_search text) TO anon;
GRANT ALL ON FUNCTION private.search_query(p_search text) TO authenticated;
GRANT ALL ON FUNCTION private.search_query(p_search text) TO service_role;

-- Name: FUNCTION settle_reservation(p_reservation_id uuid, p_state text, p_units integer, p_tokens integer, p_metadata jsonb); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.settle_reservation(p_reservation_id uuid, p_state text, p_units integer, p_tokens integer, p_metadata jsonb) FROM PUBLIC;

-- Name: FUNCTION slow_statements(p_limit integer); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.slow_statements(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION private.slow_statements(p_limit integer) TO service_role;

-- Name: FUNCTION stored_status(p_stripe_status text); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.stored_status(p_stripe_status text) FROM PUBLIC;

-- Name: TABLE batch_jobs; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.batch_jobs TO service_role;
GRANT SELECT,DELETE ON TABLE public.batch_jobs TO authenticated;

-- Name: COLUMN batch_jobs.id; Type: ACL; Schema: public; Owner: -

GRANT INSERT(id) ON TABLE public.batch_jobs TO authenticated;

-- Name: COLUMN batch_jobs.user_id; Type: ACL; Schema: public; Owner: -

GRANT INSERT(user_id) ON TABLE public.batch_jobs TO authenticated;

-- Name: COLUMN batch_jobs.name; Type: ACL; Schema: public; Owner: -

GRANT INSERT(name),UPDATE(name) ON TABLE public.batch_jobs TO authenticated;

-- Name: COLUMN batch_jobs.provider_strategy; Type: ACL; Schema: public; Owner: -

GRANT INSERT(provider_strategy) ON TABLE public.batch_jobs TO authenticated;

-- Name: COLUMN batch_jobs.total_items; Type: ACL; Schema: public; Owner: -

GRANT INSERT(total_items) ON TABLE public.batch_jobs TO authenticated;

-- Name: COLUMN batch_jobs.items; Type: ACL; Schema: public; Owner: -

GRANT INSERT(items) ON TABLE public.batch_jobs TO authenticated;

-- Name: FUNCTION stuck_batch_jobs(p_age interval); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.stuck_batch_jobs(p_age interval) FROM PUBLIC;
GRANT ALL ON FUNCTION private.stuck_batch_jobs(p_age interval) TO service_role;

-- Name: FUNCTION subscription_entitlement(p_user_id text, p_at timestamp with time zone, OUT tier text, OUT anchor timestamp with time zone, OUT until timestamp with time zone); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.subscription_entitlement(p_user_id text, p_at timestamp with time zone, OUT tier text, OUT anchor timestamp with time zone, OUT until timestamp with time zone) FROM PUBLIC;

-- Name: FUNCTION take_owner_of_profile(); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.take_owner_of_profile() FROM PUBLIC;

-- Name: FUNCTION usage_window(p_anchor timestamp with time zone, p_at timestamp with time zone, OUT starts timestamp with time zone, OUT ends timestamp with time zone); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.usage_window(p_anchor timestamp with time zone, p_at timestamp with time zone, OUT starts timestamp with time zone, OUT ends timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION private.usage_window(p_anchor timestamp with time zone, p_at timestamp with time zone, OUT starts timestamp with time zone, OUT ends timestamp with time zone) TO service_role;

-- Name: FUNCTION check_quota_available(p_user_id text); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.check_quota_available(p_user_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.check_quota_available(p_user_id text) TO anon;
GRANT ALL ON FUNCTION public.check_quota_available(p_user_id text) TO authenticated;
GRANT ALL ON FUNCTION public.check_quota_available(p_user_id text) TO service_role;

-- Name: TABLE tier_limits; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tier_limits TO service_role;
GRANT SELECT ON TABLE public.tier_limits TO anon;
GRANT SELECT ON TABLE public.tier_limits TO authenticated;

-- Name: TABLE user_quotas; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.user_quotas TO service_role;
GRANT SELECT ON TABLE public.user_quotas TO authenticated;

-- Name: TABLE users; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.users TO service_role;
GRANT SELECT ON TABLE public.users TO authenticated;

-- Name: COLUMN users.email; Type: ACL; Schema: public; Owner: -

GRANT UPDATE(email) ON TABLE public.users TO authenticated;

-- Name: COLUMN users.name; Type: ACL; Schema: public; Owner: -

GRANT UPDATE(name) ON TABLE public.users TO authenticated;

-- Name: TABLE quota_status; Type: ACL; Schema: private; Owner: -

GRANT SELECT ON TABLE private.quota_status TO service_role;

-- Name: FUNCTION users_approaching_quota(p_threshold bigint); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.users_approaching_quota(p_threshold bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION private.users_approaching_quota(p_threshold bigint) TO service_role;

-- Name: FUNCTION utc_text(p_at timestamp with time zone); Type: ACL; Schema: private; Owner: -

REVOKE ALL ON FUNCTION private.utc_text(p_at timestamp with time zone) FROM PUBLIC;

-- Name: TABLE conversations; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.conversations TO service_role;
GRANT SELECT,DELETE ON TABLE public.conversations TO anon;
GRANT SELECT,DELETE ON TABLE public.conversations TO authenticated;

-- Name: COLUMN conversations.id; Type: ACL; Schema: public; Owner: -

GRANT INSERT(id) ON TABLE public.conversations TO anon;
GRANT INSERT(id) ON TABLE public.conversations TO authenticated;

-- Name: COLUMN conversations.messages; Type: ACL; Schema: public; Owner: -

GRANT INSERT(messages),UPDATE(messages) ON TABLE public.conversations TO anon;
GRANT INSERT(messages),UPDATE(messages) ON TABLE public.conversations TO authenticated;

-- Name: COLUMN conversations.metadata; Type: ACL; Schema: public; Owner: -

GRANT INSERT(metadata),UPDATE(metadata) ON TABLE public.conversations TO anon;
GRANT INSERT(metadata),UPDATE(metadata) ON TABLE public.conversations TO authenticated;

-- Name: COLUMN conversations.user_hash; Type: ACL; Schema: public; Owner: -

GRANT INSERT(user_hash) ON TABLE public.conversations TO anon;
GRANT INSERT(user_hash) ON TABLE public.conversations TO authenticated;

-- Name: FUNCTION add_conversation_message(p_id text, p_message jsonb); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.add_conversation_message(p_id text, p_message jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.add_conversation_message(p_id text, p_message jsonb) TO service_role;
GRANT ALL ON FUNCTION public.add_conversation_message(p_id text, p_message jsonb) TO anon;
GRANT ALL ON FUNCTION public.add_conversation_message(p_id text, p_message jsonb) TO authenticated;

-- Name: FUNCTION get_current_month_usage(p_user_id text); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.get_current_month_usage(p_user_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_current_month_usage(p_user_id text) TO anon;
GRANT ALL ON FUNCTION public.get_current_month_usage(p_user_id text) TO authenticated;
GRANT ALL ON FUNCTION public.get_current_month_usage(p_user_id text) TO service_role;

-- Name: FUNCTION get_daily_usage(p_user_id text); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.get_daily_usage(p_user_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_daily_usage(p_user_id text) TO anon;
GRANT ALL ON FUNCTION public.get_daily_usage(p_user_id text) TO authenticated;
GRANT ALL ON FUNCTION public.get_daily_usage(p_user_id text) TO service_role;

-- Name: FUNCTION get_subscription_status(p_user_id text); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.get_subscription_status(p_user_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_subscription_status(p_user_id text) TO service_role;
GRANT ALL ON FUNCTION public.get_subscription_status(p_user_id text) TO authenticated;

-- Name: FUNCTION get_tool_stats(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.get_tool_stats() FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_tool_stats() TO service_role;
GRANT ALL ON FUNCTION public.get_tool_stats() TO anon;
GRANT ALL ON FUNCTION public.get_tool_stats() TO authenticated;

-- Name: FUNCTION get_usage_breakdown(p_user_id text, p_start timestamp with time zone, p_end timestamp with time zone); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.get_usage_breakdown(p_user_id text, p_start timestamp with time zone, p_end timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_usage_breakdown(p_user_id text, p_start timestamp with time zone, p_end timestamp with time zone) TO anon;
GRANT ALL ON FUNCTION public.get_usage_breakdown(p_user_id text, p_start timestamp with time zone, p_end timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION public.get_usage_breakdown(p_user_id text, p_start timestamp with time zone, p_end timestamp with time zone) TO service_role;

-- Name: FUNCTION increment_template_use_count(p_template_id uuid); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.increment_template_use_count(p_template_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.increment_template_use_count(p_template_id uuid) TO service_role;
GRANT ALL ON FUNCTION public.increment_template_use_count(p_template_id uuid) TO anon;
GRANT ALL ON FUNCTION public.increment_template_use_count(p_template_id uuid) TO authenticated;

-- Name: FUNCTION increment_tool_usage(p_tool_id text); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.increment_tool_usage(p_tool_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.increment_tool_usage(p_tool_id text) TO service_role;

-- Name: FUNCTION increment_user_usage(p_user_id text, p_op_type text, p_tokens integer, p_metadata jsonb); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.increment_user_usage(p_user_id text, p_op_type text, p_tokens integer, p_metadata jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.increment_user_usage(p_user_id text, p_op_type text, p_tokens integer, p_metadata jsonb) TO service_role;

-- Name: FUNCTION record_subscription(p_subscription_id text, p_user_id text, p_tier text, p_stripe_status text, p_event_at timestamp with time zone, p_customer_id text, p_period_start timestamp with time zone, p_period_end timestamp with time zone, p_cancel_at_period_end boolean, p_cancelled_at timestamp with time zone); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.record_subscription(p_subscription_id text, p_user_id text, p_tier text, p_stripe_status text, p_event_at timestamp with time zone, p_customer_id text, p_period_start timestamp with time zone, p_period_end timestamp with time zone, p_cancel_at_period_end boolean, p_cancelled_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_subscription(p_subscription_id text, p_user_id text, p_tier text, p_stripe_status text, p_event_at timestamp with time zone, p_customer_id text, p_period_start timestamp with time zone, p_period_end timestamp with time zone, p_cancel_at_period_end boolean, p_cancelled_at timestamp with time zone) TO service_role;

-- Name: FUNCTION release_usage(p_reservation_id uuid); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.release_usage(p_reservation_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.release_usage(p_reservation_id uuid) TO service_role;

-- Name: FUNCTION reserve_usage(p_user_id text, p_operation_type text, p_units integer, p_expires_in interval, p_idempotency_key text, OUT reservation_id uuid, OUT state text, OUT units integer, OUT expires_at timestamp with time zone, OUT replayed boolean); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.reserve_usage(p_user_id text, p_operation_type text, p_units integer, p_expires_in interval, p_idempotency_key text, OUT reservation_id uuid, OUT state text, OUT units integer, OUT expires_at timestamp with time zone, OUT replayed boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.reserve_usage(p_user_id text, p_operation_type text, p_units integer, p_expires_in interval, p_idempotency_key text, OUT reservation_id uuid, OUT state text, OUT units integer, OUT expires_at timestamp with time zone, OUT replayed boolean) TO service_role;

-- Name: FUNCTION reset_expired_quotas(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.reset_expired_quotas() FROM PUBLIC;
GRANT ALL ON FUNCTION public.reset_expired_quotas() TO service_role;

-- Name: FUNCTION set_default_brand_profile(p_profile_id uuid, p_user_hash text); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.set_default_brand_profile(p_profile_id uuid, p_user_hash text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.set_default_brand_profile(p_profile_id uuid, p_user_hash text) TO service_role;
GRANT ALL ON FUNCTION public.set_default_brand_profile(p_profile_id uuid, p_user_hash text) TO anon;
GRANT ALL ON FUNCTION public.set_default_brand_profile(p_profile_id uuid, p_user_hash text) TO authenticated;

-- Name: FUNCTION set_favorite(content_id uuid, favorite_status boolean); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.set_favorite(content_id uuid, favorite_status boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.set_favorite(content_id uuid, favorite_status boolean) TO service_role;
GRANT ALL ON FUNCTION public.set_favorite(content_id uuid, favorite_status boolean) TO anon;
GRANT ALL ON FUNCTION public.set_favorite(content_id uuid, favorite_status boolean) TO authenticated;

-- Name: FUNCTION settle_usage(p_reservation_id uuid, p_units integer, p_tokens integer, p_metadata jsonb); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.settle_usage(p_reservation_id uuid, p_units integer, p_tokens integer, p_metadata jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.settle_usage(p_reservation_id uuid, p_units integer, p_tokens integer, p_metadata jsonb) TO service_role;

-- Name: FUNCTION sweep_reservations(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.sweep_reservations() FROM PUBLIC;
GRANT ALL ON FUNCTION public.sweep_reservations() TO service_role;

-- Name: FUNCTION sync_user_tier_from_subscription(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.sync_user_tier_from_subscription() FROM PUBLIC;
GRANT ALL ON FUNCTION public.sync_user_tier_from_subscription() TO service_role;

-- Name: FUNCTION toggle_favorite(content_id uuid); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.toggle_favorite(content_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.toggle_favorite(content_id uuid) TO service_role;
GRANT ALL ON FUNCTION public.toggle_favorite(content_id uuid) TO anon;
GRANT ALL ON FUNCTION public.toggle_favorite(content_id uuid) TO authenticated;

-- Name: FUNCTION update_updated_at_column(); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.update_updated_at_column() FROM PUBLIC;
GRANT ALL ON FUNCTION public.update_updated_at_column() TO service_role;

-- Name: FUNCTION upsert_conversation(p_id text, p_messages jsonb, p_metadata jsonb); Type: ACL; Schema: public; Owner: -

REVOKE ALL ON FUNCTION public.upsert_conversation(p_id text, p_messages jsonb, p_metadata jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.upsert_conversation(p_id text, p_messages jsonb, p_metadata jsonb) TO service_role;
GRANT ALL ON FUNCTION public.upsert_conversation(p_id text, p_messages jsonb, p_metadata jsonb) TO anon;
GRANT ALL ON FUNCTION public.upsert_conversation(p_id text, p_messages jsonb, p_metadata jsonb) TO authenticated;

-- Name: TABLE deleted_content; Type: ACL; Schema: private; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE private.deleted_content TO service_role;

-- Name: TABLE duplicate_payment_failures; Type: ACL; Schema: private; Owner: -

GRANT SELECT ON TABLE private.duplicate_payment_failures TO service_role;

-- Name: TABLE duplicate_payments; Type: ACL; Schema: private; Owner: -

GRANT SELECT ON TABLE private.duplicate_payments TO service_role;

-- Name: TABLE entitlement_settings; Type: ACL; Schema: private; Owner: -

GRANT SELECT,UPDATE ON TABLE private.entitlement_settings TO service_role;

-- Name: TABLE maintenance_log; Type: ACL; Schema: private; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE private.maintenance_log TO service_role;

-- Name: TABLE maintenance_state; Type: ACL; Schema: private; Owner: -

GRANT SELECT ON TABLE private.maintenance_state TO service_role;

-- Name: TABLE open_reservations; Type: ACL; Schema: private; Owner: -

GRANT SELECT ON TABLE private.open_reservations TO service_role;

-- Name: TABLE relation_sizes; Type: ACL; Schema: private; Owner: -

GRANT SELECT ON TABLE private.relation_sizes TO service_role;

-- Name: TABLE payments; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.payments TO service_role;
GRANT SELECT ON TABLE public.payments TO authenticated;

-- Name: TABLE revenue_by_tier; Type: ACL; Schema: private; Owner: -

GRANT SELECT ON TABLE private.revenue_by_tier TO service_role;

-- Name: TABLE schema_migrations; Type: ACL; Schema: private; Owner: -

GRANT SELECT ON TABLE private.schema_migrations TO service_role;

-- Name: TABLE tool_usage; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tool_usage TO service_role;
GRANT SELECT ON TABLE public.tool_usage TO anon;
GRANT SELECT ON TABLE public.tool_usage TO authenticated;

-- Name: TABLE tool_popularity; Type: ACL; Schema: private; Owner: -

GRANT SELECT ON TABLE private.tool_popularity TO service_role;

-- Name: TABLE payment_failures; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.payment_failures TO service_role;
GRANT SELECT ON TABLE public.payment_failures TO authenticated;

-- Name: TABLE unresolved_payments; Type: ACL; Schema: private; Owner: -

GRANT SELECT ON TABLE private.unresolved_payments TO service_role;

-- Name: TABLE usage_archives; Type: ACL; Schema: private; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE private.usage_archives TO service_role;

-- Name: TABLE usage_monthly_totals; Type: ACL; Schema: private; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE private.usage_monthly_totals TO service_role;

-- Name: TABLE usage_records; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.usage_records TO service_role;
GRANT SELECT ON TABLE public.usage_records TO authenticated;

-- Name: TABLE usage_reconciliation; Type: ACL; Schema: private; Owner: -

GRANT SELECT ON TABLE private.usage_reconciliation TO service_role;

-- Name: TABLE brand_profiles; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.brand_profiles TO service_role;
GRANT SELECT,DELETE ON TABLE public.brand_profiles TO anon;
GRANT SELECT,DELETE ON TABLE public.brand_profiles TO authenticated;

-- Name: COLUMN brand_profiles.id; Type: ACL; Schema: public; Owner: -

GRANT INSERT(id) ON TABLE public.brand_profiles TO anon;
GRANT INSERT(id) ON TABLE public.brand_profiles TO authenticated;

-- Name: COLUMN brand_profiles.name; Type: ACL; Schema: public; Owner: -

GRANT INSERT(name),UPDATE(name) ON TABLE public.brand_profiles TO anon;
GRANT INSERT(name),UPDATE(name) ON TABLE public.brand_profiles TO authenticated;

-- Name: COLUMN brand_profiles.slug; Type: ACL; Schema: public; Owner: -

GRANT INSERT(slug),UPDATE(slug) ON TABLE public.brand_profiles TO anon;
GRANT INSERT(slug),UPDATE(slug) ON TABLE public.brand_profiles TO authenticated;

-- Name: COLUMN brand_profiles.tone_keywords; Type: ACL; Schema: public; Owner: -

GRANT INSERT(tone_keywords),UPDATE(tone_keywords) ON TABLE public.brand_profiles TO anon;
GRANT INSERT(tone_keywords),UPDATE(tone_keywords) ON TABLE public.brand_profiles TO authenticated;

-- Name: COLUMN brand_profiles.writing_style; Type: ACL; Schema: public; Owner: -

GRANT INSERT(writing_style),UPDATE(writing_style) ON TABLE public.brand_profiles TO anon;
GRANT INSERT(writing_style),UPDATE(writing_style) ON TABLE public.brand_profiles TO authenticated;

-- Name: COLUMN brand_profiles.example_content; Type: ACL; Schema: public; Owner: -

GRANT INSERT(example_content),UPDATE(example_content) ON TABLE public.brand_profiles TO anon;
GRANT INSERT(example_content),UPDATE(example_content) ON TABLE public.brand_profiles TO authenticated;

-- Name: COLUMN brand_profiles.industry; Type: ACL; Schema: public; Owner: -

GRANT INSERT(industry),UPDATE(industry) ON TABLE public.brand_profiles TO anon;
GRANT INSERT(industry),UPDATE(industry) ON TABLE public.brand_profiles TO authenticated;

-- Name: COLUMN brand_profiles.target_audience; Type: ACL; Schema: public; Owner: -

GRANT INSERT(target_audience),UPDATE(target_audience) ON TABLE public.brand_profiles TO anon;
GRANT INSERT(target_audience),UPDATE(target_audience) ON TABLE public.brand_profiles TO authenticated;

-- Name: COLUMN brand_profiles.preferred_words; Type: ACL; Schema: public; Owner: -

GRANT INSERT(preferred_words),UPDATE(preferred_words) ON TABLE public.brand_profiles TO anon;
GRANT INSERT(preferred_words),UPDATE(preferred_words) ON TABLE public.brand_profiles TO authenticated;

-- Name: COLUMN brand_profiles.avoid_words; Type: ACL; Schema: public; Owner: -

GRANT INSERT(avoid_words),UPDATE(avoid_words) ON TABLE public.brand_profiles TO anon;
GRANT INSERT(avoid_words),UPDATE(avoid_words) ON TABLE public.brand_profiles TO authenticated;

-- Name: COLUMN brand_profiles.brand_values; Type: ACL; Schema: public; Owner: -

GRANT INSERT(brand_values),UPDATE(brand_values) ON TABLE public.brand_profiles TO anon;
GRANT INSERT(brand_values),UPDATE(brand_values) ON TABLE public.brand_profiles TO authenticated;

-- Name: COLUMN brand_profiles.content_themes; Type: ACL; Schema: public; Owner: -

GRANT INSERT(content_themes),UPDATE(content_themes) ON TABLE public.brand_profiles TO anon;
GRANT INSERT(content_themes),UPDATE(content_themes) ON TABLE public.brand_profiles TO authenticated;

-- Name: COLUMN brand_profiles.user_hash; Type: ACL; Schema: public; Owner: -

GRANT INSERT(user_hash) ON TABLE public.brand_profiles TO anon;
GRANT INSERT(user_hash) ON TABLE public.brand_profiles TO authenticated;

-- Name: COLUMN brand_profiles.is_active; Type: ACL; Schema: public; Owner: -

GRANT INSERT(is_active),UPDATE(is_active) ON TABLE public.brand_profiles TO anon;
GRANT INSERT(is_active),UPDATE(is_active) ON TABLE public.brand_profiles TO authenticated;

-- Name: COLUMN brand_profiles.is_default; Type: ACL; Schema: public; Owner: -

GRANT INSERT(is_default),UPDATE(is_default) ON TABLE public.brand_profiles TO anon;
GRANT INSERT(is_default),UPDATE(is_default) ON TABLE public.brand_profiles TO authenticated;

-- Name: TABLE content_versions; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.content_versions TO service_role;
GRANT SELECT ON TABLE public.content_versions TO anon;
GRANT SELECT ON TABLE public.content_versions TO authenticated;

-- Name: TABLE generated_content; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.generated_content TO service_role;
GRANT SELECT,DELETE ON TABLE public.generated_content TO anon;
GRANT SELECT,DELETE ON TABLE public.generated_content TO authenticated;

-- Name: COLUMN generated_content.id; Type: ACL; Schema: public; Owner: -

GRANT INSERT(id) ON TABLE public.generated_content TO anon;
GRANT INSERT(id) ON TABLE public.generated_content TO authenticated;

-- Name: COLUMN generated_content.tool_id; Type: ACL; Schema: public; Owner: -

GRANT INSERT(tool_id) ON TABLE public.generated_content TO anon;
GRANT INSERT(tool_id) ON TABLE public.generated_content TO authenticated;

-- Name: COLUMN generated_content.inputs; Type: ACL; Schema: public; Owner: -

GRANT INSERT(inputs) ON TABLE public.generated_content TO anon;
GRANT INSERT(inputs) ON TABLE public.generated_content TO authenticated;

-- Name: COLUMN generated_content.output; Type: ACL; Schema: public; Owner: -

GRANT INSERT(output),UPDATE(output) ON TABLE public.generated_content TO anon;
GRANT INSERT(output),UPDATE(output) ON TABLE public.generated_content TO authenticated;

-- Name: COLUMN generated_content.provider; Type: ACL; Schema: public; Owner: -

GRANT INSERT(provider) ON TABLE public.generated_content TO anon;
GRANT INSERT(provider) ON TABLE public.generated_content TO authenticated;

-- Name: COLUMN generated_content.execution_time_ms; Type: ACL; Schema: public; Owner: -

GRANT INSERT(execution_time_ms) ON TABLE public.generated_content TO anon;
GRANT INSERT(execution_time_ms) ON TABLE public.generated_content TO authenticated;

-- Name: COLUMN generated_content.user_hash; Type: ACL; Schema: public; Owner: -

GRANT INSERT(user_hash) ON TABLE public.generated_content TO anon;
GRANT INSERT(user_hash) ON TABLE public.generated_content TO authenticated;

-- Name: COLUMN generated_content.is_favorite; Type: ACL; Schema: public; Owner: -

GRANT INSERT(is_favorite),UPDATE(is_favorite) ON TABLE public.generated_content TO anon;
GRANT INSERT(is_favorite),UPDATE(is_favorite) ON TABLE public.generated_content TO authenticated;

-- Name: COLUMN generated_content.tool_name; Type: ACL; Schema: public; Owner: -

GRANT INSERT(tool_name) ON TABLE public.generated_content TO anon;
GRANT INSERT(tool_name) ON TABLE public.generated_content TO authenticated;

-- Name: COLUMN generated_content.title; Type: ACL; Schema: public; Owner: -

GRANT INSERT(title),UPDATE(title) ON TABLE public.generated_content TO anon;
GRANT INSERT(title),UPDATE(title) ON TABLE public.generated_content TO authenticated;

-- Name: TABLE generated_images; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.generated_images TO service_role;
GRANT SELECT,DELETE ON TABLE public.generated_images TO authenticated;

-- Name: TABLE generation_events; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.generation_events TO service_role;
GRANT SELECT ON TABLE public.generation_events TO authenticated;

-- Name: TABLE generation_runs; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.generation_runs TO service_role;

-- Name: COLUMN generation_runs.id; Type: ACL; Schema: public; Owner: -

GRANT SELECT(id),INSERT(id) ON TABLE public.generation_runs TO authenticated;

-- Name: COLUMN generation_runs.user_id; Type: ACL; Schema: public; Owner: -

GRANT SELECT(user_id),INSERT(user_id) ON TABLE public.generation_runs TO authenticated;

-- Name: COLUMN generation_runs.tool_id; Type: ACL; Schema: public; Owner: -

GRANT SELECT(tool_id),INSERT(tool_id) ON TABLE public.generation_runs TO authenticated;

-- Name: COLUMN generation_runs.tool_name; Type: ACL; Schema: public; Owner: -

GRANT SELECT(tool_name),INSERT(tool_name) ON TABLE public.generation_runs TO authenticated;

-- Name: COLUMN generation_runs.operation_type; Type: ACL; Schema: public; Owner: -

GRANT SELECT(operation_type),INSERT(operation_type) ON TABLE public.generation_runs TO authenticated;

-- Name: COLUMN generation_runs.units; Type: ACL; Schema: public; Owner: -

GRANT SELECT(units),INSERT(units) ON TABLE public.generation_runs TO authenticated;

-- Name: COLUMN generation_runs.inputs; Type: ACL; Schema: public; Owner: -

GRANT SELECT(inputs),INSERT(inputs) ON TABLE public.generation_runs TO authenticated;

-- Name: COLUMN generation_runs.provider; Type: ACL; Schema: public; Owner: -

GRANT SELECT(provider),INSERT(provider) ON TABLE public.generation_runs TO authenticated;

-- Name: COLUMN generation_runs.idempotency_key; Type: ACL; Schema: public; Owner: -

GRANT SELECT(idempotency_key),INSERT(idempotency_key) ON TABLE public.generation_runs TO authenticated;

-- Name: COLUMN generation_runs.fingerprint; Type: ACL; Schema: public; Owner: -

GRANT SELECT(fingerprint),INSERT(fingerprint) ON TABLE public.generation_runs TO authenticated;

-- Name: COLUMN generation_runs.created_at; Type: ACL; Schema: public; Owner: -

GRANT SELECT(created_at) ON TABLE public.generation_runs TO authenticated;

-- Name: COLUMN generation_runs.cancel_requested; Type: ACL; Schema: public; Owner: -

GRANT SELECT(cancel_requested),UPDATE(cancel_requested) ON TABLE public.generation_runs TO authenticated;

-- Name: COLUMN generation_runs.status; Type: ACL; Schema: public; Owner: -

GRANT SELECT(status) ON TABLE public.generation_runs TO authenticated;

-- Name: COLUMN generation_runs.heartbeat_at; Type: ACL; Schema: public; Owner: -

GRANT SELECT(heartbeat_at) ON TABLE public.generation_runs TO authenticated;

-- Name: COLUMN generation_runs.finished_at; Type: ACL; Schema: public; Owner: -

GRANT SELECT(finished_at) ON TABLE public.generation_runs TO authenticated;

-- Name: COLUMN generation_runs.content_id; Type: ACL; Schema: public; Owner: -

GRANT SELECT(content_id) ON TABLE public.generation_runs TO authenticated;

-- Name: COLUMN generation_runs.model; Type: ACL; Schema: public; Owner: -

GRANT SELECT(model) ON TABLE public.generation_runs TO authenticated;

-- Name: COLUMN generation_runs.metadata; Type: ACL; Schema: public; Owner: -

GRANT SELECT(metadata) ON TABLE public.generation_runs TO authenticated;

-- Name: COLUMN generation_runs.input_tokens; Type: ACL; Schema: public; Owner: -

GRANT SELECT(input_tokens) ON TABLE public.generation_runs TO authenticated;

-- Name: COLUMN generation_runs.output_tokens; Type: ACL; Schema: public; Owner: -

GRANT SELECT(output_tokens) ON TABLE public.generation_runs TO authenticated;

-- Name: COLUMN generation_runs.cost_usd; Type: ACL; Schema: public; Owner: -

GRANT SELECT(cost_usd) ON TABLE public.generation_runs TO authenticated;

-- Name: COLUMN generation_runs.execution_time_ms; Type: ACL; Schema: public; Owner: -

GRANT SELECT(execution_time_ms) ON TABLE public.generation_runs TO authenticated;

-- Name: COLUMN generation_runs.error; Type: ACL; Schema: public; Owner: -

GRANT SELECT(error) ON TABLE public.generation_runs TO authenticated;

-- Name: TABLE remix_history; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.remix_history TO service_role;
GRANT SELECT,DELETE ON TABLE public.remix_history TO authenticated;

-- Name: TABLE stripe_customers; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.stripe_customers TO service_role;
GRANT SELECT ON TABLE public.stripe_customers TO authenticated;

-- Name: TABLE stripe_events; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.stripe_events TO service_role;

-- Name: TABLE templates; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.templates TO service_role;
GRANT SELECT,DELETE ON TABLE public.templates TO anon;
GRANT SELECT,DELETE ON TABLE public.templates TO authenticated;

-- Name: COLUMN templates.id; Type: ACL; Schema: public; Owner: -

GRANT INSERT(id) ON TABLE public.templates TO anon;
GRANT INSERT(id) ON TABLE public.templates TO authenticated;

-- Name: COLUMN templates.name; Type: ACL; Schema: public; Owner: -

GRANT INSERT(name),UPDATE(name) ON TABLE public.templates TO anon;
GRANT INSERT(name),UPDATE(name) ON TABLE public.templates TO authenticated;

-- Name: COLUMN templates.description; Type: ACL; Schema: public; Owner: -

GRANT INSERT(description),UPDATE(description) ON TABLE public.templates TO anon;
GRANT INSERT(description),UPDATE(description) ON TABLE public.templates TO authenticated;

-- Name: COLUMN templates.slug; Type: ACL; Schema: public; Owner: -

GRANT INSERT(slug),UPDATE(slug) ON TABLE public.templates TO anon;
GRANT INSERT(slug),UPDATE(slug) ON TABLE public.templates TO authenticated;

-- Name: COLUMN templates.tool_id; Type: ACL; Schema: public; Owner: -

GRANT INSERT(tool_id),UPDATE(tool_id) ON TABLE public.templates TO anon;
GRANT INSERT(tool_id),UPDATE(tool_id) ON TABLE public.templates TO authenticated;

-- Name: COLUMN templates.preset_inputs; Type: ACL; Schema: public; Owner: -

GRANT INSERT(preset_inputs),UPDATE(preset_inputs) ON TABLE public.templates TO anon;
GRANT INSERT(preset_inputs),UPDATE(preset_inputs) ON TABLE public.templates TO authenticated;

-- Name: COLUMN templates.category; Type: ACL; Schema: public; Owner: -

GRANT INSERT(category),UPDATE(category) ON TABLE public.templates TO anon;
GRANT INSERT(category),UPDATE(category) ON TABLE public.templates TO authenticated;

-- Name: COLUMN templates.tags; Type: ACL; Schema: public; Owner: -

GRANT INSERT(tags),UPDATE(tags) ON TABLE public.templates TO anon;
GRANT INSERT(tags),UPDATE(tags) ON TABLE public.templates TO authenticated;

-- Name: COLUMN templates.is_public; Type: ACL; Schema: public; Owner: -

GRANT INSERT(is_public),UPDATE(is_public) ON TABLE public.templates TO anon;
GRANT INSERT(is_public),UPDATE(is_public) ON TABLE public.templates TO authenticated;

-- Name: COLUMN templates.user_hash; Type: ACL; Schema: public; Owner: -

GRANT INSERT(user_hash) ON TABLE public.templates TO anon;
GRANT INSERT(user_hash) ON TABLE public.templates TO authenticated;

-- Name: TABLE voice_fingerprints; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.voice_fingerprints TO service_role;
GRANT SELECT ON TABLE public.voice_fingerprints TO anon;
GRANT SELECT ON TABLE public.voice_fingerprints TO authenticated;

-- Name: TABLE voice_samples; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.voice_samples TO service_role;
GRANT SELECT,DELETE ON TABLE public.voice_samples TO anon;
GRANT SELECT,DELETE ON TABLE public.voice_samples TO authenticated;

-- Name: COLUMN voice_samples.id; Type: ACL; Schema: public; Owner: -

GRANT INSERT(id) ON TABLE public.voice_samples TO anon;
GRANT INSERT(id) ON TABLE public.voice_samples TO authenticated;

-- Name: COLUMN voice_samples.profile_id; Type: ACL; Schema: public; Owner: -

GRANT INSERT(profile_id) ON TABLE public.voice_samples TO anon;
GRANT INSERT(profile_id) ON TABLE public.voice_samples TO authenticated;

-- Name: COLUMN voice_samples.title; Type: ACL; Schema: public; Owner: -

GRANT INSERT(title),UPDATE(title) ON TABLE public.voice_samples TO anon;
GRANT INSERT(title),UPDATE(title) ON TABLE public.voice_samples TO authenticated;

-- Name: COLUMN voice_samples.content; Type: ACL; Schema: public; Owner: -

GRANT INSERT(content),UPDATE(content) ON TABLE public.voice_samples TO anon;
GRANT INSERT(content),UPDATE(content) ON TABLE public.voice_samples TO authenticated;

-- Name: COLUMN voice_samples.content_type; Type: ACL; Schema: public; Owner: -

GRANT INSERT(content_type),UPDATE(content_type) ON TABLE public.voice_samples TO anon;
GRANT INSERT(content_type),UPDATE(content_type) ON TABLE public.voice_samples TO authenticated;

-- Name: COLUMN voice_samples.word_count; Type: ACL; Schema: public; Owner: -

GRANT INSERT(word_count),UPDATE(word_count) ON TABLE public.voice_samples TO anon;
GRANT INSERT(word_count),UPDATE(word_count) ON TABLE public.voice_samples TO authenticated;

-- Name: COLUMN voice_samples.source_url; Type: ACL; Schema: public; Owner: -

GRANT INSERT(source_url),UPDATE(source_url) ON TABLE public.voice_samples TO anon;
GRANT INSERT(source_url),UPDATE(source_url) ON TABLE public.voice_samples TO authenticated;

-- Name: COLUMN voice_samples.source_platform; Type: ACL; Schema: public; Owner: -

GRANT INSERT(source_platform),UPDATE(source_platform) ON TABLE public.voice_samples TO anon;
GRANT INSERT(source_platform),UPDATE(source_platform) ON TABLE public.voice_samples TO authenticated;

-- Name: COLUMN voice_samples.is_primary_example; Type: ACL; Schema: public; Owner: -

GRANT INSERT(is_primary_example),UPDATE(is_primary_example) ON TABLE public.voice_samples TO anon;
GRANT INSERT(is_primary_example),UPDATE(is_primary_example) ON TABLE public.voice_samples TO authenticated;

-- Name: TABLE voice_scores; Type: ACL; Schema: public; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.voice_scores TO service_role;
GRANT SELECT ON TABLE public.voice_scores TO anon;
GRANT SELECT ON TABLE public.voice_scores TO authenticated;

-- Name: DEFAULT PRIVILEGES FOR SEQUENCES; Type: DEFAULT ACL; Schema: public; Owner: -

ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public GRANT ALL ON SEQUENCES TO service_role;

-- Name: DEFAULT PRIVILEGES FOR FUNCTIONS; Type: DEFAULT ACL; Schema: public; Owner: -

ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public GRANT ALL ON FUNCTIONS TO service_role;

-- Name: DEFAULT PRIVILEGES FOR TABLES; Type: DEFAULT ACL; Schema: public; Owner: -

ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public GRANT SELECT,INSERT,DELETE,UPDATE ON TABLES TO service_role;

-- Name: DEFAULT PRIVILEGES FOR FUNCTIONS; Type: DEFAULT ACL; Schema: -; Owner: -

ALTER DEFAULT PRIVILEGES FOR ROLE postgres REVOKE ALL ON FUNCTIONS FROM PUBLIC;
