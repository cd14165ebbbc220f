-- Callers who cross each other where 037 had not looked; docs/database.md, sections "Quota" and "Entitlements".

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

create or replace function private.keep_user_tier() returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
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

create or replace function public.sync_user_tier_from_subscription() returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
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
