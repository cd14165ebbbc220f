"""Whether brand voices are part of the caller's tier: to make, train and write in one. Those that are there can always
be seen, scored with and deleted, also after a change to a lower tier."""

from blogai.brand import queries
from blogai.db.database import Actor, Connection, acting_as
from blogai.errors import Forbidden

FEATURE = "brand_voice"
"""As in `tier_limits.features`."""


async def require_feature(conn: Connection, actor: Actor) -> None:
    """Raises Forbidden, with the tiers that have it, when the caller's tier has no brand voices."""
    if not await has_feature(conn, actor):
        async with acting_as(conn, Actor.service()):
            tiers = await queries.tiers_with(conn, FEATURE)
        raise Forbidden(
            "Brand voices are not part of your tier.",
            remedy=f"Change to {' or '.join(tiers)}.",
            feature=FEATURE,
            tiers=tiers,
        )


async def has_feature(conn: Connection, actor: Actor) -> bool:
    """Whether it is part of the caller's tier; visitors and users without one are on `free`. A feature that no tier of
    the installation names is not sold by tier: everybody has it."""
    async with acting_as(conn, Actor.service()):
        return await queries.tier_has(conn, actor.user_id, FEATURE)
