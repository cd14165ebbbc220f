-- First, since it locks the table: nobody takes a key again between the two.
drop index public.usage_reservations_key;
-- A key that was free again may have been taken again: it stays with whom it is now.
update public.usage_reservations as r set idempotency_key = null
 where r.state in ('released', 'expired')
   and exists (
        select from public.usage_reservations as o
         where o.user_id = r.user_id and o.idempotency_key = r.idempotency_key
           and (o.state in ('open', 'settled') or o.id > r.id));
create unique index usage_reservations_key on public.usage_reservations (user_id, idempotency_key)
    where idempotency_key is not null;

create or replace function private.earlier_reservation(
    p_user_id text, p_operation_type text, p_units integer, p_idempotency_key text
) returns public.usage_reservations
language plpgsql volatile set search_path = '' set enable_seqscan = off
as $$
declare
    v_earlier public.usage_reservations;
begin
    select r.* into v_earlier from public.usage_reservations as r
     where r.user_id = p_user_id and r.idempotency_key = p_idempotency_key;
    if v_earlier.state in ('open', 'settled') then
        if (v_earlier.operation_type, v_earlier.units) <> (p_operation_type, p_units) then
            raise exception using errcode = 'ZCNFL', column = 'idempotency_key',
                message = 'This idempotency key was used for another operation.',
                hint = 'Send the same request again, or choose a new key.';
        end if;
        return v_earlier;
    elsif found then
        -- nothing came of it: the key is free again, the old reservation can still be settled by its id
        update public.usage_reservations as r set idempotency_key = null where r.id = v_earlier.id;
    end if;
    return null;
end
$$;

create or replace function public.release_usage(p_reservation_id uuid) returns boolean
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
as $$
declare
    v_released boolean;
begin
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

create or replace function public.settle_usage(
    p_reservation_id uuid, p_units integer default null, p_tokens integer default 0, p_metadata jsonb default null
) returns boolean
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
as $$
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
