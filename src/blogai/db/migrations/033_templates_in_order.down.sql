alter policy "Users can read own" on public.templates
using (coalesce(user_hash = (select private.caller_hash()), false));

drop function private.caller_hash_in_place();
