drop function private.end_run(
    uuid, text, uuid, text, text, jsonb, integer, integer, numeric, integer, jsonb, jsonb, jsonb);
drop function private.hold_run(uuid, interval, jsonb);
