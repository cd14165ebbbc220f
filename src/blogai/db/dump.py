"""schema.sql: the final schema in one file, dumped by the embedded PostgreSQL, the same on every machine."""

import asyncio
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import unified_diff
from pathlib import Path

from blogai.errors import Conflict, Fault

SCHEMA = Path(__file__).with_name("schema.sql")

_HEADER = """\
-- The schema after all migrations, written by `make schema`. Do not edit: write a migration.
"""

_ENDS = re.compile(r"^--\n-- PostgreSQL database dump( complete)?\n--\n", re.MULTILINE)
_VOLATILE = re.compile(r"\\(un)?restrict\b|-- Dumped (from|by) ")
_FRAME = re.compile(r"^--\n(-- Name: .*)\n--$", re.MULTILINE)


async def dump() -> str:
    """Migrates an empty database on an embedded server of its own and returns what pg_dump says about it.

    Owners, the queue's schema and lines that change from run to run are left out.

    Raises:
        Fault: pg_dump failed; carries what it said.
    """
    from blogai.db.migrate import migrate
    from blogai.db.server_binaries import Binaries

    with _empty_server() as dsn:
        await migrate(dsn)
        process = await asyncio.create_subprocess_exec(
            Binaries.shipped().program("pg_dump"),
            "--schema-only",
            "--no-owner",
            "--exclude-schema=queue",
            dsn,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
    if process.returncode:
        raise Fault(f"pg_dump failed: {err.decode(errors='replace').strip()}.")
    return tidy(out.decode())


@contextmanager
def _empty_server() -> Iterator[str]:
    from blogai.db.embedded import EmbeddedPostgres

    with tempfile.TemporaryDirectory(prefix="blogai-schema-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # as root the server runs under another account, which must pass
        with EmbeddedPostgres(Path(folder, "data"), durable=False) as server:
            yield server.owner_dsn()


def tidy(text: str) -> str:
    """A dump without its volatile lines and with shorter headings; psql can still load it."""
    kept = "".join(f"{line.rstrip()}\n" for line in _ENDS.sub("", text).splitlines() if not _VOLATILE.match(line))
    return _HEADER + "\n" + re.sub(r"\n{3,}", "\n\n", _FRAME.sub(r"\1", kept)).strip() + "\n"


def check(fresh: str, path: Path = SCHEMA) -> None:
    """Compares a fresh dump with the file.

    Raises:
        Conflict: they differ; the details carry the first lines of the difference.
    """
    written = path.read_text(encoding="utf-8") if path.exists() else ""
    if written != fresh:
        lines = list(unified_diff(written.splitlines(), fresh.splitlines(), path.name, "migrations", lineterm="", n=1))
        raise Conflict(
            f"{path.name} is not what the migrations make.",
            remedy="Run `make schema` and commit the file.",
            difference=lines[:40],
        )
