"""`blogai usage`."""

from typing import Annotated

import typer

from blogai.db.database import LOCAL_OWNER
from blogai.settings import Settings, load_settings
from blogai.terminal import console, print_json, run


def register(app: typer.Typer) -> None:
    """Adds the command to the program."""
    app.command("usage")(usage)


def usage(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """Show what has been used and what is left."""
    run(_usage(load_settings(), as_json))


async def _usage(settings: Settings, as_json: bool) -> None:
    from blogai.db.startup import open_database
    from blogai.usage import service
    from blogai.usage.models import UNLIMITED

    async with open_database(settings) as database, database.transaction(LOCAL_OWNER) as conn:
        used = await service.usage(conn)
    if as_json:
        print_json(used.model_dump(mode="json"))
        return
    from rich.table import Table

    def limit(number: int) -> str:
        return "unlimited" if number == UNLIMITED else str(number)

    table = Table("", "Used", "Limit", box=None, pad_edge=False)
    table.add_row("This month", str(used.month_used), limit(used.month_limit))
    table.add_row("Today", str(used.day_used), limit(used.day_limit))
    console().print(table)
    console().print(
        f"Tier {used.tier}; {limit(used.remaining)} left; the month starts again on"
        f" {used.resets_at.astimezone():%Y-%m-%d %H:%M}."
    )
