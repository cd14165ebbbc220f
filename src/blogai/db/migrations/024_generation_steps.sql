-- The two steps of a run that only the program may take, each in one call, so that each is one round trip together
-- with the statements of the caller before it.

create function private.hold_run(p_run_id uuid, p_expires_in interval, p_started jsonb) returns uuid
language plpgsql volatile set search_path = ''
as $$
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

comment on function private.hold_run(uuid, interval, jsonb) is
    'Reserves what a new run costs, or raises ZQUOT, and stores its first event; the reservation.';

create function private.end_run(
    p_run_id uuid, p_status text, p_content_id uuid, p_provider text, p_model text, p_metadata jsonb,
    p_input_tokens integer, p_output_tokens integer, p_cost_usd numeric, p_execution_time_ms integer, p_error jsonb,
    p_events jsonb, p_usage jsonb
) returns timestamptz
language plpgsql volatile set search_path = ''
as $$
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

comment on function private.end_run(
    uuid, text, uuid, text, text, jsonb, integer, integer, numeric, integer, jsonb, jsonb, jsonb) is
    'Ends a running run, or raises ZCNFL: last events, usage settled or released, tool counted; when it ended.';

revoke all on function private.hold_run(uuid, interval, jsonb), private.end_run(
    uuid, text, uuid, text, text, jsonb, integer, integer, numeric, integer, jsonb, jsonb, jsonb) from public;
grant execute on function private.hold_run(uuid, interval, jsonb), private.end_run(
    uuid, text, uuid, text, text, jsonb, integer, integer, numeric, integer, jsonb, jsonb, jsonb) to service_role;
