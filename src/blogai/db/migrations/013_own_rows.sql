-- Who is asking comes from the verified claims alone, and what the generation pipeline touches belongs to
-- the one who asks: so that everything but counters and settling runs with the caller's own rights.

-- plpgsql, because these run once in every statement: before 18 an sql function is prepared anew each time.
create function private.caller_id() returns text
language plpgsql stable parallel safe set search_path = ''
as $$
begin
    return nullif(nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub', '');
end
$$;
comment on function private.caller_id() is 'The caller''s id: the subject of the claims, any text; null for a visitor.';

create function private.caller_hash() returns text
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
comment on function private.caller_hash() is
    'The caller''s user_hash: the claim of that name, else the hex SHA-256 of the subject; null without either.';

revoke all on function private.caller_id(), private.caller_hash() from public;
grant execute on function private.caller_id(), private.caller_hash() to anon, authenticated, service_role;

-- generated_content: own rows, by hash, for visitors and users alike.

create index idx_generated_content_user_created on public.generated_content (user_hash, created_at desc, id desc);

drop policy "Anonymous can insert" on public.generated_content;
drop policy "Users can read own content" on public.generated_content;

create policy "Anonymous can insert" on public.generated_content
for insert to anon with check (user_hash = (select private.caller_hash()));

create policy "Users can insert own content" on public.generated_content
for insert to authenticated with check (user_hash = (select private.caller_hash()));

create policy "Users can read own content" on public.generated_content
for select to anon, authenticated using (user_hash = (select private.caller_hash()));

create policy "Users can update own content" on public.generated_content
for update to anon, authenticated
using (user_hash = (select private.caller_hash()))
with check (user_hash = (select private.caller_hash()));

create policy "Users can delete own content" on public.generated_content
for delete to anon, authenticated using (user_hash = (select private.caller_hash()));

revoke all on public.generated_content from anon, authenticated;
grant select, delete on public.generated_content to anon, authenticated;
grant insert (id, tool_id, inputs, output, provider, execution_time_ms, user_hash, is_favorite, tool_name, title)
    on public.generated_content to anon, authenticated;
grant update (output, is_favorite, title) on public.generated_content to anon, authenticated;

-- Their policies do the work now: nobody marks a row that is not his.
alter function public.toggle_favorite(uuid) security invoker;
alter function public.set_favorite(uuid, boolean) security invoker;
revoke all on function public.toggle_favorite(uuid), public.set_favorite(uuid, boolean) from public;

-- tool_usage: everyone reads, the program counts.

revoke all on public.tool_usage from anon, authenticated;
grant select on public.tool_usage to anon, authenticated;
alter function public.increment_tool_usage(text) security invoker;
revoke all on function public.increment_tool_usage(text) from public, anon, authenticated;
revoke all on function public.get_tool_stats() from public;

-- users, quotas and usage: own rows, by id; a user changes no more than name and email.

drop policy "Users can view own" on public.users;
drop policy "Users can update own" on public.users;
drop policy "Users can view own" on public.user_quotas;
drop policy "Users can view own" on public.usage_records;

create policy "Users can view own" on public.users
for select to authenticated using (user_id = (select private.caller_id()));

create policy "Users can update own" on public.users
for update to authenticated
using (user_id = (select private.caller_id()))
with check (user_id = (select private.caller_id()));

create policy "Users can view own" on public.user_quotas
for select to authenticated using (user_id = (select private.caller_id()));

create policy "Users can view own" on public.usage_records
for select to authenticated using (user_id = (select private.caller_id()));

revoke all on public.users, public.user_quotas, public.usage_records from anon, authenticated;
grant select on public.users, public.user_quotas, public.usage_records to authenticated;
grant update (email, name) on public.users to authenticated;

-- Tables without documented policies are the program's until they get some.

alter table public.batch_jobs enable row level security;
alter table public.remix_history enable row level security;
alter table public.generated_images enable row level security;

create policy "Service role has full access" on public.batch_jobs
for all to service_role using (true) with check (true);

create policy "Service role has full access" on public.remix_history
for all to service_role using (true) with check (true);

create policy "Service role has full access" on public.generated_images
for all to service_role using (true) with check (true);

revoke all on public.batch_jobs, public.remix_history, public.generated_images from anon, authenticated;

-- Policies bind the owner too. An owner who is no superuser would then see nothing, in definer functions,
-- in later migrations and in a dump, and get no error: he needs a policy of his own.

alter table public.generated_content force row level security;
alter table public.tool_usage force row level security;
alter table public.users force row level security;
alter table public.user_quotas force row level security;
alter table public.usage_records force row level security;

create policy "Owner can manage" on public.generated_content
for all to current_user using (true) with check (true);

create policy "Owner can manage" on public.tool_usage
for all to current_user using (true) with check (true);

create policy "Owner can manage" on public.users
for all to current_user using (true) with check (true);

create policy "Owner can manage" on public.user_quotas
for all to current_user using (true) with check (true);

create policy "Owner can manage" on public.usage_records
for all to current_user using (true) with check (true);
