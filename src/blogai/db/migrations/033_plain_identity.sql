-- Who is asking, as part of the statement that asks. A function in plpgsql, or with a setting of its own, is called in
-- every statement that meets a policy; one line of SQL becomes part of its plan. So these two have no search_path: what
-- their bodies name was looked up when they were made, as in a view, and no search_path of a caller changes that.

create or replace function private.caller_id() returns text
language sql stable parallel safe
return nullif(nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub', '');

create or replace function private.caller_hash() returns text
language sql stable parallel safe
return coalesce(
    nullif(nullif(current_setting('request.jwt.claims', true), '')::json ->> 'user_hash', ''),
    encode(sha256(convert_to(private.caller_id(), 'UTF8')), 'hex'));
