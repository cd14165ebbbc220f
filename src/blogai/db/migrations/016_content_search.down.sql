drop function private.matching_content(text);
drop index public.idx_generated_content_search;
drop function private.search_query(text);
drop function private.content_document(text, text);
