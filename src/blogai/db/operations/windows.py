"""Opens the current window of every quota whose window ended, some users at a time."""

from collections.abc import Callable

from blogai.db.operations import queries
from blogai.db.operations.access import Begin

AT_ONCE = 500
"""Users of a transaction. Each of them waits for its end: half a second if all have subscriptions."""


async def roll(begin: Begin, progress: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Rolls them; how many. Whoever uses a quota meanwhile rolls it first, and is passed over here."""
    async with begin() as conn:
        users = await queries.users_to_roll(conn)
    rolled = 0
    for place in range(0, len(users), AT_ONCE):
        async with begin() as conn:
            rolled += await queries.roll_quotas(conn, users[place : place + AT_ONCE])
        progress(min(place + AT_ONCE, len(users)), len(users))
    async with begin() as conn:  # what came due meanwhile, and accounts that do not show their tier
        return rolled + await queries.reset_quotas(conn)
