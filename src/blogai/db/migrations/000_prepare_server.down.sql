revoke usage on schema private from anon, authenticated, service_role;

do $$
declare
    v_object record;
begin
    for v_object in
        select kind, name
          from private.prepared_objects
         order by array_position(array['function', 'schema', 'default privileges', 'usage', 'membership', 'role'], kind), name
    loop
        begin
            case v_object.kind
                when 'function' then
                    execute format('drop function %s', v_object.name);
                when 'schema' then
                    execute format('drop schema %I', v_object.name);
                when 'default privileges' then
                    execute format('alter default privileges in schema public revoke all on %s from %I',
                        split_part(v_object.name, ' ', 1), split_part(v_object.name, ' ', 2));
                when 'usage' then
                    execute format('revoke usage on schema public from %I', v_object.name);
                when 'membership' then
                    -- A role that is dropped below takes its memberships along.
                    if not exists (select from private.prepared_objects where kind = 'role' and name = v_object.name) then
                        execute format('revoke %I from %I', v_object.name, current_user);
                    end if;
                when 'role' then
                    execute format('drop role if exists %I', v_object.name);
            end case;
        exception when dependent_objects_still_exist then
            raise notice 'Kept the % "%": something else still uses it.', v_object.kind, v_object.name;
        end;
    end loop;
end
$$;

drop procedure private.reset_privileges(text, text);
drop table private.prepared_objects;
