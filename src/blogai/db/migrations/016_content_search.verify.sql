do $$
begin
    assert to_regclass('public.idx_generated_content_search') is not null, 'The search index is missing.';
    assert private.content_document('Urban bees', 'On roofs') @@ private.search_query('urban roof'),
        'A search does not find the words of title and text.';
    assert private.content_document(null, 'Beekeeping') @@ private.search_query('bee'), 'A search does not find beginnings.';
    assert not private.content_document(null, 'Beekeeping') @@ private.search_query('wasp'), 'A search finds anything.';
    assert (select count(*) = 0 from private.matching_content('bee')), 'A search without a caller finds something.';
    assert (select prosecdef from pg_catalog.pg_proc where oid = 'private.matching_content(text)'::regprocedure),
        'The search does not run with its owner''s rights.';
    assert has_function_privilege('authenticated', 'private.matching_content(text)', 'execute'), 'Users cannot search.';
end
$$;
