-- What was deleted cannot be restored any more, so it comes back first.
insert into public.generated_content
select c.* from private.deleted_content as d, jsonb_populate_record(null::public.generated_content, d.content) as c
 where d.expires_at > now();

drop function private.purge_deleted_content();
drop function private.restore_content(uuid);
drop function private.delete_content(uuid);
drop table private.deleted_content;
drop trigger keep_generated_content_version on public.generated_content;
drop function private.keep_content_version();
drop table public.content_versions;
