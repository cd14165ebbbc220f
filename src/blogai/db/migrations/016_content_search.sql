-- Search in title and text, by an index of its own beside the documented idx_generated_content_title.

create function private.content_document(p_title text, p_output text) returns tsvector
language sql immutable parallel safe cost 10000 set search_path = ''
-- A tsvector holds at most 1 MB: of a longer text the first 150,000 characters are found, and it can be stored.
return to_tsvector('pg_catalog.english'::regconfig, left(coalesce(p_title, '') || e'\n' || p_output, 150000));

comment on function private.content_document(text, text) is
    'What a search looks at: the words of title and text, as the index idx_generated_content_search holds them.';

create function private.search_query(p_search text) returns tsquery
language sql immutable parallel safe set search_path = ''
as $$
    -- The last word may still be in the making: "urban bee" also finds beekeeping.
    select case when p_search ~ '\w$' and q.query::text like '%''' then (q.query::text || ':*')::tsquery else q.query end
      from (select websearch_to_tsquery('pg_catalog.english'::regconfig, p_search) as query) as q
$$;

comment on function private.search_query(text) is
    'What people type into a search box: words, "phrases", or, -not; the last word is a beginning.';

create index idx_generated_content_search on public.generated_content
    using gin (private.content_document(title, output));

-- Under row level security the planner never lets a condition that could leak run before the policy, and a text
-- search counts as such: asked directly by its owner, the table would be read through by the policy's index and
-- each text parsed again. So the search runs here with the owner's rights, with the caller's identity as a plain
-- condition; it gives ids alone, and the rows are read under the caller's policies as ever.
create function private.matching_content(p_search text) returns setof uuid
language plpgsql stable security definer rows 100 set search_path = ''
as $$
declare
    v_caller text := private.caller_hash();
begin
    -- executed as text, so that the plan is made for this search and this caller
    return query execute
        'select c.id from public.generated_content as c'
        ' where c.user_hash = $1 and private.content_document(c.title, c.output) @@ $2'
        using v_caller, private.search_query(p_search);
end
$$;

comment on function private.matching_content(text) is 'Ids of the caller''s own content that a search finds.';

revoke all on function private.content_document(text, text), private.search_query(text), private.matching_content(text)
    from public;
grant execute on function private.content_document(text, text), private.search_query(text),
    private.matching_content(text) to anon, authenticated, service_role;
