-- Nothing written is lost by mistake: each edit keeps the text before it, and what is deleted can be brought back
-- until it expires.

create table public.content_versions (
    content_id uuid not null references public.generated_content (id) on delete cascade,
    version integer not null,
    user_hash text,
    title text,
    output text not null,
    written_at timestamptz not null,
    replaced_at timestamptz not null default now(),
    primary key (content_id, version),
    constraint content_versions_version_check check (version > 0)
);

comment on table public.content_versions is 'Earlier texts of a piece of content, the first one is version 1.';
comment on column public.content_versions.written_at is 'When this text was generated or edited into being.';
comment on column public.content_versions.user_hash is
    'Owner of the content, repeated here so that the policy compares a column instead of looking into the content.';

create function private.keep_content_version() returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
    -- the update holds the lock on the row, so two edits cannot take the same number
    insert into public.content_versions (content_id, version, user_hash, title, output, written_at)
    select old.id, coalesce(max(v.version), 0) + 1, old.user_hash, old.title, old.output, coalesce(max(v.replaced_at), old.created_at)
      from public.content_versions as v
     where v.content_id = old.id;
    return null;
end
$$;

comment on function private.keep_content_version() is 'Keeps title and text as they were before an update.';
revoke all on function private.keep_content_version() from public;

create trigger keep_generated_content_version
    after update of title, output on public.generated_content
    for each row
    when (old.title is distinct from new.title or old.output is distinct from new.output)
    execute function private.keep_content_version();

-- The whole row as JSON, so that columns which later migrations add are kept as well.
create table private.deleted_content (
    id uuid primary key,
    user_hash text not null,
    content jsonb not null,
    versions jsonb not null default '[]',
    run_ids uuid[] not null default '{}',
    deleted_at timestamptz not null default now(),
    expires_at timestamptz not null
);

comment on table private.deleted_content is 'Deleted content with its earlier texts, until it expires.';
comment on column private.deleted_content.run_ids is 'The runs that had written it, to be tied to it again.';

create index deleted_content_expires_at on private.deleted_content (expires_at);
create index deleted_content_user on private.deleted_content (user_hash, deleted_at desc);

create function private.delete_content(p_id uuid) returns timestamptz
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_content public.generated_content;
    v_expires timestamptz := now() + interval '30 days';
begin
    select c.* into v_content from public.generated_content as c
     where c.id = p_id and c.user_hash = private.caller_hash() for update;
    if not found then
        raise exception using errcode = 'ZNTFD', message = 'There is no such content.';
    end if;
    insert into private.deleted_content as d (id, user_hash, content, versions, run_ids, expires_at)
    values (
        v_content.id, v_content.user_hash, to_jsonb(v_content),
        (select coalesce(jsonb_agg(to_jsonb(v) order by v.version), '[]')
           from public.content_versions as v where v.content_id = p_id),
        (select coalesce(array_agg(r.id), '{}') from public.generation_runs as r where r.content_id = p_id),
        v_expires);
    delete from public.generated_content as c where c.id = p_id;
    return v_expires;
end
$$;

comment on function private.delete_content(uuid) is
    'Takes the caller''s own content out of the history; until the time returned it can be restored.';

create function private.restore_content(p_id uuid) returns void
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_deleted private.deleted_content;
begin
    delete from private.deleted_content as d
     where d.id = p_id and d.user_hash = private.caller_hash() and d.expires_at > now()
    returning d.* into v_deleted;
    if not found then
        raise exception using errcode = 'ZNTFD', message = 'There is no such deleted content.',
            hint = 'It was restored already, or it has expired.';
    end if;
    insert into public.generated_content
    select c.* from jsonb_populate_record(null::public.generated_content, v_deleted.content) as c;
    insert into public.content_versions
    select v.* from jsonb_populate_recordset(null::public.content_versions, v_deleted.versions) as v;
    update public.generation_runs as r set content_id = p_id
     where r.id = any (v_deleted.run_ids) and r.content_id is null;
end
$$;

comment on function private.restore_content(uuid) is
    'Brings the caller''s own deleted content back as it was, with its earlier texts.';

create function private.purge_deleted_content() returns integer
language sql volatile security definer set search_path = ''
as $$
    with gone as (delete from private.deleted_content where expires_at <= now() returning 1)
    select count(*)::integer from gone
$$;

comment on function private.purge_deleted_content() is 'Removes deleted content that has expired; how many.';

revoke all on function private.delete_content(uuid), private.restore_content(uuid),
    private.purge_deleted_content() from public;
grant execute on function private.delete_content(uuid), private.restore_content(uuid)
    to anon, authenticated;
grant execute on function private.purge_deleted_content() to service_role;

alter table public.content_versions enable row level security;
alter table public.content_versions force row level security;
alter table private.deleted_content enable row level security;
alter table private.deleted_content force row level security;

revoke all on public.content_versions from public, anon, authenticated;
revoke all on private.deleted_content from public, anon, authenticated;
grant select on public.content_versions to anon, authenticated;
grant select, insert, update, delete on public.content_versions to service_role;
grant select, insert, update, delete on private.deleted_content to service_role;

create policy "Users can view own" on public.content_versions
    for select to anon, authenticated using (user_hash = (select private.caller_hash()));
create policy "Service role has full access" on public.content_versions
    for all to service_role using (true) with check (true);
create policy "Owner can manage" on public.content_versions
    for all to current_user using (true) with check (true);

create policy "Service role has full access" on private.deleted_content
    for all to service_role using (true) with check (true);
create policy "Owner can manage" on private.deleted_content
    for all to current_user using (true) with check (true);
