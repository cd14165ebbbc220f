"""A process to be killed: begins a run whose model never ends. Arguments: DSN, folder."""

import asyncio
import sys
from pathlib import Path

from tests.content.models import Gate, providers_of, settings_in
from tests.content.operations import Sections

from blogai.content.runs import Runs
from blogai.db.database import LOCAL_OWNER, Database


async def main(dsn: str, folder: Path) -> None:
    settings = settings_in(folder, run_lease=1.0)
    gate = Gate(["Bees ", "were "])
    async with Database(dsn) as database, providers_of(settings, test=gate.stream) as providers:
        runs = Runs(database, providers, settings)
        run = await runs.start(LOCAL_OWNER, Sections(), provider="test")
        async for event in Runs(database, providers, settings).events(LOCAL_OWNER, run.id):  # those that are stored
            if event.kind == "delta":
                print(run.id, flush=True)


asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
