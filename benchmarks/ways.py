"""Comparing ways of asking the database, in alternating slices.

What counts is time on a processor, that of the server's process and of the client together, so that the figures hold
on a busy machine; where the system does not tell, it is the clock. The first call of a slice is not counted: it finds
the caches of the processor full of another server process, unless the slice before was of the same one.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

CALLS = 5
"""Calls a slice that count."""


@dataclass(frozen=True)
class Way:
    """Something to measure, and the server process that does it."""

    call: Callable[[], Awaitable[Any]]
    backend: int

    def clock(self) -> float:
        """Seconds spent so far, from any beginning."""
        try:
            nanoseconds = int(Path(f"/proc/{self.backend}/schedstat").read_text(encoding="ascii").split()[0])
        except (OSError, ValueError, IndexError):
            return time.perf_counter()
        return nanoseconds / 1e9 + time.process_time()


async def times(rounds: int, *ways: Way) -> list[float]:
    """Median seconds a call of each way."""
    taken: list[list[float]] = [[] for _ in ways]
    for turn in range(rounds + len(ways)):
        for place in range(len(ways)):
            number = (turn + place) % len(ways)
            await ways[number].call()
            begin = ways[number].clock()
            for _ in range(CALLS):
                await ways[number].call()
            if turn >= len(ways):  # the first ones warm up
                taken[number].append((ways[number].clock() - begin) / CALLS)
    return [median(seconds) for seconds in taken]
