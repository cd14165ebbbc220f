drop policy "Owner can manage" on public.generated_content;
drop policy "Owner can manage" on public.tool_usage;
drop policy "Owner can manage" on public.users;
drop policy "Owner can manage" on public.user_quotas;
drop policy "Owner can manage" on public.usage_records;

alter table public.generated_content no force row level security;
alter table public.tool_usage no force row level security;
alter table public.users no force row level security;
alter table public.user_quotas no force row level security;
alter table public.usage_records no force row level security;

drop policy "Service role has full access" on public.batch_jobs;
drop policy "Service role has full access" on public.remix_history;
drop policy "Service role has full access" on public.generated_images;
alter table public.batch_jobs disable row level security;
alter table public.remix_history disable row level security;
alter table public.generated_images disable row level security;

drop policy "Users can view own" on public.users;
drop policy "Users can update own" on public.users;
drop policy "Users can view own" on public.user_quotas;
drop policy "Users can view own" on public.usage_records;

create policy "Users can view own" on public.users
for select to authenticated using (user_id = (select auth.uid())::text);

create policy "Users can update own" on public.users
for update to authenticated using (user_id = (select auth.uid())::text);

create policy "Users can view own" on public.user_quotas
for select to authenticated using (user_id = (select auth.uid())::text);

create policy "Users can view own" on public.usage_records
for select to authenticated using (user_id = (select auth.uid())::text);

drop policy "Anonymous can insert" on public.generated_content;
drop policy "Users can insert own content" on public.generated_content;
drop policy "Users can read own content" on public.generated_content;
drop policy "Users can update own content" on public.generated_content;
drop policy "Users can delete own content" on public.generated_content;

create policy "Anonymous can insert" on public.generated_content
for insert to anon with check (true);

create policy "Users can read own content" on public.generated_content
for select to anon using (user_hash is not null);

drop index public.idx_generated_content_user_created;

alter function public.increment_tool_usage(text) security definer;
alter function public.set_favorite(uuid, boolean) security definer;
alter function public.toggle_favorite(uuid) security definer;

call private.reset_privileges('function', 'public.toggle_favorite(uuid)');
call private.reset_privileges('function', 'public.set_favorite(uuid, boolean)');
call private.reset_privileges('function', 'public.increment_tool_usage(text)');
call private.reset_privileges('function', 'public.get_tool_stats()');
call private.reset_privileges('table', 'public.generated_content');
call private.reset_privileges('table', 'public.tool_usage');
call private.reset_privileges('table', 'public.users');
call private.reset_privileges('table', 'public.user_quotas');
call private.reset_privileges('table', 'public.usage_records');
call private.reset_privileges('table', 'public.batch_jobs');
call private.reset_privileges('table', 'public.remix_history');
call private.reset_privileges('table', 'public.generated_images');

drop function private.caller_hash();
drop function private.caller_id();
