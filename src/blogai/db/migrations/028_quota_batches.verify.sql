do $$
begin
    if has_function_privilege('anon', 'private.roll_quotas(text[])', 'execute')
       or has_function_privilege('authenticated', 'private.roll_quotas(text[])', 'execute')
       or not has_function_privilege('service_role', 'private.roll_quotas(text[])', 'execute') then
        raise exception 'private.roll_quotas must be open to service_role and nobody else.';
    end if;
end
$$;
