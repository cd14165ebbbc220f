-- What a list of templates pays for its policies: a plan that stops after a page.

-- "Mine or public", asked for mine: the planner counts the owner twice, expects one row, and so fetches and sorts all of
-- them. Inside coalesce the second comparison is a filter, and the list is read in order until the page is full.

alter policy "Users can read own" on public.templates
using (coalesce(user_hash = (select private.caller_hash()), false));

-- For lists of everything that a caller may see.
create index idx_templates_created on public.templates (created_at desc, id desc);
