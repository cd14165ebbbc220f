-- As 013 made them.
create or replace function private.caller_hash() returns text
language plpgsql stable parallel safe set search_path = ''
as $$
declare
    v_claims json := nullif(current_setting('request.jwt.claims', true), '');
begin
    return coalesce(
        nullif(v_claims ->> 'user_hash', ''),
        encode(sha256(convert_to(nullif(v_claims ->> 'sub', ''), 'UTF8')), 'hex'));
end
$$;

create or replace function private.caller_id() returns text
language plpgsql stable parallel safe set search_path = ''
as $$
begin
    return nullif(nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub', '');
end
$$;
