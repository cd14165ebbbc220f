"""Archives in a process of its own that kills itself after a step: DSN FOLDER BATCH STEP WHICH."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from blogai.db.database import Actor, Database
from blogai.db.operations.archive import archive


async def main(dsn: str, folder: str, batch: str, last: str, which: str) -> None:
    seen = 0

    def step(name: str) -> None:
        nonlocal seen
        seen += name == last
        if seen == int(which):
            os.kill(os.getpid(), signal.SIGKILL)

    async with Database(dsn) as database:
        await archive(lambda: database.transaction(Actor.service()), Path(folder), batch=int(batch), step=step)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
