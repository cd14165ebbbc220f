"""How long to wait before a call is repeated."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential backoff with full jitter (a random wait between nothing and the bound, which doubles),
    so that many callers who failed together do not come back together.

    Attributes:
        base: bound of the first wait in seconds.
        cap: greatest bound in seconds.
        patience: a provider that asks for a longer wait than this (in seconds) is given up at once.
    """

    base: float = 0.5
    cap: float = 20.0
    patience: float = 60.0

    def delay(self, attempt: int, retry_after: float | None = None) -> float | None:
        """Seconds to wait.

        Args:
            attempt: 0 before the first repeat.
            retry_after: what the provider asked for; the wait is never shorter, and jitter comes on top.

        Returns:
            The wait, or None when the provider asks for more than our patience.
        """
        if retry_after is not None and retry_after > self.patience:
            return None
        jitter = random.uniform(0, min(self.cap, self.base * 2**attempt))  # noqa: S311 - no secret depends on it
        return (retry_after or 0.0) + jitter
