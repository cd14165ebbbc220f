"""One run while this process carries it out."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from blogai.content import finish
from blogai.content.ending import Ending
from blogai.content.events import EventLog
from blogai.content.models import Run
from blogai.content.operation import Operation, Written
from blogai.content.recovery import Recovery
from blogai.content.text import clean, clean_text
from blogai.content.writer import Writer
from blogai.db.database import Actor, Database
from blogai.errors import (
    BlogAIError,
    Conflict,
    DatabaseUnavailable,
    Fault,
    NotFound,
    ProviderOutputInvalid,
    RunInterrupted,
)
from blogai.providers.text import TextModel

log = logging.getLogger(__name__)

FIRST_RETRY, LONGEST_RETRY = 0.1, 5.0
"""Seconds between attempts to store the end of a run."""

MOST_CLASHES = 5
"""How often the end of a run may clash with another transaction before it is given up."""


class Execution:
    """Carries out the operation in a task of its own, which no reader holds: who leaves does not stop it."""

    def __init__(
        self,
        *,
        database: Database,
        recovery: Recovery,
        patience: float,
        actor: Actor,
        run: Run,
        operation: Operation,
        model: TextModel,
        events: EventLog,
        on_end: Callable[["Execution"], None],
    ) -> None:
        """Args:
        patience: seconds to keep trying to store the end while the database is away.
        events: log of the run; its first event is told and stored.
        on_end: called once, after the end is stored or given up.
        """
        self.actor = actor
        self.run = run
        self.events = events
        self._database = database
        self._recovery = recovery
        self._patience = patience
        self._model = model
        self._writer = Writer(model, events)
        self._on_end = on_end
        self._began = time.monotonic()
        self._stop: str | None = None
        self._hurry = asyncio.Event()
        self._work = asyncio.create_task(operation.run(self._writer), name=f"operation {run.id}")
        self._task = asyncio.create_task(self._drive(), name=f"run {run.id}")

    def cancel(self) -> None:
        """The owner wants it to stop: what was written is kept and charged."""
        self._halt("cancelled")

    def interrupt(self) -> None:
        """The program has to stop: the run fails and is not charged, unless it has a whole result already."""
        self._hurry.set()
        self._halt("interrupted")

    async def wait(self) -> Run:
        """The run when it is over. Leaving does not stop it."""
        return await asyncio.shield(self._task)

    def _halt(self, reason: str) -> None:
        if self._stop is None and not self._work.done():
            self._stop = reason
            self._writer.cancel()
            self._work.cancel()

    async def _drive(self) -> Run:
        try:
            try:
                await asyncio.wait((self._work,))
            except asyncio.CancelledError:  # the loop is being torn down without close(): the sweep ends the run
                self._work.cancel()
                raise
            await self._writer.close()
            self.run = await self._store(self._ending())
            return self.run
        finally:
            self._on_end(self)

    def _ending(self) -> Ending:
        """How it ended."""
        failure: BlogAIError | None = None
        written: Written | None = None
        exc = None if self._work.cancelled() else self._work.exception()
        if not self._work.cancelled() and exc is None:
            written = self._work.result()
            if not clean_text(written.output).strip():
                failure, written = ProviderOutputInvalid("The model wrote nothing.", remedy="Try again."), None
        elif self._stop == "cancelled":
            kept = self._writer.kept or Written(output=self._writer.text, title=self._writer.title)
            return self._ends("cancelled", kept)
        elif self._stop == "interrupted" and self._writer.kept is not None:
            return self._ends("finished", self._writer.kept)
        elif self._stop == "interrupted":
            failure = RunInterrupted(remedy="Start it again.", run_id=str(self.run.id))
        elif isinstance(exc, BlogAIError):
            failure = exc
        else:
            log.error("Run %s of %s failed", self.run.id, self.run.tool_id, exc_info=exc)
            failure = Fault(
                "The program failed while it wrote; nothing was charged.", remedy="The log has the details."
            )
        if failure is not None:
            return self._ends("failed", None, failure)
        return self._ends("finished", written)

    def _ends(self, status: Any, written: Written | None, failure: BlogAIError | None = None) -> Ending:
        output = clean_text(written.output) if written is not None else ""
        kept = written if output.strip() else None
        tokens = self._writer.tokens
        return Ending(
            status=status,
            title=clean_text(kept.title).strip() if kept is not None and kept.title else None,
            output=output if kept is not None else None,
            metadata=clean(kept.metadata) if kept is not None else {},
            scores=list(kept.scores) if kept is not None else [],
            provider=self._model.used.provider,
            model=self._model.used.model,
            input_tokens=tokens.input,
            output_tokens=tokens.output,
            cost_usd=tokens.cost_usd,
            execution_time_ms=round((time.monotonic() - self._began) * 1000),
            error=clean(failure.problem()) if failure is not None else None,
        )

    async def _store(self, ending: Ending) -> Run:
        """Stores the end, patiently while the database is away; then keeps it in a file."""
        deadline = time.monotonic() + self._patience
        delay = FIRST_RETRY
        clashes = 0
        last_id = self.events.last(ending.status, {}).id
        while True:
            try:
                unstored = self.events.unstored()
                run, last = await finish.store(self._database, self.actor, self.run, ending, unstored, last_id)
                break
            except NotFound:  # its owner was deleted meanwhile, and all that was theirs with them
                run, last = finish.unstored(self.run, ending, last_id)
                break
            except Exception as exc:
                away = isinstance(exc, DatabaseUnavailable) and time.monotonic() + delay < deadline
                clashes += isinstance(exc, Conflict)  # a deadlock, or a lock that somebody held for too long
                if (away or 0 < clashes <= MOST_CLASHES) and not self._hurry.is_set():
                    log.warning("Run %s cannot be stored yet; next attempt in %.1f s: %s", self.run.id, delay, exc)
                    await self._pause(delay)
                    delay = min(delay * 2, LONGEST_RETRY)
                    continue
                log.exception("Run %s could not be stored", self.run.id)
                error = exc if isinstance(exc, BlogAIError) else Fault("The end of the run could not be stored.")
                if ending.output is not None and self._save(ending, last_id):
                    error.remedy = "The text is kept in a file and stored as soon as that works."
                failed = self._ends("failed", None, error)
                if ending.status == "failed" or isinstance(exc, DatabaseUnavailable):
                    run, last = finish.unstored(self.run, failed, last_id)
                    break
                ending = failed  # release at least; the text waits in its file
        self.events.publish(last)
        return run

    async def _pause(self, seconds: float) -> None:
        """Waits, but not when the program has to stop."""
        try:
            await asyncio.wait_for(self._hurry.wait(), seconds)
        except TimeoutError:
            return

    def _save(self, ending: Ending, last_id: int) -> bool:
        try:
            self._recovery.save(self.actor, self.run, ending, self.events.unstored(), last_id)
        except OSError:
            log.exception("The text of run %s could not be kept in a file either:\n%s", self.run.id, ending.output)
            return False
        return True
