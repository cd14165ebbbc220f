"""64 consumers against every limit, as a table: python -m scripts.race_transcript."""

import asyncio
import sys

from tests.conftest import Server
from tests.db.connecting import owner
from tests.db.quotas import LIMITS, Quotas
from tests.db.test_quota_races import SCENES, race

from scripts.transcripts import Page, new_server

CONSUMERS = 64


async def main() -> None:
    """Runs every race once and writes the page; a race that ends wrongly stops it."""
    page = Page()
    page.say(
        f"{CONSUMERS} connections take single units of one user at once, each with `increment_user_usage`, "
        "and together try more than there is room for. *Over* and *under* are units admitted beyond the "
        "room, and refused while there was room. *Counter* is for how many users the counters differ from "
        "the log (`private.usage_reconciliation`). Where the tier flips between the user's own and the "
        "unlimited one, the room is that of the smaller one, and more is right.",
        "",
        "The same with reserving, settling, releasing and sweeping mixed, and with processes killed in between: "
        "`tests/db/test_quota_races.py`; with keys taken again, expiries and two who decide the same: "
        "`tests/db/test_quota_order.py`.",
    )
    page.lines += [
        "| Tier | Scene | Room | Tried | Admitted | Over | Under | Counter |",
        "|---|---|---|---|---|---|---|---|",
    ]
    with new_server() as postgres:
        server = Server(postgres)
        for tier in LIMITS:
            for scene in SCENES:
                name = server.create()
                async with owner(postgres.owner_dsn(name)) as conn:
                    quotas = Quotas(conn, postgres.app_dsn(name))
                    room, tried, taken = await race(quotas, tier, scene, consumers=CONSUMERS, most=10_000)
                    apart = len(await quotas.differences())
                flips = scene == "tier flipping" and tier != "business"
                over = "" if flips else max(taken - room, 0)
                page.lines.append(
                    f"| {tier} | {scene} | {room} | {tried} | {taken} | {over} | {max(room - taken, 0)} | {apart} |"
                )
                sys.stderr.write(f"{page.lines[-1]}\n")
    page.write("races", "Races for a quota", by="race_transcript")


if __name__ == "__main__":
    asyncio.run(main())
