"""Cancellation of asyncio's tasks, where it can be lost.

Before Python 3.12 `asyncio.wait_for` swallows a cancellation that comes together with what it waits for
(https://github.com/python/cpython/issues/86296), and the pool of connections waits in that way.
"""

import asyncio
from typing import Any

AGAIN = 1.0
"""Seconds after which a task that goes on is cancelled once more."""


def heed() -> None:
    """Ends a task that was cancelled and did not hear of it.

    Raises:
        asyncio.CancelledError: the running task was cancelled.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def end(*tasks: asyncio.Future[Any]) -> None:
    """Cancels tasks until all have ended. What they raise stays with them."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=AGAIN)
