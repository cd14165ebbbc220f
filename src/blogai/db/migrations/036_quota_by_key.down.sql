alter function public.release_usage(uuid) reset enable_seqscan;
alter function private.expire_reservations(text) reset enable_seqscan;
alter function public.check_quota_available(text) reset enable_seqscan;
alter function private.quota_state(text) reset enable_seqscan;

create or replace function private.time_ordered_id() returns uuid
language sql volatile parallel safe
return encode(
    overlay(uuid_send(gen_random_uuid())
            placing substring(int8send((date_part('epoch', clock_timestamp()) * 1000)::bigint) from 3) || '\x70'::bytea
               from 1 for 7),
    'hex')::uuid;

comment on function private.time_ordered_id() is
    'A UUID of version 7: the milliseconds since 1970, then 66 random bits. Later ones sort behind earlier ones.';

create or replace function public.reserve_usage(
    p_user_id text, p_operation_type text, p_units integer default 1, p_expires_in interval default interval '15 minutes',
    p_idempotency_key text default null,
    out reservation_id uuid, out state text, out units integer, out expires_at timestamptz, out replayed boolean
)
language plpgsql volatile security definer set search_path = ''
as $$
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
    if p_idempotency_key is not null and length(p_idempotency_key) not between 1 and 200 then
        raise exception using errcode = 'ZINVL', column = 'idempotency_key',
            message = 'idempotency_key must have from 1 to 200 characters.';
    end if;

    if p_idempotency_key is not null then
        -- the lock makes two calls with one key wait for each other
        v_at := private.refresh_quota(p_user_id);
        select r.* into v_earlier from public.usage_reservations as r
         where r.user_id = p_user_id and r.idempotency_key = p_idempotency_key;
        if v_earlier.state in ('open', 'settled') then
            if (v_earlier.operation_type, v_earlier.units) <> (p_operation_type, p_units) then
                raise exception using errcode = 'ZCNFL', column = 'idempotency_key',
                    message = 'This idempotency key was used for another operation.',
                    hint = 'Send the same request again, or choose a new key.';
            end if;
            reservation_id := v_earlier.id;
            state := v_earlier.state;
            units := v_earlier.units;
            expires_at := v_earlier.expires_at;
            replayed := true;
            return;
        elsif found then
            -- nothing came of it: the key is free again, the old reservation can still be settled by its id
            update public.usage_reservations as r set idempotency_key = null where r.id = v_earlier.id;
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

create or replace function public.settle_usage(
    p_reservation_id uuid, p_units integer default null, p_tokens integer default 0, p_metadata jsonb default null
) returns boolean
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_made public.usage_reservations;
    v_found public.usage_reservations;
begin
    if p_tokens is null or p_tokens < 0 then
        raise exception using errcode = 'ZINVL', column = 'tokens', message = 'tokens must be 0 or more.';
    end if;

    -- As a rule it is one unit without a key: nothing needs to be remembered of it but its id, which the log keeps.
    delete from public.usage_reservations as r
     where r.id = p_reservation_id and r.state = 'open' and r.idempotency_key is null
       and r.units = 1 and coalesce(p_units, 1) = 1
    returning r.* into v_made;
    if found then
        insert into public.usage_records (id, user_id, operation_type, tokens_used, metadata, "timestamp")
        values (v_made.id, v_made.user_id, v_made.operation_type, p_tokens, p_metadata, v_made.reserved_at);
        return true;
    end if;

    if private.settle_reservation(p_reservation_id, 'open', p_units, p_tokens, p_metadata) then
        return true;
    end if;

    perform from public.user_quotas as q
      where q.user_id = (select r.user_id from public.usage_reservations as r where r.id = p_reservation_id)
        for no key update;
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
    end if;
    return private.settle_reservation(p_reservation_id, 'expired', p_units, p_tokens, p_metadata);
end
$$;

drop function private.earlier_reservation(text, text, integer, text);
