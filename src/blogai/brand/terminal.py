"""What the commands about brand voices share: their arguments, the database, files to read."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer

from blogai.db.database import Database
from blogai.errors import InvalidInput
from blogai.settings import load_settings

Slug = Annotated[str, typer.Argument(metavar="VOICE", help="Slug or id from `blogai voice list`.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@asynccontextmanager
async def opened() -> AsyncIterator[Database]:
    """The database of the settings, for one command."""
    from blogai.db.startup import open_database

    async with open_database(load_settings()) as database:
        yield database


def read(source: str) -> tuple[str, bytes]:
    """Name and bytes of a file, or of standard input; of one that is too large, only enough to tell.

    Raises:
        InvalidInput: there is no such file, or it cannot be read.
    """
    from blogai.brand.reading import MOST_BYTES

    if source == "-":
        return "pasted.txt", sys.stdin.buffer.read(MOST_BYTES + 1)
    try:
        path = Path(source)
        with path.open("rb") as file:
            # a name in another encoding than that of the system comes with half characters
            return path.name.encode("utf-8", "replace").decode(), file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as exc:  # ValueError: a zero byte in the name
        reason = getattr(exc, "strerror", None) or exc
        raise InvalidInput(
            f"{source} cannot be read: {reason}.", field="file", remedy="Check its name and your rights."
        ) from exc
