"""The last resort against losing text: what could not be stored while the database was away, in files.

A file is written when the patience with the database is over, or when the program has to stop before; the next
start, or the next sweep, stores what it holds.
"""

import logging
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID

from pydantic import BaseModel, ValidationError

from blogai.content import finish
from blogai.content.ending import Ending
from blogai.content.models import Event, Run
from blogai.db.database import Actor, Database, Role
from blogai.errors import BlogAIError, DatabaseUnavailable, NotFound

log = logging.getLogger(__name__)


class Unstored(BaseModel):
    """One run whose end is not in the database."""

    role: Role
    claims: dict[str, str]
    run: Run
    ending: Ending
    events: list[Event]
    last_id: int

    @property
    def actor(self) -> Actor:
        return Actor(role=self.role, claims=self.claims)


class Recovery:
    """A folder with one file for each run that waits to be stored. Mode 0600: it holds what users wrote."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, actor: Actor, run: Run, ending: Ending, events: Sequence[Event], last_id: int) -> None:
        """Writes one file, whole or not at all."""
        unstored = Unstored(
            role=actor.role, claims=actor.claims, run=run, ending=ending, events=list(events), last_id=last_id
        )
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        target = self._path(run.id)
        draft = target.with_suffix(".part")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(unstored.model_dump_json())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
        log.error("Run %s could not be stored; its text waits in %s.", run.id, target)

    def waiting(self) -> Iterator[Unstored]:
        """What waits. A file that cannot be read stays where it is and is named in the log."""
        for path in sorted(self.folder.glob("*.json")):
            try:
                yield Unstored.model_validate_json(path.read_text(encoding="utf-8"))
            except (OSError, ValidationError):
                log.exception("%s cannot be read and stays where it is.", path)

    async def store_all(self, database: Database) -> int:
        """Stores what waits; how many runs. A file stays until its run is in the database."""
        stored = 0
        for unstored in self.waiting():
            try:
                await finish.store(
                    database, unstored.actor, unstored.run, unstored.ending, unstored.events, unstored.last_id
                )
                stored += 1
            except NotFound:  # deleted with its owner
                pass
            except DatabaseUnavailable:
                break
            except BlogAIError:  # the others must not wait for it
                log.exception("The text of run %s cannot be stored and stays in its file.", unstored.run.id)
                continue
            self._path(unstored.run.id).unlink(missing_ok=True)
        return stored

    def _path(self, run_id: UUID) -> Path:
        return self.folder / f"{run_id}.json"
